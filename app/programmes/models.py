"""Programmes and donors (慈善项目、捐赠人) as rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short
from app.programmes.rules import ProgrammeState


class Programme(Base):
    """A foundation's programme (项目), such as 和乐颐年."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("created_by_id", "idempotency_key"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    name: Mapped[Short]
    purpose: Mapped[str] = mapped_column(
        comment="what it is for and for whom: what a gift is restricted to"
    )
    region_code: Mapped[Code12] = mapped_column(default="", comment="prefix; empty: the whole city")
    state: Mapped[ProgrammeState] = mapped_column(default=ProgrammeState.OPEN)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    foundation_id: Mapped[Key] = mapped_column(ForeignKey("organisation.id"), index=True)
    charity_id: Mapped[Key] = mapped_column(
        ForeignKey("organisation.id"),
        comment="the qualified charity that receives money and issues receipts",
    )
    created_at: Mapped[datetime]
    created_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    idempotency_key: Mapped[Code40 | None]
    version: Mapped[int] = mapped_column(default=1)
    foundation: Mapped[Organisation] = relationship(foreign_keys=foundation_id)
    charity: Mapped[Organisation] = relationship(foreign_keys=charity_id)


class Donor(Base):
    """Who gives (捐赠人): a user, an organisation, or a name only; may stay anonymous (慈善法 §38, 82)."""

    __tablename__ = "donor"

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"), unique=True)
    organisation_id: Mapped[Key | None] = mapped_column(ForeignKey("organisation.id"), unique=True)
    name: Mapped[str] = mapped_column(SealedText("donor.name"))
    is_anonymous: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
