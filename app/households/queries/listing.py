"""Lists of files (档案列表): what is urgent first, or what was searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from app.core import clock, paging
from app.core.crypto import ring
from app.core.db import db
from app.core.paging import Page
from app.households import policy
from app.households.models import (
    Household,
    SearchToken,
)
from app.households.queries.files import head
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.kin import VISIT_COUNTS
from app.households.rules.masking import mask_surname
from app.households.rules.search import query_tokens
from app.regions.rules import scope_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor


FILE_NO = re.compile(r"\d{6}[A-Z]{2}\d{10}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to (筛选); everything empty means all that the reader may see."""

    text: str = ""
    region: str = ""
    category: Category | None = None
    tier: Tier | None = None
    state: HouseholdState = HouseholdState.ACTIVE
    overdue: bool = False
    never: bool = False
    expired: bool = False
    kin: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A file as a row of the list: masked."""

    household: Household
    name: str


def listing(actor: Actor, wanted: Wanted, cursor: str | None) -> Page[Line]:
    """Return a page of files: what was asked for by words, or the most urgent first. One statement."""
    statement = select(Household).where(policy.visible_to(actor))
    if wanted.region:
        statement = statement.where(policy.in_region(wanted.region))
    if wanted.category:
        statement = statement.where(Household.category == wanted.category)
    if wanted.tier:
        statement = statement.where(Household.tier == wanted.tier)
    words = query_tokens(wanted.text)
    if FILE_NO.fullmatch(wanted.text.strip().upper()):
        statement = statement.where(Household.file_no == wanted.text.strip().upper())
        order = [(Household.id, False)]
    elif words:
        return _found(actor, statement, wanted, words, cursor)
    else:
        if not wanted.kin:  # relatives of staff are shown wherever their file stands
            statement = statement.where(stands(wanted.state))
        statement, order = _ordered(statement, wanted)
    names = [column.key for column, _ in order]
    page = paging.fetch(
        db.session, statement, order, cursor, key=lambda row: [getattr(row, name) for name in names]
    )
    return Page([_line(household) for household in page.rows], page.next)


def every(actor: Actor, wanted: Wanted) -> Iterator[Line]:
    """Return all the files in force that a list is narrowed to, one by one: for an export, in bounded memory."""
    statement = select(Household).where(
        policy.visible_to(actor), Household.state == wanted.state, policy.in_region(wanted.region)
    )
    if wanted.category:
        statement = statement.where(Household.category == wanted.category)
    found = db.session.scalars(statement.order_by(Household.id).execution_options(yield_per=1_000))
    for household in found:
        yield _line(household)


def stands(state: HouseholdState) -> ColumnElement[bool]:
    """Say that a file is in a state; written out, so that the small index of that state is found."""
    return Household.state == literal_column(f"'{state.value}'")


def awaits_district() -> ColumnElement[bool]:
    """Say that the district has yet to visit these relatives of staff, in a file that still lives."""
    since = clock.today() - VISIT_COUNTS
    return and_(
        Household.is_kin,
        Household.state.not_in(
            (HouseholdState.CLOSED, HouseholdState.ARCHIVED, HouseholdState.ERASED)
        ),
        or_(Household.kin_visited_on.is_(None), Household.kin_visited_on < since),
    )


def _ordered(
    statement: Select[Household], wanted: Wanted
) -> tuple[Select[Household], list[tuple[Any, bool]]]:
    """Put the most urgent first; each order is one of the table's indexes."""
    if wanted.kin:
        return statement.where(awaits_district()), [(Household.id, False)]
    if wanted.expired:
        order = [(Household.class_until, False), (Household.id, False)]
        return statement.where(Household.class_until < clock.today()), order
    if wanted.never:
        return statement.where(Household.last_visit_on.is_(None)), [(Household.id, False)]
    if wanted.state is not HouseholdState.ACTIVE:
        # they have no next visit, which is what lets the index pass over all that have one
        return statement.where(Household.next_visit_on.is_(None)), [(Household.id, True)]
    if wanted.overdue:
        statement = statement.where(Household.next_visit_on < clock.today())
    return statement.where(Household.next_visit_on.is_not(None)), [
        (Household.next_visit_on, False),
        (Household.id, False),
    ]


def _found(
    actor: Actor,
    statement: Select[Household],
    wanted: Wanted,
    words: Sequence[str],
    cursor: str | None,
) -> Page[Line]:
    """Follow search tokens: the first leads along its index within the reader's scope, the others must agree."""
    keys = ring()
    first, *others = [keys.token(word) for word in words]
    statement = statement.join(SearchToken, SearchToken.household_id == Household.id).where(
        SearchToken.token == first, _tokens_in(actor, wanted.region)
    )
    for token in others:
        also = aliased(SearchToken)
        statement = statement.where(
            exists().where(
                also.token == token,
                also.region_code == SearchToken.region_code,
                also.household_id == SearchToken.household_id,
            )
        )
    order: list[tuple[Any, bool]] = [
        (SearchToken.region_code, False),
        (SearchToken.household_id, False),
    ]
    page = paging.fetch(
        db.session, statement, order, cursor, key=lambda row: [row.region_code, row.id]
    )
    return Page([_line(household) for household in page.rows], page.next)


def _tokens_in(actor: Actor, region: str) -> ColumnElement[bool]:
    prefixes = [region] if region else [*actor.regions(*policy.READERS)]
    ranges = []
    for prefix in prefixes:
        low, high = scope_bounds(prefix)
        ranges.append(SearchToken.region_code.between(low, high))
    return or_(*ranges) if ranges else true()


def _line(household: Household) -> Line:
    name = head(household).name if household.data_key else ""
    return Line(household, mask_surname(name))
