"""Places of a task (名额): given back and passed on, always under the lock of the task's own row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.core import clock
from app.core.access import Actor
from app.core.db import changed_one, db
from app.needs import services as needs
from app.needs.models import Need
from app.needs.rules import NeedState
from app.notices.services import queue
from app.tasks import queries
from app.tasks.models import Claim, Task
from app.tasks.rules import (
    LIVE,
    ClaimState,
    TaskState,
    need_after,
    promoted,
    window_end,
)

RUNNING = (TaskState.OPEN, TaskState.FULL)
LINE = 200  # how far down the line one given-back place is offered


def lock(task_id: int) -> Task:
    """Lock a task's row until the transaction ends and return it as it is now: the first step of every change."""
    changed_one(
        update(Task)
        .where(Task.id == task_id)
        .values(version=Task.version + 1)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalars(
        select(Task)
        .options(joinedload(Task.household), joinedload(Task.need))
        .where(Task.id == task_id)
        .execution_options(populate_existing=True)
    ).one()


def end_claim(
    claim: Claim, wanted: ClaimState, sources: tuple[ClaimState, ...], reason: str
) -> None:
    """End a claim; StalePage when it has moved on meanwhile."""
    changed_one(
        update(Claim)
        .where(Claim.id == claim.id, Claim.state.in_(sources))
        .values(state=wanted, ended_at=clock.now(), end_reason=reason)
    )


def give_back(task: Task, units: int) -> None:
    """Give units back and offer them down the line; the task is locked by the caller."""
    _take(task, -units)
    pass_on(task)


def pass_on(task: Task) -> None:
    """Offer what is free to those who wait, in order (候补转正); nobody is promoted once consent is withdrawn."""
    if task.state not in RUNNING or task.taken >= task.capacity or not queries.shown(task.id):
        return
    line = db.session.scalars(
        select(Claim)
        .where(Claim.task_id == task.id, Claim.state == ClaimState.WAITING)
        .order_by(Claim.id)
        .limit(LINE)
        .execution_options(populate_existing=True)
    ).all()
    chosen = promoted([(claim.id, claim.units) for claim in line], task.capacity - task.taken)
    now = clock.now()
    for claim in line:
        if claim.id in chosen and _promote(claim, task, now):
            _take(task, claim.units)


def _promote(claim: Claim, task: Task, now: datetime) -> bool:
    """Give one waiting person the place; False when they left the line this very moment."""
    held = db.session.scalars(
        update(Claim)
        .where(Claim.id == claim.id, Claim.state == ClaimState.WAITING)
        .values(state=ClaimState.HELD, claimed_at=now, expires_at=window_end(task.ends_at, now))
        .returning(Claim.id)
    ).one_or_none()
    if held is None:
        return False
    record(
        Actor(claim.user_id),
        "claim.promoted",
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
    )
    queue(
        claim.user_id,
        "claim.promoted",
        f"排到你了：{task.card_title}"[:120],
        f"/claims/{claim.code}",
    )
    return True


def _take(task: Task, units: int) -> None:
    """Change how much is taken, and whether the task is full, in one statement."""
    after = Task.taken + units
    changed_one(
        update(Task)
        .where(Task.id == task.id, after >= 0, after <= Task.capacity)
        .values(
            taken=after,
            state=case(
                (Task.state.not_in(RUNNING), Task.state),
                (after < Task.capacity, TaskState.OPEN),
                else_=TaskState.FULL,
            ),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(task, ["taken", "state", "version"])


def close(task: Task, wanted: TaskState, reason: str) -> None:
    """End a task that is still open: whoever holds or waits is told; what was handed in is still confirmed."""
    free, _ = _send_home(task, reason)
    changed_one(
        update(Task)
        .where(Task.id == task.id, Task.state.in_(RUNNING))
        .values(state=wanted, taken=Task.taken - free)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(task, ["taken", "state", "version"])


def turn_back(task: Task, reason: str) -> int:
    """End what is held and waited for, and leave the task itself as it is (收回名额); returns how many were told.

    For a task that may not be shown any more: nobody is promoted, and when the household agrees again it is open.
    """
    free, told = _send_home(task, reason)
    if free:
        _take(task, -free)
    return told


def _send_home(task: Task, reason: str) -> tuple[int, int]:
    """End the claims of a task that are held or wait, and tell their people; returns units given back, and how many."""
    ended = db.session.scalars(
        select(Claim)
        .where(Claim.task_id == task.id, Claim.state.in_((ClaimState.HELD, ClaimState.WAITING)))
        .order_by(Claim.id)
        .execution_options(populate_existing=True)
    ).all()
    free = 0
    for claim in ended:
        held = claim.state is ClaimState.HELD
        end_claim(
            claim,
            ClaimState.RELEASED if held else ClaimState.DECLINED,
            (claim.state,),
            reason,
        )
        free += claim.units if held else 0
        queue(
            claim.user_id,
            "claim.ended",
            f"不用去了：{task.card_title}。{reason}"[:120],
            f"/claims/{claim.code}",
        )
    return free, len(ended)


def settle_need(actor: Actor, need_id: int | None) -> None:
    """Bring a need to where its tasks and their claims have brought it."""
    if need_id is None:
        return
    need = db.session.get(Need, need_id)
    if need is None or need.state in {NeedState.WITHDRAWN, NeedState.EXPIRED}:
        return
    tasks = db.session.execute(select(Task.id, Task.state).where(Task.need_id == need_id)).all()
    states = set(
        db.session.scalars(
            select(Claim.state).where(Claim.task_id.in_([task.id for task in tasks])).distinct()
        )
    )
    wanted = need_after(
        [task.state for task in tasks],
        any_confirmed=ClaimState.CONFIRMED in states,
        any_live=bool(states & LIVE),
    )
    if wanted in {NeedState.MET, NeedState.PARTLY_MET}:
        needs.mark_in_progress(actor, need)  # nothing jumps from published to met
    if wanted is not None:
        _MOVES[wanted](actor, need)


_MOVES = {
    NeedState.PUBLISHED: needs.mark_reopened,
    NeedState.IN_PROGRESS: needs.mark_in_progress,
    NeedState.MET: needs.mark_met,
    NeedState.PARTLY_MET: needs.mark_partly_met,
}
