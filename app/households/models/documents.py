"""Papers and pictures of a file (附件) as rows; the bytes are the matter of media."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Code20, Code40, Key, PrimaryKey, Sealed
from app.households.rules.documents import DocumentKind
from app.media.models import Media


class HouseholdDocument(Base):
    """A paper or picture that belongs to a file (附件); nothing is deleted, what is wrong is marked withdrawn."""

    __tablename__ = "household_document"
    __table_args__ = (
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"
        ),
        Index(None, "household_id", "id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    kind: Mapped[DocumentKind]
    dated_on: Mapped[date]
    facts: Mapped[Sealed] = mapped_column(comment="JSON of title, and why it was withdrawn")
    media_id: Mapped[Key] = mapped_column(ForeignKey("media.id"))
    added_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]
    withdrawn_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[datetime | None]
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)

    media: Mapped[Media] = relationship()
