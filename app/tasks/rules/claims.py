"""Claims (认领): who may take what, how long a hold lasts, and who comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from app.needs.rules import NeedState
from app.tasks.rules.states import (
    CLAIM_LIFE,
    CLAIM_NEXT,
    WINDOW_GRACE,
    ClaimState,
    TaskKind,
    TaskState,
)

VOLUNTEER_KINDS = frozenset({TaskKind.VISIT, TaskKind.SERVICE, TaskKind.GOODS})
DONOR_KINDS = frozenset({TaskKind.GOODS, TaskKind.MONEY, TaskKind.SERVICE})
DOOR_KINDS = frozenset({TaskKind.VISIT, TaskKind.SERVICE})
# goods and money go through the station or the charity, so their giver needs no name and no door (个保法 §6, 19)
RELEASE_REASONS = {
    "time": "临时有事，去不了",
    "far": "路太远",
    "health": "身体不舒服",
    "skill": "做不来这件事",
    "contact": "联系不上对方",
    "stock": "东西没备齐",
    "other": "别的原因",
}


def window_end(ends_at: datetime | None, now: datetime) -> datetime:
    """Return until when a hold made now lives: three days after an agreed time, otherwise two weeks."""
    return max(ends_at, now) + WINDOW_GRACE if ends_at else now + CLAIM_LIFE


def is_lapsed(expires_at: datetime, reminded_at: datetime | None, day_begins: datetime) -> bool:
    """Say whether a hold passes on: its time is over, and its holder was reminded on an earlier day."""
    return expires_at <= day_begins and reminded_at is not None and reminded_at < day_begins


def promoted(waiting: Iterable[tuple[int, int]], left: int) -> list[int]:
    """Return who of the (id, units) in line gets a place now: in order, passing over whom the rest cannot serve."""
    chosen = []
    for claim_id, units in waiting:
        if units <= left:
            chosen.append(claim_id)
            left -= units
    return chosen


def claim_sources(wanted: ClaimState) -> tuple[ClaimState, ...]:
    """Return the states from which one may be reached, for a conditional statement."""
    return tuple(state for state, following in CLAIM_NEXT.items() if wanted in following)


def need_after(
    tasks: Sequence[TaskState], *, any_confirmed: bool, any_live: bool
) -> NeedState | None:
    """Say where a need stands by its tasks and their claims; None when tasks have nothing to say about it.

    Met: every task was done. Partly met: nothing more is coming, and something was done. Tasks that were cancelled or
    ran out do not make a need expired: the deadline does.
    """
    if not tasks:
        return None
    if all(state is TaskState.DONE for state in tasks):
        return NeedState.MET
    running = any(state in {TaskState.OPEN, TaskState.FULL} for state in tasks)
    if any_confirmed and not any_live and not running:
        return NeedState.PARTLY_MET
    if any_confirmed or any_live:
        return NeedState.IN_PROGRESS
    return NeedState.PUBLISHED if running else None


def weekend_of(today: date) -> tuple[date, date]:
    """Return the Saturday and Sunday of this week; on a Sunday, the one that is left."""
    saturday = today + timedelta(days=5 - today.weekday())
    return max(saturday, today), saturday + timedelta(days=1)
