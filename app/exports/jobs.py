"""Jobs of exports: the queue of lists, and what is swept away after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.db import transaction
from app.core.jobs import Job
from app.exports import services

if TYPE_CHECKING:
    from datetime import date


def make_exports(_day: date) -> int:
    """Write the files that wait; one that cannot be written costs the others nothing."""
    if services.has_stalled():
        with transaction():
            services.free_stalled()
    return sum(services.advance(code, transaction) for code in services.waiting())


def sweep_exports(_day: date) -> int:
    """Delete the files whose day is over, and those that were stopped or taken."""
    with transaction():
        services.end_old()
    return sum(services.throw_away(export, transaction) for export in services.left_over())


JOBS: tuple[Job, ...] = (
    Job("make-exports", "生成排队的导出文件", "", make_exports, every_day=False, every_seconds=3),
    Job("sweep-exports", "删除过期的导出文件", "13 * * * *", sweep_exports, every_day=False),
)
