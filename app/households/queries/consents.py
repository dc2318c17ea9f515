"""What a household agreed to, and what it refused (同意)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.core.errors import NotHere
from app.households.models import Consent, ConsentRefusal, Household
from app.households.queries.files import box, members, person
from app.households.rules import Purpose, Recipient
from app.households.rules.codes import Relationship
from app.households.rules.consent import CHILD, Terms
from app.households.rules.masking import mask_name
from app.households.rules.traits import age_on, birth_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True, slots=True)
class Signing:
    """Who could sign for a household (谁来签字): the householder's age, and the children under fourteen, masked."""

    householder_age: int | None
    children: dict[str, str]


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


def consent_at(household: Household, position: int) -> Consent:
    """Return the consent that stands at a position of the household's list, the oldest one first."""
    given = consents(household.id)
    if not 1 <= position <= len(given):
        raise NotHere
    return given[len(given) - position]


def terms(household: Household, consent: Consent) -> Terms:
    """Open who stood behind the signature; nothing once the file is erased, or when it was signed by oneself."""
    if household.data_key is None or consent.terms is None:
        return Terms()
    said: dict[str, Any] = box(household).open_json(consent.terms, terms_place(household))
    return Terms(**(said | {"children": tuple(said.get("children", ()))}))


def terms_place(household: Household) -> str:
    """Return the place for which a consent's terms are sealed."""
    return f"consent.terms:{household.file_no}"


def signing(household: Household) -> Signing:
    """Return who could sign; ages come from what is on file, names are masked."""
    today, its_box = clock.today(), box(household)
    age, children = None, {}
    for member in members(household):
        if member.left_on is not None:
            continue
        facts = person(its_box, member)
        years = age_on(birth_of(facts.get("birth")), today)
        if member.position == 0:
            age = years
        if years is not None and years < CHILD and member.position != 0:
            code = member.relationship_code
            related = Relationship(code).label if code in set(Relationship) else "家人"
            children[member.code] = f"{mask_name(facts.get('name') or '')}（{related}，{years} 岁）"
    return Signing(age, children)


def refusals(household_id: int, on: date) -> Sequence[ConsentRefusal]:
    """Return what a household refused and is not asked about again yet, the newest first."""
    return db.session.scalars(
        select(ConsentRefusal)
        .where(ConsentRefusal.household_id == household_id, ConsentRefusal.ask_after > on)
        .order_by(ConsentRefusal.id.desc())
    ).all()


def has_consent(
    household_id: int,
    purpose: Purpose,
    recipient: Recipient = Recipient.HELPERS,
    on: date | None = None,
) -> bool:
    """Say whether a living consent covers this purpose and class of recipients today (个人信息保护法 §23)."""
    return bool(
        db.session.scalar(
            select(func.count())
            .select_from(Consent)
            .where(
                Consent.household_id == household_id,
                Consent.purpose == purpose,
                *living(recipient, on or clock.today()),
            )
        )
    )


def living(recipient: Recipient, on: date) -> tuple[ColumnElement[bool], ...]:
    """Say, in SQL, that a consent to a class of recipients counts on a day."""
    return (
        Consent.recipient == recipient,
        Consent.withdrawn_at.is_(None),
        Consent.given_on <= on,
        Consent.expires_on >= on,
    )


def agreed_to(recipient: Recipient, on: date, *purposes: Purpose) -> ColumnElement[bool]:
    """Say, in SQL, that a file may be passed to a class of recipients today, for one of the purposes (or any).

    What every list and export that leaves the office asks for (个人信息保护法 §23).
    """
    given = (
        select(literal(1))
        .select_from(Consent)
        .where(Consent.household_id == Household.id, *living(recipient, on))
        .correlate(Household)
    )
    if purposes:
        given = given.where(Consent.purpose.in_(purposes))
    return given.exists()


def expiring(day: date, after: int, limit: int) -> Sequence[tuple[int, str, int]]:
    """Return active files with a living consent whose last day it is, and their workers, in order of file.

    Left out: a purpose that lives on in a newer consent, and one the household refused not long ago.
    """
    other = aliased(Consent)
    newer = (
        select(literal(1))
        .select_from(other)
        .where(
            other.household_id == Consent.household_id,
            other.purpose == Consent.purpose,
            other.recipient == Consent.recipient,
            other.withdrawn_at.is_(None),
            other.expires_on > Consent.expires_on,
        )
        .correlate(Consent)
        .exists()
    )
    refused = (
        select(literal(1))
        .select_from(ConsentRefusal)
        .where(
            ConsentRefusal.household_id == Consent.household_id,
            ConsentRefusal.purpose == Consent.purpose,
            ConsentRefusal.recipient == Consent.recipient,
            ConsentRefusal.ask_after > clock.today(),
        )
        .correlate(Consent)
        .exists()
    )
    rows = db.session.execute(
        select(Household.id, Household.file_no, Household.worker_id)
        .join(Consent, Consent.household_id == Household.id)
        .where(
            Consent.expires_on == day,
            Consent.withdrawn_at.is_(None),
            Household.id > after,
            Household.state == "active",
            Household.worker_id.is_not(None),
            ~newer,
            ~refused,
        )
        .distinct()
        .order_by(Household.id)
        .limit(limit)
    )
    return [(number, file_no, int(worker or 0)) for number, file_no, worker in rows]
