"""Jobs of visits (探访定时任务): each opens its own transactions; a second run of a day finds nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.db import db, transaction
from app.core.jobs import Job
from app.visits import services

if TYPE_CHECKING:
    from datetime import date


def open_due_visits(day: date) -> int:
    """Open visits that fall due, some hundred files per transaction, so that claims never wait long."""
    opened, last = 0, 0
    while True:
        with transaction():
            count, reached = services.open_due(day, last)
        db.session.expunge_all()  # a whole city does not stay in memory
        opened += count
        if reached is None:
            return opened
        last = reached


def mark_overdue(day: date) -> int:
    """Mark what is overdue and tell those who can do something about it."""
    with transaction():
        return services.mark_overdue(day)


def roll_up(day: date) -> int:
    """Prove every file's visit count, last and next visit against its visits; returns how many were mended."""
    mended, last = 0, 0
    while True:
        with transaction():
            count, reached = services.mend(day, last)
        mended += count
        if reached is None:
            return mended
        last = reached


def remind_follow_ups(day: date) -> int:
    """Remind people of their follow-ups."""
    with transaction():
        return services.remind_follow_ups(day)


JOBS: tuple[Job, ...] = (
    Job("roll-up", "核对每户的探访次数、上次和下次", "15 5 * * *", roll_up),
    Job("open-due-visits", "打开三天内到期的探访", "30 5 * * *", open_due_visits),
    Job("mark-overdue", "标出逾期的探访并提醒", "0 7 * * *", mark_overdue),
    Job("remind-follow-ups", "提醒今明两天到期的跟进", "10 7 * * *", remind_follow_ups),
)
