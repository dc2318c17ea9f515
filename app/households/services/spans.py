"""How files stood, day by day (档案时段): kept with every change, so that a past day can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from app.core import clock
from app.core.db import bulk_insert, db
from app.households.models import Span
from app.regions.rules import prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.households.rules import Category, HouseholdState, Tier


COLUMNS = (
    "from_on", "household_id", "town_code", "district_code", "region_code", "category", "tier", "state",
    "member_count", "income_fen", "aid_fen",
)  # fmt: skip


class Standing(NamedTuple):
    """What of a file lists and totals are made of."""

    region_code: str
    category: Category
    tier: Tier
    state: HouseholdState
    member_count: int
    income_fen: int
    aid_fen: int


def keep(household_id: int, now: Standing) -> None:
    """Let a file stand like this from today on; the day's last word replaces its earlier ones."""
    today = clock.today()
    last = db.session.execute(
        select(Span.id, Span.from_on, *(getattr(Span, name) for name in Standing._fields)).where(
            Span.household_id == household_id, Span.until_on.is_(None)
        )
    ).one_or_none()
    if last is not None and tuple(last[2:]) == now:
        return
    if last is not None and last.from_on == today:
        db.session.execute(delete(Span).where(Span.id == last.id))
    elif last is not None:
        db.session.execute(update(Span).where(Span.id == last.id).values(until_on=today))
    district, town = prefixes(now.region_code)
    db.session.execute(
        insert(Span).values(
            household_id=household_id,
            from_on=today,
            town_code=town,
            district_code=district,
            **now._asdict(),
        )
    )


def begin(files: Iterable[tuple[Any, ...]]) -> None:
    """Let very many files that have no span yet stand like this from today on: key, town, district, and a Standing."""
    today = clock.today()
    bulk_insert(_table(), COLUMNS, ((today, *values) for values in files))


def keep_all(files: Mapping[int, Standing]) -> None:
    """The same as `keep` for some hundred files at once."""
    today = clock.today()
    names = (getattr(Span, name) for name in Standing._fields)
    open_ones = db.session.execute(
        select(Span.household_id, Span.id, Span.from_on, *names).where(
            Span.household_id.in_(files), Span.until_on.is_(None)
        )
    ).all()
    same = {row.household_id for row in open_ones if tuple(row[3:]) == files[row.household_id]}
    moved = [row for row in open_ones if row.household_id not in same]
    end(row.id for row in moved if row.from_on == today)
    earlier = [row.id for row in moved if row.from_on != today]
    db.session.execute(update(Span).where(Span.id.in_(earlier)).values(until_on=today))
    begin(
        (number, town, district, *now)
        for number, now in files.items()
        if number not in same
        for district, town in (prefixes(now.region_code),)
    )


def end(spans: Iterable[int]) -> None:
    """Take out spans that began today: the day's last word counts."""
    db.session.execute(delete(Span).where(Span.id.in_(list(spans))))


def _table() -> Any:
    return Span.__table__
