"""The same pages in a city ten and a hundred times as large (规模): what they cost must hardly grow."""

from __future__ import annotations

import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import delete, select, update

from app.core import clock
from app.core.db import db, transaction
from app.households.models import Household
from app.notices.models import Message
from app.tasks.models import Claim, Task
from app.tasks.rules import VOLUNTEER_KINDS, ClaimState, TaskState
from bench import city, copies
from bench.measure import Figure, compare, seconds
from bench.seed import SKILL

AT_TEN, AT_A_HUNDRED = 1.1, 1.25
MORE_FOUND = 20.0  # two characters anywhere in a name, four digits: a larger city has more of them
TARGETS = 40


class Took(NamedTuple):
    """What a page took: by the clock, and of the processor, which a busy machine hardly changes."""

    clock: float
    processor: float


Visit = Callable[[int], Took]


@dataclass(slots=True)
class Town:
    """One of the cities under measurement, with a browser for each role."""

    app: Flask
    files: int
    cookies: dict[int, tuple[str, str]]
    shown: list[str]
    found: list[city.Target]
    open_tasks: list[tuple[int, str]]

    def get(self, path: str, user: int) -> Took:
        """Time one page."""
        return self._time(lambda client: client.get(path, headers=self._headers(user)), 200)

    def post(self, path: str, user: int, form: dict[str, str], status: int) -> Took:
        """Time one form."""
        filled = {**form, "csrf_token": self.cookies[user][1]}
        return self._time(
            lambda client: client.post(path, data=filled, headers=self._headers(user)), status
        )

    def _headers(self, user: int) -> dict[str, str]:
        return {"Cookie": self.cookies[user][0]}

    def _time(self, work: Callable[[Any], Any], status: int) -> Took:
        client = self.app.test_client(use_cookies=False)
        answers: list[int] = []
        before = time.process_time()
        took = seconds(lambda: answers.append(Context().run(work, client).status_code))
        assert answers == [status], answers
        return Took(took, time.process_time() - before)


HELPER = city.STAFF + 1
FRAGMENTS = frozenset(
    {"search by two characters of a name", "search by the last four, one village"}
)


def run(
    base: int, rounds: int, say: city.Say, only: str = "", sizes: Sequence[int] = (1, 10, 100)
) -> Iterator[Figure]:
    """Measure list, file, search, claim and home page in three cities, in turn."""
    factors = [factor for factor in sizes if city.room_for(base * factor)]
    for factor in set(sizes) - set(factors):
        say(f"no room on this disk for {base * factor:,} files: left out")
    with ExitStack() as stack:
        stack.enter_context(clock.frozen(city.NOON))
        towns = [_town(base, factor, say) for factor in factors]
        for name, visits in _measured(towns).items():
            if only and only not in name:
                continue
            values = _in_turn(visits, rounds)
            for town, found, goal in zip(
                towns[1:], values[1:], (AT_TEN, AT_A_HUNDRED), strict=False
            ):
                yield compare(
                    f"{name}, {town.files:,} files / {towns[0].files:,}",
                    "ms",
                    [took.clock * 1000 for took in found],
                    [took.clock * 1000 for took in values[0]],
                    MORE_FOUND if name in FRAGMENTS else goal,
                    is_floor=False,
                    extra={
                        "by_processor": statistics.median(
                            ours.processor / first.processor
                            for ours, first in zip(found, values[0], strict=True)
                        )
                    },
                )
        for town in towns:
            _undo(town)


def _in_turn(visits: Sequence[Visit], rounds: int) -> list[list[Took]]:
    """Visit the same targets in each city in turn: once to warm the caches, then `rounds` times over."""
    for visit in visits:
        for number in range(TARGETS):
            visit(number)
    values: list[list[Took]] = [[] for _ in visits]
    for number in range(rounds * TARGETS):
        for index, visit in enumerate(visits):
            values[index].append(visit(number % TARGETS))
    return values


def _town(base: int, factor: int, say: city.Say) -> Town:
    app = city.app_on(copies.city(base, factor, say))
    with app.app_context():
        helpers = list(range(HELPER, HELPER + TARGETS))
        users = [city.OFFICER, city.DISTRICT_OFFICER, city.WORKER, city.SUPERVISOR, *helpers]
        cookies = {
            user: city.cookie(app, token)
            for user, token in zip(users, city.sign_in(users), strict=True)
        }
        found = city.targets(base, TARGETS)
        town = Town(app, base * factor, cookies, _shown(base * factor), found, [])
        _give_back()
        town.open_tasks = [
            (row.id, row.code)
            for row in db.session.execute(
                select(Task.id, Task.code)
                .where(Task.state == TaskState.OPEN, Task.kind.in_(sorted(VOLUNTEER_KINDS)))
                .order_by(Task.id.desc())
                .limit(TARGETS)
            )
        ]
        db.session.remove()
    return town


def _shown(files: int) -> list[str]:
    """Return file numbers from all over a city."""
    numbers = random.Random(TARGETS).sample(range(1, files + 1), TARGETS)
    return list(db.session.scalars(select(Household.file_no).where(Household.id.in_(numbers))))


def _measured(towns: Sequence[Town]) -> dict[str, list[Visit]]:
    def each(make: Callable[[Town], Visit]) -> list[Visit]:
        return [make(town) for town in towns]

    def page(path: str, user: int) -> list[Visit]:
        return each(lambda town: lambda _number: town.get(path, user))

    def search(
        words: Callable[[city.Target], str],
        user: int,
        where: Callable[[city.Target], str] | None = None,
    ) -> list[Visit]:
        def form(one: city.Target) -> dict[str, str]:
            return {"q": words(one), "region": where(one) if where else ""}

        return each(
            lambda town: (
                lambda number: town.post(
                    "/households/search", user, form(town.found[number % len(town.found)]), 200
                )
            )
        )

    return {
        "list of a town": page("/households", city.WORKER),
        "list of a district": page("/households", city.DISTRICT_OFFICER),
        "list of the city": page("/households", city.OFFICER),
        "list, overdue in a town": page("/households?overdue=1", city.WORKER),
        "list, never visited in a town": page("/households?never=1", city.WORKER),
        "list, one category in a town": page("/households?category=TK", city.WORKER),
        "file page": each(
            lambda town: lambda number: town.get(f"/households/{town.shown[number]}", city.OFFICER)
        ),
        "search by name": search(lambda one: one.name, city.OFFICER),
        "search by initials": search(lambda one: one.initials, city.OFFICER),
        "search by part of a name, one town": search(lambda one: one.name[1:], city.WORKER),
        "search by full pinyin": search(lambda one: one.spelling, city.OFFICER),
        "search by two characters of a name": search(lambda one: one.name[1:], city.OFFICER),
        "search by the last four, one village": search(
            lambda one: one.id_number[-4:], city.OFFICER, lambda one: one.region
        ),
        "search by door": search(lambda one: one.door, city.OFFICER),
        "search by file number": search(lambda one: one.file_no, city.OFFICER),
        "search by ID number": search(lambda one: one.id_number, city.OFFICER),
        "search by phone": search(lambda one: one.phone, city.OFFICER),
        "volunteer's list": page("/tasks", HELPER),
        "volunteer's list, one skill": page(f"/tasks?skill={SKILL}", HELPER),
        "records of a town": page(f"/visits?town={city.TOWN}", city.SUPERVISOR),
        "volunteer's home": page("/me", HELPER),
        "worker's home": page("/me", city.WORKER),
        "supervisor's home": page("/me", city.SUPERVISOR),
        "officer's home": page("/me", city.OFFICER),
        "claim": each(lambda town: partial(_claim, town)),
    }


def _claim(town: Town, number: int) -> Took:
    """Claim a task over the whole stack, then take it back unmeasured."""
    task_id, code = town.open_tasks[number % len(town.open_tasks)]
    form = {
        "idempotency_key": secrets.token_urlsafe(18),
        "units": "1",
        "pledge": "y",
        "unrelated": "y",
    }
    took = town.post(f"/tasks/{code}/claim", HELPER + number, form, 303)
    with town.app.app_context():
        with transaction():
            db.session.execute(delete(Claim).where(Claim.task_id == task_id))
            db.session.execute(
                update(Task).where(Task.id == task_id).values(taken=0, state=TaskState.OPEN)
            )
        db.session.remove()
    return took


def _give_back() -> None:
    """Free what an interrupted run left claimed."""
    with transaction():
        left = list(
            db.session.execute(
                select(Claim.id, Claim.task_id).where(Claim.state == ClaimState.HELD).limit(1000)
            )
        )
        db.session.execute(delete(Claim).where(Claim.id.in_([row.id for row in left])))
        db.session.execute(
            update(Task)
            .where(Task.id.in_([row.task_id for row in left]))
            .values(taken=0, state=TaskState.OPEN)
        )


def _undo(town: Town) -> None:
    """Leave the kept city as it was found; the audit log keeps what it was told."""
    with town.app.app_context():
        with transaction():
            db.session.execute(
                delete(Message).where(Message.user_id <= city.STAFF, Message.read_at.is_(None))
            )
        db.session.remove()
        db.engine.dispose()
