"""Jobs that look after a queue: only firings that found something to do are written down."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.jobs import Job, JobRun, RunState, _poll


def test_a_firing_that_finds_nothing_leaves_no_row(app: Flask) -> None:
    answers = iter([0, 2, 0])
    job = Job("queue", "排队", "", lambda _day: next(answers), every_day=False, every_seconds=3)

    for _ in range(3):
        _poll(app, job)

    [run] = db.session.scalars(select(JobRun)).all()
    assert (run.state, run.changed) == (RunState.DONE, 2)
    assert job.when == "every 3 s"


def test_a_firing_that_fails_is_seen_and_the_next_one_goes_on(app: Flask) -> None:
    def work(_day: date) -> int:
        if next(turns) == 0:
            raise ValueError
        return 1

    turns = iter([0, 1])
    job = Job("queue", "排队", "", work, every_day=False, every_seconds=3)

    _poll(app, job)
    _poll(app, job)

    states = db.session.scalars(select(JobRun.state).order_by(JobRun.id)).all()
    assert states == [RunState.FAILED, RunState.DONE]
