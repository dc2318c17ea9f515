"""The file page (档案页): one household, as those who look after it see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core import clock
from app.core.db import transaction
from app.core.http import actor, idempotency_key, see_other
from app.households import policy
from app.households import queries as households
from app.households import services as households_services
from app.households.errors import ReasonMissing
from app.ledger.rules import Measure
from app.portal import queries
from app.portal.forms import MinorsForm, UnmaskForm
from app.portal.queries.record import UNFINISHED
from app.portal.routes import history
from app.portal.routes.blueprint import bp, readers
from app.portal.rules import TABS

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household


CHILDREN_SHUT = (
    "这家有未成年人。变更记录、档案内容和当日档案的明文，要督导同意查看孩子的资料以后才能打开"
)


@bp.get("/households/<file_no>")
@readers
def file(file_no: str) -> str | BaseResponse:
    """A household's file (档案), its personal data covered; an old number leads to the file that carries it on."""
    household = queries.cover(actor(), file_no)
    into = households.carried_on(household)
    if into is not household and "own" not in request.args and policy.can_view(actor(), into):
        return see_other(url_for(".file", file_no=into.file_no))
    # a draft is opened to go on with it: nothing has happened to it yet
    first = "record" if household.state in UNFINISHED else "timeline"
    tab = request.args.get("tab", first)
    return _page(household, tab if tab in TABS else first)


@bp.get("/households/<file_no>/unmask")
@readers
def unmask_form(file_no: str) -> str:
    """Ask why somebody wants to see clear data."""
    household = queries.cover(actor(), file_no)
    return _unmask_page(household, UnmaskForm())


@bp.post("/households/<file_no>/unmask")
@readers
def unmask(file_no: str) -> str | tuple[str, int]:
    """Show the file in clear, once, to somebody who said why; the page is kept by no cache."""
    household = queries.cover(actor(), file_no)
    form = UnmaskForm()
    view = history.asked()
    if not form.validate():
        return _unmask_page(household, form), 422
    with transaction():
        head = households_services.unmask(actor(), household, form.reason, urgent=form.urgent.data)
    minors = form.urgent.data or households.minors_open(actor(), household)
    if view and not minors and households.has_minors(household):
        flash(CHILDREN_SHUT, "warn")  # what was said of children stands in these views, too
        return _page(household, "members", head=head)
    if "day" in view:
        return history.past(household, view["day"], head=head)
    return _page(household, view.get("tab", "members"), head=head, minors=minors)


@bp.get("/households/<file_no>/minors")
@readers
def minors_form(file_no: str) -> str:
    """Ask the supervisor for the children's data of a file (提请查看未成年人资料)."""
    household = queries.cover(actor(), file_no)
    return render_template("portal/minors.html", form=MinorsForm(), household=household)


@bp.post("/households/<file_no>/minors")
@readers
def ask_for_minors(file_no: str) -> BaseResponse | tuple[str, int]:
    """Send the request."""
    household, form = queries.cover(actor(), file_no), MinorsForm()
    if not form.validate():
        return render_template("portal/minors.html", form=form, household=household), 422
    try:
        with transaction():
            households_services.ask_for_minors(
                actor(), household, form.reason.data or "", idempotency_key()
            )
    except ReasonMissing as refusal:
        form.reason.errors = [refusal.message]
        return render_template("portal/minors.html", form=form, household=household), 422
    flash("已经发给督导，同意以后七天内打开明文就能看到", "good")
    return see_other(url_for(".file", file_no=file_no))


def _unmask_page(household: Household, form: UnmaskForm) -> str:
    children = households.has_minors(household)
    return render_template(
        "portal/unmask.html",
        form=form,
        household=household,
        view=history.asked(),
        shut=children and not households.minors_open(actor(), household),
    )


def _page(
    household: Household,
    tab: str,
    head: households.Head | None = None,
    *,
    minors: bool = False,
) -> str:
    """Fill the one template of the file; `head` is there when the file is open in clear, `minors` with its children."""
    today = clock.today()
    consents = households.consents(household.id)
    shown = _TABS[tab](household, clear=head is not None)
    everybody = households.members(household)
    people = {household.worker_id, *shown.pop("people", ())}
    living, gone = (
        [one for one in everybody if bool(one.left_on) is left] for left in (False, True)
    )
    into = households.carried_on(household)
    return render_template(
        "portal/file.html",
        household=household,
        head=head or (households.masked_head(household) if household.data_key else None),
        clear=head is not None,
        members=queries.member_lines(
            household, living, today, clear=head is not None, minors=minors
        ),
        gone=queries.member_lines(household, gone, today, clear=head is not None, minors=minors),
        into=into.file_no if into is not household else "",
        shows_into=policy.can_view(actor(), into),
        consents=[one for one in consents if one.withdrawn_at is None and one.expires_on >= today],
        all_consents=consents,
        received=queries.year_received(household.id, today),
        names=queries.names_of(people),
        stands=queries.stands(household, everybody),
        may_edit=policy.can_edit(actor(), household) and into is household,
        twin=households.open_twin(household.id),
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


def _members(household: Household, **_how: bool) -> dict[str, Any]:
    return {"came_into": households.came_into(household.id)}


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
    "members": _members,
    "consents": _consents,
    "documents": _documents,
    "changes": history.changes,
}
