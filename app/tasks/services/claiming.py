"""Claiming (认领): of many thumbs exactly as many win as there are places."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    ScalarSelect,
    String,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from app.audit.services import record
from app.core import clock, codes, phrases
from app.core.access import Actor, require
from app.core.db import alone, db, one_at_a_time
from app.core.errors import NotHere, StalePage
from app.needs import queries as needs
from app.needs.errors import ReasonTellsTooMuch
from app.notices.services import queue
from app.tasks import policy, queries
from app.tasks.errors import (
    AlreadyWaiting,
    AlreadyYours,
    JustTaken,
    NotEnoughLeft,
    NotOpen,
    PledgeMissing,
    ReasonMissing,
    StillOpen,
    TooManyOpen,
    UnitsWrong,
)
from app.tasks.models import Claim, Claimable, Task
from app.tasks.rules import (
    DOOR_KINDS,
    LIVE,
    MAX_OPEN_CLAIMS,
    ClaimState,
    TaskKind,
    TaskState,
    window_end,
)
from app.tasks.services import places

_LATER = {"id", "reminded_at", "handed_in_at", "ended_at"}  # what a claim does not begin with


def claim(
    actor: Actor, task: Claimable, *, units: int, pledge: bool, unrelated: bool, key: str
) -> Claim:
    """Give part of a task to a helper (认领任务); the same key sent again gives the same claim.

    One conditional statement decides: the task is open, enough is left, the household still agrees, and the helper has
    not promised too much; one person's claims come one after the other, or the limit could be run past with many
    thumbs. Only whoever the statement refuses pays for finding out why.
    """
    require(policy.can_claim, actor, task)
    _declared(task, units, pledge=pledge, unrelated=unrelated)
    if not _take_places(actor, task, units, key):
        return _why_not(actor, task, units, key)
    made = _insert(actor, task, ClaimState.HELD, units, key)
    if made is None:  # the same thumb twice, or on too many tasks, in the same instant
        places.give_back(places.lock(task.id), units)
        return _why_not(actor, task, units, key)
    _record(actor, "claim.make", made, task)
    queue(
        task.contact_id,
        "claim.made",
        f"有街坊认领了：{task.card_title}"[:120],
        _inside_link(task),
    )
    return made


def turn_away(actor: Actor, task: Claimable, *, units: int, key: str) -> Claim | None:
    """Answer who comes after the last place was taken, by reading alone (先看一眼); None: go on and claim.

    It decides nothing, `claim` does. But where one writer works at a time, two hundred late thumbs would each take the
    write lock only to hear that they lost, and the last of them would wait longer than the database lets them.
    """
    require(policy.can_claim, actor, task)
    if task.state is not TaskState.FULL and task.taken + units <= task.capacity:
        return None
    try:
        return _why_not(actor, task, units, key)
    except TooManyOpen:  # a place was given back this very moment
        return None


def wait(actor: Actor, task: Task, *, units: int, pledge: bool, unrelated: bool, key: str) -> Claim:
    """Stand in line for a task that is full (排队候补); who is promoted holds it at once, so the pledge comes first."""
    require(policy.can_claim, actor, task)
    _declared(task, units, pledge=pledge, unrelated=unrelated)
    one_at_a_time(f"claims {actor.user_id}")
    repeated = queries.claim_by_key(actor.user_id, key)
    if repeated is not None:
        return _same(repeated, task)
    task = places.lock(task.id)
    if task.state not in places.RUNNING or not queries.shown(task.id):
        raise NotOpen
    if task.taken + units <= task.capacity:
        raise StillOpen
    if queries.open_count(actor.user_id) >= MAX_OPEN_CLAIMS:
        raise TooManyOpen(MAX_OPEN_CLAIMS)
    made = _insert(actor, task, ClaimState.WAITING, units, key)
    if made is None:
        raise AlreadyWaiting
    _record(actor, "claim.wait", made, task)
    return made


def release(actor: Actor, claim: Claim, reason: str) -> None:
    """Give a task back with a reason (交回); the first in line whom it fits gets it."""
    require(policy.holds, actor, claim)
    reason = reason.strip()[:120]
    if not reason:
        raise ReasonMissing
    if found := needs.told_by(claim.task.household, reason):
        raise ReasonTellsTooMuch(found)
    task = places.lock(claim.task_id)
    places.end_claim(claim, ClaimState.RELEASED, (ClaimState.HELD,), reason)
    places.give_back(task, claim.units)
    places.settle_need(actor, task.need_id)
    _record(actor, "claim.release", claim, task, reason)
    queue(
        task.contact_id,
        "claim.released",
        f"有街坊交回了：{task.title}，点开看原因"[:120],
        _inside_link(task),
    )


def leave(actor: Actor, claim: Claim) -> None:
    """Step out of the line (不排了)."""
    require(policy.holds, actor, claim)
    places.end_claim(claim, ClaimState.RELEASED, (ClaimState.WAITING,), "不排了")
    _record(actor, "claim.leave", claim, claim.task)


def _declared(task: Claimable, units: int, *, pledge: bool, unrelated: bool) -> None:
    if not (pledge and unrelated):
        raise PledgeMissing
    if not 0 < units <= task.capacity or (task.kind in DOOR_KINDS and units != 1):
        raise UnitsWrong  # a pledge is one person's, so everybody who comes along claims a seat of their own


def _take_places(actor: Actor, task: Claimable, units: int, key: str) -> bool:
    dialect = db.session.get_bind().dialect.name
    facts: dict[str, Any] = {
        "this": task.id,
        "helper": actor.user_id,
        "many": units,
        "once": key,
        "today": clock.today(),
    }
    if dialect == "postgresql":
        facts["alone"] = f"claims {actor.user_id}"
    # past the session: it would look among its objects for a task that nobody holds there
    return db.session.connection().execute(_taking(dialect), facts).one_or_none() is not None


@cache
def _taking(dialect: str) -> ReturningUpdate[int]:
    """The one statement that settles a claim; put together once, for claims come in crowds."""
    who, many = bindparam("helper", type_=BigInteger), bindparam("many", type_=BigInteger)
    mine = select(Claim.id).where(Claim.user_id == who)
    repeated = mine.where(Claim.idempotency_key == bindparam("once"))
    living = mine.where(Claim.task_id == Task.id, Claim.state.in_((ClaimState.WAITING, *LIVE)))
    after = Task.taken + many
    return (
        update(Task.__table__)  # type: ignore[arg-type]  # the table behind the class, so that no object has to be found
        .where(
            Task.id == bindparam("this"),
            Task.state == TaskState.OPEN,
            after <= Task.capacity,
            Task.is_public.is_(True),
            queries.agreed(bindparam("today", type_=Date)),
            _promised(who) < MAX_OPEN_CLAIMS,
            ~repeated.exists(),
            ~living.exists(),
            alone(
                bindparam("alone", type_=String), dialect
            ),  # until then nobody can know: `_insert` asks again
        )
        .values(
            taken=after,
            state=case((after < Task.capacity, TaskState.OPEN), else_=TaskState.FULL),
            version=Task.version + 1,
        )
        .returning(Task.id)
    )


def _promised(helper: Any) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Claim)
        .where(Claim.user_id == helper, Claim.state.in_(queries.OPEN_CLAIMS))
        .scalar_subquery()
    )


def _insert(actor: Actor, task: Claimable, state: ClaimState, units: int, key: str) -> Claim | None:
    """Write the claim; None when the same person has one for this task, sent this key before, or promised too much."""
    now = clock.now()
    values: dict[str, Any] = {
        "code": codes.new("C"),
        "task_id": task.id,
        "user_id": actor.user_id,
        "units": units,
        "state": state,
        "pledged_at": now,
        "unrelated": True,
        "claimed_at": now,
        "expires_at": window_end(task.ends_at, now) if state is ClaimState.HELD else None,
        "end_reason": "",
        "idempotency_key": key,
    }
    dialect = db.session.get_bind().dialect.name
    number = db.session.connection().execute(_inserting(dialect), values).scalar()
    if number is None:
        return None
    made = Claim(id=number, **values)
    make_transient_to_detached(made)
    db.session.add(made)
    return made


@cache
def _inserting(dialect: str) -> ReturningInsert[int]:
    """The row of a claim, unless one of the table's rules or the limit forbids it; put together once."""
    table = Claim.__table__
    names = [name for name in table.c.keys() if name not in _LATER]  # noqa: SIM118 - columns have no names otherwise
    row = select(*(bindparam(name, type_=table.c[name].type) for name in names))
    helper = bindparam("user_id", type_=table.c.user_id.type)
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return (
        insert(Claim)
        .from_select(names, row.where(_promised(helper) < MAX_OPEN_CLAIMS))
        .on_conflict_do_nothing()
        .returning(table.c.id)
    )


def _why_not(actor: Actor, task: Claimable, units: int, key: str) -> Claim:
    """Say why the statement met nothing, or give the claim that the same key made before."""
    repeated = queries.claim_by_key(actor.user_id, key)
    if repeated is not None:
        return _same(repeated, task)
    mine = queries.mine_on(task.id, actor.user_id)
    if mine is not None:
        raise AlreadyWaiting if mine.state is ClaimState.WAITING else AlreadyYours
    now = db.session.execute(
        select(Task.state, Task.capacity - Task.taken).where(Task.id == task.id)
    ).one_or_none()
    if now is None:
        raise NotHere
    state, left = now
    if state not in places.RUNNING or not queries.shown(task.id):
        raise NotOpen
    if left >= units:
        raise TooManyOpen(MAX_OPEN_CLAIMS)
    if left > 0:
        raise NotEnoughLeft(
            phrases.money(left) if task.kind is TaskKind.MONEY else f"{left:,} {task.unit}"
        )
    raise JustTaken(queries.ahead_of(task.id))


def _same(repeated: Claim, task: Claimable) -> Claim:
    if repeated.task_id != task.id:  # a key belongs to one form; used for another it proves nothing
        raise StalePage
    return repeated


def _inside_link(task: Claimable) -> str:
    return f"/needs/{task.need_code}" if task.need_code else f"/tasks/{task.code}"


def _record(
    actor: Actor, action: str, claim: Claim, task: Claimable, reason: str | None = None
) -> None:
    record(
        actor,
        action,
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
        reason=reason,
        detail={"task": task.code, "units": claim.units},
    )
