"""Needs (需求) as rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Code12, Code20, Code40, Fen, Key, PrimaryKey, Sealed, Short
from app.households.models import Household
from app.needs.rules import NeedKind, NeedState, Urgency
from app.programmes.models import Programme


class Need(Base):
    """What a household lacks (需求)."""

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint(
            "seats >= 0 AND quantity >= 0 AND amount_fen >= 0", name="wants_not_negative"
        ),
        UniqueConstraint("posted_by_id", "idempotency_key"),
        Index(None, "household_id", "id"),
        Index(None, "town_code", "id"),
        Index(None, "district_code", "id"),
        Index(None, "town_code", "state", "id"),
        Index(None, "district_code", "state", "id"),
        Index(None, "state", "deadline_on", "id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    region_code: Mapped[Code12]
    town_code: Mapped[Code12]
    district_code: Mapped[Code12]

    kind: Mapped[NeedKind]
    subkind: Mapped[Short] = mapped_column(default="", comment="second level, in words")
    urgency: Mapped[Urgency]
    title: Mapped[Short] = mapped_column(comment="public: what the card says first")
    wording: Mapped[str] = mapped_column(comment="public: checked for names, numbers and doors")
    story: Mapped[Sealed] = mapped_column(comment="inside story, sealed with the household's key")
    seats: Mapped[int] = mapped_column(default=0, comment="people wanted for a visit or service")
    visit_from: Mapped[datetime | None]
    visit_until: Mapped[datetime | None]
    skill: Mapped[Short] = mapped_column(default="", comment="skill or language wished for")
    item: Mapped[Short] = mapped_column(default="")
    quantity: Mapped[int] = mapped_column(default=0)
    unit: Mapped[Short] = mapped_column(default="", comment="件 箱 袋 …")
    amount_fen: Mapped[Fen] = mapped_column(
        default=0, comment="asked of a named charity programme, never of strangers"
    )
    programme_id: Mapped[Key | None] = mapped_column(ForeignKey("programme.id"))
    deadline_on: Mapped[date]

    state: Mapped[NeedState] = mapped_column(default=NeedState.DRAFT)
    return_reason: Mapped[Short] = mapped_column(default="")
    posted_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    posted_at: Mapped[datetime]
    reviewed_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    reviewed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None] = mapped_column(
        comment="when it was met, withdrawn or expired"
    )
    asked_again_at: Mapped[datetime | None] = mapped_column(
        comment="when the worker was reminded before it expires"
    )
    idempotency_key: Mapped[Code40 | None]
    version: Mapped[int] = mapped_column(default=1)
    household: Mapped[Household] = relationship()
    programme: Mapped[Programme | None] = relationship()
