"""Unusual reading (异常查阅) as rules: from how much on, and from how much not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.households.rules.watching import LIMITS, Look, ReadingRule, unusual

NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # 12:00 in Foshan
HERE, THERE = "440606005002", "440606102001"
DAY = timedelta(hours=8)


def looks(
    number: int,
    *,
    start: datetime = NOON,
    apart: timedelta = timedelta(minutes=12),
    place: str = HERE,
    gave_up: bool = False,
) -> list[Look]:
    """Looks at so many different files, one after the other."""
    return [Look(100 + one, start + apart * one, one + 1, place, gave_up) for one in range(number)]


def rules(found: list[Look], usual: set[str] | None = None) -> set[ReadingRule]:
    return {finding.rule for finding in unusual(found, {HERE} if usual is None else usual)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (looks(29, apart=timedelta(minutes=11)), set()),
        (looks(30, apart=timedelta(minutes=11)), {ReadingRule.MANY}),
        (looks(9, apart=timedelta(minutes=1)), set()),
        (looks(10, apart=timedelta(minutes=1)), {ReadingRule.FAST}),
        (looks(10, apart=timedelta(seconds=67)), set()),
        (looks(4, place=THERE), set()),
        (looks(5, place=THERE), {ReadingRule.ELSEWHERE}),
        (looks(2, start=NOON + timedelta(hours=11)), set()),
        (looks(3, start=NOON + timedelta(hours=11)), {ReadingRule.NIGHT}),
        (looks(3, start=NOON - timedelta(hours=7)), {ReadingRule.NIGHT}),
        (looks(3, start=NOON - timedelta(hours=6)), set()),
        (looks(1, gave_up=True), {ReadingRule.HANDED_OVER}),
        ([], set()),
    ],
)
def test_the_table_of_what_is_unusual(found: list[Look], expected: set[ReadingRule]) -> None:
    assert rules(found) == expected


def test_one_file_opened_over_and_over_is_one_file() -> None:
    again = [Look(row, NOON + timedelta(seconds=row), 1, THERE) for row in range(50)]

    assert rules(again) == set()


def test_of_somebody_new_nothing_is_usual_and_nothing_unusual() -> None:
    assert rules(looks(6, place=THERE), set()) == set()


def test_a_finding_says_how_many_files_and_shows_the_rows() -> None:
    [finding] = unusual(looks(12, apart=timedelta(seconds=30)), {HERE})

    assert (finding.rule, finding.files) == (ReadingRule.FAST, 12)
    assert finding.rows == list(range(100, 112))


@given(
    st.lists(
        st.builds(
            lambda row, minutes, file: Look(row, NOON + timedelta(minutes=minutes), file, HERE),
            st.integers(1, 9_999),
            st.integers(0, 700),
            st.integers(1, 40),
        ),
        max_size=60,
    )
)
def test_no_order_of_rows_and_no_further_look_makes_it_less_unusual(found: list[Look]) -> None:
    before = rules(found)
    more = [*found, Look(99_999, NOON, 41, HERE)]

    assert rules(list(reversed(found))) == before
    assert before <= rules(more)
    for finding in unusual(found, {HERE}):
        assert finding.files <= len({look.household_id for look in found})
        assert len(finding.rows) <= 60


def test_the_limits_are_what_a_supervisor_was_told() -> None:
    assert (LIMITS.many_a_day, LIMITS.fast, LIMITS.elsewhere, LIMITS.at_night) == (30, 10, 5, 3)
