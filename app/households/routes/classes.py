"""The page by which another class is asked for (类别变更)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.core import clock
from app.core.db import transaction
from app.core.http import actor, idempotency_key, see_other
from app.households import queries, services
from app.households.errors import Wrong
from app.households.forms import ClassForm
from app.households.routes.blueprint import bp, writable, writers
from app.households.rules import Category
from app.households.rules.classes import last_day
from app.households.rules.documents import DocumentKind

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


@bp.get("/households/<file_no>/class")
@writers
def class_form(file_no: str) -> str:
    """The form of a class change, or of a renewal."""
    household = writable(file_no)
    today = clock.today()
    form = ClassForm(formdata=None, category=household.category.value, since=today)
    form.until.data = last_day(household.category, today)
    return _page(household, form)


@bp.post("/households/<file_no>/class")
@writers
def class_ask(file_no: str) -> BaseResponse | tuple[str, int]:
    """Ask a second person for it."""
    household, form = writable(file_no), ClassForm()
    if not form.validate():
        return _page(household, form), 422
    wish = services.Wish(
        category=Category(form.category.data),
        subclass=form.subclass.data or "",
        since=form.since.data or clock.today(),
        until=form.until.data,
        evidence=form.evidence.data or "",
    )
    try:
        with transaction():
            made = services.ask_class(
                actor(), household, wish, form.reason.data or "", key=idempotency_key()
            )
    except Wrong as refusal:
        form.say(refusal)
        return _page(household, form), 422
    flash("提交了，同意以后类别才会变，结果会告诉你", "good")
    return see_other(url_for(".approval", code=made.code))


def _page(household: Household, form: ClassForm) -> str:
    papers = queries.papers(household, DocumentKind.CLASS)
    form.evidence.choices = [
        SelectChoice("", "请选择"),
        *(
            SelectChoice(one.row.code, f"{one.title} · {one.row.dated_on.isoformat()}")
            for one in papers
        ),
    ]
    return render_template(
        "households/class.html",
        form=form,
        household=household,
        papers=papers,
        waiting=queries.open_about(household.id),
        key=idempotency_key(),
    )
