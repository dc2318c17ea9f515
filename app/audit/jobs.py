"""Jobs of audit."""

from __future__ import annotations

from datetime import date

from app.audit import services
from app.core.db import transaction
from app.core.jobs import Job


def seal_audit(_day: date) -> int:
    """Seal what no seal covers yet, batch by batch; every batch is a transaction of its own."""
    total = 0
    while True:
        with transaction():
            count = services.seal()
        total += count
        if count < services.BATCH:
            return total


JOBS: tuple[Job, ...] = (
    Job("seal-audit", "封存审计日志", "*/10 * * * *", seal_audit, every_day=False),
)
