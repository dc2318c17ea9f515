"""The book-keeping (记账规则): accounts, measures, and what makes an entry whole."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Account(StrEnum):
    """Where value stands on its way: from its donor, as a pledge, received and held, delivered to a household."""

    DONOR = "donor"
    PLEDGED = "pledged"
    HELD = "held"
    DELIVERED = "delivered"


class Measure(StrEnum):
    """What is counted; the four are never added together (慈善法; DESIGN §2.8)."""

    MONEY = "money"
    GOODS = "goods"
    HOURS = "hours"
    UNVALUED = "unvalued"


MEASURE_WORDS = {
    Measure.MONEY: "资金",
    Measure.GOODS: "实物",
    Measure.HOURS: "服务",
    Measure.UNVALUED: "未估值",
}
MEASURE_UNIT = {
    Measure.MONEY: "fen",
    Measure.GOODS: "fen",
    Measure.HOURS: "minutes",
    Measure.UNVALUED: "items",
}


class EntryKind(StrEnum):
    """What happened."""

    PLEDGE = "pledge"
    RECEIVE = "receive"
    DELIVER = "deliver"
    SERVE = "serve"
    REVERSAL = "reversal"


class Dimension(StrEnum):
    """By what totals are kept."""

    HOUSEHOLD = "household"
    PROGRAMME = "programme"
    DONOR = "donor"
    TOWN = "town"


class Leg(NamedTuple):
    """One posting to be: an amount (fen, minutes or items) on an account, with what it belongs to."""

    account: Account
    measure: Measure
    amount: int
    programme_id: int | None = None
    donor_id: int | None = None
    household_id: int | None = None
    town_code: str = ""


def is_balanced(legs: Iterable[Leg]) -> bool:
    """Say whether the legs sum to zero in each measure and none of them is zero."""
    sums: dict[Measure, int] = defaultdict(int)
    for leg in legs:
        if leg.amount == 0:
            return False
        sums[leg.measure] += leg.amount
    return bool(sums) and not any(sums.values())


def move(source: Leg, target: Account, **changed: object) -> list[Leg]:
    """Return the two legs that take `source` out of its account and put it into `target`."""
    out = source._replace(amount=-source.amount)
    into = source._replace(account=target, **changed)  # type: ignore[arg-type] - fields of Leg
    return [out, into]
