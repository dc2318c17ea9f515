"""Money, days and counts read the way a social worker would say them."""

from datetime import UTC, date, datetime

import pytest

from app.core import phrases

TODAY = date(2026, 9, 3)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "¥0.00"),
        (7, "¥0.07"),
        (120_600, "¥1,206.00"),
        (-39_805, "-¥398.05"),
        (2_123_600_000, "¥21,236,000.00"),
    ],
)
def test_money_is_said_to_the_fen(fen: int, words: str) -> None:
    assert words == phrases.money(fen)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "0元"),
        (980_050, "9,801元"),
        (1_206_000, "1.2万元"),
        (1_000_000, "1万元"),
        (-1_250_000, "-1.3万元"),
        (2_123_600_000, "2,123.6万元"),
        (9_999_999_900, "1亿元"),
        (12_345_678_900, "1.23亿元"),
    ],
)
def test_overviews_speak_in_wan(fen: int, words: str) -> None:
    assert words == phrases.wan(fen)


def test_a_day_of_this_year_needs_no_year() -> None:
    assert phrases.day(date(2026, 9, 3), TODAY) == "9月3日 周四"


def test_a_day_of_another_year_says_which() -> None:
    assert phrases.day(date(2027, 3, 1), TODAY) == "2027年3月1日 周一"


def test_a_day_that_is_not_known_is_a_dash() -> None:
    assert phrases.day(None, TODAY) == "—"
    assert phrases.moment(None) == "—"


def test_an_instant_is_read_on_foshans_clock() -> None:
    late = datetime(2026, 9, 2, 17, 30, tzinfo=UTC)

    assert phrases.moment(late) == "9月3日 周四 01:30"


def test_an_instant_of_another_year_says_which() -> None:
    before = datetime(2025, 12, 31, 3, 0, tzinfo=UTC)

    assert phrases.moment(before, TODAY) == "2025年12月31日 周三 11:00"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        phrases.moment(datetime(2026, 9, 3, 14, 30))  # noqa: DTZ001 - the very mistake


def test_a_period_within_a_day_names_the_day_once() -> None:
    start = datetime(2026, 9, 5, 1, 30, tzinfo=UTC)
    end = datetime(2026, 9, 5, 2, 30, tzinfo=UTC)

    assert phrases.period(start, end) == "9月5日 周六 09:30 – 10:30"


def test_a_period_over_midnight_names_both_days() -> None:
    start = datetime(2026, 9, 5, 1, 30, tzinfo=UTC)
    end = datetime(2026, 9, 6, 2, 30, tzinfo=UTC)

    assert phrases.period(start, end) == "9月5日 周六 09:30 – 9月6日 周日 10:30"


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 9, 6), "3 天后"),
        (date(2026, 9, 5), "后天"),
        (date(2026, 9, 4), "明天"),
        (TODAY, "今天"),
        (date(2026, 9, 2), "昨天"),
        (date(2026, 8, 25), "9 天前"),
    ],
)
def test_a_day_is_said_from_today(on: date, words: str) -> None:
    assert words == phrases.from_now(on, TODAY)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 8, 25), "逾期 9 天"),
        (date(2026, 9, 2), "逾期 1 天"),
        (TODAY, "今天"),
        (date(2026, 9, 6), "3 天后"),
    ],
)
def test_a_due_day_that_passed_is_overdue(on: date, words: str) -> None:
    assert words == phrases.from_now(on, TODAY, due=True)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 小时"), (60, "1 小时"), (1_110, "18.5 小时"), (63, "1.1 小时"), (90_000, "1,500 小时")],
)
def test_service_time_is_counted_in_hours(minutes: int, words: str) -> None:
    assert words == phrases.hours(minutes)


@pytest.mark.parametrize(
    ("minutes", "words"), [(50, "50 分钟"), (60, "1 小时"), (80, "1 小时 20 分")]
)
def test_a_duration_is_said_as_people_say_it(minutes: int, words: str) -> None:
    assert words == phrases.duration(minutes)


def test_a_count_carries_its_unit() -> None:
    assert phrases.count(1_204, "户") == "1,204 户"
    assert phrases.count(76_511) == "76,511"


def test_a_share_of_nothing_is_a_dash() -> None:
    assert phrases.percent(87, 100) == "87%"
    assert phrases.percent(1, 3) == "33.3%"
    assert phrases.percent(0, 0) == "—"


def test_every_phrase_can_be_used_in_a_template() -> None:
    assert {"money", "wan", "day", "moment", "from_now", "hours", "count"} <= set(phrases.FILTERS)
