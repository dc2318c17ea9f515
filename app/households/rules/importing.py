"""An import on its way (导入批次): its states, and why a household that reads well may still not come in."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

KEPT_FOR = timedelta(days=7)  # an abandoned workbook, and the refused rows of a finished one
STALLED_AFTER = timedelta(minutes=10)  # nothing heard of a reading: its process died


class BatchState(StrEnum):
    """Where a workbook stands between the sender's hand and the files."""

    QUEUED = "queued"
    READING = "reading"
    READY = "ready"
    CONFIRMED = "confirmed"
    COMMITTING = "committing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = BatchState
NEXT_OF_BATCH: Final = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.READING, _S.CANCELLED}),
        _S.READING: frozenset({_S.READY, _S.FAILED, _S.QUEUED}),
        _S.READY: frozenset({_S.QUEUED, _S.CONFIRMED, _S.CANCELLED}),
        _S.CONFIRMED: frozenset({_S.COMMITTING, _S.CANCELLED}),
        _S.COMMITTING: frozenset({_S.DONE, _S.READY, _S.FAILED, _S.CONFIRMED}),
        _S.DONE: frozenset(),
        _S.FAILED: frozenset({_S.CANCELLED}),
        _S.CANCELLED: frozenset(),
    }
)
BATCH_WORDS: Final = MappingProxyType(
    {
        _S.QUEUED: "排队中",
        _S.READING: "正在读",
        _S.READY: "等你确认",
        _S.CONFIRMED: "准备入档",
        _S.COMMITTING: "正在入档",
        _S.DONE: "已入档",
        _S.FAILED: "没读成",
        _S.CANCELLED: "已取消",
    }
)
WAITING: Final = frozenset({_S.QUEUED, _S.READING, _S.CONFIRMED, _S.COMMITTING})
OVER: Final = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED})

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
