"""Lists and totals of a past day (某日名册与汇总): found by how files stood, span by span, never by undoing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, false, func, or_, select

from app.core import clock, paging
from app.core.db import db
from app.core.paging import Page
from app.households import policy
from app.households.models import Change, Household, Span
from app.households.queries.files import box, head
from app.households.rules.masking import mask_surname
from app.households.rules.totals import Cell, put_together, summed, whole
from app.regions.policy import CITY, TOWN, lies_under
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement

    from app.core.access import Actor
    from app.households.queries.listing import Wanted

WHOLE_CITY = "4406"


class PastLine(NamedTuple):
    """A file as a row of a past day's list; who has moved out of the reader's sight since is not named."""

    span: Span
    household: Household
    name: str
    is_seen: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Households and people on a day, by what they were; beyond a town small figures are put together."""

    whole: Cell
    by_place: list[Cell]
    by_category: list[Cell]
    by_tier: list[Cell]
    by_state: list[Cell]
    is_put_together: bool


def past_listing(actor: Actor, wanted: Wanted, day: date, cursor: str | None) -> Page[PastLine]:
    """Return a page of files as they stood at the end of a day, the longest on file first: two statements."""
    statement = (
        select(Span, Household)
        .join(Household, Household.id == Span.household_id)
        .where(*_on(day), _in_scope(actor, wanted.region), Span.state == wanted.state)
        .where(*_kinds(wanted))
    )
    values = paging.decode(cursor, 1) if cursor else None
    if values is not None:
        statement = statement.where(paging.after([(Span.household_id, False)], values))
    rows = db.session.execute(
        statement.order_by(Span.household_id).limit(paging.PAGE_SIZE + 1)
    ).all()
    shown = rows[: paging.PAGE_SIZE]
    seen = [file for _, file in shown if file.data_key and policy.can_view(actor, file)]
    names = _names(seen, day)
    lines = [PastLine(span, file, names.get(file.id, ""), file.id in names) for span, file in shown]
    more = paging.encode([shown[-1][0].household_id]) if len(rows) > len(shown) else None
    return Page(lines, more)


def _names(files: Sequence[Household], day: date) -> dict[int, str]:
    """Return the surnames of the householders of that day: today's, with every later change of a name undone."""
    names = {file.id: head(file).name for file in files}
    boxes = {file.id: (box(file), file.file_no) for file in files}
    later = select(Change.household_id, Change.fields).where(
        Change.household_id.in_(names),
        Change.at >= clock.at(day + timedelta(days=1)),
        Change.fields.is_not(None),
    )
    # by the index of a file's changes, whose order this is
    order = (Change.household_id.desc(), Change.id.desc())
    for household_id, fields in db.session.execute(later.order_by(*order)):
        its_box, file_no = boxes[household_id]
        changed: dict[str, Any] = its_box.open_json(fields, f"change.fields:{file_no}")
        if "cover/name" in changed:
            names[household_id] = changed["cover/name"][0] or ""
    return {household_id: mask_surname(name) for household_id, name in names.items()}


def totals(actor: Actor, wanted: Wanted, day: date) -> Totals:
    """Return the figures of a day, of files in one state but for the figures by state: one statement.

    人 are the people who lived in the households on that day.
    """
    is_open = _knows_people(actor)
    place = Span.region_code if is_open or len(wanted.region) >= TOWN else Span.town_code
    rows = db.session.execute(
        select(
            place, Span.category, Span.tier, Span.state, func.count(), func.sum(Span.member_count)
        )
        .where(*_on(day), _counted(actor, wanted.region), *_kinds(wanted))
        .group_by(place, Span.category, Span.tier, Span.state)
    ).all()
    told = [row for row in rows if row[3] is wanted.state]

    def by(rows: Sequence[Any], column: int) -> list[Cell]:
        cells = summed((str(row[column]), row[4], int(row[5])) for row in rows)
        return cells if is_open else put_together(cells)

    return Totals(
        whole=whole(summed(("", row[4], int(row[5])) for row in told)),
        by_place=by(told, 0),
        by_category=by(told, 1),
        by_tier=by(told, 2),
        by_state=by(rows, 3),
        is_put_together=not is_open,
    )


def _kinds(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category:
        found.append(Span.category == wanted.category)
    if wanted.tier:
        found.append(Span.tier == wanted.tier)
    return found


def _on(day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Span.from_on <= day, or_(Span.until_on.is_(None), Span.until_on > day)


def _in_scope(actor: Actor, region: str) -> ColumnElement[bool]:
    """Say which spans lie where somebody may look; each reads along an index."""
    prefixes = policy.places_of(actor, region)
    return or_(*map(_under, prefixes)) if prefixes else false()


def _under(prefix: str) -> ColumnElement[bool]:
    under = lies_under(Span, prefix)
    # a town's index leads to its communities
    return and_(Span.town_code == prefix[:TOWN], under) if len(prefix) > TOWN else under


def _counted(actor: Actor, region: str) -> ColumnElement[bool]:
    """Say the same for figures, which read all there is: the whole city is its districts, one index range each."""
    prefixes = policy.places_of(actor, region)
    if any(len(prefix) <= CITY for prefix in prefixes):
        return Span.district_code.in_(divisions().children(WHOLE_CITY))
    return _in_scope(actor, region)


def _knows_people(actor: Actor) -> bool:
    """Whoever works in a town knows its people; to others small figures are shown put together."""
    return all(len(prefix) >= TOWN for prefix in policy.places_of(actor))
