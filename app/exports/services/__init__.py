"""What takes lists out (导出动作)."""

from app.exports.services.asking import ask_for_clear, may_be_used, plan_clear, start_clear
from app.exports.services.making import advance, free_stalled, has_stalled, waiting
from app.exports.services.starting import Planned, again, plan, start, stop
from app.exports.services.taking import end_old, left_over, take, throw_away

__all__ = [
    "Planned",
    "advance",
    "again",
    "ask_for_clear",
    "end_old",
    "free_stalled",
    "has_stalled",
    "left_over",
    "may_be_used",
    "plan",
    "plan_clear",
    "start",
    "start_clear",
    "stop",
    "take",
    "throw_away",
    "waiting",
]
