"""An import on its way (导入批次): its states, and why a household that reads well may still not come in."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.households.rules.states import HouseholdState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

KEPT_FOR = timedelta(days=7)  # an abandoned workbook, and the refused rows of a finished one
STALLED_AFTER = timedelta(minutes=10)  # nothing heard of a reading: its process died


class BatchState(StrEnum):
    """Where a workbook stands between the sender's hand and the files."""

    QUEUED = "queued"
    READING = "reading"
    READY = "ready"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    COMMITTING = "committing"
    DONE = "done"
    UNDO_ASKED = "undo_asked"
    UNDO_QUEUED = "undo_queued"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = BatchState
NEXT_OF_BATCH: Final = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.READING, _S.CANCELLED}),
        _S.READING: frozenset({_S.READY, _S.FAILED, _S.QUEUED}),
        _S.READY: frozenset({_S.QUEUED, _S.ASKED, _S.CONFIRMED, _S.CANCELLED}),
        _S.ASKED: frozenset({_S.CONFIRMED, _S.READY, _S.CANCELLED}),
        _S.CONFIRMED: frozenset({_S.COMMITTING, _S.CANCELLED}),
        _S.COMMITTING: frozenset({_S.DONE, _S.READY, _S.FAILED, _S.CONFIRMED}),
        _S.DONE: frozenset({_S.UNDO_ASKED, _S.UNDO_QUEUED}),
        _S.UNDO_ASKED: frozenset({_S.UNDO_QUEUED, _S.DONE}),
        _S.UNDO_QUEUED: frozenset({_S.UNDOING}),
        _S.UNDOING: frozenset({_S.UNDONE, _S.DONE, _S.UNDO_QUEUED}),
        _S.UNDONE: frozenset(),
        _S.FAILED: frozenset({_S.CANCELLED}),
        _S.CANCELLED: frozenset(),
    }
)
BATCH_WORDS: Final = MappingProxyType(
    {
        _S.QUEUED: "排队中",
        _S.READING: "正在读",
        _S.READY: "等你确认",
        _S.ASKED: "等第二个人同意",
        _S.CONFIRMED: "准备入档",
        _S.COMMITTING: "正在入档",
        _S.DONE: "已入档",
        _S.UNDO_ASKED: "等第二个人同意撤回",
        _S.UNDO_QUEUED: "准备撤回",
        _S.UNDOING: "正在撤回",
        _S.UNDONE: "已撤回",
        _S.FAILED: "没读成",
        _S.CANCELLED: "已取消",
    }
)
QUEUE: Final = frozenset({_S.QUEUED, _S.CONFIRMED, _S.UNDO_QUEUED})
WAITING: Final = QUEUE | {_S.READING, _S.COMMITTING, _S.UNDOING}
TAKEN: Final = frozenset(
    {
        _S.ASKED,
        _S.CONFIRMED,
        _S.COMMITTING,
        _S.DONE,
        _S.UNDO_ASKED,
        _S.UNDO_QUEUED,
        _S.UNDOING,
        _S.UNDONE,
    }
)
BACK: Final = frozenset({_S.UNDO_ASKED, _S.UNDO_QUEUED, _S.UNDOING, _S.UNDONE})
OVER: Final = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED, _S.UNDONE})

APPROVED_FROM = (
    51  # households from which on a second person is asked: 50 are a village, more are a town
)
LEFT_OUT: Final = "left_out"  # the sender does not want the household taken in
PUT_AWAY: Final = (HouseholdState.PAUSED, HouseholdState.CLOSED)


class Kind(StrEnum):
    """What a workbook would do to a file, and so what one may choose among."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


KIND_TABS: Final = MappingProxyType(
    {Kind.NEW: "新建", Kind.CHANGED: "有变化", Kind.GONE: "这次表里没有"}
)


class Choice(NamedTuple):
    """What the sender wants of an import (逐户挑选): everything new and changed unless said otherwise.

    `none` are kinds of which nothing is taken; `out` the single households left out, by kind; `gone` what becomes of
    files that the workbook no longer names: nothing, unless somebody says so.
    """

    none: frozenset[str] = frozenset()
    out: Mapping[str, frozenset[str]] = MappingProxyType({})
    gone: Mapping[str, HouseholdState] = MappingProxyType({})

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Choice:
        """Read it as it is kept."""
        out = {kind: frozenset(keys) for kind, keys in kept.get("out", {}).items()}
        gone = {file_no: HouseholdState(state) for file_no, state in kept.get("gone", {}).items()}
        return cls(frozenset(kept.get("none", ())), out, gone)

    def kept(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "none": sorted(self.none),
            "out": {kind: sorted(keys) for kind, keys in self.out.items() if keys},
            "gone": {file_no: state.value for file_no, state in sorted(self.gone.items())},
        }

    def leaves_out(self, kind: Kind, key: str) -> bool:
        """Say whether a household stays out."""
        return kind in self.none or key in self.out.get(kind, ())

    def going(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return how many of each kind go in."""
        taken: dict[str, int] = {
            kind: 0 if kind in self.none else counts[kind] - len(self.out.get(kind, ()))
            for kind in (Kind.NEW, Kind.CHANGED)
        }
        return {**taken, Kind.GONE: len(self.gone)}

    def among(self, keys: Mapping[Kind, Collection[str]], gone: Collection[str]) -> Choice:
        """Return what of it still means something, once the workbook was compared anew."""
        out: dict[str, frozenset[str]] = {
            kind: self.out.get(kind, frozenset()) & set(some) for kind, some in keys.items()
        }
        states = {file_no: state for file_no, state in self.gone.items() if file_no in gone}
        return Choice(self.none, out, states)


# what only the files know; the reader's own reasons are in messages.ERRORS
COMPARED: Final = MappingProxyType(
    {
        "outside_scope": "这一户不在你负责的地方，请交给当地社工导入",
        "household_twice": "这一户在表里出现了两次，请只保留一处",
        "file_archived": "这一户的档案已经归档，请先联系督导恢复",
        "person_in_another_household": "这个人已在另一份档案里，一人只能在一户；请先核对那一户",
    }
)
REASONS: Final = MappingProxyType(
    {
        "id_checksum": "证件号码不对",
        "id_lost_to_number": "证件号码被存成数字，后几位丢了",
        "unknown_community": "镇街或村居认不出",
        "unknown_category": "救助类别认不出",
        "person_in_another_household": "有人已在另一户",
        "income_not_a_number": "月人均收入不是数字",
        "negative_income": "月人均收入是负数",
        "no_householder": "没有写明户主",
        "outside_scope": "不在你负责的地方",
        "household_twice": "同一户出现两次",
        "file_archived": "档案已归档",
    }
)


def may_become(after: BatchState) -> frozenset[BatchState]:
    """Return the states from which a batch may take this step."""
    return frozenset(before for before, steps in NEXT_OF_BATCH.items() if after in steps)
