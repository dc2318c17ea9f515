"""The life of a file: every step the table knows and no other, two people, and what a step needs to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, Refusal, StalePage
from app.households import queries, services
from app.households.errors import KinVisitFirst, NothingWritten, NotInState, TwoPeople, Wrong
from app.households.models import Member
from app.households.rules import NEXT, HouseholdState
from app.households.rules.closing import Closing, Leaving, Wanting
from app.households.services import states
from app.notices.models import Message
from tests.factories import CITY, DALIANG, SHUNDE, a_household, a_user, reload
from tests.households.life import RONGGUI, a_supervisor, a_worker, an_officer, anew

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from app.core.access import Actor
    from app.households.models import Household

S = HouseholdState
STEPS: dict[str, tuple[frozenset[HouseholdState], HouseholdState]] = {
    "submit": (frozenset({S.DRAFT, S.RETURNED}), S.UNDER_REVIEW),
    "approve": (frozenset({S.UNDER_REVIEW}), S.ACTIVE),
    "return": (frozenset({S.UNDER_REVIEW}), S.RETURNED),
    "pause": (frozenset({S.ACTIVE}), S.PAUSED),
    "resume": (frozenset({S.PAUSED}), S.ACTIVE),
    "close": (frozenset({S.ACTIVE, S.PAUSED}), S.CLOSED),
    "reopen": (frozenset({S.CLOSED}), S.ACTIVE),
    "archive": (frozenset({S.CLOSED}), S.ARCHIVED),
}  # DESIGN §3: draft → under_review → active ⇄ paused → closed → archived; returned from review


def take(name: str, file: Household, worker: Actor, reviewer: Actor) -> None:
    said: dict[str, Any] = {"reason": "情况有变", "version": file.version}
    soon = clock.today() + timedelta(days=10)
    verbs: dict[str, Callable[[], None]] = {
        "submit": lambda: states.submit(worker, file, **said),
        "approve": lambda: states.approve(reviewer, file, version=file.version),
        "return": lambda: states.return_(reviewer, file, [Wanting.DOOR], "", version=file.version),
        "pause": lambda: states.pause(worker, file, soon, **said),
        "resume": lambda: states.resume(worker, file, **said),
        "close": lambda: states.close(worker, file, Closing.MOVED, None, **said),
        "reopen": lambda: states.reopen(worker, file, **said),
        "archive": lambda: states.archive(worker, file, **said),
    }
    with transaction():
        verbs[name]()


def test_the_steps_are_those_of_the_table() -> None:
    steps = {(before, after) for sources, after in STEPS.values() for before in sources}

    table = {(before, after) for before, several in NEXT.items() for after in several}
    assert table - steps == {(S.ARCHIVED, S.ERASED)}  # erasing is a verb of its own
    assert steps <= table


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("before", [one for one in S if one is not S.ERASED])
@pytest.mark.parametrize("name", STEPS)
def test_a_file_goes_only_where_the_table_lets_it(before: HouseholdState, name: str) -> None:
    worker, reviewer = a_worker(), a_supervisor()
    file = a_household(state=before, submitted_by_id=worker.user_id)
    sources, after = STEPS[name]

    if before in sources:
        take(name, file, worker, reviewer)
    else:
        with pytest.raises(NotInState):
            take(name, file, worker, reviewer)

    assert reload(file).state is (after if before in sources else before)


class Lives(RuleBasedStateMachine):
    """One file pushed about at random by three people: where it stands is always where the table says."""

    @initialize()
    def begin(self) -> None:
        """A draft, its worker, and two who review."""
        self.worker, self.reviewers = a_worker(), [a_supervisor(), an_officer()]
        self.file = a_household(state=S.DRAFT, created_by_id=self.worker.user_id)
        self.stands = S.DRAFT
        self.walked = 0

    @rule(name=st.sampled_from(sorted(STEPS)), who=st.integers(0, 2))
    def step(self, name: str, who: int) -> None:
        """Somebody presses; it works exactly when the table and the two-person rule say so."""
        people = [*self.reviewers, self.worker]
        reviewer = people[who]
        file = anew(self.file)
        allowed = self.stands in STEPS[name][0]
        alone = name in {"approve", "return"} and reviewer is self.worker
        try:
            take(name, file, self.worker, reviewer)
        except Refusal:
            assert not allowed or alone
        else:
            assert allowed
            assert not alone
            self.stands = STEPS[name][1]
            self.walked += 1

    @invariant()
    def is_where_it_should_be(self) -> None:
        """State, rhythm, pause and history agree."""
        if not hasattr(self, "file"):
            return
        file = anew(self.file)
        assert file.state is self.stands
        assert (file.paused_until is not None) == (self.stands is S.PAUSED)
        assert (file.next_visit_on is None) == (self.stands is not S.ACTIVE) or not self.walked
        assert (file.closing != "") == (self.stands in {S.CLOSED, S.ARCHIVED})
        assert len(queries.changes(file.id)) == self.walked


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("app")
def test_no_history_leaves_the_table() -> None:
    run_machine(
        Lives,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=[*HealthCheck],
        ),
    )


@pytest.mark.usefixtures("app")
def test_whoever_wrote_or_sent_a_file_does_not_approve_it() -> None:
    writer, sender, editor, other = (a_supervisor() for _ in range(4))
    file = a_household(state=S.DRAFT, created_by_id=writer.user_id)
    with transaction():
        services.edit(editor, file, {"housing": "own"}, reason="补住房", version=1)
    with transaction():
        states.submit(sender, reload(file), version=2)

    for author in (writer, sender, editor):
        with pytest.raises(TwoPeople), transaction():
            states.approve(author, reload(file), version=3)
        with pytest.raises(TwoPeople), transaction():
            states.return_(author, reload(file), [Wanting.DOOR], "", version=3)
    with transaction():
        states.approve(other, reload(file), version=3)

    assert reload(file).state is S.ACTIVE
    told = db.session.scalars(select(Message.user_id).where(Message.kind == "household.approved"))
    assert told.all() == [sender.user_id]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [
        (Role.WORKER, DALIANG),
        (Role.SUPERVISOR, RONGGUI),
        (Role.OFFICER, RONGGUI),
        (Role.ADMIN, CITY),
    ],
)
def test_only_supervisors_and_officers_of_the_place_review(role: Role, region: str) -> None:
    file, actor = a_household(state=S.UNDER_REVIEW), a_user(role, region).actor

    with pytest.raises(Forbidden):
        states.approve(actor, file, version=1)
    with pytest.raises(Forbidden):
        states.return_(actor, file, [Wanting.DOOR], "", version=1)


@pytest.mark.usefixtures("app")
def test_a_returned_file_says_what_is_wanting_until_it_is_sent_again() -> None:
    worker, reviewer = a_worker(), a_supervisor()
    file = a_household(state=S.UNDER_REVIEW, submitted_by_id=worker.user_id)

    with transaction():
        points = [Wanting.CONSENT, Wanting.OTHER]
        states.return_(reviewer, file, points, "户口本第二页看不清", version=1)

    found = queries.returned(queries.sections(reload(file)))
    assert found is not None
    assert found.points == ["缺同意书", "其他"]
    assert found.note == "户口本第二页看不清"
    with transaction():
        states.submit(worker, reload(file), version=2)
    assert queries.returned(queries.sections(reload(file))) is None


@pytest.mark.usefixtures("app")
def test_a_return_names_at_least_one_reason() -> None:
    file, reviewer = a_household(state=S.UNDER_REVIEW), a_supervisor()

    for points, note, field in ([], "", "points"), ([Wanting.OTHER], " ", "note"):
        with pytest.raises(Wrong) as refused, transaction():
            states.return_(reviewer, file, points, note, version=1)
        assert refused.value.field == field
    assert reload(file).state is S.UNDER_REVIEW


@pytest.mark.usefixtures("app")
def test_a_file_without_people_is_not_reviewed() -> None:
    file, worker = a_household(state=S.DRAFT), a_worker()
    with transaction():
        db.session.delete(db.session.scalars(select(Member)).one())

    with pytest.raises(NothingWritten), transaction():
        states.submit(worker, file, version=1)


@pytest.mark.usefixtures("app")
def test_a_paused_file_has_no_rhythm_until_it_is_taken_up_again() -> None:
    file, worker, until = a_household(), a_worker(), clock.today() + timedelta(days=20)

    with transaction():
        states.pause(worker, file, until, reason="住院", version=1)
    assert (reload(file).next_visit_on, file.paused_until) == (None, until)
    with transaction():
        states.resume(worker, file, reason="出院", version=2)
    assert (reload(file).next_visit_on, file.paused_until) == (clock.today(), None)
    with pytest.raises(StalePage), transaction():
        states.pause(worker, file, until, reason="旧页面", version=1)


@pytest.mark.usefixtures("app")
def test_each_step_asks_for_what_it_needs() -> None:
    file, worker, today = a_household(), a_worker(), clock.today()
    said: dict[str, Any] = {"reason": "住院", "version": 1}
    wrong: list[tuple[str, Callable[[], None]]] = [
        ("until", lambda: states.pause(worker, file, None, **said)),
        ("until", lambda: states.pause(worker, file, today, **said)),
        ("until", lambda: states.pause(worker, file, today + timedelta(days=367), **said)),
        ("reason", lambda: states.pause(worker, file, today + timedelta(days=1), reason=" ", version=1)),
        ("closing", lambda: states.close(worker, file, None, None, **said)),
        ("leaving", lambda: states.close(worker, file, Closing.LEFT, None, **said)),
        ("reason", lambda: states.close(worker, file, Closing.DIED, None, reason="", version=1)),
        ("reason", lambda: states.close(worker, file, Closing.DIED, None, reason="霍凤志走了", version=1)),
    ]  # fmt: skip

    for field, verb in wrong:
        with pytest.raises(Wrong) as refused, transaction():
            verb()
        assert refused.value.field == field
    assert (reload(file).state, file.version) == (S.ACTIVE, 1)


@pytest.mark.usefixtures("app")
def test_how_a_file_ended_is_kept_and_taken_back_when_it_opens_again() -> None:
    file, worker = a_household(), a_worker()

    with transaction():
        states.close(worker, file, Closing.LEFT, Leaving.WORK, reason="找到工作", version=1)
    assert (reload(file).closing, queries.sections(file)["leaving"]) == ("left", {"why": "work"})
    assert queries.changes(file.id)[0].title == "结案：退出"
    with transaction():
        states.reopen(worker, file, reason="又失业了", version=2)

    assert (reload(file).closing, queries.sections(file)) == ("", {})
    assert file.next_visit_on == clock.today()


@pytest.mark.usefixtures("app")
def test_relatives_of_staff_are_approved_only_after_the_district_was_there() -> None:
    reviewer, district, today = a_supervisor(), an_officer(SHUNDE), clock.today()
    file = a_household(state=S.UNDER_REVIEW, is_kin=True)

    with pytest.raises(KinVisitFirst), transaction():
        states.approve(reviewer, file, version=1)
    with transaction():
        services.confirm_district_visit(district, file, today, "何家豪", "麦仪", version=1)
    with transaction():
        states.approve(reviewer, reload(file), version=2)

    assert reload(file).state is S.ACTIVE


@pytest.mark.usefixtures("app")
def test_a_district_visit_of_long_ago_answers_for_nothing_any_more() -> None:
    old = clock.today() - timedelta(days=366)
    reviewer = a_supervisor()
    file = a_household(state=S.UNDER_REVIEW, is_kin=True, kin_visited_on=old)

    with pytest.raises(KinVisitFirst), transaction():
        states.approve(reviewer, file, version=1)


def test_approving_twice_at_once_happens_once(app: Flask) -> None:
    file = a_household(state=S.UNDER_REVIEW)
    first, second = a_supervisor(), an_officer()

    with transaction():
        states.approve(first, file, version=1)
    db.session.rollback()
    file.state = S.UNDER_REVIEW  # the second one's page still shows it so
    with pytest.raises(StalePage), transaction():
        states.approve(second, file, version=1)

    db.session.expire_all()
    assert len(queries.changes(file.id)) == 1
