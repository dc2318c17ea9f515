"""Pages of files (档案页面): what a worker changes; the file page itself is the portal's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for

from app.core.db import transaction
from app.core.errors import StalePage
from app.core.http import actor, see_other
from app.core.money import FEN_PER_YUAN, parse_yuan
from app.households import queries, services
from app.households.errors import Wrong
from app.households.forms import EditForm
from app.households.routes.blueprint import bp, writable, writers

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@bp.get("/households/<file_no>/edit")
@writers
def edit_form(file_no: str) -> str:
    """The form by which a worker puts facts right (改档)."""
    household = writable(file_no)
    head = queries.head(household)
    with transaction():
        services.unmask(actor(), household, "修改档案")
    form = EditForm(
        cause=household.cause,
        housing=household.housing,
        income=f"{household.income_fen / FEN_PER_YUAN:.2f}",
        phone=head.phone,
        door=head.door,
        version=str(household.version),
    )
    return render_template("households/edit.html", form=form, household=household)


@bp.post("/households/<file_no>/edit")
@writers
def edit(file_no: str) -> BaseResponse | tuple[str, int]:
    """Keep the corrected facts, or give the form back with what is wrong."""
    household = writable(file_no)
    form = EditForm()
    if not form.validate():
        return render_template("households/edit.html", form=form, household=household), 422
    values = {
        "cause": form.cause.data,
        "housing": form.housing.data,
        "income_fen": parse_yuan(form.income.data or ""),
        "phone": (form.phone.data or "").strip(),
        "door": (form.door.data or "").strip(),
    }
    try:
        with transaction():
            changed = services.edit(
                actor(), household, values, reason=form.reason.data or "", version=_version(form)
            )
    except Wrong as refusal:
        form.reason.errors = [refusal.message]
        return render_template("households/edit.html", form=form, household=household), 422
    flash(
        "改好了，变更记录里能看到改了什么" if changed else "没有不一样的地方，档案保持原样", "good"
    )
    return see_other(url_for("portal.file", file_no=file_no))


def _version(form: EditForm) -> int:
    try:
        return int(form.version.data or "")
    except ValueError:
        raise StalePage from None
