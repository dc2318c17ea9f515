"""What ends by itself: never without a word before, never twice, never in the middle of somebody's work."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.needs import queries as needs
from app.needs.models import Need
from app.needs.rules import NeedState
from app.notices.models import Message
from app.tasks import jobs, queries, services
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskState
from tests.factories import (
    a_claim,
    a_household,
    a_need,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    reload,
)

pytestmark = pytest.mark.usefixtures("app")


def kinds(user_id: int | None) -> list[str]:
    """What somebody was told."""
    return list(db.session.scalars(select(Message.kind).where(Message.user_id == user_id)))


def in_line(task: Task) -> Claim:
    """Somebody who waits for it."""
    ming = a_volunteer()
    with transaction():
        return services.wait(
            ming.actor,
            queries.by_code(task.code),
            units=1,
            pledge=True,
            unrelated=True,
            key=secrets.token_urlsafe(18),
        )


def test_a_holder_is_reminded_a_day_before_the_place_passes_on() -> None:
    today = clock.today()
    task = a_task(state=TaskState.FULL)
    held = a_claim(task, a_volunteer(), expires_at=clock.at(today + timedelta(days=1)))
    waiting = in_line(task)

    nights = [jobs.run_expire_claims(today + timedelta(days=n)) for n in (0, 0, 1, 1)]

    assert nights == [1, 0, 1, 0]
    assert reload(held).state is ClaimState.EXPIRED
    assert reload(waiting).state is ClaimState.HELD
    assert kinds(held.user_id) == ["claim.remind", "claim.expired"]
    assert (reload(task).taken, task.state) == (1, TaskState.FULL)


def test_who_was_never_reminded_keeps_the_place_for_another_day() -> None:
    today = clock.today()
    held = a_claim(a_task(), a_volunteer(), expires_at=clock.now() - timedelta(days=3))

    assert jobs.run_expire_claims(today) == 1
    assert reload(held).state is ClaimState.HELD
    assert jobs.run_expire_claims(today + timedelta(days=1)) == 1
    assert reload(held).state is ClaimState.EXPIRED


def test_what_was_handed_in_does_not_expire() -> None:
    claim = a_claim(
        a_task(),
        a_volunteer(),
        state=ClaimState.HANDED_IN,
        expires_at=clock.now() - timedelta(days=9),
        reminded_at=clock.now() - timedelta(days=9),
    )

    assert jobs.run_expire_claims(clock.today()) == 0
    assert reload(claim).state is ClaimState.HANDED_IN


def published(**facts: Any) -> tuple[Need, list[Task]]:
    """A need of 大良, reviewed and published."""
    need = a_need(posted_by_id=a_worker().id, **facts)
    supervisor = a_user("supervisor")
    with transaction():
        services.publish(supervisor.actor, needs.by_code(need.code))
    return reload(need), list(queries.for_need(need.id))


def test_the_worker_is_asked_before_a_need_expires_with_its_tasks() -> None:
    today = clock.today()
    need, [task] = published(deadline_on=today + timedelta(days=1))

    nights = [jobs.run_expire_needs(today + timedelta(days=n)) for n in (0, 0, 1, 2, 2)]

    assert nights == [1, 0, 0, 1, 0]
    assert reload(need).state is NeedState.EXPIRED
    assert reload(task).state is TaskState.EXPIRED
    assert kinds(need.posted_by_id) == ["need.published", "need.ask_again", "need.expired"]


def test_a_need_somebody_works_on_does_not_expire() -> None:
    today = clock.today()
    need, [task] = published(deadline_on=today, seats=2)
    a_claim(task, a_volunteer())

    jobs.run_expire_needs(today)
    jobs.run_expire_needs(today + timedelta(days=3))

    assert reload(need).state is NeedState.PUBLISHED


def test_a_need_of_which_something_was_done_is_partly_met_and_not_expired() -> None:
    today = clock.today()
    need, [task] = published(deadline_on=today, seats=2)
    claim = a_claim(task, a_volunteer())
    with transaction():
        services.hand_in(claim.user.actor, queries.claim_by_code(claim.code))
    assert reload(need).state is NeedState.IN_PROGRESS
    with transaction():
        services.confirm(SYSTEM, queries.claim_by_code(claim.code))

    jobs.run_expire_needs(today)
    jobs.run_expire_needs(today + timedelta(days=3))

    assert reload(need).state is NeedState.PARTLY_MET
    assert reload(task).state is TaskState.EXPIRED


def test_a_need_is_met_when_everything_is_confirmed() -> None:
    need, [task] = published()
    claim = a_claim(task, a_volunteer())

    with transaction():
        services.hand_in(claim.user.actor, queries.claim_by_code(claim.code))
    with transaction():
        services.confirm(SYSTEM, queries.claim_by_code(claim.code))

    assert reload(task).state is TaskState.DONE
    assert reload(need).state is NeedState.MET
    assert reload(claim).state is ClaimState.CONFIRMED


def test_a_returned_record_gives_the_holder_time_to_mend_it() -> None:
    need, [task] = published()
    claim = a_claim(task, a_volunteer(), expires_at=clock.now() - timedelta(days=1))
    with transaction():
        services.hand_in(claim.user.actor, queries.claim_by_code(claim.code))

    with transaction():
        services.take_back(SYSTEM, queries.claim_by_code(claim.code))

    assert reload(claim).state is ClaimState.HELD
    assert claim.expires_at
    assert claim.expires_at > clock.now() + timedelta(days=2)
    assert reload(need).state is NeedState.IN_PROGRESS


def test_withdrawing_a_need_cancels_its_tasks_and_tells_everybody() -> None:
    need, [task] = published(seats=1)
    held = a_claim(task, a_volunteer())
    worker = a_worker()

    with transaction():
        services.withdraw(worker.actor, needs.by_code(need.code), "家属已经回来了")

    assert reload(need).state is NeedState.WITHDRAWN
    assert (reload(task).state, task.taken) == (TaskState.CANCELLED, 0)
    assert reload(held).state is ClaimState.RELEASED
    assert kinds(held.user_id) == ["claim.ended"]


def test_a_need_opens_a_task_for_each_thing_it_asks_for() -> None:
    _, tasks = published(seats=2, item="棉被", quantity=4, unit="床")

    assert [(task.kind, task.capacity, task.unit, task.title) for task in tasks] == [
        ("visit", 2, "人", "上门陪伴"),
        ("goods", 4, "床", "棉被 4 床"),
    ]
    assert {task.who for task in tasks} == {"独居长者"}


def test_the_rhythm_opens_one_visit_and_no_second() -> None:
    household = a_household()
    day = clock.today()

    with transaction():
        first = services.open_rhythm_visit(household, day)
    with transaction():
        second = services.open_rhythm_visit(household, day + timedelta(days=1))

    assert first is not None
    assert second is None
    assert first.is_public


def test_without_consent_the_rhythms_visit_stays_among_workers() -> None:
    household = a_household(consents=())

    with transaction():
        task = services.open_rhythm_visit(household, clock.today())

    assert task is not None
    assert not task.is_public


def test_a_workers_own_visit_closes_the_rhythm_unless_a_neighbour_holds_it() -> None:
    alone, shared, worker = a_household(), a_household(), a_worker()
    with transaction():
        first = services.open_rhythm_visit(alone, clock.today())
        second = services.open_rhythm_visit(shared, clock.today())
    assert first is not None
    assert second is not None
    a_claim(second, a_volunteer())

    with transaction():
        done = [services.finish_rhythm(worker.actor, each.id) for each in (alone, shared)]

    assert done == [True, False]
    assert reload(first).state is TaskState.DONE
    assert reload(second).state is TaskState.OPEN
