"""Jobs of tasks (定时任务): what ends by itself, after a word before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.core.db import transaction
from app.core.jobs import Job
from app.tasks import services

MOST_ROUNDS = 1000  # half a million rows in a night; the rest waits for the next


def _in_batches(verb: Callable[[date], int], day: date) -> int:
    """Run a verb, a transaction at a time, until it finds nothing to do; writers in between are not kept waiting."""
    total = 0
    for _ in range(MOST_ROUNDS):
        with transaction():
            changed = verb(day)
        total += changed
        if not changed:
            break
    return total


def run_expire_claims(day: date) -> int:
    """Remind, then expire and pass on."""
    expired = _in_batches(services.expire_claims, day)
    return expired + _in_batches(services.remind_holders, day)


def run_expire_needs(day: date) -> int:
    """Expire what was asked about, then ask about what comes next."""
    expired = _in_batches(services.expire_needs, day)
    return expired + _in_batches(services.ask_needs_again, day)


def run_sweep(_day: date) -> int:
    """End what is still open for files that are no longer in force."""
    return _in_batches(lambda _: services.sweep(), _day)


JOBS: tuple[Job, ...] = (
    Job("expire-claims", "提醒快到期的认领，到期的名额让给下一位", "10 1 * * *", run_expire_claims),
    Job("expire-needs", "到期前问问需求还要不要，过期的收起来", "20 1 * * *", run_expire_needs),
    Job("sweep-closed-files", "收起已结案、已合并档案还开着的任务", "30 1 * * *", run_sweep),
)
