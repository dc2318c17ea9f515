"""Random histories of records: what a file keeps always equals what its visits say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock
from app.core.db import db, transaction
from app.households.models import Household
from app.ledger import queries as ledger
from app.visits import jobs, queries, services
from app.visits.models import Visit
from app.visits.rules import CONTACT, Facts, Result, VisitState, next_due
from tests.factories import a_claim, a_household, a_task, a_user, a_volunteer, a_worker
from tests.visits.stories import errand, hours

if TYPE_CHECKING:
    from app.accounts.models import User

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("submit", "submit", "confirm", "confirm", "return", "amend", "night")),
        st.sampled_from((Result.MET, Result.FAMILY, Result.NOBODY, Result.LOST, Result.DIED)),
        st.integers(0, 90),
        st.integers(1, 300),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=14,
)


class History:
    """One household, one volunteer, one judge, and whatever they do."""

    def __init__(self, volunteer: User, judge: User) -> None:
        self.volunteer, self.judge = volunteer, judge
        self.household = a_household(worker=judge)
        self.number = 0

    def step(self, verb: str, said: Facts, which: int) -> None:
        """Do one thing, if there is anything to do it to."""
        self.number += 1
        key = f"key-of-step-{self.household.id}-{self.number:08}"
        if verb == "submit":
            long_ago = clock.now() - timedelta(days=200)
            claim = a_claim(a_task(self.household), self.volunteer, claimed_at=long_ago)
            with transaction():
                services.submit(self.volunteer.actor, errand(claim), said, key=key)
        elif verb == "night":
            assert jobs.roll_up(clock.today()) == 0
        elif visit := self.pick(verb, which):
            with transaction():
                self.judged(verb, visit, said, key)

    def judged(self, verb: str, visit: Visit, said: Facts, key: str) -> None:
        """Say the judge's word."""
        judge = self.judge.actor
        if verb == "confirm":
            services.confirm(judge, visit, version=visit.version)
        elif verb == "return":
            services.return_(judge, visit, "再补一句", version=visit.version)
        else:
            services.amend(judge, visit, said, "记错了", key=key)

    def pick(self, verb: str, which: int) -> Visit | None:
        """Choose a record that this verb is for."""
        state = VisitState.CONFIRMED if verb == "amend" else VisitState.SUBMITTED
        found = self.visits(state)
        mine = [v for v in found if self.judge.id not in {v.visitor_id, v.recorded_by_id}]
        return queries.by_code(mine[which % len(mine)].code) if mine else None

    def visits(self, state: VisitState) -> list[Visit]:
        """All records in a state."""
        return list(
            db.session.scalars(
                select(Visit).where(Visit.household_id == self.household.id, Visit.state == state)
            )
        )

    def check(self) -> None:
        """Compare what is kept with what the records say."""
        db.session.rollback()
        kept = db.session.get_one(Household, self.household.id, populate_existing=True)
        confirmed = self.visits(VisitState.CONFIRMED)
        met = [visit for visit in confirmed if visit.result in CONTACT]
        last = max((visit.visited_on for visit in met), default=None)
        assert (kept.visit_count, kept.last_visit_on) == (len(confirmed), last)
        if last is not None:
            assert kept.next_visit_on == next_due(last, kept.filed_on, 30)
        assert hours(self.household.id) == sum(visit.minutes for visit in met)
        assert ledger.verify() == []


@pytest.mark.usefixtures("app")
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_handed_in_judged_and_amended_the_figures_stay_true(
    steps: list[tuple[str, Result, int, int, int]],
) -> None:
    history = History(a_volunteer(), a_worker() if len(steps) % 2 else a_user("supervisor"))

    for verb, result, days_ago, minutes, which in steps:
        day = clock.today() - timedelta(days=days_ago)
        history.step(verb, Facts(day, result, minutes=minutes), which)
        history.check()
