"""Files that may be one (疑似重复): the list, and two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from app.core import paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import Household, Twins
from app.households.queries.files import document, head
from app.households.rules.codes import Relationship, Sex
from app.households.rules.families import living, same_people
from app.households.rules.masking import (
    mask_address,
    mask_id,
    mask_name,
    mask_phone,
    mask_surname,
)
from app.households.rules.twins import TwinState

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.core.paging import Page
    from app.households.rules.document import Document

TOWN = 9


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as a row of the list: two households by surname."""

    twins: Twins
    names: tuple[str, str]
    households: tuple[Household, Household]


@dataclass(frozen=True, slots=True)
class PersonSide:
    """A person of one of the two files, masked."""

    name: str
    relationship: str
    sex: str
    birth: str
    id_number: str
    is_meant: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of two files side by side (并排对照), told as far as the reader may know."""

    household: Household
    is_open: bool
    name: str
    facts: dict[str, str]
    people: list[PersonSide]


def twins_by_code(actor: Actor, code: str) -> Twins:
    """Return a pair that this person works with; NotHere says nothing of the others."""
    found = db.session.scalars(select(Twins).where(Twins.code == code)).one_or_none()
    if found is None or not policy.can_see_twins(actor, found):
        raise NotHere
    return found


def open_twin(household_id: int) -> str:
    """Return the code of a pair in which a file stands and about which nobody has decided; empty when there is none."""
    found = db.session.scalar(
        select(Twins.code)
        .where(
            or_(Twins.first_id == household_id, Twins.second_id == household_id),
            Twins.state == TwinState.OPEN,
        )
        .limit(1)
    )
    return found or ""


def files_of(twins: Twins) -> tuple[Household, Household]:
    """Return the two files of a pair."""
    return (
        db.session.get_one(Household, twins.first_id),
        db.session.get_one(Household, twins.second_id),
    )


def twins(actor: Actor, state: TwinState, cursor: str | None) -> Page[Pair]:
    """Return a page of pairs that lie in somebody's scope with either side, the oldest first; two statements."""
    statement = select(Twins).where(Twins.state == state, policy.twins_of(actor))
    page = paging.fetch(
        db.session, statement, [(Twins.id, False)], cursor, key=lambda row: [row.id]
    )
    ids = {number for one in page.rows for number in (one.first_id, one.second_id)}
    files = {
        file.id: file for file in db.session.scalars(select(Household).where(Household.id.in_(ids)))
    }
    rows = [_pair(one, files[one.first_id], files[one.second_id]) for one in page.rows]
    return paging.Page(rows, page.next)


def _pair(twins: Twins, first: Household, second: Household) -> Pair:
    names = tuple(
        mask_surname(head(one).name) if one.data_key else "已清除" for one in (first, second)
    )
    return Pair(twins, (names[0], names[1]), (first, second))


def side_by_side(actor: Actor, first: Household, second: Household) -> tuple[Side, Side]:
    """Return two files beside each other, masked; of one outside the reader's scope only what tells it apart."""
    said = [
        document(one) if one.data_key else {"cover": {}, "members": {}} for one in (first, second)
    ]
    meant = same_people(said[0], said[1])
    return (
        _side(actor, first, said[0], set(meant.values())),
        _side(actor, second, said[1], set(meant)),
    )


def _side(actor: Actor, household: Household, said: Document, meant: set[str]) -> Side:
    is_open = policy.can_view(actor, household)
    cover = said["cover"]
    people = [
        _person(one, is_open=is_open, is_meant=code in meant)
        for code, one in living(said)
        if is_open or code in meant
    ]
    name = str(cover.get("name") or "")
    facts = {"类别": household.category.label, "建档": household.filed_on.strftime("%Y-%m")}
    if is_open:
        facts |= {
            "电话": mask_phone(str(cover.get("phone") or "")),
            "住址": mask_address(str(cover.get("door") or "")) if cover.get("door") else "",
            "人口": f"{household.member_count} 人",
            "探访": f"{household.visit_count} 次",
        }
    return Side(
        household, is_open, mask_name(name) if is_open else mask_surname(name), facts, people
    )


def _person(one: dict[str, Any], *, is_open: bool, is_meant: bool) -> PersonSide:
    name, number = str(one.get("name") or ""), str(one.get("id_number") or "")
    relation, sex = str(one.get("relationship_code") or "8"), str(one.get("sex") or "0")
    return PersonSide(
        mask_name(name) if is_open else mask_surname(name),
        Relationship(relation).label if relation in set(Relationship) else "",
        Sex(sex).label if sex in set(Sex) else "",
        str(one.get("birth") or "")[: None if is_open else 4],
        mask_id(number) if is_open and number else "",
        is_meant,
    )
