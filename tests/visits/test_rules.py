"""The rules of visits, as a social worker would check them."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.accounts.rules import Role
from app.visits.rules import (
    CONTACT,
    NEXT,
    RESULT_NOTES,
    RESULT_WORDS,
    STATE_WORDS,
    Facts,
    FollowUpKind,
    Result,
    VisitState,
    earns_hours,
    follow_up_for,
    next_due,
)

R = Result


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [
        (date(2026, 9, 3), 7, date(2026, 9, 10)),
        (date(2026, 1, 31), 30, date(2026, 3, 2)),
        (date(2026, 12, 25), 90, date(2027, 3, 25)),
        (None, 30, date(2026, 2, 4)),
    ],
)
def test_the_next_visit_is_due_an_interval_after_the_last_or_after_filing(
    last: date | None, days: int, due: date
) -> None:
    assert next_due(last, date(2026, 1, 5), days) == due


@pytest.mark.parametrize(
    ("newest_first", "asked"),
    [
        ([], None),
        ([R.MET], None),
        ([R.NOBODY], None),
        ([R.NOBODY, R.NOBODY], FollowUpKind.VERIFY),
        ([R.LOST, R.NOBODY], FollowUpKind.VERIFY),
        ([R.NOBODY, R.MET], None),
        ([R.MET, R.NOBODY], None),
        ([R.AWAY, R.NOBODY], None),
        ([R.REFUSED, R.REFUSED], None),
        ([R.DIED, R.MET], FollowUpKind.CHECK),
        ([R.MOVED], FollowUpKind.CHECK),
        ([R.HOSPITAL], FollowUpKind.CHECK),
        ([R.MET, R.DIED], None),
    ],
)
def test_two_visits_in_a_row_that_found_nobody_ask_the_village(
    newest_first: list[Result], asked: FollowUpKind | None
) -> None:
    found = follow_up_for(newest_first)

    assert (found[0] if found else None) == asked


@pytest.mark.parametrize(
    ("roles", "result", "minutes", "claimed", "earned"),
    [
        ({Role.VOLUNTEER}, R.MET, 50, True, True),
        ({Role.DONOR}, R.FAMILY, 50, True, True),
        ({Role.VOLUNTEER}, R.NOBODY, 50, True, False),
        ({Role.VOLUNTEER}, R.MET, 0, True, False),
        ({Role.VOLUNTEER}, R.MET, 50, False, False),
        ({Role.VOLUNTEER, Role.WORKER}, R.MET, 50, True, False),
        ({Role.OFFICER}, R.MET, 50, True, False),
    ],
)
def test_hours_are_for_unpaid_people_who_claimed_and_met_the_household(
    roles: set[Role], result: Result, minutes: int, *, claimed: bool, earned: bool
) -> None:
    assert earns_hours(roles, result, minutes, claimed=claimed) is earned


@pytest.mark.parametrize(
    ("minutes", "starts", "ends", "length"),
    [
        (50, None, None, 50),
        (None, time(9, 30), time(10, 20), 50),
        (45, time(9, 30), time(10, 20), 45),
        (None, time(9, 30), None, 0),
        (None, None, None, 0),
        (None, time(10), time(9), -60),
    ],
)
def test_the_time_of_service_is_as_said_or_from_the_clock(
    minutes: int | None, starts: time | None, ends: time | None, length: int
) -> None:
    assert (
        Facts(date(2026, 9, 3), R.MET, minutes=minutes, starts=starts, ends=ends).length == length
    )


def test_every_state_and_result_has_its_words_and_no_state_leads_back_from_confirmed() -> None:
    assert set(STATE_WORDS) == set(NEXT) == set(VisitState)
    assert set(RESULT_WORDS) == set(RESULT_NOTES) == set(Result)
    assert NEXT[VisitState.CONFIRMED] == {VisitState.AMENDED}
    assert {R.MET, R.FAMILY} == CONTACT
