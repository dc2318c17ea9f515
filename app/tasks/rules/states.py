"""Tasks and claims (任务与认领): states, kinds and limits."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

CLAIM_LIFE = timedelta(days=14)  # a held claim without a fixed window
REMIND_BEFORE = timedelta(days=2)
WINDOW_GRACE = timedelta(days=3)  # after the visit's window: time to write it down
MAX_OPEN_CLAIMS = 8


class TaskKind(StrEnum):
    """What is done (T of DOMAIN §6)."""

    VISIT = "visit"
    GOODS = "goods"
    MONEY = "money"
    SERVICE = "service"


class TaskSource(StrEnum):
    """Where a task comes from."""

    NEED = "need"
    RHYTHM = "rhythm"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    FULL = "full"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ClaimState(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"
    HELD = "held"
    HANDED_IN = "handed_in"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"
    DECLINED = "declined"
    TAKEN_OVER = "taken_over"
    NO_SHOW = "no_show"


_T, _C = TaskState, ClaimState
TASK_NEXT: dict[TaskState, frozenset[TaskState]] = {
    _T.OPEN: frozenset({_T.FULL, _T.DONE, _T.CANCELLED, _T.EXPIRED}),
    _T.FULL: frozenset({_T.OPEN, _T.DONE, _T.CANCELLED, _T.EXPIRED}),
    _T.DONE: frozenset(),
    _T.CANCELLED: frozenset(),
    _T.EXPIRED: frozenset(),
}
CLAIM_NEXT: dict[ClaimState, frozenset[ClaimState]] = {
    _C.WAITING: frozenset({_C.HELD, _C.RELEASED, _C.EXPIRED, _C.DECLINED}),
    _C.HELD: frozenset(
        {_C.HANDED_IN, _C.RELEASED, _C.EXPIRED, _C.TAKEN_OVER, _C.NO_SHOW, _C.CONFIRMED}
    ),
    _C.HANDED_IN: frozenset({_C.CONFIRMED, _C.HELD}),
    _C.CONFIRMED: frozenset(),
    _C.RELEASED: frozenset(),
    _C.EXPIRED: frozenset(),
    _C.DECLINED: frozenset(),
    _C.TAKEN_OVER: frozenset(),
    _C.NO_SHOW: frozenset(),
}
LIVE = frozenset(
    {_C.HELD, _C.HANDED_IN}
)  # takes a place; while it lives, name, door and phone are open to its holder
TASK_WORDS = {
    _T.OPEN: "可认领",
    _T.FULL: "已领满",
    _T.DONE: "已完成",
    _T.CANCELLED: "已取消",
    _T.EXPIRED: "已过期",
}
CLAIM_WORDS = {
    _C.WAITING: "排队中",
    _C.HELD: "已认领",
    _C.HANDED_IN: "等待确认",
    _C.CONFIRMED: "已确认",
    _C.RELEASED: "已交回",
    _C.EXPIRED: "已过期",
    _C.DECLINED: "已婉拒",
    _C.TAKEN_OVER: "已转交",
    _C.NO_SHOW: "未到",
}
KIND_WORDS = {
    TaskKind.VISIT: "探访",
    TaskKind.GOODS: "物资",
    TaskKind.MONEY: "资助",
    TaskKind.SERVICE: "服务",
}
