"""Jobs of accounts."""

from __future__ import annotations

from datetime import date

from app.accounts import services
from app.core import clock
from app.core.db import transaction
from app.core.jobs import Job


def tidy_sessions(day: date) -> int:
    """End what has been silent for too long, and forget old wrong passwords and sessions of half a year ago."""
    with transaction():
        return services.tidy(clock.at(day))


JOBS: tuple[Job, ...] = (Job("tidy-sessions", "清理过期登录", "40 3 * * *", tidy_sessions),)
