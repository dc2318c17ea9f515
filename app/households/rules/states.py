"""States of a file (档案状态), and what may follow what."""

from __future__ import annotations

from enum import StrEnum


class HouseholdState(StrEnum):
    """Where a file stands; nothing but this table changes it."""

    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"
    ERASED = "erased"


_S = HouseholdState
NEXT: dict[HouseholdState, frozenset[HouseholdState]] = {
    _S.DRAFT: frozenset({_S.UNDER_REVIEW}),
    _S.UNDER_REVIEW: frozenset({_S.ACTIVE, _S.RETURNED}),
    _S.RETURNED: frozenset({_S.UNDER_REVIEW}),
    _S.ACTIVE: frozenset({_S.PAUSED, _S.CLOSED}),
    _S.PAUSED: frozenset({_S.ACTIVE, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.ARCHIVED, _S.ACTIVE}),
    _S.ARCHIVED: frozenset({_S.ERASED}),
    _S.ERASED: frozenset(),
}
# in these a file may be written in; one under review waits for its answer, a closed one is taken up again first
WRITABLE = frozenset({_S.DRAFT, _S.RETURNED, _S.ACTIVE, _S.PAUSED})
IN_FORCE = frozenset({_S.ACTIVE, _S.PAUSED})
MERGING = WRITABLE | {_S.CLOSED}  # may be carried on by another file (合户), and is archived then
STATE_VERBS = {
    _S.UNDER_REVIEW: "送审",
    _S.ACTIVE: "恢复在档",
    _S.RETURNED: "退回",
    _S.PAUSED: "暂停",
    _S.CLOSED: "结案",
    _S.ARCHIVED: "归档",
    _S.ERASED: "清除",
}
STATE_WORDS = {
    _S.DRAFT: "草稿",
    _S.UNDER_REVIEW: "待审核",
    _S.RETURNED: "已退回",
    _S.ACTIVE: "在档",
    _S.PAUSED: "暂停",
    _S.CLOSED: "已结案",
    _S.ARCHIVED: "已归档",
    _S.ERASED: "已清除",
}
