"""What pages and services ask about tasks and claims (任务查询)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Grant, User
from app.accounts.rules import Role, UserState
from app.audit.models import AuditRow
from app.core import clock, paging
from app.core.db import db
from app.core.errors import NotHere
from app.core.paging import Page
from app.households.models import Household
from app.needs.models import Need
from app.programmes.models import Programme
from app.tasks.models import Claim, Offer, Task
from app.tasks.queries.cards import (
    Card,
    Filters,
    When,
    agreed,
    been_to,
    open_for,
    shown,
    similar_to,
    skills,
    still_agreed,
)
from app.tasks.rules import LIVE, ClaimState, TaskSource, TaskState

OPEN_CLAIMS = (ClaimState.HELD, ClaimState.WAITING)
RUNNING = (TaskState.OPEN, TaskState.FULL)


def by_code(code: str) -> Task:
    """Return a task with what its page and its claim need, in one statement; NotHere when there is none."""
    found = db.session.scalars(_by_code(), {"its_code": code}).one_or_none()
    if found is None:
        raise NotHere
    return found


@cache
def _by_code() -> Select[Task]:
    return (
        select(Task)
        .options(
            joinedload(Task.household),
            joinedload(Task.need),
            joinedload(Task.programme).joinedload(Programme.charity),
        )
        .where(Task.code == bindparam("its_code"))
    )


def offer(code: str) -> Offer:
    """Return of a task what its claim needs; NotHere when there is none."""
    found = db.session.connection().execute(_offer(), {"its_code": code}).one_or_none()
    if found is None:
        raise NotHere
    return Offer(*found)


@cache
def _offer() -> Select[Any]:
    """Claims come in crowds, so this is put together once, of tables: an object costs more than its row."""
    task = Task.__table__
    plain = [task.c[name] for name in list(Offer.__dataclass_fields__)[:-2]]
    return (
        select(*plain, Household.__table__.c.worker_id, Need.__table__.c.code)
        .join_from(task, Household.__table__)
        .outerjoin(Need.__table__, Need.__table__.c.id == task.c.need_id)
        .where(task.c.code == bindparam("its_code"))
    )


def claim_by_code(code: str) -> Claim:
    """Return a claim with its task, household and holder; NotHere when there is none."""
    found = db.session.scalars(
        select(Claim)
        .options(
            joinedload(Claim.task).options(
                joinedload(Task.household), joinedload(Task.need), joinedload(Task.programme)
            ),
            joinedload(Claim.user),
        )
        .where(Claim.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def claim_by_key(user_id: int | None, key: str) -> Claim | None:
    """Return what the same person sent under the same key before."""
    return db.session.scalars(
        select(Claim).where(Claim.user_id == user_id, Claim.idempotency_key == key)
    ).one_or_none()


def mine_on(task_id: int, user_id: int | None) -> Claim | None:
    """Return this person's claim or place in line for a task, if it lives."""
    return db.session.scalars(
        select(Claim).where(
            Claim.task_id == task_id,
            Claim.user_id == user_id,
            Claim.state.in_((ClaimState.WAITING, *LIVE)),
        )
    ).one_or_none()


def for_household(household_id: int, limit: int = 20) -> Sequence[Task]:
    """Return a household's tasks, newest first."""
    return db.session.scalars(
        select(Task).where(Task.household_id == household_id).order_by(Task.id.desc()).limit(limit)
    ).all()


def for_need(need_id: int) -> Sequence[Task]:
    """Return the tasks of a need."""
    return db.session.scalars(select(Task).where(Task.need_id == need_id).order_by(Task.id)).all()


def claims_of(task_ids: Collection[int]) -> Sequence[Claim]:
    """Return all claims of some tasks with their holders, in the order in which they were made."""
    return db.session.scalars(
        select(Claim)
        .options(joinedload(Claim.user))
        .where(Claim.task_id.in_(task_ids))
        .order_by(Claim.task_id, Claim.id)
        .limit(500)
    ).all()


def live_claims(user_id: int | None, limit: int = 50) -> Sequence[Claim]:
    """Return what somebody has in hand, soonest end first."""
    return db.session.scalars(
        select(Claim)
        .join(Claim.task)
        .options(contains_eager(Claim.task))
        .where(Claim.user_id == user_id, Claim.state.in_(LIVE))
        .order_by(Claim.expires_at, Claim.id)
        .limit(limit)
    ).all()


def waiting_claims(user_id: int | None, limit: int = 50) -> Sequence[tuple[Claim, int]]:
    """Return where somebody stands in line, with how many are before them."""
    other = select(Claim.id, Claim.task_id, Claim.state).subquery()
    before = (
        select(func.count())
        .select_from(other)
        .where(
            other.c.task_id == Claim.task_id,
            other.c.state == ClaimState.WAITING,
            other.c.id < Claim.id,
        )
        .correlate(Claim)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Claim, before)
        .join(Claim.task)
        .options(contains_eager(Claim.task))
        .where(Claim.user_id == user_id, Claim.state == ClaimState.WAITING)
        .order_by(Claim.id)
        .limit(limit)
    )
    return [(claim, ahead) for claim, ahead in rows]


def past_claims(user_id: int | None, cursor: str | None) -> Page[Claim]:
    """Return what somebody has behind them, newest first."""
    statement = (
        select(Claim)
        .join(Claim.task)
        .options(contains_eager(Claim.task))
        .where(Claim.user_id == user_id, Claim.state.not_in((ClaimState.WAITING, *LIVE)))
    )
    return paging.fetch(
        db.session, statement, [(Claim.id, True)], cursor, key=lambda claim: [claim.id]
    )


def ahead_of(task_id: int, claim_id: int | None = None) -> int:
    """Return how many stand in line for a task, or before one of them."""
    statement = (
        select(func.count())
        .select_from(Claim)
        .where(Claim.task_id == task_id, Claim.state == ClaimState.WAITING)
    )
    if claim_id is not None:
        statement = statement.where(Claim.id < claim_id)
    return db.session.scalar(statement) or 0


def open_count(user_id: int | None) -> int:
    """Return how many things somebody has promised and not done, places in line included."""
    statement = (
        select(func.count())
        .select_from(Claim)
        .where(Claim.user_id == user_id, Claim.state.in_(OPEN_CLAIMS))
    )
    return db.session.scalar(statement) or 0


def readings(household_id: int, claim_codes: Collection[str]) -> Sequence[AuditRow]:
    """Return when holders opened this household's name and door, newest first."""
    return db.session.scalars(
        select(AuditRow)
        .where(
            AuditRow.household_id == household_id,
            AuditRow.action == "claim.read_household",
            AuditRow.subject.in_(claim_codes),
        )
        .order_by(AuditRow.id.desc())
        .limit(20)
    ).all()


def to_remind(before: datetime, limit: int) -> Sequence[Claim]:
    """Return holds that end soon and whose holders have not been told."""
    return db.session.scalars(
        select(Claim)
        .options(joinedload(Claim.task))
        .where(
            Claim.state == ClaimState.HELD,
            Claim.expires_at < before,
            Claim.reminded_at.is_(None),
        )
        .order_by(Claim.expires_at, Claim.id)
        .limit(limit)
    ).all()


def lapsed(day_begins: datetime, limit: int) -> Sequence[Claim]:
    """Return holds whose time is over and whose holders were reminded on an earlier day."""
    return db.session.scalars(
        select(Claim)
        .options(joinedload(Claim.task).joinedload(Task.need))
        .where(
            Claim.state == ClaimState.HELD,
            Claim.expires_at <= day_begins,
            Claim.reminded_at < day_begins,
        )
        .order_by(Claim.task_id, Claim.id)
        .limit(limit)
    ).all()


def not_agreed(limit: int, household_id: int | None = None) -> Sequence[int]:
    """Return tasks that somebody holds or waits for although their household does not agree any more, or not now."""
    statement = (
        select(Claim.task_id)
        .join(Claim.task)
        .where(Claim.state.in_(OPEN_CLAIMS), ~agreed(clock.today()))
        .distinct()
        .order_by(Claim.task_id)
        .limit(limit)
    )
    if household_id is not None:
        statement = statement.where(Task.household_id == household_id)
    return db.session.scalars(statement).all()


def of_the_gone(limit: int) -> Sequence[Claim]:
    """Return what is held or waited for by people whose account is closed, or who are no helpers any more."""
    helper = (
        select(literal(1))
        .select_from(Grant)
        .where(
            Grant.user_id == Claim.user_id,
            Grant.role.in_((Role.VOLUNTEER, Role.DONOR)),
            Grant.ended_at.is_(None),
        )
        .correlate(Claim)
        .exists()
    )
    return db.session.scalars(
        select(Claim)
        .join(Claim.user)
        .options(contains_eager(Claim.user), joinedload(Claim.task).joinedload(Task.need))
        .where(Claim.state.in_(OPEN_CLAIMS), or_(User.state != UserState.ACTIVE, ~helper))
        .order_by(Claim.task_id, Claim.id)
        .limit(limit)
    ).all()


def needs_to_expire(day: date, limit: int) -> Sequence[Need]:
    """Return running needs past their deadline, asked about on an earlier day, that nobody is working on."""
    busy = (
        select(literal(1))
        .select_from(Claim)
        .join(Task, Task.id == Claim.task_id)
        .where(Task.need_id == Need.id, Claim.state.in_(LIVE))
        .correlate(Need)
        .exists()
    )
    return db.session.scalars(
        select(Need)
        .options(joinedload(Need.household))
        .where(
            Need.state.in_(("published", "in_progress")),
            Need.deadline_on < day,
            Need.asked_again_at < clock.at(day),
            ~busy,
        )
        .order_by(Need.deadline_on, Need.id)
        .limit(limit)
    ).all()


def running_rhythm(household_id: int) -> Task | None:
    """Return the open visit of the rhythm, of which a household has one at most."""
    return db.session.scalars(
        select(Task).where(
            Task.household_id == household_id,
            Task.source == TaskSource.RHYTHM,
            Task.state.in_(RUNNING),
        )
    ).one_or_none()


__all__ = [
    "Card",
    "Filters",
    "When",
    "agreed",
    "ahead_of",
    "been_to",
    "by_code",
    "claim_by_code",
    "claim_by_key",
    "claims_of",
    "for_household",
    "for_need",
    "lapsed",
    "live_claims",
    "mine_on",
    "needs_to_expire",
    "offer",
    "open_count",
    "open_for",
    "past_claims",
    "readings",
    "running_rhythm",
    "shown",
    "similar_to",
    "skills",
    "still_agreed",
    "to_remind",
    "waiting_claims",
]
