"""What pages ask about files (档案查询)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.core import clock
from app.core.crypto import Box, ring
from app.core.db import db
from app.core.errors import NotHere
from app.households.models import Consent, Household, Member
from app.households.rules import Purpose, Recipient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


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


def box(household: Household) -> Box:
    """Open the file's data key; NotHere when it was erased."""
    if household.data_key is None:
        raise NotHere
    return ring().box(household.data_key, household.file_no)


def head(household: Household) -> Head:
    """Return the householder's name, phone and door in clear; whoever calls this writes the audit row."""
    found: dict[str, Any] = box(household).open_json(
        household.head, f"household.head:{household.file_no}"
    )
    return Head(found.get("name") or "", found.get("phone") or "", found.get("door") or "")


def members(household: Household) -> Sequence[Member]:
    """Return the members, the householder first."""
    return db.session.scalars(
        select(Member).where(Member.household_id == household.id).order_by(Member.position)
    ).all()


def person(household_box: Box, member: Member) -> dict[str, Any]:
    """Open one member's sealed facts."""
    found: dict[str, Any] = household_box.open_json(member.person, f"member.person:{member.code}")
    return found


def consents(household_id: int) -> Sequence[Consent]:
    """Return all consents of a household, newest first."""
    return db.session.scalars(
        select(Consent).where(Consent.household_id == household_id).order_by(Consent.id.desc())
    ).all()


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
