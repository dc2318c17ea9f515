"""The file page (档案页): one household, as those who look after it see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from app.core import clock
from app.core.db import transaction
from app.core.http import actor
from app.households import policy
from app.households import queries as households
from app.households import services as households_services
from app.ledger.rules import Measure
from app.portal import queries
from app.portal.forms import UnmaskForm
from app.portal.queries.record import UNFINISHED
from app.portal.routes import history
from app.portal.routes.blueprint import bp, readers
from app.portal.rules import TABS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.households.models import Household


@bp.get("/households/<file_no>")
@readers
def file(file_no: str) -> str:
    """A household's file (档案), its personal data covered."""
    household = queries.cover(actor(), file_no)
    # a draft is opened to go on with it: nothing has happened to it yet
    first = "record" if household.state in UNFINISHED else "timeline"
    tab = request.args.get("tab", first)
    return _page(household, tab if tab in TABS else first)


@bp.get("/households/<file_no>/unmask")
@readers
def unmask_form(file_no: str) -> str:
    """Ask why somebody wants to see clear data."""
    household = queries.cover(actor(), file_no)
    return render_template(
        "portal/unmask.html", form=UnmaskForm(), household=household, view=history.asked()
    )


@bp.post("/households/<file_no>/unmask")
@readers
def unmask(file_no: str) -> str | tuple[str, int]:
    """Show the file in clear, once, to somebody who said why; the page is kept by no cache."""
    household = queries.cover(actor(), file_no)
    form = UnmaskForm()
    view = history.asked()
    if not form.validate():
        return render_template("portal/unmask.html", form=form, household=household, view=view), 422
    with transaction():
        head = households_services.unmask(actor(), household, form.reason)
    if "day" in view:
        return history.past(household, view["day"], head=head)
    return _page(household, view.get("tab", "members"), head=head)


def _page(household: Household, tab: str, head: households.Head | None = None) -> str:
    """Fill the one template of the file; `head` is there when the file is open in clear."""
    today = clock.today()
    consents = households.consents(household.id)
    shown = _TABS[tab](household, clear=head is not None)
    there = households.members(household)
    people = {household.worker_id, *shown.pop("people", ())}
    return render_template(
        "portal/file.html",
        household=household,
        head=head or (households.masked_head(household) if household.data_key else None),
        clear=head is not None,
        members=queries.member_lines(household, there, today, clear=head is not None),
        consents=[one for one in consents if one.withdrawn_at is None and one.expires_on >= today],
        all_consents=consents,
        received=queries.year_received(household.id, today),
        names=queries.names_of(people),
        may_edit=policy.can_edit(actor(), household),
        stands=queries.stands(household, there),
        tab=tab,
        **shown,
    )


def _measure() -> Measure | None:
    wanted = request.args.get("measure", "")
    return Measure(wanted) if wanted in set(Measure) else None


def _timeline(household: Household, **_how: bool) -> dict[str, Any]:
    return {"happenings": queries.timeline(household)}


def _record(household: Household, *, clear: bool) -> dict[str, Any]:
    return {"record": queries.record(household, clock.today(), clear=clear)}


def _needs(household: Household, **_how: bool) -> dict[str, Any]:
    return {"needs": queries.needs_of(household.id)}


def _visits(household: Household, **_how: bool) -> dict[str, Any]:
    return {"visits": queries.visits_of(household.id)}


def _resources(household: Household, **_how: bool) -> dict[str, Any]:
    measure = _measure()
    return {
        "measure": measure,
        "handed": queries.handed_over(household.id, clock.today(), measure),
    }


def _documents(household: Household, **_how: bool) -> dict[str, Any]:
    papers = households.papers(household) if household.data_key else []
    return {"papers": papers, "people": {one.row.added_by_id for one in papers}}


def _plain(_household: Household, **_how: bool) -> dict[str, Any]:
    return {}


def _consents(household: Household, **_how: bool) -> dict[str, Any]:
    today = clock.today()
    passed = queries.passed_on(household.id)
    return {
        "refusals": households.refusals(household.id, today),
        "papers": queries.papers(households.consents(household.id), passed, today),
        "people": {one.user_id for one in passed},
    }


_TABS: dict[str, Callable[..., dict[str, Any]]] = {
    "timeline": _timeline,
    "record": _record,
    "needs": _needs,
    "visits": _visits,
    "resources": _resources,
    "members": _plain,
    "changes": history.changes,
    "consents": _consents,
    "documents": _documents,
}
