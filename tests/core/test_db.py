"""The database (数据库): no update is lost, nothing sealed is changed, no instant is without its zone."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError, StatementError

from app.audit import services as audit
from app.audit.models import AuditRow
from app.core import clock, engine
from app.core.access import SYSTEM
from app.core.db import changed_one, db, transaction
from app.core.errors import StalePage
from app.core.jobs import JobRun
from app.notices.models import Message
from tests.factories import a_user

if TYPE_CHECKING:
    from flask import Flask

AT = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)
WRITERS, ROUNDS = 4, 10


def a_run(name: str = "night", **facts: Any) -> JobRun:
    run = JobRun(name=name, period="2026-09-03", started_at=AT, **facts)
    with transaction():
        db.session.add(run)
    return run


def test_of_many_who_read_then_write_on_sqlite_none_loses_an_update(sqlite_app: Flask) -> None:
    with sqlite_app.app_context():
        run = a_run("counter", changed=0)
        db.session.remove()

        def count() -> None:
            with sqlite_app.app_context():
                for _ in range(ROUNDS):
                    with transaction():
                        found = db.session.get_one(JobRun, run.id, populate_existing=True)
                        found.changed += 1

        threads = [threading.Thread(target=count) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert db.session.get_one(JobRun, run.id).changed == WRITERS * ROUNDS
        db.session.remove()


def test_of_two_conditional_changes_the_second_is_told(app: Flask) -> None:
    run = a_run(changed=0)
    change = update(JobRun).where(JobRun.id == run.id, JobRun.changed == 0).values(changed=1)

    with transaction():
        changed_one(change)

    with pytest.raises(StalePage), transaction():
        changed_one(change)


def test_a_failed_transaction_changes_nothing(app: Flask) -> None:
    def write_and_fail() -> None:
        db.session.add(JobRun(name="a", period="b", started_at=AT))
        db.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction():
        write_and_fail()

    assert db.session.scalars(select(JobRun)).all() == []


def test_a_transaction_inside_a_transaction_is_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="already open"), transaction(), transaction():
        pass

    with transaction():
        db.session.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_row SET subject = 'x'",
        "DELETE FROM audit_row",
        "UPDATE audit_seal SET rows = 9",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_log(app: Flask, statement: str) -> None:
    with transaction():
        audit.record(SYSTEM, "visit.confirm", "V-1")
    with transaction():
        audit.seal()

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text(statement))

    assert db.session.scalars(select(AuditRow.subject)).all() == ["V-1"]


@pytest.mark.parametrize("also", ["", ", subject = 'x'"])
def test_the_one_column_that_may_be_set_is_set_once_and_alone(app: Flask, also: str) -> None:
    with transaction():
        audit.record(SYSTEM, "visit.confirm", "V-1")
    if not also:
        with transaction():
            audit.seal()

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text(f"UPDATE audit_row SET seal_id = 1{also}"))  # noqa: S608 - our own words


def test_an_instant_without_a_zone_is_refused(app: Flask) -> None:
    naive = AT.replace(tzinfo=None)

    with pytest.raises(StatementError, match="naive"):
        a_run(finished_at=naive)


def test_an_instant_comes_back_aware_and_the_same(app: Flask) -> None:
    foshan = AT.astimezone(timezone(timedelta(hours=8)))
    run = a_run(finished_at=foshan)
    db.session.expire_all()

    assert run.finished_at == AT
    assert run.finished_at is not None
    assert run.finished_at.tzinfo is UTC


def test_codes_sort_by_bytes_on_both_databases(app: Flask) -> None:
    names = ["b-1", "B-2", "a_3", "a-3", "Z"]
    for name in names:
        a_run(name)

    found = db.session.scalars(select(JobRun.name).order_by(JobRun.name)).all()

    assert list(found) == sorted(names)


def test_a_row_of_nobody_is_refused(app: Flask) -> None:
    with pytest.raises(DatabaseError), transaction():
        db.session.add(Message(user_id=4711, kind="a.b", title="x", created_at=AT, next_try_at=AT))


def test_reading_does_not_wait_for_a_writer(app: Flask) -> None:
    user = a_user()
    seen = []

    def read() -> None:
        with app.app_context():
            seen.append(db.session.scalar(text('SELECT count(*) FROM "user"')))

    with transaction():
        db.session.execute(text("UPDATE \"user\" SET theme = 'dark'"))
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=5)

    assert seen == [1]
    assert user.id


@pytest.mark.parametrize(
    ("version", "safe"),
    [("3.45.1", False), ("3.51.2", False), ("3.51.3", True), ("3.52.0", True), ("4.0.0", True)],
)
def test_a_sqlite_that_can_corrupt_a_file_is_refused(version: str, *, safe: bool) -> None:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *rest: Any) -> Any:
            return super().execute(sql.replace("sqlite_version()", f"'{version}'"), *rest)

    class Connection(sqlite3.Connection):
        def cursor(self, *rest: Any) -> Any:
            return super().cursor(Cursor)

    Connection.__module__ = "sqlite of the tests"
    connection = sqlite3.connect(":memory:", factory=Connection)
    try:
        if safe:
            engine._prepare_sqlite(connection, None)
        else:
            with pytest.raises(RuntimeError, match="can corrupt"):
                engine._prepare_sqlite(connection, None)
    finally:
        connection.close()


def test_sqlite_runs_with_what_keeps_data_safe(sqlite_app: Flask) -> None:
    expected = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }

    with sqlite_app.app_context():
        found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in expected}
        db.session.remove()

    assert found == expected


def test_the_clock_stops_and_goes_on() -> None:
    with clock.frozen(AT):
        assert clock.now() == AT
        assert clock.today() == date(2026, 9, 3)
    assert clock.now() > AT - timedelta(days=36500)
    assert clock.now() != AT


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 9, 2, 15, 59, tzinfo=UTC), date(2026, 9, 2)),
        (datetime(2026, 9, 2, 16, 0, tzinfo=UTC), date(2026, 9, 3)),
    ],
)
def test_a_day_is_foshans(instant: datetime, day: date) -> None:
    assert clock.day_of(instant) == day


def test_offices_work_on_make_up_days_and_rest_on_holidays() -> None:
    assert not clock.is_working_day(date(2026, 10, 1))
    assert clock.is_working_day(date(2026, 9, 3))
    assert not clock.is_working_day(date(2026, 9, 5))
    assert clock.is_working_day(date(2026, 2, 14))
    assert clock.add_working_days(date(2026, 9, 3), 2) == date(2026, 9, 7)


def test_a_year_without_a_table_counts_weekends_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert clock.is_working_day(date(2099, 9, 3))
    assert not clock.is_working_day(date(2099, 9, 5))
    assert "no holiday table for 2099" in caplog.text
