"""Consents (同意书) as rows, and what a household refused."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code20, Key, PrimaryKey, Short
from app.households.rules import Purpose, Recipient
from app.households.rules.consent import ConsentEnd


class Consent(Base):
    """A household's consent for one purpose and one class of recipients (单独同意, 个人信息保护法 §23, 29)."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "household_id"), Index(None, "expires_on", "id"))

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    purpose: Mapped[Purpose]
    recipient: Mapped[Recipient]
    recipient_name: Mapped[Short] = mapped_column(
        default="",
        server_default="",
        comment="the organisation that was named, and how to reach it",
    )
    wording: Mapped[Code20] = mapped_column(
        comment="version of the text that was read out and signed"
    )
    signatory: Mapped[Code20] = mapped_column(comment="self, guardian")
    terms: Mapped[bytes | None] = mapped_column(
        comment="sealed JSON: guardian, relation, reason, the children it was given for"
    )
    scan_id: Mapped[Key | None] = mapped_column(
        comment="media: the signed page; one page may carry several consents"
    )
    given_on: Mapped[date]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    ended: Mapped[ConsentEnd] = mapped_column(
        default=ConsentEnd.NONE,
        server_default="",
        comment="how it ended before its last day: withdrawn, replaced, erased",
    )
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))


class ConsentRefusal(Base):
    """A household said no (不同意): on record as such, and not asked again for a while."""

    __tablename__ = "consent_refusal"
    __table_args__ = (Index(None, "household_id", "ask_after"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    purpose: Mapped[Purpose]
    recipient: Mapped[Recipient]
    refused_on: Mapped[date]
    ask_after: Mapped[date]
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
