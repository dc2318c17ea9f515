"""Files changing hands (交接) and notes for oneself (自用便条), as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Sealed


class Handover(Base):
    """One worker's files went to another (交接), with a note; how many of what went along."""

    __tablename__ = "handover"
    __table_args__ = (Index(None, "from_id", "id"), Index(None, "to_id", "id"))

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    region_code: Mapped[Code12] = mapped_column(comment="prefix: which files")
    from_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    to_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(SealedText("handover.note"))
    files: Mapped[int] = mapped_column(default=0)
    follow_ups: Mapped[int] = mapped_column(default=0)
    drafts: Mapped[int] = mapped_column(default=0)
    tasks: Mapped[int] = mapped_column(default=0, comment="running ones they are the contact of")
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)


class WorkerNote(Base):
    """A note on a file that only its author reads (自用便条); goes with the file's key when it is erased."""

    __tablename__ = "worker_note"
    __table_args__ = (UniqueConstraint("household_id", "user_id"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    text: Mapped[Sealed]
    updated_at: Mapped[datetime]
