"""Jobs (定时任务): each firing happens once; what failed or was missed is caught up."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, transaction
from app.core.jobs import Job, JobRun, RunState, catch_up, missed_days, run_once
from tests.factories import keep

if TYPE_CHECKING:
    from flask import Flask

DAY = date(2026, 9, 3)
NOON = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)


class Work:
    """A job that remembers its days, and fails when told to."""

    def __init__(self, *, fails: bool = False, cron: str = "0 2 * * *") -> None:
        self.days: list[date] = []
        self.fails = fails
        self.job = Job("night", "夜班", cron, self.run)

    def run(self, day: date) -> int:
        """Work for a day."""
        self.days.append(day)
        if self.fails:
            raise ZeroDivisionError
        return 7


def a_run(day: date, state: RunState = RunState.DONE, at: datetime = NOON) -> JobRun:
    return keep(JobRun(name="night", period=day.isoformat(), state=state, started_at=at))


def states() -> dict[str, RunState]:
    db.session.rollback()
    return {run.period: run.state for run in db.session.scalars(select(JobRun))}


def test_a_firing_runs_once(app: Flask) -> None:
    work = Work()

    assert [run_once(app, work.job, DAY), run_once(app, work.job, DAY)] == [7, None]
    assert work.days == [DAY]


def test_of_several_schedulers_one_runs_a_firing(app: Flask) -> None:
    work, answers = Work(), []
    db.session.remove()
    threads = [
        threading.Thread(target=lambda: answers.append(run_once(app, work.job, DAY)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert work.days == [DAY]
    assert sorted(answers, key=str) == [7, None, None, None, None]


def test_a_failed_run_is_on_record_without_what_was_in_it_and_is_tried_again(app: Flask) -> None:
    work = Work(fails=True)

    assert run_once(app, work.job, DAY) is None
    run = db.session.scalars(select(JobRun)).one()
    assert (run.state, run.error) == (RunState.FAILED, "ZeroDivisionError")

    work.fails = False
    assert run_once(app, work.job, DAY) == 7
    assert states() == {"2026-09-03": RunState.DONE}


@pytest.mark.parametrize(
    ("age", "again"), [(timedelta(hours=1), False), (timedelta(hours=3), True)]
)
def test_a_run_whose_process_died_is_taken_over_after_its_lease(
    app: Flask, age: timedelta, *, again: bool
) -> None:
    work = Work()
    a_run(DAY, RunState.RUNNING, clock.now() - age)

    run_once(app, work.job, DAY)

    assert bool(work.days) is again


def test_a_person_may_ask_for_a_period_again_and_hears_of_a_failure(app: Flask) -> None:
    work = Work()
    run_once(app, work.job, DAY)

    assert run_once(app, work.job, DAY, again=True) == 7
    work.fails = True
    with pytest.raises(ZeroDivisionError):
        run_once(app, work.job, DAY, again=True)
    assert states() == {"2026-09-03": RunState.FAILED}


def test_the_days_the_machine_was_off_are_owed_today_included_when_its_hour_is_past(
    app: Flask,
) -> None:
    work = Work()
    a_run(DAY - timedelta(days=3))

    assert missed_days(work.job, NOON) == [DAY - timedelta(days=2), DAY - timedelta(days=1), DAY]
    assert missed_days(Work(cron="0 23 * * *").job, NOON)[-1] == DAY - timedelta(days=1)


def test_a_failed_day_is_owed_even_when_later_ones_went_well(app: Flask) -> None:
    a_run(DAY - timedelta(days=2), RunState.FAILED)
    a_run(DAY - timedelta(days=1))
    a_run(DAY)

    assert missed_days(Work().job, NOON) == [DAY - timedelta(days=2)]


def test_a_job_that_never_ran_owes_nothing_before_today(app: Flask) -> None:
    assert missed_days(Work().job, NOON) == [DAY]


def test_no_more_than_a_week_is_caught_up(app: Flask) -> None:
    a_run(DAY - timedelta(days=60))

    assert missed_days(Work().job, NOON)[0] == DAY - timedelta(days=7)


def test_a_weekly_job_owes_its_weekday_only(app: Flask) -> None:
    a_run(DAY - timedelta(days=7))

    assert missed_days(Work(cron="0 2 * * wed").job, NOON) == [DAY - timedelta(days=1)]


def test_catching_up_twice_runs_nothing_the_second_time(app: Flask) -> None:
    work = Work()
    a_run(DAY - timedelta(days=2))

    with clock.frozen(NOON):
        catch_up(app, (work.job,))
        catch_up(app, (work.job,))

    assert work.days == [DAY - timedelta(days=1), DAY]


def test_a_job_that_fires_often_is_not_caught_up(app: Flask) -> None:
    work = Work()
    often = Job("often", "常", "* * * * *", work.run, every_day=False)

    with clock.frozen(NOON):
        catch_up(app, (often,))

    assert work.days == []


def test_a_frequent_job_runs_once_a_minute_and_a_daily_one_once_a_day(app: Flask) -> None:
    work = Work()
    often = Job("often", "常", "* * * * *", work.run, every_day=False)

    for seconds in (0, 30, 60):
        with clock.frozen(NOON + timedelta(seconds=seconds)):
            jobs._fire(app, often)
            jobs._fire(app, work.job)

    assert sorted(states()) == ["2026-09-03", "2026-09-03T12:00", "2026-09-03T12:01"]


def test_every_job_of_the_program_changes_nothing_the_second_time(app: Flask) -> None:
    for job in app.extensions["jobs"]:
        job.run(clock.today())

    assert {job.name: job.run(clock.today()) for job in app.extensions["jobs"]} == {
        job.name: 0 for job in app.extensions["jobs"]
    }


def test_the_history_is_listed_and_a_night_run_again_by_hand(app: Flask) -> None:
    run = app.test_cli_runner().invoke

    done = run(args=["jobs", "run", "seal-audit", "--day", "2026-09-03"])
    listed = run(args=["jobs", "list"])
    unknown = run(args=["jobs", "run", "nonsense"])

    assert done.output == "seal-audit 2026-09-03: 0 changed\n"
    assert "2026-09-03 done 0" in listed.output
    assert unknown.exit_code == 1
    assert "seal-audit" in unknown.output


def test_a_job_leaves_no_transaction_open(app: Flask) -> None:
    run_once(app, Work(fails=True).job, DAY)

    with transaction():
        pass
