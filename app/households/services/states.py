"""The life of a file (档案状态): sent to review, approved or returned, paused, closed, archived, opened again.

Where a file may go stands in one table, NEXT; each verb here is one of its steps, with what that step needs to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.core import clock
from app.core.access import require
from app.core.db import db
from app.households import policy, queries
from app.households.errors import (
    KinVisitFirst,
    NothingWritten,
    NotInState,
    TwoPeople,
    Wrong,
)
from app.households.models import Change, Household
from app.households.rules import NEXT, STATE_WORDS, HouseholdState
from app.households.rules.closing import LONGEST_PAUSE, Closing, Leaving, Wanting
from app.households.rules.kin import needs_visit
from app.households.services.telling import said
from app.households.services.writing import living, write
from app.notices import services as notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.rules.document import Document

_S = HouseholdState
WRITING = ("created", "imported", "edited")  # changes by which somebody becomes an author of a file
WHY = "请写明原因，这会留在变更记录里"


def submit(actor: Actor, household: Household, *, version: int, reason: str = "") -> None:
    """Send a file to review (送审); somebody else will approve it. NothingWritten when nobody is in it."""
    require(policy.can_edit, actor, household)
    _check(household, _S.UNDER_REVIEW)
    after = queries.document(household)
    if not living(after):
        raise NothingWritten
    after.get("sections", {}).pop("review", None)
    _move(actor, household, after, _S.UNDER_REVIEW, version=version, title="送审", reason=reason)
    db.session.execute(
        update(Household)
        .where(Household.id == household.id)
        .values(submitted_by_id=actor.user_id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(household)


def approve(actor: Actor, household: Household, *, version: int, reason: str = "") -> None:
    """Put a reviewed file in force (审核通过).

    TwoPeople for whoever wrote or sent it; KinVisitFirst before the district visited relatives of staff.
    """
    require(policy.can_review, actor, household)
    _check(household, _S.ACTIVE, _S.UNDER_REVIEW)
    _two_people(actor, household)
    check_kin(household)
    after = queries.document(household)
    _move(actor, household, after, _S.ACTIVE, version=version, title="审核通过", reason=reason)
    _tell(household, "household.approved", "你送审的档案通过了，从今天起按节律探访")


def return_(
    actor: Actor, household: Household, points: Sequence[Wanting], note: str, *, version: int
) -> None:
    """Send a file back with what is wanting (退回); the points are listed for whoever wrote it."""
    require(policy.can_review, actor, household)
    _check(household, _S.RETURNED)
    _two_people(actor, household)
    if not points:
        raise Wrong("points", "请至少勾一条原因，写档案的同事好去补")
    if Wanting.OTHER in points and not note.strip():
        raise Wrong("note", "选了“其他”，请写清楚是什么")
    after = queries.document(household)
    after.setdefault("sections", {})["review"] = {
        "points": [point.value for point in points],
        "note": note.strip(),
        "on": clock.today().isoformat(),
        "by": actor.user_id,
    }
    words = "、".join(point.label for point in points)
    _move(actor, household, after, _S.RETURNED, version=version, title="退回修改", reason=words)
    _tell(household, "household.returned", "你送审的档案退回来了，点开看要补什么")


def pause(
    actor: Actor, household: Household, until: date | None, *, reason: str, version: int
) -> None:
    """Pause a file until a day (暂停): no rhythm, no cards, and what helpers saw closes at once."""
    require(policy.can_edit, actor, household)
    _check(household, _S.PAUSED)
    today = clock.today()
    if until is None or until <= today:
        raise Wrong("until", "请填暂停到哪一天，要晚于今天")
    if until > today + LONGEST_PAUSE:
        raise Wrong("until", "一次最长暂停一年；更久的请结案，回来时再开")
    after = queries.document(household)
    after["cover"]["paused_until"] = until.isoformat()
    _move(actor, household, after, _S.PAUSED, version=version, reason=reason, missing=WHY)


def resume(actor: Actor, household: Household, *, reason: str, version: int) -> None:
    """End a pause (恢复在档); the rhythm begins today."""
    require(policy.can_edit, actor, household)
    _check(household, _S.ACTIVE, _S.PAUSED)
    after = queries.document(household)
    title = "恢复在档"
    _move(
        actor, household, after, _S.ACTIVE, version=version, title=title, reason=reason, missing=WHY
    )


def close(
    actor: Actor,
    household: Household,
    closing: Closing | None,
    leaving: Leaving | None,
    *,
    reason: str,
    version: int,
) -> None:
    """Close a file (结案) with how it ended; whoever leaves (退出) says why."""
    require(policy.can_edit, actor, household)
    _check(household, _S.CLOSED)
    if closing is None:
        raise Wrong("closing", "请选是怎么结束的")
    if closing is Closing.LEFT and leaving is None:
        raise Wrong("leaving", "请选退出的原因")
    after = queries.document(household)
    after["cover"] |= {"closing": closing.value, "paused_until": None}
    if closing is Closing.LEFT and leaving is not None:
        after.setdefault("sections", {})["leaving"] = {"why": leaving.value}
    title = f"结案：{closing.label}"
    _move(
        actor, household, after, _S.CLOSED, version=version, title=title, reason=reason, missing=WHY
    )


def archive(actor: Actor, household: Household, *, reason: str, version: int) -> None:
    """Put a closed file away (归档); nothing is written in it any more."""
    require(policy.can_edit, actor, household)
    _check(household, _S.ARCHIVED)
    after = queries.document(household)
    _move(actor, household, after, _S.ARCHIVED, version=version, reason=reason, missing=WHY)


def reopen(actor: Actor, household: Household, *, reason: str, version: int) -> None:
    """Open a closed file again (重新开档); the rhythm begins today."""
    require(policy.can_edit, actor, household)
    _check(household, _S.ACTIVE, _S.CLOSED)
    after = queries.document(household)
    after["cover"]["closing"] = ""
    after.get("sections", {}).pop("leaving", None)
    title = "重新开档"
    _move(
        actor, household, after, _S.ACTIVE, version=version, title=title, reason=reason, missing=WHY
    )


def authors(household: Household) -> set[int]:
    """Return who wrote or sent a file: none of them approves it."""
    wrote = db.session.scalars(
        select(Change.user_id)
        .where(Change.household_id == household.id, Change.kind.in_(WRITING))
        .distinct()
    )
    found = {household.created_by_id, household.submitted_by_id, *wrote}
    return {one for one in found if one is not None}


def check_kin(household: Household) -> None:
    """Refuse to decide about relatives of staff before the district visited (低保审核确认办法 §20)."""
    if kin_waits(household):
        raise KinVisitFirst


def kin_waits(household: Household) -> bool:
    """Say whether the district has yet to visit these relatives of staff."""
    return needs_visit(
        is_kin=household.is_kin, visited_on=household.kin_visited_on, day=clock.today()
    )


def _two_people(actor: Actor, household: Household) -> None:
    if actor.user_id in authors(household):
        raise TwoPeople


def _check(household: Household, wanted: HouseholdState, *sources: HouseholdState) -> None:
    """Refuse a step that the table does not know, or that is another verb's."""
    allowed = wanted in NEXT[household.state] and (not sources or household.state in sources)
    if not allowed:
        raise NotInState


def _move(
    actor: Actor,
    household: Household,
    after: Document,
    state: HouseholdState,
    *,
    version: int,
    reason: str,
    title: str = "",
    missing: str = "",
) -> None:
    kept = said(after, reason, missing=missing)
    after["cover"]["state"] = state.value
    if state is not _S.PAUSED:
        after["cover"]["paused_until"] = None
    options: dict[str, Any] = {"kind": "state", "action": f"household.{_ACTIONS[state]}"}
    write(
        actor,
        household,
        after,
        version=version,
        title=title or f"档案{STATE_WORDS[state]}",
        reason=kept,
        **options,
    )


_ACTIONS = {
    _S.UNDER_REVIEW: "submit",
    _S.ACTIVE: "activate",
    _S.RETURNED: "return",
    _S.PAUSED: "pause",
    _S.CLOSED: "close",
    _S.ARCHIVED: "archive",
}


def _tell(household: Household, kind: str, words: str) -> None:
    notices.queue(household.submitted_by_id, kind, words, f"/households/{household.file_no}")
