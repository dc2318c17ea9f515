"""Random histories of claiming, releasing, waiting and expiring: nothing is ever oversold, the line keeps its order."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select, update

from app.accounts.models import User
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import Refusal
from app.households.models import Household
from app.tasks import queries, services
from app.tasks.models import Claim, Task
from app.tasks.rules import LIVE, ClaimState, TaskKind, TaskState
from tests.factories import a_household, a_task, a_volunteer

PEOPLE = 6
UNITS = st.integers(1, 2)


class Histories(RuleBasedStateMachine):
    """One task, five people, and a plain list that says what should be."""

    people: list[User]
    household: Household

    @initialize(capacity=st.integers(1, 3), crowd=st.lists(UNITS, max_size=PEOPLE))
    def begin(self, capacity: int, crowd: list[int]) -> None:
        """A new task of a household that agrees to everything, and those who were waiting for it."""
        self.task = a_task(self.household, kind=TaskKind.GOODS, capacity=capacity, unit="床")
        self.capacity = capacity
        self.live: dict[int, int] = {}
        self.handed_in: set[int] = set()
        self.line: list[tuple[int, int]] = []
        self.confirmed = 0
        for who, units in enumerate(crowd):
            self._comes(who, units)

    def teardown(self) -> None:
        """The next history begins with empty hands: nobody may promise more than eight things."""
        db.session.rollback()
        with transaction():
            db.session.execute(
                update(Claim)
                .where(Claim.state.in_((ClaimState.WAITING, ClaimState.HELD)))
                .values(state=ClaimState.RELEASED)
            )

    @property
    def left(self) -> int:
        """What is free."""
        return self.capacity - sum(self.live.values()) - self.confirmed

    @property
    def involved(self) -> list[int]:
        """Who holds or waits."""
        return sorted({*self.live, *(person for person, _ in self.line)})

    @property
    def idle(self) -> list[int]:
        """Who neither holds nor waits."""
        return sorted(set(range(PEOPLE)) - set(self.involved))

    @property
    def holding(self) -> list[int]:
        """Who has something in hand."""
        return sorted(set(self.live) - self.handed_in)

    @property
    def is_running(self) -> bool:
        """Whether anything can still be taken."""
        return self.confirmed < self.capacity

    @precondition(lambda self: self.is_running and self.idle)
    @rule(data=st.data(), units=UNITS)
    def come(self, data: st.DataObject, units: int) -> None:
        """Somebody new claims, or stands in line when there is not enough."""
        self._comes(data.draw(st.sampled_from(self.idle)), units)

    def _comes(self, who: int, units: int) -> None:
        fits, possible = units <= self.left, units <= self.capacity

        assert self._try("claim", who, units) is fits
        if fits:
            self.live[who] = units
            return
        assert self._try("wait", who, units) is possible
        if possible:
            self.line.append((who, units))

    @precondition(lambda self: self.involved)
    @rule(data=st.data(), verb=st.sampled_from(["claim", "wait"]), units=UNITS)
    def come_again(self, data: st.DataObject, verb: str, units: int) -> None:
        """Whoever holds or waits gets nothing a second time."""
        who = data.draw(st.sampled_from(self.involved))

        assert not self._try(verb, who, units)

    @precondition(lambda self: self.idle)
    @rule(data=st.data(), units=UNITS)
    def come_to_the_wrong_door(self, data: st.DataObject, units: int) -> None:
        """There is no line while there is enough, and nothing once all is done."""
        who = data.draw(st.sampled_from(self.idle))

        if units <= self.left or not self.is_running:
            assert not self._try("wait", who, units)
        if not self.is_running:
            assert not self._try("claim", who, units)

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Somebody gives back."""
        who = data.draw(st.sampled_from(self.holding))
        with transaction():
            services.release(self.people[who].actor, self._claim(who), "临时有事")
        self._freed(who)

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """Somebody steps out of the line."""
        who, units = data.draw(st.sampled_from(self.line))
        with transaction():
            services.leave(self.people[who].actor, self._claim(who))
        self.line.remove((who, units))

    @precondition(lambda self: self.holding)
    @rule(data=st.data(), reminded=st.booleans())
    def time_passes(self, data: st.DataObject, *, reminded: bool) -> None:
        """A hold runs out; who was never reminded keeps it for another day."""
        who = data.draw(st.sampled_from(self.holding))
        claim, past = self._claim(who), clock.now() - timedelta(days=5)
        with transaction():
            db.session.execute(
                update(Claim)
                .where(Claim.id == claim.id)
                .values(expires_at=past, reminded_at=past if reminded else None)
            )
        with transaction():
            expired = services.expire_claims(clock.today())
        with transaction():
            assert services.expire_claims(clock.today()) == 0
        assert expired == reminded
        if reminded:
            self._freed(who)
        else:
            with transaction():
                db.session.execute(
                    update(Claim)
                    .where(Claim.id == claim.id)
                    .values(expires_at=clock.now() + timedelta(days=9))
                )

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def hand_in(self, data: st.DataObject) -> None:
        """A record is sent."""
        who = data.draw(st.sampled_from(self.holding))
        with transaction():
            services.hand_in(self.people[who].actor, self._claim(who))
        self.handed_in.add(who)

    @precondition(lambda self: self.handed_in)
    @rule(data=st.data(), verdict=st.integers(0, 3))
    def judge(self, data: st.DataObject, verdict: int) -> None:
        """A record is confirmed or returned; when all is confirmed, who waits hears that it is over."""
        who, good = data.draw(st.sampled_from(sorted(self.handed_in))), verdict == 0
        with transaction():
            (services.confirm if good else services.take_back)(SYSTEM, self._claim(who))
        self.handed_in.discard(who)
        if good:
            self.confirmed += self.live.pop(who)
        if not self.is_running:
            self.line = []

    @invariant()
    def the_rows_say_the_same(self) -> None:
        """What is taken is what live and confirmed claims hold; the line stands in its order."""
        if not hasattr(self, "capacity"):
            return
        db.session.rollback()
        db.session.expire_all()
        task = db.session.get_one(Task, self.task.id)
        rows = db.session.scalars(
            select(Claim).where(Claim.task_id == task.id).order_by(Claim.id)
        ).all()
        held = [c for c in rows if c.state in LIVE or c.state is ClaimState.CONFIRMED]
        waiting = [(c.user_id, c.units) for c in rows if c.state is ClaimState.WAITING]

        assert task.taken == sum(claim.units for claim in held) <= task.capacity
        assert task.taken == self.capacity - self.left
        assert waiting == [(self.people[who].id, units) for who, units in self.line]
        wanted = TaskState.OPEN if self.left else TaskState.FULL
        assert task.state is (wanted if self.is_running else TaskState.DONE)

    def _freed(self, who: int) -> None:
        """Take somebody's units away and let the line move up, as the rules say."""
        del self.live[who]
        for person, units in list(self.line):
            if units <= self.left:
                self.line.remove((person, units))
                self.live[person] = units

    def _try(self, verb: str, who: int, units: int) -> bool:
        try:
            with transaction():
                getattr(services, verb)(
                    self.people[who].actor,
                    queries.by_code(self.task.code),
                    units=units,
                    pledge=True,
                    unrelated=True,
                    key=secrets.token_urlsafe(18),
                )
        except Refusal:
            return False
        return True

    def _claim(self, who: int) -> Claim:
        db.session.rollback()
        found = queries.mine_on(self.task.id, self.people[who].id)
        assert found is not None
        return queries.claim_by_code(found.code)


@pytest.mark.usefixtures("app")
def test_no_history_oversells_or_jumps_the_line(app: Flask) -> None:
    Histories.household = a_household()
    Histories.people = [a_volunteer() for _ in range(PEOPLE)]
    examples = 12 if db.engine.dialect.name == "sqlite" else 5

    run_machine(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
