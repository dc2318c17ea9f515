"""The portal's nightly work (门户夜间任务)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.db import transaction
from app.core.jobs import Job
from app.portal.services.figures import count_figures

if TYPE_CHECKING:
    from datetime import date


def run(day: date) -> int:
    """Count the kept figures of the overviews."""
    with transaction():
        return count_figures(day)


JOBS: tuple[Job, ...] = (Job("figures", "重算各镇街的月度数字", "30 4 * * *", run),)
