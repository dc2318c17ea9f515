"""Lists of files (档案列表): what is urgent first, or what was searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, select, true
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


@dataclass(frozen=True, slots=True)
class Line:
    """A file as a row of the list: masked."""

    household: Any  # the columns of LINE; of `every`, the object
    name: str


# what a list may show: plain rows, because nobody changes a file from a list
LINE = [column for column in Household.__table__.c if column.key != "papers"]


def listing(actor: Actor, wanted: Wanted, cursor: str | None) -> Page[Line]:
    """Return a page of files: what was asked for by words, or the most urgent first. One statement."""
    statement: Select[Any] = select(*LINE).where(policy.visible_to(actor))
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
        statement = statement.where(Household.state == wanted.state)
        statement, order = _ordered(statement, wanted)
    page = paging.rows(db.session, statement, order, cursor)
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


def _ordered(statement: Select[Any], wanted: Wanted) -> tuple[Select[Any], list[tuple[Any, bool]]]:
    """Put the most urgent first; each order is one of the table's indexes."""
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
    statement: Select[Any],
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
    page = paging.rows(db.session, statement, order, cursor)
    return Page([_line(household) for household in page.rows], page.next)


def _tokens_in(actor: Actor, region: str) -> ColumnElement[bool]:
    prefixes = [region] if region else [*actor.regions(*policy.READERS)]
    ranges = []
    for prefix in prefixes:
        low, high = scope_bounds(prefix)
        ranges.append(SearchToken.region_code.between(low, high))
    return or_(*ranges) if ranges else true()


def _line(household: Any) -> Line:
    name = head(household).name if household.data_key else ""
    return Line(household, mask_surname(name))
