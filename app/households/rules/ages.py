"""Birthdays that change what a household is due (年龄线); 16 and 60 are lines of 特困人员认定办法 §5."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

AGE_LINES = {
    14: "满 14 岁：信息使用的同意，以后要问本人和监护人",
    16: "满 16 岁：特困的劳动能力线，看看类别还合不合适",
    18: "满 18 岁：不再按儿童算，看看类别和标签",
    60: "满 60 岁：特困的劳动能力线，看看能不能换成更合适的类别",
    80: "满 80 岁：看看探访够不够勤",
}
NOT_LOOKED_AT = date(2000, 1, 1)  # what a file has until the night has read its birthdays


def birthday(birth: date, age: int) -> date:
    """Return the day on which somebody reaches an age; who was born on 29 February does so on 1 March."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 3, 1)


def month_of(day: date) -> date:
    """Return the first of a day's month."""
    return day.replace(day=1)


def next_month(births: Iterable[date], day: date) -> date | None:
    """Return the first of the month in which the next line after a day is crossed; None when none is left."""
    coming = [
        reached for birth in births for age in AGE_LINES if (reached := birthday(birth, age)) > day
    ]
    return month_of(min(coming)) if coming else None


def crossed(births: Iterable[date], since: date, day: date) -> list[int]:
    """Return the lines that somebody crossed from one day on until another, both counted, the lowest first."""
    return sorted(
        {age for birth in births for age in AGE_LINES if since <= birthday(birth, age) <= day}
    )
