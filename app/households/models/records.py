"""Records that the law asks for (合规记录) as rows: requests, periods, impact assessments, what was erased."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short
from app.households.models.files import Household
from app.households.rules.requests import Asker, Ground, RequestKind, RequestState
from app.households.rules.retention import Kept


class SubjectRequest(Base):
    """What somebody asked about their data (个人信息请求), or what the calendar proposes when a period is over."""

    __tablename__ = "subject_request"
    __table_args__ = (
        Index(None, "state", "region_code", "id"),
        Index(None, "household_id", "id"),
        Index(None, "approval_id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[RequestKind]
    asker: Mapped[Asker]
    ground: Mapped[Ground] = mapped_column(default=Ground.NONE)
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    region_code: Mapped[Code12]
    member_code: Mapped[Code20] = mapped_column(default="", comment="empty: the whole file")
    what: Mapped[Code20] = mapped_column(default="", comment="photos: only these; empty: all")
    words: Mapped[str | None] = mapped_column(
        SealedText("request.words"), comment="who asked and what they said"
    )
    duties: Mapped[list[str]] = mapped_column(
        default=list, comment="legal duties to keep that stand against it"
    )
    received_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(comment="fifteen working days later")
    state: Mapped[RequestState] = mapped_column(default=RequestState.OPEN)
    answer: Mapped[str | None] = mapped_column(SealedText("request.answer"))
    approval_id: Mapped[Key | None] = mapped_column(ForeignKey("approval.id"))
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None]
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)
    household: Mapped[Household] = relationship()


class RetentionPeriod(Base):
    """How many months a kind of data is kept from a day on (保存期限); the newest one that has begun holds."""

    __tablename__ = "retention_period"
    __table_args__ = (
        CheckConstraint("months > 0", name="months_positive"),
        UniqueConstraint("kind", "valid_from"),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[Kept]
    months: Mapped[int]
    valid_from: Mapped[date]
    basis: Mapped[Short] = mapped_column(default="", comment="where it was decided")
    set_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))


class ImpactAssessment(Base):
    """A personal information protection impact assessment (个人信息保护影响评估, 个人信息保护法 §55, 56)."""

    __tablename__ = "impact_assessment"
    __table_args__ = (Index(None, "region_code", "id"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    region_code: Mapped[Code12] = mapped_column(comment="prefix: whose processing it is")
    title: Mapped[Short]
    purpose: Mapped[str] = mapped_column(comment="purpose and way: lawful, proper, necessary")
    risk: Mapped[str] = mapped_column(comment="what it may do to the people")
    measures: Mapped[str] = mapped_column(comment="protection, and whether it fits the risk")
    conclusion: Mapped[Code20] = mapped_column(comment="go, mend, stop")
    assessors: Mapped[Short] = mapped_column(comment="who assessed, as they sign")
    assessed_on: Mapped[date]
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)


class Erasure(Base):
    """What was erased (清除登记): a restored backup is brought up to this list before anybody reads it."""

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("file_no", "member_code"),)

    id: Mapped[PrimaryKey]
    file_no: Mapped[Code20]
    member_code: Mapped[Code20] = mapped_column(default="", comment="empty: the whole file")
    erased_at: Mapped[datetime]
    approval_code: Mapped[Code20] = mapped_column(default="")
