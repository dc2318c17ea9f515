"""States of a programme (项目状态), and who may stand behind one."""

from __future__ import annotations

from enum import StrEnum

CITY = "4406"


class ProgrammeState(StrEnum):
    """Whether a programme takes and gives."""

    OPEN = "open"
    CLOSED = "closed"


STATE_WORDS = {ProgrammeState.OPEN: "进行中", ProgrammeState.CLOSED: "已结束"}
# only a charitable organisation receives gifts and issues receipts (慈善法 §38); a foundation is one (§8)
QUALIFIED = frozenset({"charity", "foundation"})


def touches(region: str, prefix: str) -> bool:
    """Say whether a programme of one region reaches into a scope; an empty region is the whole city."""
    here = region or CITY
    return bool(prefix) and (here.startswith(prefix) or prefix.startswith(here))
