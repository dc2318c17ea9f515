"""Birthdays that change what a household is due: judged anew on the day, told once; in clear lies a month at most."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select, update

from app.core import clock, codes
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households import queries, services
from app.households.jobs import judge_ages
from app.households.models import Household, Member
from app.households.rules import HouseholdState, Tier
from app.households.rules.ages import (
    AGE_LINES,
    NOT_LOOKED_AT,
    birthday,
    crossed,
    month_of,
    next_month,
)
from app.households.services.writing import write
from app.notices.models import Message
from tests.factories import a_household, a_worker, keep, reload

if TYPE_CHECKING:
    from app.accounts.models import User

# whoever the factory puts into a household was born on 15 August 1949: eighty on 15 August 2029
EVE, DAY = date(2029, 8, 14), date(2029, 8, 15)
BIRTHS = st.dates(date(1930, 1, 1), date(2026, 12, 31))


def at(day: date) -> Any:
    """Let it be that day."""
    return clock.frozen(datetime(day.year, day.month, day.day, 4, tzinfo=UTC))


def night(day: date) -> int:
    with at(day):
        return judge_ages(day)


def found(file: Household) -> Household:
    """The file as the database has it: the night keeps no city in memory."""
    db.session.rollback()
    return db.session.get_one(Household, inspect(file).identity)


def told() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.title)))


def a_file(worker: User, **facts: Any) -> Household:
    values: dict[str, Any] = {
        "worker": worker, "tier": Tier.MONTHLY, "tier_rule": "old_alone", "ages_on": date(2029, 8, 1),
    } | facts  # fmt: skip
    return a_household(**values)


def test_a_leap_day_child_comes_of_age_on_the_first_of_march() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 60) == date(2068, 2, 29)


@given(births=st.lists(BIRTHS, max_size=5), day=st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_no_line_is_crossed_before_the_month_that_was_noted(births: list[date], day: date) -> None:
    month = next_month(births, day)

    if month is None:
        assert not crossed(births, day + timedelta(days=1), date(2130, 1, 1))
    else:
        assert month.day == 1
        assert not crossed(births, day + timedelta(days=1), month - timedelta(days=1))
        following = month_of(month + timedelta(days=32))
        assert crossed(births, max(month, day + timedelta(days=1)), following - timedelta(days=1))


@pytest.mark.usefixtures("app")
def test_on_the_birthday_the_file_is_judged_anew_and_its_worker_told_once() -> None:
    worker = a_worker()
    file = a_file(worker)

    assert night(EVE) == 0
    assert (found(file).tier, told()) == (Tier.MONTHLY, [])
    ran = [night(DAY), night(DAY)]

    assert ran == [1, 0]
    assert (found(file).tier, found(file).tier_rule) == (Tier.WEEKLY, "very_old_alone")
    assert found(file).ages_on is None  # no line is left
    assert told() == [f"你负责的一份档案里有人{AGE_LINES[80]}"]
    notes = [(note.kind, note.title, note.user_id) for note in queries.changes(file.id)]
    assert notes == [
        ("ages", "家里有人满 80 岁", None),
        ("tier", "家里有人满 80 岁，重新评定风险档", None),
    ]


@pytest.mark.usefixtures("app")
def test_a_tier_that_somebody_said_stays_and_the_worker_hears_all_the_same() -> None:
    worker = a_worker()
    file = a_file(worker, tier_rule="manual")

    night(DAY)

    assert (found(file).tier, found(file).tier_rule) == (Tier.MONTHLY, "manual")
    assert len(told()) == 1


@pytest.mark.usefixtures("app")
def test_a_night_that_was_missed_is_made_up_for() -> None:
    file = a_file(a_worker())

    night(date(2029, 9, 20))  # nobody ran anything in August

    assert found(file).tier is Tier.WEEKLY
    assert len(told()) == 1


@pytest.mark.usefixtures("app")
def test_files_that_nobody_looked_at_get_their_month_and_no_message() -> None:
    worker = a_worker()
    file = a_household(worker=worker)  # as an import leaves it
    assert reload(file).ages_on == NOT_LOOKED_AT

    ran = [night(date(2026, 3, 3)), night(date(2026, 3, 3))]

    assert ran == [1, 0]
    assert found(file).ages_on == date(2029, 8, 1)
    assert told() == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("state", [HouseholdState.DRAFT, HouseholdState.CLOSED])
def test_files_out_of_force_are_left_alone(state: HouseholdState) -> None:
    file = a_file(a_worker(), state=state)

    night(DAY)

    assert (found(file).tier, told()) == (Tier.MONTHLY, [])


@pytest.mark.usefixtures("app")
def test_one_file_that_does_not_open_costs_the_others_nothing() -> None:
    worker = a_worker()
    broken, sound = a_file(worker), a_file(worker)
    with transaction():
        db.session.execute(
            update(Member).where(Member.household_id == broken.id).values(person=b"not sealed")
        )

    assert night(DAY) == 1
    assert found(sound).tier is Tier.WEEKLY


@pytest.mark.usefixtures("app")
def test_an_erased_file_is_not_opened_and_not_looked_at_again() -> None:
    file = a_household(state=HouseholdState.ERASED, data_key=None)

    assert [night(DAY), night(DAY)] == [1, 0]
    assert found(file).ages_on is None


@pytest.mark.usefixtures("app")
def test_two_birthdays_of_one_month_are_two_messages() -> None:
    worker = a_worker()
    file = a_file(worker)
    box = ring().box(file.data_key or b"", file.file_no)
    code = codes.new()
    person = box.seal_json({"name": "霍明", "birth": "2013-08-20"}, f"member.person:{code}")
    keep(
        Member(code=code, household_id=file.id, position=1, relationship_code="4", sex="1", person=person)
    )  # fmt: skip

    for day in range(13, 25):
        night(date(2029, 8, day))
        assert night(date(2029, 8, day)) == 0  # a second run of a night changes nothing

    assert sorted(told()) == sorted(f"你负责的一份档案里有人{AGE_LINES[age]}" for age in (16, 80))
    assert found(file).ages_on == date(2031, 8, 1)


@pytest.mark.usefixtures("app")
def test_writing_a_person_notes_the_month_and_no_day() -> None:
    worker, file = a_worker(), a_household()

    with transaction():
        services.edit(worker.actor, file, {"phone": "13911112222"}, reason="换号", version=1)
        document = queries.document(reload_in(file))
        member = next(iter(document["members"].values()))
        member["birth"] = "1967-05-09"
        write(worker.actor, file, document, version=2)

    with at(date(2026, 11, 1)):
        expected = next_month([date(1967, 5, 9)], clock.today())
    assert expected == date(2027, 5, 1)
    assert found(file).ages_on == expected


def reload_in(file: Household) -> Household:
    """The file as this very transaction has it."""
    db.session.refresh(file)
    return file
