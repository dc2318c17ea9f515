"""What a household agreed to (同意)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from app.core import clock
from app.core.db import db
from app.households.models import (
    Consent,
)
from app.households.rules import Purpose, Recipient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Select


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
