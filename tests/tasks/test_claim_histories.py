"""Random histories of claiming, releasing, waiting and expiring: nothing is ever oversold, the line keeps its order."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
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

PEOPLE = 5
UNITS = st.integers(1, 3)
WHO = st.integers(0, PEOPLE - 1)


class Histories(RuleBasedStateMachine):
    """One task, five people, and a plain list that says what should be."""

    people: list[User]
    household: Household

    @initialize(capacity=st.integers(1, 4))
    def begin(self, capacity: int) -> None:
        """A new task of a household that agrees to everything."""
        self.task = a_task(self.household, kind=TaskKind.GOODS, capacity=capacity, unit="床")
        self.capacity = capacity
        self.live: dict[int, int] = {}
        self.handed_in: set[int] = set()
        self.line: list[tuple[int, int]] = []
        self.confirmed = 0

    @property
    def left(self) -> int:
        """What is free."""
        return self.capacity - sum(self.live.values()) - self.confirmed

    @property
    def is_running(self) -> bool:
        """Whether anything can still be taken."""
        return self.confirmed < self.capacity

    @rule(who=WHO, units=UNITS)
    def claim(self, who: int, units: int) -> None:
        """Somebody claims."""
        waits = {person for person, _ in self.line}
        may = self.is_running and units <= self.left and who not in self.live and who not in waits

        assert self._try("claim", who, units) is may

        if may:
            self.live[who] = units

    @rule(who=WHO, units=UNITS)
    def wait(self, who: int, units: int) -> None:
        """Somebody joins the line."""
        waits = {person for person, _ in self.line}
        may = (
            self.is_running
            and self.left < units <= self.capacity
            and who not in self.live
            and who not in waits
        )

        assert self._try("wait", who, units) is may

        if may:
            self.line.append((who, units))

    @rule(who=WHO)
    def release(self, who: int) -> None:
        """Somebody gives back."""
        if who in self.live and who not in self.handed_in:
            with transaction():
                services.release(self.people[who].actor, self._claim(who), "临时有事")
            self._freed(who)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        """Somebody steps out of the line."""
        if who in {person for person, _ in self.line}:
            with transaction():
                services.leave(self.people[who].actor, self._claim(who))
            self.line = [(person, units) for person, units in self.line if person != who]

    @rule(who=WHO, reminded=st.booleans())
    def time_passes(self, who: int, *, reminded: bool) -> None:
        """A hold runs out; who was never reminded is reminded first and keeps it for another day."""
        if who not in self.live or who in self.handed_in:
            return
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

    @rule(who=WHO)
    def hand_in(self, who: int) -> None:
        """A record is sent."""
        if who in self.live and who not in self.handed_in:
            with transaction():
                services.hand_in(self.people[who].actor, self._claim(who))
            self.handed_in.add(who)

    @rule(who=WHO)
    def take_back(self, who: int) -> None:
        """A record is returned."""
        if who in self.handed_in:
            with transaction():
                services.take_back(SYSTEM, self._claim(who))
            self.handed_in.discard(who)

    @rule(who=WHO)
    def confirm(self, who: int) -> None:
        """A record is confirmed; when all is confirmed, who waits hears that it is over."""
        if who in self.handed_in:
            with transaction():
                services.confirm(SYSTEM, self._claim(who))
            self.handed_in.discard(who)
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
    examples = 25 if db.engine.dialect.name == "sqlite" else 8

    run_machine(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
