"""Unusual reading (异常查阅提醒), as rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey
from app.households.rules.watching import ReadingRule


class ReadingAlert(Base):
    """A reading that a supervisor or auditor should look into (异常查阅提醒); one for a person, day and rule."""

    __tablename__ = "reading_alert"
    __table_args__ = (
        UniqueConstraint("user_id", "day", "rule", "subject"),
        Index(None, "region_code", "id"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)", name="looked_into_by_one"
        ),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"), comment="who read")
    day: Mapped[date]
    rule: Mapped[ReadingRule]
    subject: Mapped[Code40] = mapped_column(
        default="", comment="file number, where it is about one file; else empty"
    )
    region_code: Mapped[Code12] = mapped_column(comment="whose supervisor is told: a prefix")
    count: Mapped[int] = mapped_column(comment="files")
    rows: Mapped[list[Any]] = mapped_column(comment="numbers of the audit rows that show it")
    found_at: Mapped[datetime]
    acknowledged_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    acknowledged_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(SealedText("reading_alert.note"))
