"""The file on paper (打印档案): covered for everybody who may see it, in clear for those who say why."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import render_template, send_file

from app.accounts.rules import Role
from app.core.access import roles
from app.core.db import transaction
from app.core.http import actor
from app.households import queries as households
from app.portal import queries
from app.portal.forms import UnmaskForm
from app.portal.routes.blueprint import bp
from app.portal.services import printing

if TYPE_CHECKING:
    from flask import Response

    from app.households.models import Household

readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)


@bp.get("/households/<file_no>/print")
@readers
def print_form(file_no: str) -> str:
    """Choose between covered and clear (打印)."""
    return _choose(queries.cover(actor(), file_no), UnmaskForm())


@bp.get("/households/<file_no>/print.pdf")
@readers
def print_covered(file_no: str) -> Response:
    """The file on paper, covered (打码件)."""
    household = queries.cover(actor(), file_no)
    with transaction():
        opened = printing.covered(actor(), household)
    return _sheet(household, opened)


@bp.post("/households/<file_no>/print")
@readers
def print_clear(file_no: str) -> Response | tuple[str, int]:
    """The file on paper in clear, once, for somebody who said why (明文件)."""
    household, form = queries.cover(actor(), file_no), UnmaskForm()
    if not form.validate():
        return _choose(household, form), 422
    with transaction():
        opened = printing.in_clear(actor(), household, form.reason, urgent=form.urgent.data)
    return _sheet(household, opened)


def _choose(household: Household, form: UnmaskForm) -> str:
    shut = households.has_minors(household) and not households.minors_open(actor(), household)
    return render_template("portal/print.html", form=form, household=household, shut=shut)


def _sheet(household: Household, opened: printing.Opened) -> Response:
    data = printing.paper(actor(), household, opened)
    name = f"shanlin-{household.file_no}.pdf"
    return send_file(
        BytesIO(data), "application/pdf", as_attachment=True, download_name=name, max_age=0
    )
