"""Searching files (档案搜索): by keyed words, inside the reader's own region, the most urgent first.

Each way to read what was typed is one walk along the words' own index, and each stops after FEW hits. So few are put
in the order of urgency; when there are more, they come place by place, which the index gives for nothing, and the page
says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Date, and_, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from app.core import paging
from app.core.crypto import ring
from app.core.db import db
from app.core.paging import PAGE_SIZE, Page
from app.households import policy
from app.households.models import Household, SearchToken
from app.households.queries.listing import Line, line, urgent
from app.households.rules.search import is_last_four, is_one_letter, ways
from app.regions.policy import TOWN
from app.regions.rules import scope_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor
    from app.households.queries.listing import Wanted
    from app.households.rules.search import Way

FILE_NO = re.compile(r"\d{6}[A-Z]{2}\d{10}")
FEW = 200  # as many hits are put in order; nobody looks through more
NEVER = date(9999, 12, 31)  # where a file without a next visit stands in the order of urgency
BY_URGENCY, BY_PLACE = "u", "p"  # a cursor says in which order its list began

Hit = tuple[str, int]  # region code and household


@dataclass(frozen=True, slots=True)
class Results(Page[Line]):
    """A page of a list, how it is put in order, and what the search still needs to be answered."""

    is_many: bool = False  # more than FEW: place by place
    wants_town: bool = False  # 后四位 without a town would show strangers
    wants_more: bool = False  # a single letter


def listing(actor: Actor, wanted: Wanted, cursor: str | None) -> Results:
    """Return a page of files: what was asked for by words, or the most urgent first."""
    text = wanted.text.strip().upper()
    if not text:
        page = urgent(actor, wanted, cursor)
        return Results(page.rows, page.next)
    if FILE_NO.fullmatch(text):
        return _loaded(_narrowed(actor, wanted).where(Household.file_no == text))
    places = policy.places_of(actor, wanted.region)
    if (
        is_last_four(text)
        and not actor.is_system
        and not all(len(prefix) >= TOWN for prefix in places)
    ):
        return Results([], None, wants_town=True)
    if is_one_letter(text):
        return Results([], None, wants_more=True)
    return _found(actor, wanted, _Walk(ways(text), places, _filters(wanted)), cursor)


def _found(actor: Actor, wanted: Wanted, walk: _Walk, cursor: str | None) -> Results:
    order, _, rest = (cursor or "").partition(".")
    after = _after(rest) if order == BY_PLACE else None
    hits = walk.hits(after, PAGE_SIZE + 1 if after else FEW + 1)
    if after is None and (len(hits) <= FEW or order == BY_URGENCY):
        return _by_urgency(_narrowed(actor, wanted), hits, rest if order == BY_URGENCY else None)
    page = hits[:PAGE_SIZE]
    more = f"{BY_PLACE}.{paging.encode(page[-1])}" if len(hits) > PAGE_SIZE else None
    found = _loaded(_narrowed(actor, wanted).where(_among(page)), more, is_many=True)
    place = {household_id: number for number, (_, household_id) in enumerate(page)}
    rows = sorted(found.rows, key=lambda one: place[one.household.id])
    return Results(rows, more, is_many=True)


def _by_urgency(statement: Select[Household], hits: Sequence[Hit], cursor: str | None) -> Results:
    """Put a few hits in order: who is overdue first; files without a rhythm last."""
    due = func.coalesce(Household.next_visit_on, literal(NEVER, Date))
    page = paging.fetch(
        db.session,
        statement.where(_among(hits)),
        [(due, False), (Household.id, False)],
        cursor,
        key=lambda row: [row.next_visit_on or NEVER, row.id],
    )
    return Results(
        [line(one) for one in page.rows], f"{BY_URGENCY}.{page.next}" if page.next else None
    )


def _among(hits: Sequence[Hit]) -> ColumnElement[bool]:
    return Household.id.in_([household_id for _, household_id in hits])


def _loaded(statement: Select[Household], more: str | None = None, **said: bool) -> Results:
    return Results([line(one) for one in db.session.scalars(statement)], more, **said)


def _narrowed(actor: Actor, wanted: Wanted) -> Select[Household]:
    """Load only what the reader may see: a word may be older than a file's move to another place."""
    return select(Household).where(policy.visible_to(actor), *_filters(wanted))


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category:
        found.append(Household.category == wanted.category)
    if wanted.tier:
        found.append(Household.tier == wanted.tier)
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walks that answer a search: each way in each of the reader's places."""

    ways: Sequence[Way]
    places: Sequence[str]  # prefixes; "" is everywhere
    filters: Sequence[ColumnElement[bool]]

    def hits(self, after: Hit | None, limit: int) -> list[Hit]:
        """Return where the next files stand, by place and number, each once: one statement."""
        walks = [
            self._walk(way, prefix, after, limit) for way in self.ways for prefix in self.places
        ]
        if not walks:
            return []
        found = union(*(select(walk.subquery()) for walk in walks)).subquery()
        region, household_id = found.c.region_code, found.c.household_id
        rows = db.session.execute(
            select(region, household_id).order_by(region, household_id).limit(limit)
        )
        return [(row.region_code, row.household_id) for row in rows]

    def _walk(self, way: Way, prefix: str, after: Hit | None, limit: int) -> Select[str, int]:
        first, *others = [ring().token(word) for word in way]
        here = (SearchToken.region_code, SearchToken.household_id)
        statement = select(*here).where(SearchToken.token == first, *_bounds(prefix, after))
        for token in others:
            also = aliased(SearchToken)
            statement = statement.where(
                exists().where(
                    also.token == token,
                    also.region_code == SearchToken.region_code,
                    also.household_id == SearchToken.household_id,
                )
            )
        if self.filters:
            statement = statement.join(Household, Household.id == SearchToken.household_id)
            statement = statement.where(*self.filters)
        return statement.order_by(*here).limit(limit)


def _bounds(prefix: str, after: Hit | None) -> Iterator[ColumnElement[bool]]:
    low, high = scope_bounds(prefix) if prefix else ("", "~")
    if after is None:
        yield SearchToken.region_code.between(low, high)
        return
    region, household_id = after
    # the bound on the place alone says nothing new, but it lets the walk begin there
    yield SearchToken.region_code.between(max(low, region), high)
    yield or_(
        SearchToken.region_code > region,
        and_(SearchToken.region_code == region, SearchToken.household_id > household_id),
    )


def _after(cursor: str) -> Hit | None:
    values = paging.decode(cursor, 2)
    if values is None:
        return None
    region, household_id = values
    is_hit = isinstance(region, str) and isinstance(household_id, int) and region.isascii()
    return (region, household_id) if is_hit and abs(household_id) < paging.BIGGEST else None
