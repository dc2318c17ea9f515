"""What one person asks and another decides: once, in time, in the region, by two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere, Refusal
from app.households import queries
from app.households.errors import NotDecidable, ReasonMissing
from app.households.jobs import end_approvals
from app.households.models import Approval
from app.households.queries import View
from app.households.rules.approvals import (
    APPROVAL_NEXT,
    DAYS_OPEN,
    DECIDERS,
    ApprovalKind,
    ApprovalState,
    standing,
)
from app.households.services import approvals
from app.notices.models import Message
from tests.factories import CITY, DALIANG, SHUNDE, WENXIU, a_household, a_user
from tests.households.life import RONGGUI, a_supervisor, a_worker, an_officer, anew, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from app.core.access import Actor

A = ApprovalState
REFUSED = "理由不够"


def ask(actor: Actor, key_: str | None = None, **facts: Any) -> Approval:
    values: dict[str, Any] = {
        "kind": ApprovalKind.ERASURE,
        "region_code": WENXIU,
        "subject": "440606DB2026000001",
        "reason": "本人要求",
        "wanted": {"what": "一切"},
    } | facts
    with transaction():
        return approvals.ask(actor, values.pop("kind"), key=key_ or key(), **values)


def decide(actor: Actor, approval: Approval, state: A = A.APPROVED, **effects: Any) -> None:
    with transaction():
        approvals.decide(actor, approval, state, REFUSED, effects.get("effects", {}))


@pytest.mark.usefixtures("app")
def test_the_same_key_asks_once() -> None:
    worker = a_worker()

    first, again, other = ask(worker, "one-key"), ask(worker, "one-key"), ask(worker)

    assert first.id == again.id
    assert len({first.code, other.code}) == 2
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "approval.ask")).all()
    assert len(rows) == 2


@pytest.mark.usefixtures("app")
def test_a_request_without_a_reason_is_none() -> None:
    worker = a_worker()

    with pytest.raises(ReasonMissing):
        ask(worker, reason="  ")


@pytest.mark.usefixtures("app")
def test_nobody_asks_about_another_region() -> None:
    worker = a_worker(RONGGUI)

    with pytest.raises(Forbidden):
        ask(worker)


@pytest.mark.usefixtures("app")
def test_who_asks_never_decides_even_as_a_supervisor() -> None:
    supervisor, colleague = a_supervisor(), a_supervisor()
    asked = ask(supervisor)

    with pytest.raises(Forbidden):
        decide(supervisor, asked)
    decide(colleague, asked)

    assert anew(asked).state is A.APPROVED
    assert asked.decided_by_id == colleague.user_id


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", ApprovalKind)
@pytest.mark.parametrize(
    ("role", "region"),
    [
        (Role.WORKER, DALIANG),
        (Role.SUPERVISOR, DALIANG),
        (Role.SUPERVISOR, RONGGUI),
        (Role.OFFICER, SHUNDE),
        (Role.OFFICER, "440604"),
        (Role.AUDITOR, CITY),
        (Role.ADMIN, CITY),
        (Role.VOLUNTEER, CITY),
    ],
)
def test_only_the_deciders_of_the_region_decide(
    kind: ApprovalKind, role: Role, region: str
) -> None:
    worker, actor = a_worker(), a_user(role, region).actor
    asked = ask(worker, kind=kind)
    may = role in DECIDERS[kind] and WENXIU.startswith(region)

    if may:
        decide(actor, asked)
    else:
        with pytest.raises(Forbidden):
            decide(actor, asked)

    assert anew(asked).state is (A.APPROVED if may else A.ASKED)
    listed = [row.id for row in queries.approvals(actor, View.WAITING, None, None).rows]
    assert listed == []
    waiting = ask(worker, kind=kind)
    listed = [row.id for row in queries.approvals(actor, View.WAITING, None, None).rows]
    assert listed == ([waiting.id] if may else [])  # the list and the rule agree


@pytest.mark.usefixtures("app")
def test_a_refusal_says_why_and_the_asker_hears_of_it() -> None:
    worker, supervisor = a_worker(), a_supervisor()
    asked = ask(worker)

    with pytest.raises(ReasonMissing), transaction():
        approvals.decide(supervisor, asked, A.REFUSED, " ", {})
    decide(supervisor, asked, A.REFUSED)

    assert (anew(asked).state, asked.answer) == (A.REFUSED, REFUSED)
    told = db.session.scalars(select(Message)).one()
    assert (told.user_id, told.kind) == (worker.user_id, "approval.refused")
    assert REFUSED not in told.title


@pytest.mark.usefixtures("app")
def test_approving_brings_its_effect_about_or_nothing_at_all() -> None:
    worker, supervisor = a_worker(), a_supervisor()
    asked, seen = ask(worker), []

    def fails(*_given: Any) -> None:
        raise NotDecidable

    with pytest.raises(NotDecidable):
        decide(supervisor, asked, effects={ApprovalKind.ERASURE: fails})
    assert anew(asked).state is A.ASKED

    decide(
        supervisor,
        asked,
        effects={ApprovalKind.ERASURE: lambda *given: seen.append(given[2])},
    )
    assert anew(asked).state is A.APPROVED
    assert seen == [{"what": "一切"}]


@pytest.mark.usefixtures("app")
def test_a_request_is_open_for_thirty_days_and_no_longer() -> None:
    worker, supervisor, now = a_worker(), a_supervisor(), clock.now()
    asked, late = ask(worker), ask(worker)

    with clock.frozen(now + timedelta(days=DAYS_OPEN)):
        decide(supervisor, asked)
    with clock.frozen(now + timedelta(days=DAYS_OPEN + 1)):
        with pytest.raises(NotDecidable):
            decide(supervisor, late)
        with pytest.raises(NotDecidable), transaction():
            approvals.withdraw(worker, late)
        assert not queries.approvals(supervisor, View.WAITING, None, None)
        assert standing(late.state, late.ends_on, clock.today()) is A.EXPIRED
        assert queries.granted(worker, asked.kind, asked.subject) is None  # nor can it be used


@pytest.mark.usefixtures("app")
def test_the_night_ends_what_nobody_decided_once() -> None:
    worker, now = a_worker(), clock.now()
    asked, fresh = ask(worker), ask(worker)
    with transaction():
        fresh.ends_on = clock.today() + timedelta(days=60)
        db.session.add(fresh)
    day = clock.today() + timedelta(days=DAYS_OPEN + 1)

    with clock.frozen(now + timedelta(days=DAYS_OPEN + 1)):
        ended = [end_approvals(day), end_approvals(day)]

    assert ended == [1, 0]
    assert (anew(asked).state, anew(fresh).state) == (A.EXPIRED, A.ASKED)
    told = db.session.scalars(select(Message)).all()
    assert [(one.user_id, one.kind) for one in told] == [(worker.user_id, "approval.expired")]


@pytest.mark.usefixtures("app")
def test_what_was_approved_is_used_once_by_who_asked() -> None:
    worker, colleague, supervisor = a_worker(), a_worker(), a_supervisor()
    asked = ask(worker)
    with pytest.raises(NotDecidable), transaction():
        approvals.use(worker, asked)
    decide(supervisor, asked)

    with pytest.raises(Forbidden):
        approvals.use(colleague, asked)
    assert queries.granted(worker, asked.kind, asked.subject) is not None
    with transaction():
        approvals.use(worker, asked)
    with pytest.raises(NotDecidable), transaction():
        approvals.use(worker, asked)

    assert queries.granted(worker, asked.kind, asked.subject) is None


@pytest.mark.usefixtures("app")
def test_others_do_not_know_of_a_request() -> None:
    worker, colleague, stranger = a_worker(), a_worker(), a_supervisor(RONGGUI)
    asked = ask(worker)

    for nobody in (colleague, stranger):
        with pytest.raises(NotHere):
            queries.approval_by_code(nobody, asked.code)
    for somebody in (worker, a_supervisor(), an_officer()):
        assert queries.approval_by_code(somebody, asked.code).id == asked.id


@pytest.mark.usefixtures("app")
def test_the_lists_keep_apart_what_waits_what_is_mine_and_what_is_settled() -> None:
    worker, supervisor = a_worker(), a_supervisor()
    waits, settled = ask(worker), ask(worker, kind=ApprovalKind.CLEAR_EXPORT)
    own = ask(supervisor)
    decide(supervisor, settled)

    def shown(view: View, kind: ApprovalKind | None = None) -> list[int]:
        return [row.id for row in queries.approvals(supervisor, view, kind, None).rows]

    assert shown(View.WAITING) == [waits.id]
    assert shown(View.MINE) == [own.id]
    assert shown(View.DONE) == [settled.id]
    assert shown(View.DONE, ApprovalKind.IMPORT) == []


def at_once(app: Flask, verbs: list[Callable[[], None]]) -> list[type[Refusal] | None]:
    """Run verbs in threads and transactions of their own, all let loose together."""
    db.session.remove()
    gate = Barrier(len(verbs))

    def run(verb: Callable[[], None]) -> type[Refusal] | None:
        with app.app_context():
            gate.wait()
            try:
                verb()
            except Refusal as refusal:
                return type(refusal)
            finally:
                db.session.remove()
        return None

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(lambda verb: Context().run(run, verb), verbs))


def test_of_many_deciders_at_once_exactly_one_decides(app: Flask) -> None:
    worker, deciders = a_worker(), [a_supervisor() for _ in range(6)]
    number = ask(worker).id

    def verb(actor: Actor, state: A) -> Callable[[], None]:
        def press() -> None:
            decide(actor, db.session.get_one(Approval, number), state)

        return press

    states = [A.APPROVED, A.REFUSED] * 3
    answers = at_once(app, [verb(a, s) for a, s in zip(deciders, states, strict=True)])

    assert answers.count(None) == 1
    won = answers.index(None)
    found = db.session.get_one(Approval, number)
    assert (found.state, found.decided_by_id) == (states[won], deciders[won].user_id)
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_withdrawing_and_deciding_at_once_is_one_of_the_two(app: Flask) -> None:
    worker, supervisor = a_worker(), a_supervisor()
    number = ask(worker).id

    def withdraw() -> None:
        with transaction():
            approvals.withdraw(worker, db.session.get_one(Approval, number))

    answers = at_once(
        app, [withdraw, lambda: decide(supervisor, db.session.get_one(Approval, number))]
    )

    assert answers.count(None) == 1
    wanted = [A.WITHDRAWN, A.APPROVED][answers.index(None)]
    assert db.session.get_one(Approval, number).state is wanted


class Requests(RuleBasedStateMachine):
    """One request, its asker and two deciders, and days that pass: the table is never left, nothing happens twice."""

    @initialize()
    def begin(self) -> None:
        """A fresh request."""
        self.worker, self.supervisor = a_worker(), a_supervisor()
        self.asked = ask(self.worker)
        self.state, self.days, self.effects = A.ASKED, 0, 0

    @property
    def in_time(self) -> bool:
        """Whether its days are not over."""
        return self.days <= DAYS_OPEN

    def press(self, wanted: A, verb: Callable[[], None]) -> None:
        """Press; it works exactly when the table and the calendar say so."""
        allowed = wanted in APPROVAL_NEXT[self.state] and self.in_time
        with clock.frozen(clock.now() + timedelta(days=self.days)):
            anew(self.asked)
            try:
                with transaction():
                    verb()
            except Refusal:
                assert not allowed
            else:
                assert allowed
                self.state = wanted

    def count(self, *_given: Any) -> None:
        """Count an effect."""
        self.effects += 1

    @rule(state=st.sampled_from([A.APPROVED, A.REFUSED]))
    def is_decided(self, state: A) -> None:
        """A second person says yes or no."""
        effects = {ApprovalKind.ERASURE: self.count}
        self.press(
            state,
            lambda: approvals.decide(self.supervisor, self.asked, state, REFUSED, effects),
        )

    @rule()
    def is_withdrawn(self) -> None:
        """The asker thinks better of it."""
        self.press(A.WITHDRAWN, lambda: approvals.withdraw(self.worker, self.asked))

    @rule()
    def is_used(self) -> None:
        """The asker does what was allowed."""
        self.press(A.USED, lambda: approvals.use(self.worker, self.asked))

    @rule(days=st.sampled_from([1, 15, 31]))
    def days_pass(self, days: int) -> None:
        """Time goes by, and the night comes."""
        self.days += days
        later = clock.now() + timedelta(days=self.days)
        with clock.frozen(later):
            end_approvals(clock.today())
        if not self.in_time and self.state is A.ASKED:
            self.state = A.EXPIRED

    @invariant()
    def stands_where_it_should(self) -> None:
        """State, effect and decider agree."""
        if not hasattr(self, "asked"):
            return
        found = anew(self.asked)
        assert found.state is self.state
        assert self.effects == (self.state in {A.APPROVED, A.USED})
        assert (found.decided_by_id is not None) == (self.state in {A.APPROVED, A.USED, A.REFUSED})


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("app")
def test_no_history_of_a_request_leaves_the_table() -> None:
    run_machine(
        Requests,
        settings=settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=[*HealthCheck],
        ),
    )


@pytest.mark.usefixtures("app")
def test_a_file_knows_what_is_asked_about_it_and_still_open() -> None:
    file, worker, supervisor = a_household(), a_worker(), a_supervisor()
    settled, waits = ask(worker, household=file), ask(worker, household=file)
    decide(supervisor, settled)

    assert [one.id for one in queries.open_about(file.id)] == [waits.id]
    with clock.frozen(clock.now() + timedelta(days=DAYS_OPEN + 1)):
        assert queries.open_about(file.id) == []
