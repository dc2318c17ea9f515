"""Rows that go in with the commit, and statements that SQLite plans once (随事务写入的行、语句的写法)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from app.audit import services as audit
from app.audit.models import AuditRow
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.notices.models import Message
from app.notices.services import queue
from app.tasks.models import Task
from app.tasks.rules import TaskState
from tests.factories import a_user

if TYPE_CHECKING:
    from flask import Flask

HELD_UP = 0.3


class Broken(Exception):  # noqa: N818 - says what happened
    """What stops a change half-way."""


def record_and_break(subject: str) -> None:
    audit.record(SYSTEM, "visit.confirm", subject)
    raise Broken


def subjects() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditRow.subject).order_by(AuditRow.id)))


@pytest.mark.usefixtures("app")
class TestRowsThatWaitForTheCommit:
    """Audit rows and messages: with the change they belong to, or not at all."""

    def test_they_are_there_when_the_change_is(self) -> None:
        user = a_user()

        with transaction():
            audit.record(SYSTEM, "visit.confirm", "V-1")
            audit.record(SYSTEM, "visit.confirm", "V-2")
            queue(user.id, "visit.confirmed", "一次探访确认了")

        assert subjects()[-2:] == ["V-1", "V-2"]
        assert db.session.scalar(select(func.count()).select_from(Message)) == 1

    def test_those_of_one_table_go_in_together(self) -> None:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
            seen.append(sql)

        event.listen(db.engine, "before_cursor_execute", note)
        with transaction():
            for number in range(30):
                audit.record(SYSTEM, "visit.confirm", f"V-{number}")
        event.remove(db.engine, "before_cursor_execute", note)

        assert sum(sql.startswith("INSERT INTO audit_row") for sql in seen) == 1
        assert subjects()[-30:] == [f"V-{number}" for number in range(30)]

    def test_a_change_that_fails_leaves_none_behind_for_the_next_one(self) -> None:
        with pytest.raises(Broken), transaction():
            record_and_break("V-1")

        with transaction():
            audit.record(SYSTEM, "visit.confirm", "V-2")

        assert subjects() == ["V-2"]

    def test_what_is_given_up_within_a_change_takes_its_own_along_and_no_others(self) -> None:
        with transaction():
            audit.record(SYSTEM, "visit.confirm", "V-1")
            with pytest.raises(Broken), db.session.begin_nested():
                record_and_break("V-2")
            with db.session.begin_nested():
                audit.record(SYSTEM, "visit.confirm", "V-3")

        assert sorted(subjects()) == ["V-1", "V-3"]


def test_the_words_of_a_state_stand_in_the_statement(app: Flask) -> None:
    wanted = select(Task.id).where(
        Task.state == TaskState.OPEN, Task.state.not_in((TaskState.FULL, TaskState.DONE))
    )

    text = str(wanted.compile(db.engine))

    assert "task.state = 'open'" in text
    assert "NOT IN ('full', 'done')" in text


def test_what_somebody_typed_never_does(app: Flask) -> None:
    typed = "open' OR 1 = 1 --"

    text = str(select(Task.id).where(Task.state == typed).compile(db.engine))

    assert "1 = 1" not in text


def test_a_limit_still_limits(app: Flask) -> None:
    with transaction():
        for number in range(5):
            audit.record(SYSTEM, "visit.confirm", f"V-{number}")

    numbered = select(AuditRow.subject).order_by(AuditRow.id)

    assert db.session.scalars(numbered.limit(2)).all() == ["V-0", "V-1"]
    assert db.session.scalars(numbered.limit(2).offset(3)).all() == ["V-3", "V-4"]
    assert db.session.scalars(numbered.offset(4)).all() == ["V-4"]


def test_on_sqlite_the_planner_does_not_see_the_number(sqlite_app: Flask) -> None:
    with sqlite_app.app_context():
        text = str(select(Task.id).limit(20).compile(db.engine))

    assert "LIMIT 0 + ?" in text


def test_writers_of_one_process_stand_in_line(sqlite_app: Flask) -> None:
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with sqlite_app.app_context(), transaction():
            inside.set()
            go_on.wait(10)
            order.append("first")

    def second() -> None:
        with sqlite_app.app_context(), transaction():
            order.append("second")

    writers = [threading.Thread(target=first), threading.Thread(target=second)]
    writers[0].start()
    inside.wait(10)
    writers[1].start()
    writers[1].join(HELD_UP)
    assert order == []
    go_on.set()
    for writer in writers:
        writer.join(10)

    assert order == ["first", "second"]
