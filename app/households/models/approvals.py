"""What one person asks and another decides (审批), as rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey
from app.households.rules.approvals import ApprovalKind, ApprovalState


class Approval(Base):
    """A request that a second person decides (审批单): a class change, an export in clear, an erasure.

    Who asks never decides. What was asked and why may name people, and is sealed.
    """

    __tablename__ = "approval"
    __table_args__ = (
        Index(None, "state", "region_code", "id"),
        Index(None, "household_id", "id"),
        Index(None, "asked_by_id", "id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[ApprovalKind]
    state: Mapped[ApprovalState] = mapped_column(default=ApprovalState.ASKED)
    region_code: Mapped[Code12] = mapped_column(
        comment="within whose scope it is decided; a prefix"
    )
    household_id: Mapped[Key | None] = mapped_column(ForeignKey("household.id"))
    subject: Mapped[Code40] = mapped_column(comment="code or file number of what it is about")
    wanted: Mapped[str | None] = mapped_column(
        SealedText("approval.wanted"), comment="JSON of what is asked for"
    )
    reason: Mapped[str | None] = mapped_column(SealedText("approval.reason"))
    asked_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(SealedText("approval.answer"))
    ends_on: Mapped[date] = mapped_column(
        comment="the last day on which it can be decided and used"
    )
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)
