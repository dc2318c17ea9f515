"""What one file says (档案): its cover, its people, its history; sealed, masked or in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from app.core import clock
from app.core.crypto import Box, ring
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import (
    Change,
    Household,
    Member,
    Section,
)
from app.households.rules.document import (
    COVER_COLUMNS,
    HEAD,
    MEMBER_COLUMNS,
    normal,
    plain,
    rewound,
)
from app.households.rules.masking import mask_address, mask_name, mask_phone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Select

    from app.core.access import Actor
    from app.households.rules.document import Document


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


def carried_on(household: Household) -> Household:
    """Return the file that carries a household on (合户后的档案): itself, unless it was merged into another."""
    if household.merged_into_id is None:
        return household
    return db.session.get_one(Household, household.merged_into_id)


def came_into(household_id: int) -> Sequence[Household]:
    """Return the files that came into this one (并入的档案), the oldest first."""
    return db.session.scalars(
        select(Household).where(Household.merged_into_id == household_id).order_by(Household.id)
    ).all()


def and_merged(household_id: Any) -> Select[int]:
    """Say, in SQL, which files speak of one household: its own, and those that came into it (合户)."""
    return select(Household.id).where(
        or_(Household.id == household_id, Household.merged_into_id == household_id)
    )


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


def document(household: Household) -> Document:
    """Return the whole file in clear as one document (档案全文); whoever calls this writes the audit row.

    `cover`, `papers`, `members` by code (those who left, too), `sections` by kind: what `services.write` takes.
    """
    its_box = box(household)
    place = household.file_no
    clear = its_box.open_json(household.head, f"household.head:{place}")
    cover = {name: plain(getattr(household, name)) for name in COVER_COLUMNS}
    people = db.session.scalars(
        select(Member).where(Member.household_id == household.id).order_by(Member.position)
    )
    parts = db.session.scalars(select(Section).where(Section.household_id == household.id))
    return normal(
        {
            "cover": cover | {name: clear.get(name) for name in HEAD},
            "papers": its_box.open_json(household.papers, f"household.papers:{place}"),
            "members": {
                one.code: person(its_box, one)
                | {name: plain(getattr(one, name)) for name in MEMBER_COLUMNS}
                for one in people
            },
            "sections": {
                one.kind: its_box.open_json(one.facts, f"household.section:{place}:{one.kind}")
                for one in parts
            },
        }
    )


def sections(household: Household) -> dict[str, dict[str, Any]]:
    """Return what the file says beside its cover and people (档案分栏), by kind; nothing once it was erased."""
    if household.data_key is None:
        return {}
    its_box, place = box(household), household.file_no
    parts = db.session.scalars(select(Section).where(Section.household_id == household.id))
    return {
        one.kind: its_box.open_json(one.facts, f"household.section:{place}:{one.kind}")
        for one in parts
    }


def as_of(household: Household, day: date) -> Document:
    """Return what the file said at the end of a day (某日档案): its changes since then undone; in clear.

    A file that was not there yet says nothing.
    """
    end = clock.at(day + timedelta(days=1))
    if household.created_at >= end:
        return {}
    said, its_box = document(household), box(household)
    later = select(Change).where(
        Change.household_id == household.id, Change.at >= end, Change.fields.is_not(None)
    )
    for change in db.session.scalars(later.order_by(Change.id.desc())):
        fields = its_box.open_json(change.fields, f"change.fields:{household.file_no}")
        said = rewound(said, fields)
    return said


def masked_head(household: Household) -> Head:
    """Return the cover as everybody in scope may see it."""
    clear = head(household)
    return Head(mask_name(clear.name), mask_phone(clear.phone), mask_address(clear.door))


def changes(household_id: int, limit: int = 50) -> Sequence[Change]:
    """Return what was changed in a file and in those that came into it, newest first."""
    return db.session.scalars(
        select(Change)
        .where(Change.household_id.in_(and_merged(household_id)))
        .order_by(Change.id.desc())
        .limit(limit)
    ).all()
