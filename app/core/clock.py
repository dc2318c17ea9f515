"""The clock (时钟): the only module that asks what time it is; days are Foshan's, instants are UTC."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import chinese_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

FOSHAN = ZoneInfo("Asia/Shanghai")
SATURDAY = 5

log = logging.getLogger(__name__)
_frozen: list[datetime] = []


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def today() -> date:
    """Return today's date in Foshan."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """Return the Foshan date of an instant."""
    return instant.astimezone(FOSHAN).date()


def at(day: date, clock_time: time = time(0)) -> datetime:
    """Return the instant at which Foshan's clocks show this time on this day."""
    return datetime.combine(day, clock_time, tzinfo=FOSHAN).astimezone(UTC)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Stop the clock of this process at an instant (tests, replays of a past night)."""
    _frozen.append(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()


def is_working_day(day: date) -> bool:
    """Say whether offices work on this day, with the State Council's holidays and make-up days (调休).

    The table is published year by year; for a year it does not know yet, weekends alone are free and a warning is
    logged, so that deadlines are still shown and somebody looks after the table.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning("no holiday table for %d: only weekends are taken as free", day.year)
        return day.weekday() < SATURDAY


def add_working_days(day: date, count: int) -> date:
    """Return the day that lies `count` working days after `day`, which itself is not counted."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
