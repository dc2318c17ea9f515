"""How files stood, day by day (档案时段): kept with every change, so that a past day can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update

from app.core import clock
from app.core.db import db
from app.households.models import Span
from app.regions.rules import prefixes

if TYPE_CHECKING:
    from app.households.rules import Category, HouseholdState, Tier


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
