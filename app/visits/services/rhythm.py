"""The rhythm of visits (探访节律): what falls due is opened, what is overdue is told once a day."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.accounts.models import Grant, User
from app.accounts.rules import Role, UserState
from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import db
from app.core.errors import BadInput
from app.households.models import Household
from app.households.rules import HouseholdState
from app.notices import services as notices
from app.notices.models import Message
from app.tasks import services as tasks
from app.tasks.models import Task
from app.tasks.rules import TaskSource
from app.visits import policy, queries
from app.visits.models import FollowUp, VisitRhythm
from app.visits.rules import ESCALATE_AFTER, LONGEST_INTERVAL, OPEN_AHEAD, REMIND_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.rules import Tier

BATCH = 300
OVERDUE_LINK = "/households?overdue=1"

log = logging.getLogger(__name__)


def set_rhythm(actor: Actor, tier: Tier, days: int, valid_from: date) -> VisitRhythm:
    """Say how often a tier is visited from a day on (设节律); the nightly roll-up moves the files to it."""
    require(policy.can_set_rhythm, actor)
    if valid_from < clock.today():
        raise BadInput("新节律从今天或以后开始：过去的探访已经按原来的算好了")
    if not 1 <= days <= LONGEST_INTERVAL:
        message = "间隔请填 1 到 366 天"
        raise BadInput(message)
    row = db.session.scalars(
        select(VisitRhythm).where(VisitRhythm.tier == tier, VisitRhythm.valid_from == valid_from)
    ).one_or_none()
    if row is None:
        row = VisitRhythm(tier=tier, valid_from=valid_from, days=days)
        db.session.add(row)
    row.days, row.set_by_id = days, actor.user_id
    audit.record(
        actor,
        "rhythm.set",
        tier.value,
        detail={"days": days, "valid_from": valid_from.isoformat()},
    )
    db.session.flush()  # the day's unique key speaks here, not at the edge
    return row


def open_due(day: date, after_id: int = 0) -> tuple[int, int | None]:
    """Open visits for one batch of files due within three days of a day; returns (opened, last id or None at the end).

    Each file has a savepoint of its own: one that cannot be opened is logged and left for tomorrow.
    """
    found = queries.due_households(day + OPEN_AHEAD, after_id, BATCH)
    opened = 0
    for household in found:
        try:
            with db.session.begin_nested():
                task = tasks.open_rhythm_visit(household, household.next_visit_on or day)
                db.session.flush()  # what the database refuses, it refuses inside this savepoint
        except Exception:
            log.exception("no visit could be opened for file %s", household.file_no)
            continue
        opened += task is not None
    return opened, found[-1].id if len(found) == BATCH else None


def mark_overdue(day: date) -> int:
    """Mark rhythm tasks whose day has passed, and tell workers and supervisors; returns marks plus messages.

    A worker hears once a day how many of their files are overdue; a supervisor hears of those that became so one and
    seven days ago. One message per person, however many files.
    """
    marked = db.session.execute(
        update(Task)
        .where(
            Task.source == TaskSource.RHYTHM,
            Task.state.in_(queries.RUNNING),
            Task.due_on < day,
            Task.overdue_at.is_(None),
        )
        .values(overdue_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    late = queries.overdue_by(worker=True, before=day)
    messages = [
        (worker, f"overdue:{worker}:{day}", f"你负责的家庭有 {count:,} 户过了探访的日子")
        for worker, count in late.items()
        if worker is not None
    ]
    for days in ESCALATE_AFTER:
        towns = queries.overdue_by(worker=False, on=day - timedelta(days=days))
        messages += [
            (person, f"overdue{days}:{person}:{day}", f"有 {count:,} 户已经逾期 {days} 天未访")
            for person, count in _by_supervisor(towns).items()
        ]
    told = _tell("visit.overdue", messages, OVERDUE_LINK)
    return told + int(marked.rowcount)  # type: ignore[attr-defined]


def remind_follow_ups(day: date) -> int:
    """Remind people of what they have to do today or tomorrow, once a day; returns how many were told.

    What was promised to a family that is erased by now opens for nobody, and is settled first.
    """
    erased = select(Household.id).where(Household.state == HouseholdState.ERASED)
    db.session.execute(
        update(FollowUp)
        .where(FollowUp.done_at.is_(None), FollowUp.household_id.in_(erased))
        .values(done_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    due = queries.follow_ups_due_by_person(day + REMIND_AHEAD)
    messages = [
        (person, f"follow:{person}:{day}", f"有 {count:,} 件跟进的事今明两天到期")
        for person, count in due.items()
    ]
    return _tell("follow_up.due", messages, "/me")


def _by_supervisor(towns: dict[str, int]) -> dict[int, int]:
    if not towns:
        return {}
    grants = db.session.execute(
        select(Grant.user_id, Grant.region_code)
        .join(User, User.id == Grant.user_id)
        .where(
            Grant.role == Role.SUPERVISOR,
            Grant.ended_at.is_(None),
            Grant.region_code != "",
            User.state == UserState.ACTIVE,
        )
    )
    scopes: dict[int, set[str]] = {}
    for user_id, region in grants:
        scopes.setdefault(user_id, set()).add(region)
    counts = {
        user_id: sum(
            count
            for town, count in towns.items()
            if any(town.startswith(region) for region in regions)
        )
        for user_id, regions in scopes.items()
    }
    return {user_id: count for user_id, count in counts.items() if count}


def _tell(kind: str, messages: Sequence[tuple[int, str, str]], link: str) -> int:
    """Queue what was not told yet; the keys that exist are asked for at once, not one by one."""
    keys = [key for _, key, _ in messages]
    told = set(db.session.scalars(select(Message.once_key).where(Message.once_key.in_(keys))))
    fresh = [message for message in messages if message[1] not in told]
    for person, key, title in fresh:
        notices.queue(person, kind, title, link, once_key=key)
    return len(fresh)
