"""Jobs of tasks (定时任务): what ends by itself, after a word before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.core.db import transaction
from app.core.jobs import Job
from app.tasks import queries, services

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


def run_close_left(day: date) -> int:
    """Tidy up after files that were paused, closed or merged."""
    freed = _in_batches(services.free_paused_claims, day)
    return freed + _in_batches(lambda _: services.sweep(), day)


def run_expire_needs(day: date) -> int:
    """Expire what was asked about, then ask about what comes next."""
    expired = _in_batches(services.expire_needs, day)
    return expired + _in_batches(services.ask_needs_again, day)


def run_not_agreed(_day: date) -> int:
    """End what is held for a household whose consent ran out, which paused, closed or was erased."""
    return _in_batches(lambda _: services.end_not_agreed(), _day)


def run_of_the_gone(_day: date) -> int:
    """Give back what people hold whose account was closed or whose role ended."""
    if not queries.of_the_gone(
        1
    ):  # every minute: writers are kept waiting only when there is something
        return 0
    return _in_batches(lambda _: services.give_back_of_the_gone(), _day)


JOBS: tuple[Job, ...] = (
    Job("close-left", "收回暂停、结案、并入别户的档案上没办完的任务", "5 1 * * *", run_close_left),
    Job("expire-claims", "提醒快到期的认领，到期的名额让给下一位", "10 1 * * *", run_expire_claims),
    Job("end-not-agreed", "同意到期或撤回的，收起认领并告诉认领人", "5 1 * * *", run_not_agreed),
    Job(
        "claims-of-the-gone",
        "停用账号手里的认领退回给下一位",
        "",
        run_of_the_gone,
        every_day=False,
        every_seconds=60,
    ),
    Job("expire-needs", "到期前问问需求还要不要，过期的收起来", "20 1 * * *", run_expire_needs),
)
