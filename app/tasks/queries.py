"""What pages and services ask about tasks and claims (任务查询)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload

from app.audit.models import AuditRow
from app.core import clock, paging
from app.core.access import Actor
from app.core.db import db
from app.core.errors import NotHere
from app.core.paging import PAGE_SIZE, Page
from app.households.models import Consent, Household
from app.households.rules import HouseholdState, Recipient
from app.needs.models import Need
from app.programmes.models import Programme
from app.tasks import policy
from app.tasks.models import Claim, Offer, Task
from app.tasks.rules import LIVE, ClaimState, TaskKind, TaskSource, TaskState
from app.tasks.rules.claims import weekend_of

CITY, DISTRICT, TOWN, COMMUNITY = 4, 6, 9, 12
SIMILAR = 3
OPEN_CLAIMS = (ClaimState.HELD, ClaimState.WAITING)
RUNNING = (TaskState.OPEN, TaskState.FULL)


class When(StrEnum):
    """When somebody has time (有空的时候)."""

    ANY = ""
    WEEK = "week"
    WEEKEND = "weekend"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of tasks is narrowed to, and from where it is looked at."""

    home: str = ""
    town: str = ""
    kinds: Collection[TaskKind] = field(default=frozenset(TaskKind))
    when: When = When.ANY
    on: date | None = None
    skill: str = ""


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
    found = db.session.execute(_offer(), {"its_code": code}).one_or_none()
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


def been_to(user_id: int | None, household_ids: Collection[int]) -> dict[int, int]:
    """Return how often this person's help reached each of some households (确认过的才算)."""
    rows = db.session.execute(
        select(Task.household_id, func.count())
        .join(Claim, Claim.task_id == Task.id)
        .where(
            Claim.user_id == user_id,
            Claim.state == ClaimState.CONFIRMED,
            Task.kind == TaskKind.VISIT,
            Task.household_id.in_(household_ids),
        )
        .group_by(Task.household_id)
    )
    return {row[0]: row[1] for row in rows}


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


def agreed(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Say, in SQL, that a task's household is in force and agrees to this kind of help today (个人信息保护法 §15)."""
    consent = (
        select(literal(1))
        .select_from(Consent)
        .where(
            Consent.household_id == Task.household_id,
            # a task's kind and a consent's purpose are the same four words
            type_coerce(Consent.purpose, String) == type_coerce(Task.kind, String),
            Consent.recipient == Recipient.HELPERS,
            Consent.withdrawn_at.is_(None),
            Consent.given_on <= on,
            Consent.expires_on >= on,
        )
        .correlate(Task)
        .exists()
    )
    active = (
        select(literal(1))
        .select_from(Household)
        .where(Household.id == Task.household_id, Household.state == HouseholdState.ACTIVE)
        .correlate(Task)
        .exists()
    )
    return and_(consent, active)


def shown(task_id: int) -> bool:
    """Say whether a task may be shown to helpers today."""
    return bool(
        db.session.scalar(
            select(literal(1)).where(Task.id == task_id, Task.is_public, agreed(clock.today()))
        )
    )


def still_agreed(task_id: int) -> bool:
    """Say whether the household still agrees to this help; withdrawing works at once (个人信息保护法 §15)."""
    return bool(
        db.session.scalar(select(literal(1)).where(Task.id == task_id, agreed(clock.today())))
    )


def open_for(actor: Actor, filters: Filters, cursor: str | None) -> Page[tuple[Task, str]]:
    """Return one page of open cards, nearest first and soonest first within; each with how near it is.

    One statement whatever the rows: each ring around home walks its own index by (due_on, id) and stops after a page.
    """
    filters = replace(filters, kinds=policy.kinds_shown(actor) & frozenset(filters.kinds))
    names = [name for name, _ in _rings(filters)]
    first, after = _start(paging.decode(cursor, 3) if cursor else None, len(names))
    found = db.session.execute(_page_of(filters, clock.today(), first, after)).all()
    rows = [(task, names[ring]) for task, ring in found[:PAGE_SIZE]]
    if len(found) <= PAGE_SIZE:
        return Page(rows, None)
    task, ring = found[PAGE_SIZE - 1]
    return Page(rows, paging.encode([ring, task.due_on, task.id]))


@lru_cache(maxsize=500)
def _page_of(
    filters: Filters, today: date, first: int, after: tuple[date, int] | None
) -> Select[Task, int]:
    """Put the statement of a page together once for all who look from the same place."""
    return _walk(_where(filters, today), _rings(filters), PAGE_SIZE + 1, first, after)


def similar_to(task: Task, actor: Actor) -> Sequence[Task]:
    """Return three open tasks of the same kind, the nearest ones."""
    filters = Filters(home=task.region_code, kinds={task.kind})
    mine = select(Claim.task_id).where(
        Claim.user_id == actor.user_id, Claim.state.in_((ClaimState.WAITING, *LIVE))
    )
    where = [*_where(filters, clock.today()), Task.id != task.id, Task.id.not_in(mine)]
    return [found for found, _ in db.session.execute(_walk(where, _rings(filters), SIMILAR))]


Ring = tuple[str, ColumnElement[bool]]


def _rings(filters: Filters) -> list[Ring]:
    """Return the rings around home: own community, own town, own district, the city, each without the one inside."""
    if filters.town:
        return [("town", policy.in_region(filters.town))]
    home = filters.home
    levels = [
        ("community", COMMUNITY, Task.region_code),
        ("town", TOWN, Task.town_code),
        ("district", DISTRICT, Task.district_code),
    ]
    rings: list[Ring] = []
    inside: ColumnElement[bool] | None = None
    for name, length, column in levels:
        if len(home) >= length:
            here: ColumnElement[bool] = column == home[:length]
            rings.append((name, and_(here, inside) if inside is not None else here))
            inside = column != home[:length]
    rings.append(("city", inside if inside is not None else true()))
    return rings


def _where(filters: Filters, today: date) -> list[ColumnElement[bool]]:
    kinds = set(filters.kinds)
    where: list[ColumnElement[bool]] = [
        Task.is_public.is_(True),
        Task.state == TaskState.OPEN,
        agreed(today),
    ]
    if kinds != set(TaskKind):
        where.append(Task.kind.in_(sorted(kinds)))
    if filters.skill:
        where.append(Task.skill == filters.skill)
    if filters.when is When.WEEK:
        where.append(Task.due_on <= today + timedelta(days=6 - today.weekday()))
    elif filters.when is When.WEEKEND:
        where.append(_doable(*weekend_of(today)))
    elif filters.when is When.DAY and filters.on:
        where.append(_doable(filters.on, filters.on))
    return where


def _doable(first: date, last: date) -> ColumnElement[bool]:
    """Say, in SQL, that a task can be done on some day from first to last."""
    return and_(
        Task.due_on >= first,
        or_(Task.starts_at.is_(None), Task.starts_at < clock.at(last + timedelta(days=1))),
    )


def _walk(
    where: Sequence[ColumnElement[bool]],
    rings: Sequence[Ring],
    size: int,
    first: int = 0,
    after: tuple[date, int] | None = None,
) -> Select[Task, int]:
    """Select the nearest tasks with the number of their ring, from a place in the first ring on."""
    parts: list[Select[int, int]] = []
    for number, (_, inside) in enumerate(rings):
        if number < first:
            continue
        part = select(Task.id, literal(number).label("ring")).where(*where, inside)
        if number == first and after is not None:
            part = part.where(
                tuple_(Task.due_on, Task.id) > tuple_(literal(after[0]), literal(after[1]))
            )
        cut = part.order_by(Task.due_on, Task.id).limit(size).subquery()
        parts.append(select(cut.c.id, cut.c.ring))
    near = union_all(*parts).subquery()
    return (
        select(Task, near.c.ring)
        .join(near, near.c.id == Task.id)
        .order_by(near.c.ring, Task.due_on, Task.id)
        .limit(size)
    )


def _start(start: Sequence[object] | None, rings: int) -> tuple[int, tuple[date, int] | None]:
    """Read a cursor of [ring, due_on, id]; anything else means the first page."""
    match start:
        case [int(ring), str(due_on), int(last)] if 0 <= ring < rings:
            try:
                return ring, (date.fromisoformat(due_on), last)
            except ValueError:
                return 0, None
    return 0, None


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


def skills(limit: int = 12) -> list[str]:
    """Return the skills asked for most by what is open now."""
    return [skill for (skill,) in db.session.execute(_skills(limit))]


@cache
def _skills(limit: int) -> Select[str]:
    recent = (
        select(Task.skill)
        .where(Task.is_public, Task.state == TaskState.OPEN)
        .order_by(Task.due_on, Task.id)
        .limit(200)
        .subquery()
    )
    return (
        select(recent.c.skill)
        .where(recent.c.skill != "")
        .group_by(recent.c.skill)
        .order_by(func.count().desc(), recent.c.skill)
        .limit(limit)
    )
