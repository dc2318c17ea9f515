"""What a browser waits for (网页): claims per second, pages, and two workers against one, over real HTTP."""

from __future__ import annotations

import re
import secrets
import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import event, select

from app.accounts.models import User
from app.core import clock
from app.core.access import Actor, Scope
from app.core.db import db, transaction
from app.tasks import queries, services
from app.tasks.models import Task
from app.tasks.rules import VOLUNTEER_KINDS, TaskState
from bench import city, load
from bench.bare import ROWS
from bench.measure import Figure, compare, in_turn
from bench.seed import seed
from bench.server import Served, serving

HALF = 0.5
MORE = 1.6
EACH = 4  # claims of one person in one round; more than eight open ones are refused


@dataclass(frozen=True, slots=True)
class Yard:
    """A throw-away copy of a seed, with people signed in."""

    app: Flask
    path: Path
    files: int


@contextmanager
def yard(files: int, say: city.Say) -> Iterator[Yard]:
    """Give a copy of a seed for one measurement."""
    source = seed(files, say)
    with TemporaryDirectory(dir=city.CACHE) as name:
        path = Path(name) / "yard.sqlite3"
        shutil.copy(source, path)
        yield Yard(city.app_on(path), path, files)


def claims(files: int, rounds: int, say: city.Say) -> Iterator[Figure]:
    """Claims per second against the conditional UPDATE alone."""
    with yard(files, say) as ours, TemporaryDirectory(dir=city.CACHE) as name:
        others = [Path(name) / "connection.sqlite3", Path(name) / "session.sqlite3"]
        with ours.app.app_context():
            tasks = db.session.execute(
                select(Task.id, Task.code)
                .where(Task.state == TaskState.OPEN, Task.kind.in_(sorted(VOLUNTEER_KINDS)))
                .order_by(Task.id)
                .limit(400)
            ).all()
            people = _helpers(len(tasks) // EACH + 1)
            cookies = [city.cookie(ours.app, token) for token in city.sign_in(people)]
            statement = _the_statement(tasks[-1].id, people[-1])
            db.session.remove()
            db.engine.dispose()
        for other in others:
            shutil.copy(ours.path, other)

        def full_round() -> float:
            _undo(ours.path)
            requests = []
            for number, task in enumerate(tasks):
                session, token = cookies[number // EACH]
                form = {
                    "csrf_token": token,
                    "idempotency_key": secrets.token_urlsafe(18),
                    "units": "1",
                    "pledge": "y",
                    "unrelated": "y",
                }
                requests.append(load.post(f"/tasks/{task.code}/claim", form, session))
            return full_side.round(requests, 303, load.CONNECTIONS)

        def bare_round(side: Served, path: Path) -> float:
            _undo(path)
            requests = [
                load.post(
                    f"/claim/{task.id}",
                    {"user": str(people[number // EACH]), "key": secrets.token_urlsafe(18)},
                )
                for number, task in enumerate(tasks)
            ]
            return side.round(requests, 200, load.CONNECTIONS)

        with (
            serving("ours", ours.path) as full_side,
            serving("claims", others[0], by="connection", **statement) as plain,
            serving("claims", others[1], by="session", **statement) as flask,
        ):
            full, by_connection, by_session = in_turn(
                [
                    full_round,
                    lambda: bare_round(plain, others[0]),
                    lambda: bare_round(flask, others[1]),
                ],
                rounds,
            )
        for label, bare, side in (
            ("claims per second / bare UPDATE, plain connection", by_connection, plain),
            ("claims per second / bare UPDATE, Flask-SQLAlchemy", by_session, flask),
        ):
            yield compare(
                label,
                "/s",
                full,
                bare,
                HALF,
                extra=_by_processor(full_side.by_processor, side.by_processor),
                note="signed in, CSRF, permission, claim, audit and message rows",
            )


def pages(files: int, rounds: int, say: city.Say) -> Iterator[Figure]:
    """Pages per second against a bare page that selects and renders twenty rows."""
    with yard(files, say) as ours:
        with ours.app.app_context():
            helper, officer = (
                city.cookie(ours.app, token)[0]
                for token in city.sign_in([city.STAFF + 1, city.DISTRICT_OFFICER])
            )
            home = db.session.get_one(User, city.STAFF + 1).home_region
            files_shown = [target.file_no for target in city.targets(files, 400)]
            files_shown = [one for one in files_shown if one.startswith(city.TOWN[:6])]
            db.session.remove()
            db.engine.dispose()
        count = 100
        bare_tasks = [load.get(f"/tasks?in={home}")] * count
        bare_files = [load.get(f"/households?in={city.TOWN[:6]}")] * count
        shown = [
            load.get(f"/households/{files_shown[n % len(files_shown)]}", officer)
            for n in range(count)
        ]
        with serving("ours", ours.path) as one, serving("pages", ours.path) as other:
            for mine, theirs, mark in (
                (load.get("/tasks", helper), bare_tasks[0], r'href="(/tasks/[\w-]+)"'),
                (load.get("/households", officer), bare_files[0], r'href="(/households/\w{18})"'),
            ):
                _same_rows(load.fetch(one.port, mine), load.fetch(other.port, theirs), mark)

            def going(where: Served, requests: list[str]) -> Callable[[], float]:
                return lambda: where.round(requests, 200, 2)

            values = in_turn(
                [
                    going(one, [load.get("/tasks", helper)] * count),
                    going(other, bare_tasks),
                    going(one, shown),
                    going(one, [load.get("/households", officer)] * count),
                    going(other, bare_files),
                ],
                rounds,
            )
            tasks_used, file_used, list_used = (one.by_processor[n::3] for n in range(3))
            task_rows_used, file_rows_used = (other.by_processor[n::2] for n in range(2))
        tasks, task_rows, file, listing, file_rows = values
        for name, ours_took, bare_took, used, bare_used in (
            ("volunteer's list", tasks, task_rows, tasks_used, task_rows_used),
            ("file page", file, file_rows, file_used, file_rows_used),
            ("files' list", listing, file_rows, list_used, file_rows_used),
        ):
            extra = _by_processor(used, bare_used)
            label = f"{name} / bare page of 20 rows"
            yield compare(label, "/s", ours_took, bare_took, HALF, extra=extra)


def workers(files: int, rounds: int, say: city.Say) -> Iterator[Figure]:
    """Two server processes against one, for a mix of pages."""
    with yard(files, say) as ours:
        with ours.app.app_context():
            helper, officer = (
                city.cookie(ours.app, token)[0]
                for token in city.sign_in([city.STAFF + 1, city.DISTRICT_OFFICER])
            )
            shown = [target.file_no for target in city.targets(files, 400)]
            shown = [one for one in shown if one.startswith(city.TOWN[:6])]
            db.session.remove()
            db.engine.dispose()
        mix = []
        for number in range(60):
            mix += [
                load.get("/tasks", helper),
                load.get(f"/households/{shown[number % len(shown)]}", officer),
                load.get("/households", officer),
            ]
        with (
            serving("ours", ours.path, workers=2) as two,
            serving("ours", ours.path, workers=1) as one,
        ):
            both = in_turn(
                [
                    lambda: two.round(mix, 200, load.CONNECTIONS),
                    lambda: one.round(mix, 200, load.CONNECTIONS),
                ],
                rounds,
            )
        yield compare("pages per second, two workers / one", "/s", both[0], both[1], MORE)


def _same_rows(ours: str, theirs: str, mark: str) -> None:
    """Refuse to compare pages that do not show the same rows."""
    shown, bare = (set(re.findall(mark, page)) for page in (ours, theirs))
    assert shown == bare, shown ^ bare
    assert len(bare) == ROWS, len(bare)


def _by_processor(ours: list[float], bare: list[float]) -> dict[str, float]:
    """Return the same ratio per second of the servers' processor time, which a busy machine does not change."""
    pairs = [a / b for a, b in zip(ours, bare, strict=True)][1:]  # the first round warms up
    return {"by_processor": statistics.median(pairs)}


def _helpers(count: int) -> list[int]:
    found = db.session.scalars(
        select(User.id).where(User.id > city.STAFF).order_by(User.id).limit(count)
    ).all()
    assert len(found) == count
    return list(found)


def _the_statement(task_id: int, user_id: int) -> dict[str, Any]:
    """Claim a task and catch the UPDATE by which it was decided, so that both sides run the very same statement."""
    key = secrets.token_urlsafe(18)
    caught: list[tuple[str, list[Any]]] = []

    def catch(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: Any) -> None:
        if sql.startswith("UPDATE task"):
            caught.append((sql, list(values)))

    actor = Actor(user_id, (Scope("volunteer", city.TOWN),))
    task = queries.by_code(db.session.get_one(Task, task_id).code)
    event.listen(db.engine, "before_cursor_execute", catch)
    with transaction():
        services.claim(actor, task, units=1, pledge=True, unrelated=True, key=key)
    event.remove(db.engine, "before_cursor_execute", catch)
    [(sql, values)] = caught
    marks = {"task": task_id, "user": user_id, "key": key}
    places = {
        name: [index for index, value in enumerate(values) if _same(value, mark)]
        for name, mark in marks.items()
    }
    assert all(places.values()), (sql, values)
    return {"statement": sql, "values": values, "places": places}


def _same(value: object, mark: object) -> bool:
    return type(value) is type(mark) and value == mark


def _undo(path: Path) -> None:
    """Give every task back, so that each round finds the same city."""
    connection = sqlite.connect(path, timeout=10)
    held = "SELECT task_id FROM claim WHERE state = 'held'"
    connection.execute(
        f"UPDATE task SET taken = 0, state = 'open' WHERE state = 'full' AND (id IN ({held}) OR id NOT IN "
        "(SELECT task_id FROM claim))"
    )
    connection.execute("DELETE FROM claim WHERE state = 'held'")
    connection.execute("DELETE FROM message WHERE kind = 'claim.made' AND read_at IS NULL")
    connection.commit()
    connection.close()


__all__ = ["claims", "clock", "pages", "workers"]
