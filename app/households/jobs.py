"""Jobs of households: the queue of workbooks, and what is swept away after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.db import transaction
from app.core.jobs import Job
from app.households.rules.twins import UNKNOWABLE
from app.households.services import batches, twins

if TYPE_CHECKING:
    from datetime import date

MOST_LOOKED_AT = 100_000  # members a night: opening a sealed person takes its time, and tomorrow is another night


def import_workbooks(_day: date) -> int:
    """Read and take in the workbooks that wait; one that cannot be read costs the others nothing."""
    with transaction():
        batches.free_stalled()
    return sum(batches.advance(code, transaction) for code in batches.waiting())


def sweep_imports(_day: date) -> int:
    """Give up imports that nobody came back to, and delete what is left of those that are over."""
    with transaction():
        given_up = batches.abandon_old()
    return given_up + sum(batches.clear_away(batch, transaction) for batch in batches.left_over())


def find_twins(_day: date) -> int:
    """Look at whom nobody has looked at yet, then find who sounds alike; the second run of a night finds nothing."""
    found = looked = 0
    while looked < MOST_LOOKED_AT:
        with transaction():
            count, kept = twins.fill_in()
        looked, found = looked + count, found + count + kept
        if not count:
            break
    last: bytes | None = UNKNOWABLE
    while last is not None:
        with transaction():
            kept, last = twins.find_piece(last)
        found += kept
    return found


JOBS: tuple[Job, ...] = (
    Job(
        "import-workbooks",
        "读入并导入排队的台账",
        "",
        import_workbooks,
        every_day=False,
        every_seconds=3,
    ),
    Job("find-twins", "找出可能重复的档案", "50 3 * * *", find_twins),
    Job("sweep-imports", "清理过期的导入文件", "40 4 * * *", sweep_imports),
)
