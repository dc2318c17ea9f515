"""What an export may be, how long it lives, and how much it may hold (导出规则)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

SMALL = 1_000  # rows that are written while the person waits
MOST = 120_000  # rows of one masked file: a city and half as much again; more is narrowed first
MOST_CLEAR = 2_000  # files in clear at a time; they stay in memory while they are written
CHUNK = 1_000
LIVES = timedelta(days=1)  # a file is deleted a day after it was made (个人信息保护法 §19)
STALLED_AFTER = timedelta(minutes=10)
CLEAR_DAYS = 7  # how long after the decision a clear export may be made
SHOWN = 20


class ExportState(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    TAKEN = "taken"  # a clear one, downloaded: its file is gone
    FAILED = "failed"
    STOPPED = "stopped"
    ENDED = "ended"  # its day is over: its file is gone


class For(StrEnum):
    """Who will read files in clear."""

    OFFICE = "office"
    CHARITY = "charity"


class Form(StrEnum):
    """What kind of file."""

    XLSX = "xlsx"
    CSV = "csv"


_S = ExportState
NEXT: dict[ExportState, frozenset[ExportState]] = {
    _S.QUEUED: frozenset({_S.MAKING, _S.STOPPED, _S.ENDED}),
    _S.MAKING: frozenset({_S.QUEUED, _S.READY, _S.FAILED, _S.STOPPED}),
    _S.READY: frozenset({_S.TAKEN, _S.STOPPED, _S.ENDED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.STOPPED, _S.ENDED}),
    _S.TAKEN: frozenset(),
    _S.STOPPED: frozenset(),
    _S.ENDED: frozenset(),
}
WORKING = frozenset({_S.QUEUED, _S.MAKING})
WITHOUT_FILE = frozenset({_S.TAKEN, _S.STOPPED, _S.ENDED})
STATE_WORDS = {
    _S.QUEUED: "等待生成",
    _S.MAKING: "正在生成",
    _S.READY: "可以下载",
    _S.TAKEN: "已经下载",
    _S.FAILED: "没有做成",
    _S.STOPPED: "已停止",
    _S.ENDED: "已过期删除",
}
FOR_WORDS = {
    For.OFFICE: "本单位办理救助和探访",
    For.CHARITY: "交给慈善组织",
}
TONES = {_S.QUEUED: "warn", _S.MAKING: "warn", _S.READY: "good", _S.FAILED: "bad"}
FORM_WORDS = {Form.XLSX: "Excel 表格", Form.CSV: "CSV 文本"}
CONTENT_TYPES = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.CSV: "text/csv; charset=utf-8",
}


def may_become(state: ExportState) -> frozenset[ExportState]:
    """Return the states from which an export may come to this one."""
    return frozenset(before for before, after in NEXT.items() if state in after)


def mark_words(name: str, moment: str, code: str) -> str:
    """Say who took a clear file, when, and under which number."""
    return f"{name} {moment} {code} 仅限本次工作使用，用后销毁"
