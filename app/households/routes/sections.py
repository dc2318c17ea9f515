"""Pages that fill in a file's sections (填栏目): one form, made from the rules' own data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request

from app.core import clock
from app.core.db import transaction
from app.core.errors import NotHere, StalePage
from app.core.http import actor, see_other
from app.households import queries, services
from app.households.errors import Wrong
from app.households.forms import SectionForm, section_form
from app.households.routes.blueprint import bp, writers
from app.households.routes.desk import Answer, asks_why, opened, record_tab, refreshed, writable
from app.households.rules.sections import SECTIONS, changed_meanwhile
from app.households.services.sections import WHY

if TYPE_CHECKING:
    from app.households.models import Household

MONEY_OF_COVER = "income"  # the section from which the cover's figures follow


@bp.get("/households/<file_no>/sections/<kind>/edit")
@writers
def section_page(file_no: str, kind: str) -> str:
    """The form of one section (栏目), with what is kept."""
    household, title = writable(file_no), _title(kind)
    opened(household, title)
    kept = queries.document(household).get("sections", {}).get(kind)
    return _page(household, section_form(kind, kept, household.version))[0]


@bp.post("/households/<file_no>/sections/<kind>/edit")
@writers
def section(file_no: str, kind: str) -> Answer:
    """Keep a section, or give the form back with everything that was typed."""
    household, title = writable(file_no), _title(kind)
    form = section_form(kind, None, household.version)
    if wanted := request.form.get("more"):
        form.add_row(wanted)
        return _page(household, form)
    values = form.read(clock.today())
    if asks_why(household) and not (form.reason.data or "").strip():
        form.refuse({"reason": WHY})
        values = None
    if values is None:
        return _page(household, form, 422)
    try:
        with transaction():
            changed = _fill(household, form, values)
    except Wrong as refusal:
        form.refuse({refusal.field: refusal.message})
        return _page(household, form, refusal.status)
    except StalePage as refusal:
        refreshed(form, household)
        return _page(household, form, refusal.status, kept_by_others=True)
    flash(f"“{title}”已经记下" if changed else "没有不一样的地方，档案保持原样", "good")
    return see_other(record_tab(household))


def _fill(household: Household, form: SectionForm, values: dict[str, Any]) -> bool:
    return services.fill(
        actor(),
        household,
        form.section.kind,
        values,
        version=form.seen_version(),
        reason=form.reason.data or "",
        adopt=bool(form.adopt.data) and form.section.kind == MONEY_OF_COVER,
    )


def _page(
    household: Household, form: SectionForm, status: int = 200, *, kept_by_others: bool = False
) -> tuple[str, int]:
    kind = form.section.kind
    meanwhile = []
    if kept_by_others:
        kept = queries.document(household).get("sections", {}).get(kind, {})
        meanwhile = changed_meanwhile(form.section, form.typed(), kept)
    page = render_template(
        "households/section.html",
        household=household,
        form=form,
        section=form.section,
        asks_why=asks_why(household),
        follows=kind == MONEY_OF_COVER,
        meanwhile=meanwhile,
    )
    return page, status


def _title(kind: str) -> str:
    if kind not in SECTIONS:
        raise NotHere
    return SECTIONS[kind].title
