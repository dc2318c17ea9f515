"""Consents (同意书) as rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code20, Key, PrimaryKey
from app.households.rules import Purpose, Recipient


class Consent(Base):
    """A household's consent for one purpose and one class of recipients (单独同意, 个人信息保护法 §23, 29)."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "household_id"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    purpose: Mapped[Purpose]
    recipient: Mapped[Recipient]
    wording: Mapped[Code20] = mapped_column(
        comment="version of the text that was read out and signed"
    )
    signatory: Mapped[Code20] = mapped_column(comment="self, guardian")
    given_on: Mapped[date]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
