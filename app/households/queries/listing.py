"""Lists of files (档案列表): what is urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import and_, literal_column, or_, select

from app.core import clock, paging
from app.core.db import db
from app.core.paging import Page
from app.households import policy
from app.households.models import Household
from app.households.queries.consents import agreed_to
from app.households.queries.files import head
from app.households.rules import Category, HouseholdState, Recipient, Tier
from app.households.rules.kin import VISIT_COUNTS
from app.households.rules.masking import mask_surname
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor

E = TypeVar("E", bound=StrEnum)


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
    for_recipient: Recipient | None = None  # only files that agreed to be passed to them


@dataclass(frozen=True, slots=True)
class Line:
    """A file as a row of the list: masked."""

    household: Household
    name: str


# what a list may show: plain rows, because nobody changes a file from a list
LINE = [column for column in Household.__table__.c if column.key != "papers"]


def wanted_from(asked: Mapping[str, str], text: str = "") -> Wanted:
    """Read a filter as it stands in an address; what is no filter narrows nothing."""
    region = asked.get("region", "")
    return Wanted(
        text=text.strip()[:40],
        region=region if region in divisions() else "",
        category=_pick(Category, asked.get("category")),
        tier=_pick(Tier, asked.get("tier")),
        state=_pick(HouseholdState, asked.get("state")) or HouseholdState.ACTIVE,
        overdue="overdue" in asked,
        never="never" in asked,
        expired="expired" in asked,
        kin="kin" in asked,
        for_recipient=_pick(Recipient, asked.get("for")),
    )


def urgent(actor: Actor, wanted: Wanted, cursor: str | None) -> Page[Line]:
    """Return a page of files, the most urgent first: one statement."""
    statement, order = _ordered(_narrowed(select(*LINE), actor, wanted), wanted)
    page = paging.rows(db.session, statement, order, cursor)
    return Page([line(household) for household in page.rows], page.next)


def _narrowed(statement: Select[Any], actor: Actor, wanted: Wanted) -> Select[Any]:
    statement = statement.where(policy.visible_to(actor))
    if wanted.region:
        statement = statement.where(policy.in_region(wanted.region))
    if wanted.category:
        statement = statement.where(Household.category == wanted.category)
    if wanted.tier:
        statement = statement.where(Household.tier == wanted.tier)
    # relatives of staff are shown wherever their file stands
    return statement if wanted.kin else statement.where(stands(wanted.state))


def chosen(actor: Actor, wanted: Wanted) -> Select[Household]:
    """Select all the files that a list without search words is narrowed to: for an export."""
    statement: Select[Household] = _narrowed(select(Household), actor, wanted)
    conditions = (
        (wanted.kin, awaits_district()),
        (wanted.expired, Household.class_until < clock.today()),
        (wanted.never, Household.last_visit_on.is_(None)),
        (wanted.overdue, Household.next_visit_on < clock.today()),
    )
    statement = statement.where(*(rule for is_asked, rule in conditions if is_asked))
    if wanted.for_recipient:
        statement = statement.where(agreed_to(wanted.for_recipient, clock.today()))
    return statement


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


def _ordered(statement: Select[Any], wanted: Wanted) -> tuple[Select[Any], list[tuple[Any, bool]]]:
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


def _pick(kind: type[E], text: str | None) -> E | None:
    return next((member for member in kind if member.value == text), None)


def line(household: Any) -> Line:
    """Return a file as a row of a list: of its householder the surname."""
    name = mask_surname(head(household).name) if household.data_key else "已清除"
    return Line(household, name)
