"""Random lives of a few families: nobody is lost, nobody stands twice, every day before can be read, no total moves."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Refusal
from app.households import queries
from app.households.models import Household, Member
from app.households.rules import HouseholdState
from app.households.rules.families import (
    Choices,
    LeftWhy,
    Successor,
    head_of,
    living,
    same_people,
)
from app.households.services import states
from app.households.services.families import Death, Join, Move, Split
from app.ledger import queries as ledger
from app.portal.services import family
from app.visits import jobs
from app.visits.models import Visit
from app.visits.rules import VisitState
from tests.factories import SHUNDE, a_user, a_volunteer
from tests.households.families import One, a_family
from tests.portal.things import a_visit
from tests.resources.gifts import a_gift_claim, delivered, pledged, received

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.households.rules.document import Document

BEGIN = date(2026, 3, 2)
PLACES = ("440606005002", "440606006001", "440606005001")
FAMILIES = (
    (
        One("霍凤志", "0", "440623195603151820", "1956-03-15", "13800005678"),
        One("梁桂芳", "1", "", "1958-11-02"),
        One("霍健豪", "2", "440606198607040017", "1986-07-04"),
    ),
    (One("陈惠珍", "0", "", "1960-02-02"), One("陈丽燕", "3", "", "1990-05-05")),
    (One("区兰", "0", "440622194811021042", "1948-11-02"),),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("join", "join", "split", "merge", "merge", "separate", "death", "move", "night")
        ),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=7,
)


class Town:
    """Three families, a supervisor of them all, and whatever happens to them."""

    def __init__(self) -> None:
        self.who, self.second = a_user(Role.SUPERVISOR, SHUNDE), a_user(Role.SUPERVISOR, SHUNDE)
        self.files = [
            a_family(*people, state=HouseholdState.ACTIVE, worker=self.who) for people in FAMILIES
        ]
        helper = a_volunteer()
        for file in self.files:
            a_visit(
                file, helper, state=VisitState.CONFIRMED, visited_on=BEGIN, created_at=clock.now()
            )
        delivered(received(pledged(claim=a_gift_claim(household=self.files[1]))), 1)
        jobs.roll_up(BEGIN)
        self.born = {one.name for people in FAMILIES for one in people}
        self.dead: set[str] = set()
        self.days: dict[date, dict[int, Document]] = {}
        self.totals = self.counted()

    def said(self, file: Household) -> Document:
        """What a file says now."""
        db.session.rollback()
        db.session.refresh(file)
        return queries.document(file)

    def counted(self) -> list[Any]:
        """What no family change may move."""
        db.session.rollback()
        return [
            db.session.scalar(select(func.count()).select_from(Visit)),
            db.session.execute(
                select(Visit.town_code, func.count()).group_by(Visit.town_code)
            ).all(),
            ledger.town_totals(),
        ]

    def step(self, verb: str, one: int, two: int, three: int) -> None:
        """Do one thing; what the house refuses changes nothing."""
        mine, other = self.files[one % len(self.files)], self.files[two % len(self.files)]
        said = self.said(mine)
        self.said(other)
        people = [code for code, _ in living(said)]
        if verb == "night":
            assert jobs.roll_up(clock.today()) == 0
        elif verb in {"merge", "separate"} or people:
            chosen = people[three % len(people)] if people else ""
            verbs: dict[str, Callable[[], None]] = {
                "join": lambda: self.join(mine, other, said, chosen),
                "split": lambda: self.split(mine, said, chosen),
                "death": lambda: self.death(mine, said, chosen),
                "merge": lambda: self.merge(mine, other),
                "separate": lambda: self.separate(mine, other),
                "move": lambda: self.move(mine, three),
            }
            with suppress(Refusal):
                verbs[verb]()
        self.check()

    def successor(self, said: Document, leaving: str) -> Successor | None:
        """Who follows when this person goes, if they are the householder and anybody stays."""
        staying = [code for code, _ in living(said) if code != leaving]
        return Successor(staying[-1]) if staying and head_of(said) == leaving else None

    def join(self, mine: Household, other: Household, said: Document, code: str) -> None:
        """Somebody goes to another household."""
        going = Join((code,), other, clock.today(), LeftWhy.MOVED, {}, self.successor(said, code))
        with transaction():
            family.join(
                self.who.actor,
                mine,
                going,
                reason="投靠亲人",
                version=mine.version,
                other_version=other.version,
            )

    def split(self, mine: Household, said: Document, code: str) -> None:
        """Somebody parts, and a second person lets the new file be."""
        parting = Split(
            (code,), clock.today(), Successor(code, {}, "", "新家1号"), self.successor(said, code)
        )
        with transaction():
            new = family.split(self.who.actor, mine, parting, reason="分家", version=mine.version)
        self.files.append(new)
        self.said(new)
        with transaction():
            states.approve(self.second.actor, new, reason="核过", version=new.version)

    def death(self, mine: Household, said: Document, code: str) -> None:
        """Somebody dies."""
        with transaction():
            family.record_death(
                self.who.actor,
                mine,
                Death(code, clock.today(), self.successor(said, code)),
                over=(),
                reason="家属报告",
                version=mine.version,
            )
        self.dead.add(str(said["members"][code]["name"]))

    def merge(self, mine: Household, other: Household) -> None:
        """One file comes into another."""
        choices = Choices(same_people(queries.document(mine), queries.document(other)))
        with transaction():
            family.merge(
                self.who.actor,
                mine,
                other,
                choices,
                reason="并户",
                version=mine.version,
                other_version=other.version,
            )

    def separate(self, mine: Household, other: Household) -> None:
        """A merge is taken back, if there is one that can be."""
        with transaction():
            family.separate(
                self.who.actor,
                mine,
                other,
                reason="并错了",
                version=mine.version,
                other_version=other.version,
            )

    def move(self, mine: Household, three: int) -> None:
        """A household moves."""
        going = Move(PLACES[three % len(PLACES)], "新家2号", self.who.id if three % 2 else None)
        with transaction():
            family.move(self.who.actor, mine, going, reason="搬家", version=mine.version)

    def check(self) -> None:
        """Everybody stands once, nobody is lost, no total moved, every day before reads as it was."""
        now = {file.id: self.said(file) for file in self.files}
        there = [str(one["name"]) for said in now.values() for _, one in living(said)]
        assert sorted(there) == sorted(self.born - self.dead)
        for file in self.files:
            assert file.member_count == len(living(now[file.id]))
            assert (file.merged_into_id is None) or file.state is HouseholdState.ARCHIVED
        mourned = {
            str(one["name"])
            for said in now.values()
            for one in said.get("members", {}).values()
            if one.get("left_why") == "died"
        }
        assert self.dead <= mourned
        assert self.counted() == self.totals
        self.days[clock.today()] = now

    def remembers(self) -> None:
        """Read every file as of every day that was."""
        for day, known in self.days.items():
            for file in self.files:
                if file.id in known:
                    assert queries.as_of(file, day) == known[file.id], (day, file.file_no)


@pytest.mark.usefixtures("app")
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_in_families_nobody_is_lost_and_every_day_can_be_read(
    steps: list[tuple[str, int, int, int]],
) -> None:
    clear()
    with clock.frozen(clock.at(BEGIN)):
        town = Town()
        town.check()
    for number, step in enumerate(steps, start=1):
        with clock.frozen(clock.at(BEGIN + timedelta(days=number))):
            town.step(*step)

    with clock.frozen(clock.at(BEGIN + timedelta(days=len(steps) + 1))):
        town.remembers()
        assert ledger.verify() == []
        assert jobs.roll_up(clock.today()) == 0


def clear() -> None:
    """Let the numbers of the example before be given again."""
    with transaction():
        for member in db.session.scalars(select(Member)):
            member.id_index = None
