"""Visits (探访): codes of DOMAIN §5, the rhythm, and what counts as service time."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

MAX_PHOTOS = 9


class VisitState(StrEnum):
    """Where a record stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    AMENDED = "amended"


_V = VisitState
NEXT: dict[VisitState, frozenset[VisitState]] = {
    _V.DRAFT: frozenset({_V.SUBMITTED}),
    _V.SUBMITTED: frozenset({_V.CONFIRMED, _V.RETURNED}),
    _V.RETURNED: frozenset({_V.SUBMITTED}),
    _V.CONFIRMED: frozenset({_V.AMENDED}),
    _V.AMENDED: frozenset(),
}
STATE_WORDS = {
    _V.DRAFT: "草稿",
    _V.SUBMITTED: "待确认",
    _V.CONFIRMED: "已确认",
    _V.RETURNED: "已退回",
    _V.AMENDED: "已更正",
}


class Manner(StrEnum):
    """How the visit was made (方式)."""

    HOME = "home"
    PHONE = "phone"
    VIDEO = "video"
    OFFICE = "office"
    ESCORT = "escort"


MANNER_WORDS = {
    Manner.HOME: "上门",
    Manner.PHONE: "电话",
    Manner.VIDEO: "视频",
    Manner.OFFICE: "来访",
    Manner.ESCORT: "陪同外出",
}


class Result(StrEnum):
    """What came of it (结果码); an attempt that met nobody is a record too."""

    MET = "met"
    FAMILY = "family"
    NOBODY = "nobody"
    MOVED = "moved"
    HOSPITAL = "hospital"
    AWAY = "away"
    REFUSED = "refused"
    LOST = "lost"
    DIED = "died"


RESULT_WORDS = {
    Result.MET: "见到本人",
    Result.FAMILY: "家属代答",
    Result.NOBODY: "无人在家",
    Result.MOVED: "空置或搬离",
    Result.HOSPITAL: "住院",
    Result.AWAY: "外出",
    Result.REFUSED: "拒访",
    Result.LOST: "失联",
    Result.DIED: "已去世",
}
CONTACT = frozenset(
    {Result.MET, Result.FAMILY}
)  # the household was reached: the rhythm starts anew
VERIFY_AFTER = 2  # 连续 2 次无人或失联 → 转村居核实


class Opinion(StrEnum):
    """What the visitor thinks of the risk (风险变化)."""

    UP = "up"
    SAME = "same"
    DOWN = "down"


OPINION_WORDS = {Opinion.UP: "升高", Opinion.SAME: "持平", Opinion.DOWN: "降低"}
DEFAULT_DAYS = {"weekly": 7, "monthly": 30, "quarterly": 90}


def next_due(last_visit: date | None, filed_on: date, interval_days: int) -> date:
    """Return the day by which the next visit is due."""
    return (last_visit or filed_on) + timedelta(days=interval_days)
