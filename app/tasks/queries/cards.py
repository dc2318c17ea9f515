"""What the list of open cards asks (找任务): nearest first, soonest first, whatever the size of the city."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from app.core import clock, paging
from app.core.access import Actor
from app.core.db import UtcDateTime, db
from app.core.paging import PAGE_SIZE, Page
from app.households.models import Consent, Household
from app.households.rules import HouseholdState, Recipient
from app.needs.rules import Urgency
from app.tasks import policy
from app.tasks.models import Claim, Task
from app.tasks.rules import LIVE, ClaimState, TaskKind, TaskState, card_title
from app.tasks.rules.claims import weekend_of

DISTRICT, TOWN, COMMUNITY = 6, 9, 12
SIMILAR = 3
TABLE = Task.__table__


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


class Card(NamedTuple):
    """A task as its card shows it (任务卡片): a plain row, and the ring it lies in: community, town, district, city."""

    id: int
    code: str
    kind: TaskKind
    household_id: int
    region_code: str
    town_code: str
    who: str
    title: str
    urgency: Urgency
    skill: str
    unit: str
    capacity: int
    taken: int
    starts_at: datetime | None
    ends_at: datetime | None
    due_on: date
    ring: str

    @property
    def card_title(self) -> str:
        """What the card says first."""
        return card_title(self.kind, self.who, self.title)


PLACES = {
    "community": TABLE.c.region_code,
    "town": TABLE.c.town_code,
    "district": TABLE.c.district_code,
}
COLUMNS = [TABLE.c[name] for name in Card._fields[:-1]]


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


def open_for(actor: Actor, filters: Filters, cursor: str | None) -> Page[Card]:
    """Return one page of open cards, nearest first and soonest first within.

    One statement whatever the rows: each ring around home walks its own index by (due_on, id) and stops after a page,
    and no ring is walked once those inside it have filled the page.
    """
    kinds = policy.kinds_shown(actor) & frozenset(filters.kinds)
    filters = replace(filters, kinds=kinds)
    rings = _rings(filters)
    first, after = _start(paging.decode(cursor, 3) if cursor else None, len(rings))
    found = _near(filters, PAGE_SIZE + 1, first, after)
    rows = found[:PAGE_SIZE]
    if len(found) <= PAGE_SIZE:
        return Page(rows, None)
    last = rows[-1]
    return Page(rows, paging.encode([rings.index(last.ring), last.due_on, last.id]))


def similar_to(task: Task, actor: Actor) -> Sequence[Card]:
    """Return three open tasks of the same kind, the nearest ones that are not this person's already."""
    filters = Filters(home=task.region_code, kinds=frozenset({task.kind}))
    others = {"this": task.id, "helper": actor.user_id}
    return _near(filters, SIMILAR, others=others)


def _near(
    filters: Filters,
    size: int,
    first: int = 0,
    after: tuple[date, int] | None = None,
    *,
    others: dict[str, Any] | None = None,
) -> list[Card]:
    rings = _rings(filters)
    shape = _Shape(
        rings=rings,
        first=first,
        size=size,
        kinds=set(filters.kinds) != set(TaskKind),
        when=filters.when if filters.on or filters.when is not When.DAY else When.ANY,
        skill=bool(filters.skill),
        after=after is not None,
        others=others is not None,
    )
    given = {**_facts(filters, clock.today()), **(others or {})}
    if after is not None:
        given |= {"due": after[0], "last": after[1]}
    # past the session: cards are rows, and nobody changes them
    rows = db.session.connection().execute(_walk(shape), given)
    return [Card._make((*facts, rings[number])) for *facts, number in rows]


class _Shape(NamedTuple):
    """All that makes two statements differ in more than their values: each is put together once."""

    rings: tuple[str, ...]
    first: int
    size: int
    kinds: bool
    when: When
    skill: bool
    after: bool
    others: bool


def _rings(filters: Filters) -> tuple[str, ...]:
    """Name the rings around home: own community, own town, own district, the city, each without the one inside."""
    if filters.town:
        return (_level(filters.town),)
    home = len(filters.home)
    levels = [("community", COMMUNITY), ("town", TOWN), ("district", DISTRICT)]
    return (*(name for name, length in levels if home >= length), "city")


def _level(prefix: str) -> str:
    return {DISTRICT: "district", TOWN: "town", COMMUNITY: "community"}.get(len(prefix), "city")


def _facts(filters: Filters, today: date) -> dict[str, Any]:
    """Return the values that the statement's marks stand for; those it does not have are left aside."""
    home = filters.town or filters.home
    first, last = weekend_of(today) if filters.when is When.WEEKEND else (filters.on, filters.on)
    return {
        "today": today,
        "community": home[:COMMUNITY],
        "town": home[:TOWN],
        "district": home[:DISTRICT],
        "kinds": sorted(filters.kinds),
        "skill": filters.skill,
        "week_ends": today + timedelta(days=6 - today.weekday()),
        "free_from": first,
        "free_until": clock.at(last + timedelta(days=1)) if last else None,
    }


@cache
def _walk(shape: _Shape) -> Select[Any]:
    """Select the nearest tasks, ring by ring; a ring is walked only while those inside it leave room."""
    inner: list[Any] = []
    for number in range(shape.first, len(shape.rings)):
        ring = select(*COLUMNS, literal(number).label("ring"))
        ring = ring.where(*_where(shape), *_inside(shape, number))
        if shape.after and number == shape.first:
            mark = (bindparam("due", type_=Date), bindparam("last", type_=TABLE.c.id.type))
            ring = ring.where(tuple_(TABLE.c.due_on, TABLE.c.id) > tuple_(*mark))
        room = shape.size - _counted(inner) if inner else shape.size
        cut = ring.order_by(TABLE.c.due_on, TABLE.c.id).limit(room)
        inner.append(cut.cte(f"ring_{number}"))
    near = union_all(*(select(ring) for ring in inner)).subquery()
    return (
        select(*(near.c[name] for name in Card._fields))
        .order_by(near.c.ring, near.c.due_on, near.c.id)
        .limit(shape.size)
    )


def _counted(rings: Sequence[Any]) -> ColumnElement[int]:
    first, *others = (select(func.count()).select_from(ring).scalar_subquery() for ring in rings)
    return sum(others, start=first)


def _where(shape: _Shape) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        TABLE.c.is_public.is_(True),
        TABLE.c.state == TaskState.OPEN,
        agreed(bindparam("today", type_=Date)),
    ]
    if shape.kinds:
        where.append(TABLE.c.kind.in_(bindparam("kinds", expanding=True)))
    if shape.skill:
        where += [TABLE.c.skill == bindparam("skill"), has_skill()]
    if shape.when is When.WEEK:
        where.append(TABLE.c.due_on <= bindparam("week_ends", type_=Date))
    elif shape.when in {When.WEEKEND, When.DAY}:
        begin = bindparam("free_until", type_=UtcDateTime)
        where += [
            TABLE.c.due_on >= bindparam("free_from", type_=Date),
            or_(TABLE.c.starts_at.is_(None), TABLE.c.starts_at < begin),
        ]
    if shape.others:
        mine = select(Claim.task_id).where(
            Claim.user_id == bindparam("helper"), Claim.state.in_((ClaimState.WAITING, *LIVE))
        )
        where += [TABLE.c.id != bindparam("this"), TABLE.c.id.not_in(mine)]
    return where


def has_skill() -> ColumnElement[bool]:
    """Say in so many words what the indexes of skills leave out, or the database does not see that they fit."""
    return TABLE.c.skill != literal_column("''")


def _inside(shape: _Shape, number: int) -> list[ColumnElement[bool]]:
    """Say that a task lies in a ring, and not in the one inside it."""
    name, inside = shape.rings[number], []
    if name == "district" and shape.skill:  # hidden, or it leads away from the skill's index
        inside.append(PLACES[name].concat("") == bindparam(name))
    elif name in PLACES:
        inside.append(PLACES[name] == bindparam(name))
    if number > 0:
        smaller = shape.rings[number - 1]
        inside.append(PLACES[smaller] != bindparam(smaller))
    if name == "community" and shape.skill:  # says nothing new, but leads to the skill's index
        inside.append(TABLE.c.town_code == bindparam("town"))
    return inside


def _start(start: Sequence[object] | None, rings: int) -> tuple[int, tuple[date, int] | None]:
    """Read a cursor of [ring, due_on, id]; anything else means the first page."""
    match start:
        case [int(ring), str(due_on), int(last)] if 0 <= ring < rings:
            try:
                return ring, (date.fromisoformat(due_on), last)
            except ValueError:
                return 0, None
    return 0, None


def been_to(user_id: int | None, household_ids: Collection[int]) -> dict[int, int]:
    """Return how often this person's help reached each of some households (确认过的才算)."""
    given = {"helper": user_id, "families": sorted(household_ids)}
    rows = db.session.connection().execute(_been_to(), given)
    return {row[0]: row[1] for row in rows}


@cache
def _been_to() -> Select[Any]:
    claim = Claim.__table__
    return (
        select(TABLE.c.household_id, func.count())
        .join_from(claim, TABLE)
        .where(
            claim.c.user_id == bindparam("helper"),
            claim.c.state == ClaimState.CONFIRMED,
            TABLE.c.kind == TaskKind.VISIT,
            TABLE.c.household_id.in_(bindparam("families", expanding=True)),
        )
        .group_by(TABLE.c.household_id)
    )


def skills(limit: int = 12) -> list[str]:
    """Return the skills asked for most by what is open now."""
    return list(db.session.connection().scalars(_skills(limit)))


@cache
def _skills(limit: int) -> Select[Any]:
    recent = (
        select(TABLE.c.skill)
        .where(TABLE.c.is_public, TABLE.c.state == TaskState.OPEN)
        .order_by(TABLE.c.due_on, TABLE.c.id)
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
