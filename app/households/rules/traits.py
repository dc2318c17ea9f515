"""How a household may be described without naming anybody (匿名画像), and how often it is visited at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.households.rules.categories import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

OLD = 60
VERY_OLD = 80
ADULT = 18
INTERVAL_DAYS = {Tier.WEEKLY: 7, Tier.MONTHLY: 30, Tier.QUARTERLY: 90}


@dataclass(frozen=True, slots=True)
class Person:
    """What the description of a household depends on."""

    age: int | None
    is_disabled: bool = False
    is_ill: bool = False
    has_no_self_care: bool = False


def age_on(birth: date | None, day: date) -> int | None:
    """Return somebody's age in full years."""
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birth_of(said: object) -> date | None:
    """Return a day of birth as it is on file; where only the year or month is known, the first day of it."""
    parts = str(said or "").split("-")
    try:
        year, month, day = (int(part) for part in [*parts, "1", "1"][:3])
        return date(year, month, day)
    except ValueError:
        return None


def traits_of(people: Sequence[Person]) -> str:
    """Return the code by which a card describes a household; children are never what a card speaks of."""
    adults = [each for each in people if each.age is None or each.age >= ADULT]
    old = [each for each in adults if each.age is not None and each.age >= OLD]
    if len(people) == 1 and old:
        return "elder_alone"
    if old and len(old) == len(adults) == len(people):
        return "elders"
    if any(each.is_disabled for each in adults):
        return "disabled"
    if any(each.is_ill for each in adults):
        return "ill"
    return "with_elder" if old else "family"
