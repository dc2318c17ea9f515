"""What overviews read (概览数字): kept figures and kept totals, never a count over everything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from app.core.db import db
from app.ledger.models import Tally
from app.ledger.rules import Account, Dimension, Measure
from app.portal.models import TownMonth
from app.portal.rules import months_back, quarter_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

CHART_MONTHS = 6
VALUE = ("money_fen", "goods_fen", "minutes", "unvalued")


@dataclass(frozen=True, slots=True)
class CityFigures:
    """What the city has done together: value by measure, and files and visits of the last months."""

    value: dict[Measure, int]
    households: int
    visits: int


def city(today: date) -> CityFigures:
    """Return the public page's figures: two statements over the towns' kept rows."""
    value = dict.fromkeys(Measure, 0)
    for measure, amount in db.session.execute(
        select(Tally.measure, func.sum(Tally.amount))
        .where(Tally.dimension == Dimension.TOWN, Tally.account == Account.DELIVERED)
        .group_by(Tally.measure)
    ):
        value[measure] = int(amount)
    months = months_back(today, CHART_MONTHS)
    rows = db.session.execute(
        select(TownMonth.month, func.sum(TownMonth.households), func.sum(TownMonth.visits))
        .where(TownMonth.month >= months[0])
        .group_by(TownMonth.month)
        .order_by(TownMonth.month)
    ).all()
    households = int(rows[-1][1]) if rows else 0
    return CityFigures(value, households, sum(int(row[2]) for row in rows))


def months_of(prefixes: Sequence[str], today: date) -> list[TownMonth]:
    """Return the kept figures of the last six months under some region prefixes, summed by month, oldest first."""
    return coverage(prefixes, today)[1]


def quarter(months: Sequence[TownMonth], today: date) -> dict[str, int]:
    """Return what reached households in this quarter, by measure."""
    first = quarter_of(today)
    inside = [row for row in months if row.month >= first]
    return {name: sum(getattr(row, name) for row in inside) for name in VALUE}


def coverage(prefixes: Sequence[str], today: date) -> tuple[list[TownMonth], list[TownMonth]]:
    """Return this month's figures town by town, and the sums of the last months: one statement."""
    rows = _rows(prefixes, months_back(today, CHART_MONTHS)[0])
    by_month: dict[date, list[TownMonth]] = defaultdict(list)
    for row in rows:
        by_month[row.month].append(row)
    sums = []
    for month in sorted(by_month):
        total = _empty(month, by_month[month][0].counted_on)
        for row in by_month[month]:
            for name in _COUNTED:
                setattr(total, name, getattr(total, name) + getattr(row, name))
        sums.append(total)
    latest = by_month[max(by_month)] if by_month else []
    return sorted(latest, key=lambda row: row.town_code), sums


_COUNTED = [c.key for c in TownMonth.__table__.columns if c.type.python_type is int]


def _empty(month: date, counted_on: date) -> TownMonth:
    return TownMonth(town_code="", month=month, counted_on=counted_on, **dict.fromkeys(_COUNTED, 0))


def _rows(prefixes: Sequence[str], first: date) -> Sequence[TownMonth]:
    if not prefixes:
        return []
    return db.session.scalars(
        select(TownMonth)
        .where(TownMonth.month >= first, _in_towns(prefixes))
        .order_by(TownMonth.town_code, TownMonth.month)
    ).all()


def _in_towns(prefixes: Sequence[str]) -> ColumnElement[bool]:
    ranges = [
        TownMonth.town_code.between(town.ljust(9, "0"), town.ljust(9, "9"))
        for town in (prefix[:9] for prefix in prefixes)
    ]
    return or_(*ranges)
