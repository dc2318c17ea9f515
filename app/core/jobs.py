"""Jobs (定时任务): a timer, and a row per firing that lets each one happen once however many timers run."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Index, UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Code40, PrimaryKey, Short, db, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

LEASE = timedelta(
    hours=2
)  # a firing that has been running for longer belonged to a process that died
HEARTBEAT = "* * * * *"
RETRY = "17 * * * *"
MISFIRE_SECONDS = 3600

log = logging.getLogger(__name__)


class RunState(StrEnum):
    """How one firing went."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(Base):
    """One firing of a job (任务运行记录): claimed by its unique name and period before anything is done."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("name", "period"), Index(None, "started_at"))

    id: Mapped[PrimaryKey]
    name: Mapped[Code40]
    period: Mapped[Code40]
    state: Mapped[RunState] = mapped_column(default=RunState.RUNNING)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    changed: Mapped[int] = mapped_column(default=0)
    error: Mapped[Short | None]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the scheduler knows it: `run(day)` opens its own transactions and returns how much it changed.

    `cron` is in Foshan time. `every_day` jobs run once per day and are caught up when the machine was off; the others
    run once per firing. A job with `every_seconds` looks after a queue instead: its rows, not its firings, are claimed,
    so only firings that found something to do are written down.
    """

    name: str
    words: str
    cron: str
    run: Callable[[date], int]
    every_day: bool = True
    every_seconds: int = 0

    @property
    def when(self) -> str:
        """How often it runs, in a word."""
        return f"every {self.every_seconds} s" if self.every_seconds else self.cron


def run_once(
    app: Flask, job: Job, day: date, period: str | None = None, *, again: bool = False
) -> int | None:
    """Claim a firing and run it; None when another scheduler has done or is doing it.

    `again` (a person asked) runs a period anew; jobs change nothing the second time.
    """
    with app.app_context():
        run_id = _claim(job.name, period or day.isoformat(), again=again)
        if run_id is None:
            return None
        begun = time.monotonic()
        try:
            changed = job.run(day)
        except Exception as error:  # the timer must live on, and the officer must see it
            db.session.rollback()
            _finish(run_id, RunState.FAILED, 0, type(error).__name__)
            log.exception("job %s failed for %s", job.name, day)
            if again:
                raise
            return None
        _finish(run_id, RunState.DONE, changed, None)
        log.info(
            "job %s for %s changed %d in %.1fs", job.name, day, changed, time.monotonic() - begun
        )
        return changed


def _claim(name: str, period: str, *, again: bool) -> int | None:
    now = clock.now()
    with transaction():
        if again:
            db.session.execute(delete(JobRun).where(JobRun.name == name, JobRun.period == period))
        try:
            with db.session.begin_nested():
                row = JobRun(name=name, period=period, started_at=now)
                db.session.add(row)
                db.session.flush()  # the unique key decides, now
        except IntegrityError:
            stale = (
                update(JobRun)
                .where(
                    JobRun.name == name,
                    JobRun.period == period,
                    (JobRun.state == RunState.FAILED)
                    | ((JobRun.state == RunState.RUNNING) & (JobRun.started_at < now - LEASE)),
                )
                .values(state=RunState.RUNNING, started_at=now, error=None, finished_at=None)
                .returning(JobRun.id)
            )
            return db.session.scalars(stale).one_or_none()
        return row.id


def _finish(run_id: int, state: RunState, changed: int, error: str | None) -> None:
    with transaction():
        db.session.execute(
            update(JobRun)
            .where(JobRun.id == run_id)
            .values(state=state, changed=changed, error=error, finished_at=clock.now())
        )


def missed_days(job: Job, now: datetime, *, at_most: int = 7) -> list[date]:
    """Return the days, oldest first, on which a daily job was due by now and did not finish.

    A job that never ran owes nothing before today; a failed day is owed even when later ones went well.
    """
    today = clock.day_of(now)
    runs = {
        date.fromisoformat(run.period): run.state
        for run in db.session.scalars(
            select(JobRun).where(JobRun.name == job.name).order_by(JobRun.period.desc()).limit(400)
        )
    }
    first = max(min([today, *runs]), today - timedelta(days=at_most))
    window = [first + timedelta(days=index) for index in range((today - first).days + 1)]
    return [day for day in window if runs.get(day) is not RunState.DONE and _was_due(job, day, now)]


def _was_due(job: Job, day: date, now: datetime) -> bool:
    trigger = CronTrigger.from_crontab(job.cron, clock.FOSHAN)
    firing = trigger.get_next_fire_time(None, clock.at(day).astimezone(clock.FOSHAN))
    return firing is not None and firing <= now and clock.day_of(firing) == day


def catch_up(app: Flask, jobs: tuple[Job, ...]) -> None:
    """Run what was missed while no scheduler was up, and what failed."""
    with app.app_context():
        now = clock.now()
        missed = [(job, day) for job in jobs if job.every_day for day in missed_days(job, now)]
        db.session.rollback()
    for job, day in missed:
        run_once(app, job, day)


def _fire(app: Flask, job: Job) -> None:
    now = clock.now().astimezone(clock.FOSHAN)
    period = now.date().isoformat() if job.every_day else now.strftime("%Y-%m-%dT%H:%M")
    run_once(app, job, now.date(), period)


def _poll(app: Flask, job: Job) -> None:
    with app.app_context():
        begun = clock.now()
        try:
            changed, state, error = job.run(clock.day_of(begun)), RunState.DONE, None
        except Exception as problem:  # as in run_once
            db.session.rollback()
            changed, state, error = 0, RunState.FAILED, type(problem).__name__
            log.exception("job %s failed", job.name)
        if changed or error:
            run_id = _claim(job.name, begun.isoformat(), again=False)
            if run_id is not None:
                _finish(run_id, state, changed, error)


def start(app: Flask, jobs: tuple[Job, ...]) -> BackgroundScheduler:
    """Start the timer: cron in Foshan time, nothing stored, the truth stays in our own rows."""
    scheduler = BackgroundScheduler(
        timezone=clock.FOSHAN,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    for job in jobs:
        if job.every_seconds:
            often = IntervalTrigger(seconds=job.every_seconds)
            scheduler.add_job(_poll, often, args=[app, job], id=job.name)
            continue
        scheduler.add_job(
            _fire, CronTrigger.from_crontab(job.cron, clock.FOSHAN), args=[app, job], id=job.name
        )
    # without a frequent job the timer sleeps through a change of the machine's clock
    scheduler.add_job(
        lambda: None, CronTrigger.from_crontab(HEARTBEAT, clock.FOSHAN), id="heartbeat"
    )
    # what failed at night is tried again every hour, not only when somebody restarts the scheduler
    scheduler.add_job(
        catch_up, CronTrigger.from_crontab(RETRY, clock.FOSHAN), args=[app, jobs], id="catch-up"
    )
    scheduler.start()
    catch_up(app, jobs)
    return scheduler
