"""Audit (审计日志) as rows: who did what to which thing, and the seals over them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code12, Code40, Key, PrimaryKey, Short, keep_append_only


class AuditSeal(Base):
    """A sealed batch of audit rows (封存批次); each seal's digest covers the seal before it."""

    __tablename__ = "audit_seal"

    id: Mapped[PrimaryKey]
    sealed_at: Mapped[datetime]
    rows: Mapped[int]
    previous: Mapped[bytes]
    leaves: Mapped[bytes] = mapped_column(comment="number and digest of every row, in order")
    digest: Mapped[bytes]


# what was opened to people outside is looked up by place: the records of provision to third parties
_PASSED = text("action = 'claim.read_household'")


class AuditRow(Base):
    """One change, or one reading of personal data (审计记录); holds no personal data itself."""

    __tablename__ = "audit_row"
    __table_args__ = (
        Index(None, "household_id", "id"),
        Index(None, "user_id", "id"),
        Index(None, "subject"),
        Index(None, "at", "id"),
        Index(
            "ix_audit_row_passed",
            "region_code",
            "id",
            sqlite_where=_PASSED,
            postgresql_where=_PASSED,
        ),
    )

    id: Mapped[PrimaryKey]
    at: Mapped[datetime]
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"), comment="none: the system")
    action: Mapped[Code40] = mapped_column(comment="thing.verb, such as household.unmask")
    subject: Mapped[Code40] = mapped_column(comment="the public code or file number of the thing")
    household_id: Mapped[Key | None] = mapped_column(comment="whose data it was, if anybody's")
    region_code: Mapped[Code12] = mapped_column(default="")
    reason: Mapped[Short | None] = mapped_column(
        comment="why, in the reader's words, when a reason was asked for"
    )
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seal_id: Mapped[Key | None] = mapped_column(ForeignKey("audit_seal.id"), index=True)


keep_append_only(AuditRow.__table__, may_set="seal_id")
keep_append_only(AuditSeal.__table__)
