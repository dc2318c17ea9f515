"""The nights of the scheduler: what is due is opened, what is late is told, what is wrong is mended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text, update

from app.core import clock
from app.core.db import db, transaction
from app.core.errors import BadInput, Forbidden
from app.households.models import Household
from app.households.rules import HouseholdState, Tier
from app.notices.models import Message
from app.tasks.models import Task
from app.tasks.rules import TaskSource, TaskState
from app.visits import jobs, queries, services
from app.visits.rules import Promise, Result
from app.visits.services import rhythm
from tests.factories import CITY, SHUNDE, a_household, a_task, a_user, a_worker, reload
from tests.visits.stories import a_held_claim, confirm, facts, hand_in

if TYPE_CHECKING:
    from app.accounts.models import User

pytestmark = pytest.mark.usefixtures("app")


def a_due_household(in_days: int = 0, **facts: Any) -> Household:
    return a_household(next_visit_on=clock.today() + timedelta(days=in_days), **facts)


def rhythm_tasks() -> int:
    return (
        db.session.scalar(
            select(func.count()).select_from(Task).where(Task.source == TaskSource.RHYTHM)
        )
        or 0
    )


def test_what_falls_due_within_three_days_is_opened_once() -> None:
    a_due_household(-40)
    a_due_household(3)
    a_due_household(4)
    a_due_household(0, state=HouseholdState.PAUSED)

    changed = [jobs.open_due_visits(clock.today()) for _ in range(2)]

    assert changed == [2, 0]
    assert rhythm_tasks() == 2
    assert jobs.open_due_visits(clock.today() + timedelta(days=1)) == 1


def test_batches_meet_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        a_due_household()
    monkeypatch.setattr(rhythm, "BATCH", 2)

    assert [jobs.open_due_visits(clock.today()) for _ in range(2)] == [5, 0]


def test_a_record_that_waits_for_its_confirmation_opens_no_new_visit() -> None:
    household = a_due_household()
    hand_in(a_held_claim(household=household))

    assert jobs.open_due_visits(clock.today()) == 0


def test_one_bad_file_does_not_cost_the_others_their_visit() -> None:
    files = [a_due_household() for _ in range(3)]
    trigger = {
        "sqlite": (
            "CREATE TRIGGER bad_file BEFORE INSERT ON task WHEN NEW.household_id = {} "
            "BEGIN SELECT RAISE(ABORT, 'this file is damaged'); END"
        ),
        "postgresql": "ALTER TABLE task ADD CONSTRAINT bad_file CHECK (household_id <> {})",
    }[db.engine.dialect.name]
    undo = {
        "sqlite": "DROP TRIGGER bad_file",
        "postgresql": "ALTER TABLE task DROP CONSTRAINT bad_file",
    }[db.engine.dialect.name]
    with transaction():
        db.session.execute(text(trigger.format(files[1].id)))

    try:
        assert jobs.open_due_visits(clock.today()) == 2
    finally:
        with transaction():
            db.session.execute(text(undo))

    assert jobs.open_due_visits(clock.today()) == 1


def messages_to(user: User) -> list[str]:
    return list(db.session.scalars(select(Message.title).where(Message.user_id == user.id)))


def test_what_is_late_is_marked_and_told_once_a_day_in_one_message_each() -> None:
    worker, supervisor = a_worker(), a_user("supervisor", SHUNDE)
    elsewhere = a_user("supervisor", "440605")
    today = clock.today()
    for late in (1, 7, 30):
        household = a_due_household(-late, worker=worker)
        a_task(household, source=TaskSource.RHYTHM, due_on=today - timedelta(days=late))
    a_due_household(0, worker=worker)

    changed = [jobs.mark_overdue(today) for _ in range(2)]

    assert changed == [3 + 1 + 2, 0]
    assert messages_to(worker) == ["你负责的家庭有 3 户过了探访的日子"]
    assert messages_to(supervisor) == ["有 1 户已经逾期 1 天未访", "有 1 户已经逾期 7 天未访"]
    assert messages_to(elsewhere) == []
    assert jobs.mark_overdue(today + timedelta(days=1)) == 2


def test_reminders_of_follow_ups_come_once_a_day() -> None:
    worker = a_worker()
    claim = a_held_claim(worker=worker)
    today = clock.today()
    hand_in(
        claim,
        facts(
            promises=(
                Promise("带药", today + timedelta(days=1)),
                Promise("问街道", today + timedelta(days=9)),
            )
        ),
    )

    assert [jobs.remind_follow_ups(today) for _ in range(2)] == [1, 0]
    assert messages_to(worker)[-1] == "有 1 件跟进的事今明两天到期"


def test_kept_figures_that_went_wrong_are_mended_and_right_ones_left_alone() -> None:
    visit = confirm(hand_in(a_held_claim()))
    right = a_household()
    never = a_household(next_visit_on=None)
    paused = a_household(state=HouseholdState.PAUSED)
    with transaction():
        db.session.execute(
            update(Household)
            .where(Household.id == visit.household_id)
            .values(visit_count=9, last_visit_on=date(2020, 1, 1), next_visit_on=None)
        )

    assert [jobs.roll_up(clock.today()) for _ in range(2)] == [3, 0]

    household = reload(visit.household)
    assert (household.visit_count, household.last_visit_on) == (1, clock.today())
    assert household.next_visit_on == clock.today() + timedelta(days=30)
    assert reload(never).next_visit_on == never.filed_on + timedelta(days=30)
    assert reload(paused).next_visit_on is None
    assert reload(right).next_visit_on == clock.today() + timedelta(days=30)


def test_a_new_rhythm_moves_the_files_from_its_day_on() -> None:
    visit = confirm(hand_in(a_held_claim()))
    today = clock.today()
    officer = a_user("officer", CITY)
    with transaction():
        services.set_rhythm(officer.actor, Tier.MONTHLY, 14, today)
        services.set_rhythm(officer.actor, Tier.MONTHLY, 21, today + timedelta(days=60))
        services.set_rhythm(officer.actor, Tier.MONTHLY, 15, today)

    assert queries.rhythm(today)[Tier.MONTHLY] == 15
    assert queries.rhythm(today - timedelta(days=1))[Tier.MONTHLY] == 30
    assert queries.rhythm(today + timedelta(days=60))[Tier.MONTHLY] == 21
    assert jobs.roll_up(today) == 1
    assert reload(visit.household).next_visit_on == today + timedelta(days=15)


def test_only_the_city_s_officer_sets_the_rhythm_and_within_a_year() -> None:
    for person in (a_worker(), a_user("supervisor", SHUNDE), a_user("officer", SHUNDE)):
        with pytest.raises(Forbidden), transaction():
            services.set_rhythm(person.actor, Tier.WEEKLY, 3, clock.today())
    officer = a_user("officer", CITY)
    with pytest.raises(BadInput), transaction():
        services.set_rhythm(officer.actor, Tier.WEEKLY, 0, clock.today())


def test_a_reached_household_needs_no_second_visit_but_an_attempt_leaves_it_open() -> None:
    household = a_due_household()
    jobs.open_due_visits(clock.today())
    attempt = hand_in(a_held_claim(household=household), facts(Result.NOBODY))
    confirm(attempt)
    assert db.session.scalars(select(Task.state).where(Task.source == TaskSource.RHYTHM)).all() == [
        TaskState.OPEN
    ]

    confirm(hand_in(a_held_claim(household=household), key="key-of-a-second-page"))

    assert db.session.scalars(select(Task.state).where(Task.source == TaskSource.RHYTHM)).all() == [
        TaskState.DONE
    ]
