"""Counting the kept figures (月度数字) anew."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, extract, func, select

from app.core.db import db
from app.households.models import Household
from app.households.rules import HouseholdState
from app.ledger.models import Entry, Posting
from app.ledger.rules import Account, Measure
from app.portal.models import TownMonth
from app.portal.rules import months_back
from app.visits.models import Visit
from app.visits.rules import CONTACT, VisitState

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTHS = 6  # what a chart shows; late confirmations reach no further back than that
COLUMN = {
    Measure.MONEY: "money_fen",
    Measure.GOODS: "goods_fen",
    Measure.HOURS: "minutes",
    Measure.UNVALUED: "unvalued",
}
Facts = dict[tuple[str, date], dict[str, int]]


def count_figures(day: date) -> int:
    """Count the last six months of every town as they stand on `day`; returns how many rows became different.

    Three statements over everything, once a night, so that no page ever counts a city.
    """
    months = months_back(day, MONTHS)
    facts: Facts = defaultdict(dict)
    for source in (_files(day, months), _visits(months[0], day), _value(months[0], day)):
        for key, values in source:
            facts[key] |= values
    known = {
        (row.town_code, row.month): row
        for row in db.session.scalars(select(TownMonth).where(TownMonth.month >= months[0]))
    }
    return sum(_keep(key, facts.get(key, {}), known.get(key), day) for key in facts | known)


def _keep(key: tuple[str, date], values: dict[str, int], row: TownMonth | None, day: date) -> bool:
    if row is None:
        town, month = key
        db.session.add(TownMonth(town_code=town, month=month, counted_on=day, **values))
        return True
    counted = [c.key for c in TownMonth.__table__.columns if c.type.python_type is int]
    wanted = {name: values.get(name, 0) for name in counted}
    different = any(getattr(row, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(row, name, value)
    row.counted_on = day
    return different


def _files(day: date, months: list[date]) -> Iterable[tuple[tuple[str, date], dict[str, int]]]:
    """What the files of a town say; how many were in force in a past month is known by their day of filing."""
    ends = [*(month - timedelta(days=1) for month in months[1:]), day]
    by_end = [
        (
            func.sum(case((Household.filed_on <= end, 1), else_=0)),
            func.sum(case((Household.filed_on <= end, Household.member_count), else_=0)),
        )
        for end in ends
    ]
    rows = db.session.execute(
        select(
            Household.town_code,
            func.sum(case((Household.last_visit_on.is_(None), 1), else_=0)),
            func.sum(case((Household.next_visit_on < day, 1), else_=0)),
            *(column for pair in by_end for column in pair),
        )
        .where(Household.state == HouseholdState.ACTIVE)
        .group_by(Household.town_code)
    )
    for town, never, overdue, *counts in rows:
        for index, month in enumerate(months):
            households, persons = counts[2 * index], counts[2 * index + 1]
            values = {"households": int(households), "persons": int(persons)}
            if month == months[-1]:
                values |= {"never_visited": int(never), "overdue": int(overdue)}
            yield (town, month), values


def _visits(first: date, day: date) -> Iterable[tuple[tuple[str, date], dict[str, int]]]:
    year, month = extract("year", Visit.visited_on), extract("month", Visit.visited_on)
    reached = case((Visit.result.in_(sorted(CONTACT)), Visit.household_id))
    rows = db.session.execute(
        select(Visit.town_code, year, month, func.count(reached.distinct()), func.count())
        .where(
            Visit.state == VisitState.CONFIRMED,
            Visit.visited_on >= first,
            Visit.visited_on <= day,
        )
        .group_by(Visit.town_code, year, month)
    )
    for town, in_year, in_month, visited, visits in rows:
        yield _key(town, in_year, in_month), {"visited": visited, "visits": visits}


def _value(first: date, day: date) -> Iterable[tuple[tuple[str, date], dict[str, int]]]:
    year, month = extract("year", Entry.happened_on), extract("month", Entry.happened_on)
    rows = db.session.execute(
        select(Posting.town_code, year, month, Posting.measure, func.sum(Posting.amount))
        .join(Posting.entry)
        .where(
            Posting.account == Account.DELIVERED,
            Posting.town_code != "",
            Entry.happened_on >= first,
            Entry.happened_on <= day,
        )
        .group_by(Posting.town_code, year, month, Posting.measure)
    )
    for town, in_year, in_month, measure, amount in rows:
        yield _key(town, in_year, in_month), {COLUMN[measure]: int(amount)}


def _key(town: str, year: Any, month: Any) -> tuple[str, date]:
    return town, date(int(year), int(month), 1)
