"""How often a message is tried (投递规则)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

MAX_TRIES = 8


class MessageState(StrEnum):
    """Where a message is on its way out of the outbox."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


def wait_before(tries: int) -> timedelta:
    """Return how long to wait before the next try: a minute, two, four … at most six hours."""
    return min(timedelta(minutes=2 ** max(tries - 1, 0)), timedelta(hours=6))
