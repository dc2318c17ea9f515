"""What pages ask about files (档案查询)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from app.core import clock, paging
from app.core.crypto import Box, ring
from app.core.db import db
from app.core.errors import NotHere
from app.core.paging import Page
from app.core.storage import storage
from app.households import policy
from app.households.models import Change, Consent, Household, ImportBatch, Member, SearchToken
from app.households.rules import Category, HouseholdState, Purpose, Recipient, Tier
from app.households.rules.masking import mask_address, mask_name, mask_phone, mask_surname
from app.households.rules.search import query_tokens
from app.regions.rules import scope_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor

FILE_NO = re.compile(r"\d{6}[A-Z]{2}\d{10}")


@dataclass(frozen=True, slots=True)
class Head:
    """What a file's cover says of its householder (户主): clear or masked."""

    name: str
    phone: str
    door: str


def by_file_no(file_no: str) -> Household:
    """Return a file by its number; NotHere when there is none."""
    found = db.session.scalars(select(Household).where(Household.file_no == file_no)).one_or_none()
    if found is None:
        raise NotHere
    return found


def seen_by(actor: Actor, file_no: str) -> Household:
    """Return a file that this person may see; file numbers can be tried out, so NotHere says nothing of the others."""
    found = by_file_no(file_no)
    if not policy.can_view(actor, found):
        raise NotHere
    return found


def box(household: Any) -> Box:
    """Open the file's data key; NotHere when it was erased."""
    if household.data_key is None:
        raise NotHere
    return ring().box(household.data_key, household.file_no)


def head(household: Any) -> Head:
    """Return the householder's name, phone and door in clear; whoever calls this writes the audit row."""
    found: dict[str, Any] = box(household).open_json(
        household.head, f"household.head:{household.file_no}"
    )
    return Head(found.get("name") or "", found.get("phone") or "", found.get("door") or "")


def members(household: Household) -> Sequence[Member]:
    """Return the members, the householder first."""
    return db.session.scalars(_members(), {"its_id": household.id}).all()


@cache
def _members() -> Select[Member]:
    return (
        select(Member).where(Member.household_id == bindparam("its_id")).order_by(Member.position)
    )


def person(household_box: Box, member: Member) -> dict[str, Any]:
    """Open one member's sealed facts."""
    found: dict[str, Any] = household_box.open_json(member.person, f"member.person:{member.code}")
    return found


def consents(household_id: int) -> Sequence[Consent]:
    """Return all consents of a household, newest first."""
    return db.session.scalars(_consents(), {"its_id": household_id}).all()


@cache
def _consents() -> Select[Consent]:
    return (
        select(Consent)
        .where(Consent.household_id == bindparam("its_id"))
        .order_by(Consent.id.desc())
    )


def has_consent(
    household_id: int,
    purpose: Purpose,
    recipient: Recipient = Recipient.HELPERS,
    on: date | None = None,
) -> bool:
    """Say whether a living consent covers this purpose and class of recipients today (个人信息保护法 §23)."""
    day = on or clock.today()
    return bool(
        db.session.scalar(
            select(func.count())
            .select_from(Consent)
            .where(
                Consent.household_id == household_id,
                Consent.purpose == purpose,
                Consent.recipient == recipient,
                Consent.withdrawn_at.is_(None),
                Consent.given_on <= day,
                Consent.expires_on >= day,
            )
        )
    )


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

    household: Any  # the columns of LINE, or the object
    name: str


LINE = (
    Household.id,
    Household.file_no,
    Household.region_code,
    Household.town_code,
    Household.category,
    Household.tier,
    Household.state,
    Household.last_visit_on,
    Household.next_visit_on,
    Household.data_key,
    Household.head,
)


def listing(actor: Actor, wanted: Wanted, cursor: str | None) -> Page[Line]:
    """Return a page of files: what was asked for by words, or the most urgent first. One statement."""
    words, file_no = query_tokens(wanted.text), wanted.text.strip().upper()
    if not FILE_NO.fullmatch(file_no):
        if words:
            return _found(actor, _narrowed(actor, wanted), wanted, words, cursor)
        file_no = ""  # nothing that was typed is kept
    statement, names = _list(actor, replace(wanted, text=file_no), clock.today(), cursor)
    # past the session: lines are rows, and nobody changes them
    found = db.session.connection().execute(statement).all()
    page = paging.cut(found, lambda row: [getattr(row, name) for name in names])
    return Page([_line(row) for row in page.rows], page.next)


@lru_cache(maxsize=200)
def _list(
    actor: Actor, wanted: Wanted, _today: date, cursor: str | None
) -> tuple[Select[Any], list[str]]:
    """Put the list of somebody's files together once a day: it is the page that staff open all day."""
    statement, order = _narrowed(actor, wanted), [(Household.id, False)]
    if wanted.text:
        statement = statement.where(Household.file_no == wanted.text)
    else:
        statement = statement.where(Household.state == wanted.state)
        statement, order = _ordered(statement, wanted)
    return paging.beginning(statement, order, cursor), [column.key for column, _ in order]


def _narrowed(actor: Actor, wanted: Wanted) -> Select[Any]:
    statement: Select[Any] = select(*LINE).where(policy.visible_to(actor))
    if wanted.region:
        statement = statement.where(policy.in_region(wanted.region))
    if wanted.category:
        statement = statement.where(Household.category == wanted.category)
    if wanted.tier:
        statement = statement.where(Household.tier == wanted.tier)
    return statement


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


def _ordered(
    statement: Select[Household], wanted: Wanted
) -> tuple[Select[Household], list[tuple[Any, bool]]]:
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
    found = db.session.connection().execute(paging.beginning(statement, order, cursor)).all()
    page = paging.cut(found, lambda row: [row.region_code, row.id])
    return Page([_line(row) for row in page.rows], page.next)


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


def masked_head(household: Household) -> Head:
    """Return the cover as everybody in scope may see it."""
    clear = head(household)
    return Head(mask_name(clear.name), mask_phone(clear.phone), mask_address(clear.door))


def changes(household_id: int, limit: int = 50) -> Sequence[Change]:
    """Return what was changed in a file, newest first."""
    return db.session.scalars(
        select(Change)
        .where(Change.household_id == household_id)
        .order_by(Change.id.desc())
        .limit(limit)
    ).all()


def batch_by_code(actor: Actor, code: str) -> ImportBatch:
    """Return one of the actor's own imports; NotHere when it is another's, or none."""
    found = db.session.scalars(select(ImportBatch).where(ImportBatch.code == code)).one_or_none()
    if found is None or not policy.owns_batch(actor, found):
        raise NotHere
    return found


def my_batches(actor: Actor, limit: int = 8) -> Sequence[ImportBatch]:
    """Return the actor's latest imports, newest first."""
    return db.session.scalars(
        select(ImportBatch)
        .where(ImportBatch.user_id == actor.user_id)
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    ).all()


def batch_box(batch: ImportBatch) -> Box:
    """Open an import's data key."""
    return ring().box(batch.data_key, batch.code)


def workbook(batch: ImportBatch) -> bytes:
    """Return the workbook of an import; NotHere once it is deleted."""
    return _stored(batch, batch.storage_key, "file")


def remarked_workbook(batch: ImportBatch) -> bytes:
    """Return the workbook with its remarks; NotHere when there is none, or none any more."""
    return _stored(batch, batch.errors_key, "errors")


def report(batch: ImportBatch) -> dict[str, Any]:
    """Return what an import shows: sheets, problems, rejections, changed, gone; empty once it is deleted."""
    if batch.report_key is None:
        return {"sheets": [], "problems": [], "rejections": [], "changed": [], "gone": []}
    found: dict[str, Any] = json.loads(_stored(batch, batch.report_key, "report"))
    return found


def _stored(batch: ImportBatch, key: str | None, what: str) -> bytes:
    if key is None:
        raise NotHere
    try:
        sealed = storage().get(key)
    except FileNotFoundError:
        raise NotHere from None
    return batch_box(batch).open(sealed, f"import.{what}:{batch.code}")
