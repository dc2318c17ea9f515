"""A worker's word on a record (确认、退回、更正)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db
from app.core.errors import StalePage
from app.ledger import services as ledger
from app.ledger.models import Entry
from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.needs import queries as needs
from app.notices import services as notices
from app.tasks import services as tasks
from app.visits import errors, policy, queries
from app.visits.models import FollowUp, Visit
from app.visits.policy import Errand
from app.visits.rules import (
    CONTACT,
    FOLLOW_UP_DAYS,
    VERIFY_AFTER,
    Facts,
    VisitState,
    earns_hours,
    follow_up_for,
)
from app.visits.services import rollups
from app.visits.services.checking import check_facts
from app.visits.services.recording import add_follow_up, columns, person_for

if TYPE_CHECKING:
    from app.core.access import Actor


def confirm(actor: Actor, visit: Visit, *, version: int) -> Visit:
    """Confirm a record (确认): the claim is done, the file's figures and the volunteer's hours are written with it.

    `version` is the one the page showed; StalePage when the record has changed since.
    """
    require(policy.can_judge, actor, visit)
    rollups.hold(visit.household_id)
    _move(
        visit,
        version,
        state=VisitState.CONFIRMED,
        confirmed_by_id=actor.user_id,
        confirmed_at=clock.now(),
    )
    if visit.claim is not None:
        tasks.confirm(actor, visit.claim)
    _post_hours(actor, visit)
    rollups.note(visit.household_id)
    _settle_rhythm(actor, visit)
    _ask_for_follow_up(visit, actor)
    _record(actor, "visit.confirm", visit)
    if visit.claim is None:  # a claim's holder hears of it from the claim
        link = f"/visits/{visit.code}"
        notices.queue(visit.visitor_id, "visit.confirmed", "你的探访记录已经确认", link)
    return visit


def return_(actor: Actor, visit: Visit, reason: str, *, version: int) -> Visit:
    """Give a record back (退回) with what is missing; its claim lives again so that it can be mended."""
    require(policy.can_judge, actor, visit)
    _check_reason(visit, reason)
    _move(visit, version, state=VisitState.RETURNED, return_reason=reason.strip()[:120])
    if visit.claim is not None:
        tasks.take_back(actor, visit.claim)
    _record(actor, "visit.return", visit)
    link = f"/visits/{visit.code}"
    notices.queue(visit.visitor_id, "visit.returned", "有一份探访记录要补一补再交", link)
    return visit


def amend(actor: Actor, visit: Visit, facts: Facts, reason: str, *, key: str) -> Visit:
    """Put a confirmed record right (更正) by a new version; the old one stays as it was said.

    Figures and hours follow: the old entry is reversed, the new one posted (社会救助暂行办法 §66: nothing is lost or
    altered).
    """
    require(policy.can_judge, actor, visit)
    done = queries.by_key(actor.user_id, key)
    if done is not None:
        return done
    _check_reason(visit, reason)
    if visit.state is not VisitState.CONFIRMED:
        raise errors.NotAnAmendment
    check_facts(facts, Errand(visit.household, visit.claim, visit.task))
    rollups.hold(visit.household_id)
    _move(visit, visit.version, state=VisitState.AMENDED)
    _take_hours_back(actor, visit, reason)
    newer = _newer(actor, visit, facts, reason, key)
    _post_hours(actor, newer)
    rollups.note(visit.household_id)
    if visit.result not in CONTACT:
        _settle_rhythm(actor, newer)
    _ask_for_follow_up(newer, actor)
    _record(actor, "visit.amend", newer, reason)
    notices.queue(
        visit.visitor_id, "visit.amended", "你的一份探访记录有更正", f"/visits/{newer.code}"
    )
    return newer


def finish_follow_up(actor: Actor, follow_up: FollowUp) -> None:
    """Tick something off (跟进完成)."""
    require(policy.can_finish, actor, follow_up)
    changed_one(
        update(FollowUp)
        .where(FollowUp.id == follow_up.id, FollowUp.done_at.is_(None))
        .values(done_at=clock.now())
    )
    audit.record(
        actor,
        "follow_up.done",
        follow_up.code,
        household_id=follow_up.household_id,
        region_code=follow_up.visit.region_code,
    )


def _check_reason(visit: Visit, reason: str) -> None:
    if not reason.strip():
        raise errors.ReasonMissing
    if found := needs.told_by(visit.household, reason):
        raise errors.ReasonTells(found)


BEFORE = {
    VisitState.CONFIRMED: VisitState.SUBMITTED,
    VisitState.RETURNED: VisitState.SUBMITTED,
    VisitState.AMENDED: VisitState.CONFIRMED,
}


def _move(visit: Visit, version: int, *, state: VisitState, **values: object) -> None:
    changed_one(
        update(Visit)
        .where(Visit.id == visit.id, Visit.state == BEFORE[state], Visit.version == version)
        .values(state=state, version=Visit.version + 1, updated_at=clock.now(), **values)
    )
    db.session.refresh(visit)


def _newer(actor: Actor, visit: Visit, facts: Facts, reason: str, key: str) -> Visit:
    now, code = clock.now(), codes.new("V")
    newer = Visit(
        code=code,
        household_id=visit.household_id,
        claim_id=visit.claim_id,
        task_id=visit.task_id,
        visitor_id=visit.visitor_id,
        recorded_by_id=actor.user_id,
        region_code=visit.region_code,
        town_code=visit.town_code,
        district_code=visit.district_code,
        **columns(facts, visit.household, code),
        state=VisitState.CONFIRMED,
        counts_hours=earns_hours(
            visit.visitor.roles,
            facts.result,
            facts.length,
            claimed=visit.claim_id is not None,
        ),
        confirmed_by_id=actor.user_id,
        confirmed_at=now,
        amend_reason=reason.strip()[:120],
        amends_id=visit.id,
        submitted_at=visit.submitted_at,
        created_at=now,
        updated_at=now,
        idempotency_key=key,
    )
    try:
        with db.session.begin_nested():
            db.session.add(newer)
            db.session.flush()
    except IntegrityError:
        raise StalePage from None
    return newer


def _post_hours(actor: Actor, visit: Visit) -> None:
    """Post a volunteer's minutes to the file; a paid worker's never (志愿服务记录与证明出具办法 §7, 19)."""
    if not visit.counts_hours:
        return
    leg = Leg(
        Account.DONOR,
        Measure.HOURS,
        visit.minutes,
        programme_id=visit.task.programme_id if visit.task else None,
        household_id=visit.household_id,
        town_code=visit.town_code,
    )
    ledger.post(actor, EntryKind.SERVE, visit.visited_on, visit.code, move(leg, Account.DELIVERED))


def _take_hours_back(actor: Actor, visit: Visit, reason: str) -> None:
    entry = db.session.scalars(
        select(Entry).where(Entry.subject == visit.code, Entry.kind == EntryKind.SERVE)
    ).one_or_none()
    if entry is not None:
        ledger.reverse(actor, entry, reason)


def _settle_rhythm(actor: Actor, visit: Visit) -> None:
    """The household was reached, and nobody later: the open rhythm visit has nothing left to ask for."""
    if visit.result in CONTACT and visit.household.last_visit_on == visit.visited_on:
        tasks.finish_rhythm(actor, visit.household_id)


def _ask_for_follow_up(visit: Visit, actor: Actor) -> None:
    asked = follow_up_for(queries.results(visit.household_id, VERIFY_AFTER))
    if asked is None or queries.has_open_follow_up(visit.household_id, asked[0]):
        return
    kind, words = asked
    person_id = person_for(visit, visit.household, actor.user_id)
    due_on = clock.today() + timedelta(days=FOLLOW_UP_DAYS)
    add_follow_up(visit, visit.household, words, due_on, person_id, kind)
    notices.queue(
        person_id, "visit.follow_up", "有一户的情况要核实，三天内办", f"/visits/{visit.code}"
    )


def _record(actor: Actor, action: str, visit: Visit, reason: str | None = None) -> None:
    reason = reason or visit.return_reason or None
    audit.record(
        actor,
        action,
        visit.code,
        household_id=visit.household_id,
        region_code=visit.region_code,
        reason=reason,
    )
