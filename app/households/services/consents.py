"""Recording and withdrawing consent (同意与撤回)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import db
from app.households import policy
from app.households.errors import NoSuchConsent
from app.households.models import Change, Consent
from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, WORDING, Purpose, Recipient

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household


def record_consent(
    actor: Actor,
    household: Household,
    purposes: list[Purpose],
    recipient: Recipient,
    *,
    signatory: str,
    given_on: date,
    expires_on: date,
) -> None:
    """Record a household's separate consent for each purpose (单独同意, 个人信息保护法 §23, 29).

    A living consent for the same purpose and recipient is replaced: the newest wording counts.
    """
    require(policy.can_edit, actor, household)
    now = clock.now()
    db.session.execute(
        update(Consent)
        .where(
            Consent.household_id == household.id,
            Consent.purpose.in_(purposes),
            Consent.recipient == recipient,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    for purpose in purposes:
        db.session.add(
            Consent(
                household_id=household.id,
                purpose=purpose,
                recipient=recipient,
                wording=WORDING,
                signatory=signatory,
                given_on=given_on,
                expires_on=expires_on,
                recorded_by_id=actor.user_id,
            )
        )
    words = "、".join(PURPOSE_WORDS[purpose] for purpose in purposes)
    _note(actor, household, f"同意向{RECIPIENT_WORDS[recipient]}提供信息：{words}")
    audit.record(
        actor,
        "consent.record",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"purposes": [purpose.value for purpose in purposes], "recipient": recipient.value},
    )


def withdraw_consent(
    actor: Actor, household: Household, purpose: Purpose, recipient: Recipient
) -> None:
    """Withdraw what was agreed to; it works at once, because every reading asks for a living one (个人信息保护法 §15).

    Every living consent for this purpose and these recipients goes: were one written down twice, none stays behind.
    """
    require(policy.can_edit, actor, household)
    withdrawn = db.session.scalars(
        update(Consent)
        .where(
            Consent.household_id == household.id,
            Consent.purpose == purpose,
            Consent.recipient == recipient,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.now())
        .returning(Consent.id)
    ).all()
    if not withdrawn:
        raise NoSuchConsent
    _note(actor, household, f"撤回同意：{PURPOSE_WORDS[purpose]}")
    audit.record(
        actor,
        "consent.withdraw",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"purpose": purpose.value, "recipient": recipient.value},
    )


def end_consents(
    actor: Actor, household: Household, title: str, *, signatory: str | None = None
) -> int:
    """End every living consent of a household, or those that one kind of signatory gave; returns how many.

    For what takes a consent's ground away: its signatory died, its household is another file now. It works at once,
    like a withdrawal; the household is asked anew.
    """
    require(policy.can_write, actor, household)
    living = [Consent.household_id == household.id, Consent.withdrawn_at.is_(None)]
    if signatory is not None:
        living.append(Consent.signatory == signatory)
    ended = db.session.scalars(
        update(Consent).where(*living).values(withdrawn_at=clock.now()).returning(Consent.id)
    ).all()
    if ended:
        _note(actor, household, title)
        audit.record(
            actor,
            "consent.end",
            household.file_no,
            household_id=household.id,
            region_code=household.region_code,
            detail={"count": len(ended)},
        )
    return len(ended)


def _note(actor: Actor, household: Household, title: str) -> None:
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="consent",
            title=title,
        )
    )
