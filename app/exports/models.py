"""Lists on their way out (导出), as rows; the file itself lies sealed in the storage for a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short
from app.exports.rules import ExportState, Form


class Export(Base):
    """One list that somebody takes out (导出): which, narrowed to what, how far it is, and where its file lies."""

    __tablename__ = "export"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "state"),
        UniqueConstraint("user_id", "idempotency_key"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    list: Mapped[Code20] = mapped_column(comment="which list: households, needs, visits …")
    filters: Mapped[dict[str, Any]] = mapped_column(comment="as they stand in the list's address")
    form: Mapped[Form]
    region_code: Mapped[Code12] = mapped_column(
        default="", comment="whose auditors see it: a prefix; empty: the whole city"
    )
    approval_id: Mapped[Key | None] = mapped_column(
        ForeignKey("approval.id"), unique=True, comment="in clear, by this approval; none: masked"
    )
    state: Mapped[ExportState] = mapped_column(default=ExportState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0, comment="of the file, in bytes")
    storage_key: Mapped[Code40 | None]
    key: Mapped[str | None] = mapped_column(
        SealedText("export.key"), comment="base64 of the file's own key; goes with the file"
    )
    error: Mapped[Short | None]
    idempotency_key: Mapped[Code40]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
