"""States of a programme (项目状态)."""

from __future__ import annotations

from enum import StrEnum


class ProgrammeState(StrEnum):
    """Whether a programme takes and gives."""

    OPEN = "open"
    CLOSED = "closed"


STATE_WORDS = {ProgrammeState.OPEN: "进行中", ProgrammeState.CLOSED: "已结束"}
