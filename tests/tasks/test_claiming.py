"""Claiming: of many thumbs exactly as many win as there are places."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.accounts.models import User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households.models import Consent
from app.households.rules import HouseholdState, Purpose
from app.notices.models import Message
from app.tasks import errors, queries, services
from app.tasks.models import Claim, Task
from app.tasks.rules import MAX_OPEN_CLAIMS, ClaimState, TaskKind, TaskState
from tests.factories import (
    a_claim,
    a_household,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    keep,
    reload,
    sign_in,
)


def take(user: User, task: Task, units: int = 1, **facts: Any) -> Claim:
    """Claim as a page does."""
    values: dict[str, Any] = {
        "pledge": True,
        "unrelated": True,
        "key": secrets.token_urlsafe(18),
    } | facts
    with transaction():
        return services.claim(user.actor, queries.by_code(task.code), units=units, **values)


def stand(user: User, task: Task, units: int = 1) -> Claim:
    """Stand in line as a page does."""
    with transaction():
        return services.wait(
            user.actor,
            queries.by_code(task.code),
            units=units,
            pledge=True,
            unrelated=True,
            key=secrets.token_urlsafe(18),
        )


def claims() -> int:
    """How many claims there are."""
    return db.session.scalar(select(func.count()).select_from(Claim)) or 0


@pytest.mark.usefixtures("app")
class TestOneClaim:
    """What one claim does, and when it is refused."""

    def test_it_takes_a_place_and_tells_the_worker(self) -> None:
        worker = a_worker()
        task, ming = a_task(contact_id=worker.id), a_volunteer()

        claim = take(ming, task)

        assert (claim.state, claim.units) == (ClaimState.HELD, 1)
        assert (reload(task).taken, task.state) == (1, TaskState.FULL)
        assert db.session.scalars(select(Message.user_id)).all() == [worker.id]
        assert db.session.scalars(select(AuditRow.action)).all() == ["claim.make"]

    def test_part_of_the_goods_may_be_taken(self) -> None:
        task, chen = a_task(kind=TaskKind.GOODS, capacity=4, unit="床"), a_user(Role.DONOR)

        take(chen, task, 3)

        assert (reload(task).taken, task.state) == (3, TaskState.OPEN)

    def test_the_same_key_answers_the_same_claim(self) -> None:
        task, ming = a_task(capacity=5), a_volunteer()
        key = secrets.token_urlsafe(18)

        first, second = take(ming, task, key=key), take(ming, task, key=key)

        assert first.id == second.id
        assert (claims(), reload(task).taken) == (1, 1)

    def test_a_key_used_for_another_task_proves_nothing(self) -> None:
        ming, key = a_volunteer(), secrets.token_urlsafe(18)
        take(ming, a_task(), key=key)

        with pytest.raises(StalePage):
            take(ming, a_task(), key=key)

    def test_who_is_late_hears_how_many_are_in_line(self) -> None:
        task = a_task()
        take(a_volunteer(), task)
        stand(a_volunteer(), task)

        with pytest.raises(errors.JustTaken, match="前面还有 1 人") as refused:
            take(a_volunteer(), task)

        assert refused.value.ahead == 1

    def test_more_than_is_left_is_refused_with_what_is_left(self) -> None:
        task = a_task(kind=TaskKind.GOODS, capacity=4, unit="床")
        take(a_volunteer(), task, 3)

        with pytest.raises(errors.NotEnoughLeft, match="还剩 1 床"):
            take(a_volunteer(), task, 2)

    def test_nobody_holds_the_same_task_twice(self) -> None:
        task, ming = a_task(capacity=3), a_volunteer()
        take(ming, task)

        with pytest.raises(errors.AlreadyYours):
            take(ming, task)

    def test_nobody_promises_too_much(self) -> None:
        ming = a_volunteer()
        for _ in range(MAX_OPEN_CLAIMS):
            a_claim(a_task(), ming)

        with pytest.raises(errors.TooManyOpen):
            take(ming, a_task())

    @pytest.mark.parametrize("missing", ["pledge", "unrelated"])
    def test_the_pledge_and_the_declaration_come_first(self, missing: str) -> None:
        with pytest.raises(errors.PledgeMissing):
            take(a_volunteer(), a_task(), **{missing: False})

    @pytest.mark.parametrize("units", [0, -1, 2])
    def test_a_seat_is_one_persons(self, units: int) -> None:
        with pytest.raises(errors.UnitsWrong):
            take(a_volunteer(), a_task(capacity=3), units)

    def test_withdrawing_consent_works_at_once(self) -> None:
        household = a_household()
        task, ming = a_task(household), a_volunteer()
        consent = db.session.scalars(select(Consent).where(Consent.purpose == Purpose.VISIT)).one()
        consent.withdrawn_at = clock.now()
        keep(consent)

        with pytest.raises(errors.NotOpen):
            take(ming, task)

        assert not queries.open_for(ming.actor, queries.Filters(), None)

    @pytest.mark.parametrize(
        "facts",
        [
            {"state": TaskState.DONE},
            {"state": TaskState.CANCELLED},
            {"state": TaskState.EXPIRED},
            {"is_public": False},
        ],
    )
    def test_what_has_ended_or_is_hidden_is_not_claimed(self, facts: dict[str, Any]) -> None:
        with pytest.raises(errors.NotOpen):
            take(a_volunteer(), a_task(**facts))

    def test_a_paused_file_asks_for_nothing(self) -> None:
        household = a_household(state=HouseholdState.PAUSED)

        with pytest.raises(errors.NotOpen):
            take(a_volunteer(), a_task(household))

    @pytest.mark.parametrize(
        ("role", "kind", "may"),
        [
            (Role.VOLUNTEER, TaskKind.VISIT, True),
            (Role.VOLUNTEER, TaskKind.SERVICE, True),
            (Role.VOLUNTEER, TaskKind.GOODS, True),
            (Role.VOLUNTEER, TaskKind.MONEY, False),
            (Role.DONOR, TaskKind.VISIT, False),
            (Role.DONOR, TaskKind.SERVICE, True),
            (Role.DONOR, TaskKind.GOODS, True),
            (Role.DONOR, TaskKind.MONEY, True),
            (Role.WORKER, TaskKind.VISIT, False),
            (Role.SUPERVISOR, TaskKind.GOODS, False),
            (Role.OFFICER, TaskKind.VISIT, False),
            (Role.FOUNDATION, TaskKind.MONEY, False),
            (Role.ADMIN, TaskKind.VISIT, False),
        ],
    )
    def test_who_may_take_what(self, role: Role, kind: TaskKind, *, may: bool) -> None:
        task, person = a_task(kind=kind), a_user(role)

        if may:
            assert take(person, task).state is ClaimState.HELD
        else:
            with pytest.raises(Forbidden):
                take(person, task)

    def test_the_households_own_worker_visits_it_as_work(self) -> None:
        worker = a_volunteer()

        for task in (a_task(a_household(worker=worker)), a_task(contact_id=worker.id)):
            with pytest.raises(Forbidden):
                take(worker, task)


@pytest.mark.usefixtures("app")
class TestPassingOn:
    """Given back, waited for, passed on."""

    def test_a_released_place_goes_to_the_first_whom_it_fits(self) -> None:
        task = a_task(kind=TaskKind.GOODS, capacity=2, unit="床")
        first = take(a_volunteer(), task)
        take(a_volunteer(), task)
        big, small = stand(a_volunteer(), task, 2), stand(a_volunteer(), task, 1)

        with transaction():
            services.release(first.user.actor, first, "临时有事")

        assert reload(big).state is ClaimState.WAITING
        assert reload(small).state is ClaimState.HELD
        assert small.expires_at is not None
        assert (reload(task).taken, task.state) == (2, TaskState.FULL)
        assert (
            "claim.promoted"
            in db.session.scalars(
                select(Message.kind).where(Message.user_id == small.user_id)
            ).all()
        )

    def test_with_nobody_in_line_the_task_opens_again(self) -> None:
        task = a_task()
        claim = take(a_volunteer(), task)

        with transaction():
            services.release(claim.user.actor, claim, "路太远")

        assert (reload(task).taken, task.state) == (0, TaskState.OPEN)
        assert reload(claim).end_reason == "路太远"

    def test_nobody_is_promoted_once_consent_is_withdrawn(self) -> None:
        task = a_task()
        claim, waiting = take(a_volunteer(), task), stand(a_volunteer(), task)
        for consent in db.session.scalars(select(Consent)).all():
            consent.withdrawn_at = clock.now()
            keep(consent)

        with transaction():
            services.release(claim.user.actor, claim, "路太远")

        assert reload(waiting).state is ClaimState.WAITING

    def test_giving_back_needs_a_reason(self) -> None:
        claim = take(a_volunteer(), a_task())

        with pytest.raises(errors.ReasonMissing), transaction():
            services.release(claim.user.actor, claim, "  ")

    def test_only_the_holder_gives_back_and_only_once(self) -> None:
        claim, stranger = take(a_volunteer(), a_task()), a_volunteer()
        with pytest.raises(Forbidden), transaction():
            services.release(stranger.actor, claim, "代交")
        with transaction():
            services.release(claim.user.actor, claim, "路太远")

        with pytest.raises(StalePage), transaction():
            services.release(claim.user.actor, claim, "路太远")

    def test_there_is_no_line_while_there_are_places(self) -> None:
        with pytest.raises(errors.StillOpen):
            stand(a_volunteer(), a_task())

    def test_nobody_stands_in_line_twice(self) -> None:
        task, ming = a_task(), a_volunteer()
        take(a_volunteer(), task)
        stand(ming, task)

        with pytest.raises(errors.AlreadyWaiting):
            stand(ming, task)

    def test_leaving_the_line_keeps_the_order_of_the_others(self) -> None:
        task = a_task()
        held = take(a_volunteer(), task)
        first, second = stand(a_volunteer(), task), stand(a_volunteer(), task)

        with transaction():
            services.leave(first.user.actor, first)
            services.release(held.user.actor, held, "路太远")

        assert reload(second).state is ClaimState.HELD


def test_a_claim_costs_six_statements_and_the_list_five_whatever_the_rows(app: Flask) -> None:
    ming = a_volunteer()
    worker = a_worker()
    client = sign_in(app.test_client(), ming)
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    data = {"pledge": "y", "unrelated": "y", "idempotency_key": secrets.token_urlsafe(18)}

    def cost(verb: Any, *args: Any, **facts: Any) -> list[str]:
        seen.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        answer = verb(*args, **facts)
        event.remove(db.engine, "before_cursor_execute", note)
        assert answer.status_code in {200, 303}
        return [text for text in seen if not text.startswith("BEGIN")]

    task = a_task(contact_id=worker.id)
    claimed = cost(client.post, f"/tasks/{task.code}/claim", data=data)
    a_task()
    few = cost(client.get, "/tasks")
    household = a_household()
    for _ in range(60):
        a_task(household)
    many = cost(client.get, "/tasks")

    assert len(claimed) <= 6, claimed
    assert len(few) == len(many) <= 5


def test_who_comes_too_late_is_answered_without_the_write_lock(app: Flask) -> None:
    task = a_task()
    take(a_volunteer(), task)
    client = sign_in(app.test_client(), a_volunteer())
    verbs: set[str] = set()

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        verbs.add(text if text.startswith("BEGIN") else text.split(maxsplit=1)[0])

    event.listen(db.engine, "before_cursor_execute", note)
    answer = client.post(f"/tasks/{task.code}/claim", data={"pledge": "y", "unrelated": "y"})
    event.remove(db.engine, "before_cursor_execute", note)

    assert answer.status_code == 409
    assert verbs <= {"SELECT", "WITH", "BEGIN"}


@pytest.mark.usefixtures("app")
class TestTheDoor:
    """Name, door and phone: only while the claim lives."""

    def test_the_holder_sees_it_and_leaves_a_trace(self) -> None:
        claim = take(a_volunteer(), a_task(a_household(name="霍凤志")))

        with transaction():
            head = services.read_household(claim.user.actor, queries.claim_by_code(claim.code))

        assert head.name == "霍凤志"
        assert "claim.read_household" in db.session.scalars(select(AuditRow.action)).all()

    @pytest.mark.parametrize(
        "facts",
        [
            {"state": ClaimState.WAITING},
            {"state": ClaimState.RELEASED},
            {"state": ClaimState.EXPIRED},
            {"state": ClaimState.CONFIRMED},
            {"pledged_at": None},
            {"expires_at": clock.now() - timedelta(minutes=1)},
        ],
    )
    def test_it_is_closed_before_and_after(self, facts: dict[str, Any]) -> None:
        claim = a_claim(a_task(), a_volunteer(), **facts)

        with pytest.raises(errors.DoorClosed), transaction():
            services.read_household(claim.user.actor, claim)

    def test_nobody_else_opens_it(self) -> None:
        claim, stranger = take(a_volunteer(), a_task()), a_volunteer()

        with pytest.raises(errors.DoorClosed), transaction():
            services.read_household(stranger.actor, claim)

    def test_who_gives_goods_or_money_needs_no_door(self) -> None:
        claim = take(a_user(Role.DONOR), a_task(kind=TaskKind.GOODS, unit="床"))

        with pytest.raises(errors.DoorClosed), transaction():
            services.read_household(claim.user.actor, claim)

    def test_withdrawn_consent_closes_it_at_once(self) -> None:
        claim = take(a_volunteer(), a_task())
        for consent in db.session.scalars(select(Consent)).all():
            consent.withdrawn_at = clock.now()
            keep(consent)

        with pytest.raises(errors.ConsentWithdrawn), transaction():
            services.read_household(claim.user.actor, queries.claim_by_code(claim.code))
