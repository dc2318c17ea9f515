"""The book-keeping (记账规则): accounts, measures, and what makes an entry whole."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Figure(StrEnum):
    """A figure on a page, with the list of postings behind it."""

    PLEDGED = "pledged"
    RECEIVED = "received"
    DELIVERED = "delivered"
    REMAINING = "remaining"


FIGURE_WORDS = {
    Figure.PLEDGED: "认捐待到",
    Figure.RECEIVED: "已收到",
    Figure.DELIVERED: "已送达",
    Figure.REMAINING: "结余",
}
# which postings add up to a figure: an account, and the kinds of entry that count there (empty: all);
# a reversal counts as the kind that it takes back
BEHIND: dict[Figure, tuple[tuple[Account, frozenset[EntryKind]], ...]] = {
    Figure.PLEDGED: ((Account.PLEDGED, frozenset()),),
    Figure.RECEIVED: (
        (Account.HELD, frozenset({EntryKind.RECEIVE})),
        (Account.DELIVERED, frozenset({EntryKind.SERVE})),
    ),
    Figure.DELIVERED: ((Account.DELIVERED, frozenset()),),
    Figure.REMAINING: ((Account.HELD, frozenset()),),
}

Balances = dict[Account, dict[Measure, int]]


def no_balances() -> Balances:
    """Return zero for every account and measure."""
    return {account: dict.fromkeys(Measure, 0) for account in Account}


def figures(balances: Balances) -> dict[Figure, dict[Measure, int]]:
    """Read the figures of a page from the balances: received is what is held and what went on from there."""
    held, delivered = balances[Account.HELD], balances[Account.DELIVERED]
    return {
        Figure.PLEDGED: dict(balances[Account.PLEDGED]),
        Figure.RECEIVED: {m: held[m] + delivered[m] for m in Measure},
        Figure.DELIVERED: dict(delivered),
        Figure.REMAINING: dict(held),
    }


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


def move(source: Leg, target: Account, **changed: Any) -> list[Leg]:
    """Return the two legs that take `source` out of its account and put it into `target`."""
    out = source._replace(amount=-source.amount)
    into = source._replace(account=target, **changed)
    return [out, into]


def reversed_legs(legs: Iterable[Leg]) -> list[Leg]:
    """Return the legs that take others back."""
    return [leg._replace(amount=-leg.amount) for leg in legs]


def subjects(leg: Leg) -> dict[Dimension, str]:
    """Say under which totals a leg counts."""
    found = {
        Dimension.HOUSEHOLD: leg.household_id,
        Dimension.PROGRAMME: leg.programme_id,
        Dimension.DONOR: leg.donor_id,
        Dimension.TOWN: leg.town_code or None,
    }
    return {dimension: str(subject) for dimension, subject in found.items() if subject is not None}


def tally_changes(legs: Iterable[Leg]) -> dict[tuple[str, str, str, str], int]:
    """Sum legs by dimension, subject, account and measure, in one fixed order, so that two writers never deadlock."""
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for leg in legs:
        for dimension, subject in subjects(leg).items():
            sums[dimension.value, subject, leg.account.value, leg.measure.value] += leg.amount
    return {key: sums[key] for key in sorted(sums) if sums[key]}
