"""Any past day (时光机): whatever was done to a file in whatever order, each day says what was written on it."""

from __future__ import annotations

import itertools
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock, codes
from app.core.access import SYSTEM
from app.core.db import transaction
from app.households import queries
from app.households.queries import Wanted
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.document import normal
from app.households.services.writing import living, write
from tests.factories import WENXIU, a_household, reload

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
RONGLI = "440606006001"
VERBS = (
    "cover", "cover", "empty", "join", "person", "leave", "vanish", "section", "section",
    "unsection", "state", "move",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 2)),
    min_size=1,
    max_size=14,
)
COVERS: list[dict[str, Any]] = [
    {"income_fen": 123_400, "aid_fen": 50_000},
    {"phone": "13911112222", "door": "文秀社区北街3号"},
    {"category": Category.TK.value},
    {"tier": Tier.WEEKLY.value, "tier_rule": "manual"},
    {"name": "霍凤芝", "housing": "rented", "is_kin": True, "class_until": "2026-12-31"},
    {"income_fen": 0, "category": Category.DB.value, "tier_rule": "ordinary"},
]
PARTS: list[dict[str, Any]] = [
    {"words": ["独居", "听力不好"]},
    {"people": [{"name": "陈大文", "phone": "13655556666"}], "note": "邻居常来"},
    {"score": 72, "crisis": True},
    {"score": 10},
    {"deep": {"one": {"two": 2}, "three": "三"}},
    {"deep": {"one": {"two": 3}}},
]


_examples = itertools.count()


class Life:
    """One file, and what it said at the end of each day on which something was done to it."""

    def __init__(self) -> None:
        self.day = clock.today()
        self.file = a_household(id_number=None)
        self.said = {self.day: queries.document(self.file)}

    def step(self, verb: str, which: int) -> None:
        """Do one thing and remember what the file says then."""
        after = deepcopy(queries.document(self.file))
        getattr(self, verb)(after, which)
        with transaction():
            write(SYSTEM, self.file, after, version=self.file.version)
        reload(self.file)
        self.said[clock.today()] = queries.document(self.file)

    def cover(self, after: dict[str, Any], which: int) -> None:
        after["cover"] |= COVERS[which]

    def empty(self, after: dict[str, Any], which: int) -> None:
        after["cover"].pop(
            ("phone", "door", "housing", "income_fen", "is_kin", "class_until")[which], None
        )

    def join(self, after: dict[str, Any], which: int) -> None:
        person = {
            "name": "陈小文",
            "position": which,
            "relationship_code": "2",
            "birth": "2015-05-01",
        }
        after.setdefault("members", {})[codes.new()] = person

    def someone(self, after: dict[str, Any], which: int) -> dict[str, Any]:
        people = list(after.get("members", {}).values())
        return people[which % len(people)] if people else {}

    def person(self, after: dict[str, Any], which: int) -> None:
        self.someone(after, which).update(phone=f"1370000000{which}", phones=["075722331234"])

    def leave(self, after: dict[str, Any], which: int) -> None:
        self.someone(after, which).update(left_on=clock.today().isoformat(), left_why="去世")

    def vanish(self, after: dict[str, Any], which: int) -> None:
        for code in list(after.get("members", {}))[which : which + 1]:
            del after["members"][code]

    def section(self, after: dict[str, Any], which: int) -> None:
        after.setdefault("sections", {})[("labels", "assessment")[which % 2]] = PARTS[which]

    def unsection(self, after: dict[str, Any], which: int) -> None:
        after.get("sections", {}).pop(("labels", "assessment")[which % 2], None)

    def state(self, after: dict[str, Any], which: int) -> None:
        states = (HouseholdState.ACTIVE, HouseholdState.PAUSED, HouseholdState.CLOSED)
        after["cover"]["state"] = states[which % 3].value

    def move(self, after: dict[str, Any], which: int) -> None:
        after["cover"]["region_code"] = (WENXIU, RONGLI)[which % 2]

    def on(self, day: date) -> dict[str, Any]:
        """Return what the file said at the end of a day."""
        known = [one for one in self.said if one <= day]
        return self.said[max(known)] if known else {}


def live(steps: list[tuple[str, int, int]], lives: list[Life], start: datetime) -> datetime:
    """Let things happen to the files in turn, over some days; returns the last instant."""
    now = start
    for number, (verb, which, later) in enumerate(steps):
        now += timedelta(days=later, minutes=1)
        with clock.frozen(now):
            lives[number % len(lives)].step(verb, which)
    return now


def days(start: datetime, end: datetime) -> list[date]:
    first = clock.day_of(start) - timedelta(days=1)
    return [first + timedelta(days=number) for number in range((end - start).days + 3)]


@pytest.mark.usefixtures("app")
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_each_day_says_what_was_written_on_it(steps: list[tuple[str, int, int]]) -> None:
    with clock.frozen(NOON):
        life = Life()

    end = live(steps, [life], NOON)

    with clock.frozen(end):
        for day in days(NOON, end):
            assert queries.as_of(life.file, day) == life.on(day)


@pytest.mark.usefixtures("app")
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_the_lists_and_totals_of_each_day_are_those_of_its_documents(
    steps: list[tuple[str, int, int]],
) -> None:
    # each example in days of its own: the files of earlier ones are still there, and stand still
    start = NOON + timedelta(days=100 * next(_examples))
    states = (HouseholdState.ACTIVE, HouseholdState.PAUSED, HouseholdState.CLOSED)
    others = {state: _totals(state, clock.day_of(start)) for state in states}
    with clock.frozen(start):
        lives = {life.file.id: life for life in (Life(), Life(), Life())}

    end = live(steps, list(lives.values()), start)

    for day in days(start, end)[1:]:
        on = {key: life.on(day) for key, life in lives.items()}
        for state in states:
            listed = _listed(Wanted(state=state), day)
            mine = {key: said for key, said in on.items() if said["cover"]["state"] == state}
            assert listed.keys() & on.keys() == mine.keys()
            assert all(stood(listed[key], said) for key, said in mine.items())
            people = sum(len(living(said)) for said in mine.values())
            households, heads = others[state]
            assert _totals(state, day) == (households + len(mine), heads + people)


def stood(span: Any, said: dict[str, Any]) -> bool:
    """Say whether a row of a past list says the same as the document of that day."""
    cover = said["cover"]
    return (span.region_code, span.category, span.tier, span.member_count, span.income_fen) == (
        cover["region_code"],
        cover["category"],
        cover["tier"],
        len(living(said)),
        cover.get("income_fen", 0),
    )


def _totals(state: HouseholdState, day: date) -> tuple[int, int]:
    found = queries.totals(SYSTEM, Wanted(state=state), day).whole
    return found.households, found.people


def _listed(wanted: Wanted, day: date) -> dict[int, Any]:
    found: dict[int, Any] = {}
    cursor = None
    while True:
        page = queries.past_listing(SYSTEM, wanted, day, cursor)
        for line in page.rows:
            assert line.household.id not in found
            found[line.household.id] = line.span
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.usefixtures("app")
def test_a_day_before_the_file_says_nothing_and_the_first_evening_all() -> None:
    with clock.frozen(NOON):
        life = Life()
    today = clock.day_of(NOON)

    assert queries.as_of(life.file, today - timedelta(days=1)) == {}
    assert queries.as_of(life.file, today) == life.said[today]
    assert normal(life.said[today]) == life.said[today]


@pytest.mark.usefixtures("app")
def test_the_days_of_change_around_a_day_are_known() -> None:
    with clock.frozen(NOON):
        life = Life()
    for number in (2, 5):
        with clock.frozen(NOON + timedelta(days=number)):
            life.step("cover", number)
    start = clock.day_of(NOON)

    around = queries.around(life.file, start + timedelta(days=3))

    assert around == (start + timedelta(days=2), start + timedelta(days=5))
    assert queries.around(life.file, start) == (None, start + timedelta(days=2))
    assert queries.around(life.file, start + timedelta(days=9)).after is None
    assert len(queries.changes_on(life.file, start + timedelta(days=5))) == 1
