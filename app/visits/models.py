"""Visit records (探访记录) as rows. A confirmed record never changes: it is amended by a new version."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Sealed, Short
from app.households.models import Household
from app.households.rules import Tier
from app.media.models import Media
from app.tasks.models import Claim, Task
from app.visits.rules import FollowUpKind, Manner, Opinion, Result, VisitState


class Visit(Base):
    """One visit, or one attempt (探访记录)."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        UniqueConstraint("recorded_by_id", "idempotency_key"),
        Index(None, "household_id", "visited_on", "id"),
        Index(None, "visitor_id", "id"),
        Index(None, "claim_id"),
        Index("uq_visit_source_key", "source_key", unique=True),
        Index(None, "state", "town_code", "id"),
        Index(None, "state", "district_code", "id"),
        Index(None, "town_code", "visited_on", "id"),
        Index(None, "region_code", "id"),
        Index(None, "town_code", "id"),
        Index(None, "district_code", "id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    claim_id: Mapped[Key | None] = mapped_column(
        ForeignKey("claim.id"), comment="none: a worker's own visit, no hours"
    )
    task_id: Mapped[Key | None] = mapped_column(ForeignKey("task.id"))
    visitor_id: Mapped[Key] = mapped_column(ForeignKey("user.id"), comment="who went")
    recorded_by_id: Mapped[Key] = mapped_column(ForeignKey("user.id"), comment="who wrote it down")
    region_code: Mapped[Code12]
    town_code: Mapped[Code12]
    district_code: Mapped[Code12]

    visited_on: Mapped[date]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=0, comment="time of service, without travel")
    manner: Mapped[Manner]
    result: Mapped[Result]
    companions: Mapped[int] = mapped_column(default=0, comment="how many went along")
    opinion: Mapped[Opinion] = mapped_column(default=Opinion.SAME)
    needs_found: Mapped[list[str]] = mapped_column(default=list, comment="codes of NeedKind")
    notes: Mapped[Sealed] = mapped_column(
        comment="JSON: health, mood, safety, medicine, income, care, school, goods, text"
    )

    state: Mapped[VisitState]
    counts_hours: Mapped[bool] = mapped_column(
        default=False, comment="volunteer service; paid visits never (C4 §19)"
    )
    confirmed_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]
    return_reason: Mapped[Short] = mapped_column(default="")
    amend_reason: Mapped[Short] = mapped_column(
        default="", comment="why this version took the place of the one it amends"
    )
    amends_id: Mapped[Key | None] = mapped_column(ForeignKey("visit.id"), unique=True)
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    idempotency_key: Mapped[Code40 | None]
    source_key: Mapped[bytes | None] = mapped_column(
        comment="keyed hash by which a record of the old platform is known again"
    )
    version: Mapped[int] = mapped_column(default=1)
    household: Mapped[Household] = relationship()
    claim: Mapped[Claim | None] = relationship()
    task: Mapped[Task | None] = relationship()
    visitor: Mapped[User] = relationship(foreign_keys=visitor_id)
    photos: Mapped[list[VisitPhoto]] = relationship(
        order_by="VisitPhoto.position", back_populates="visit"
    )
    follow_ups: Mapped[list[FollowUp]] = relationship(
        order_by="FollowUp.id", back_populates="visit"
    )


class VisitPhoto(Base):
    """A photo of a visit (探访照片); taken with the household's consent, per photo."""

    __tablename__ = "visit_photo"
    __table_args__ = (UniqueConstraint("visit_id", "position"),)

    id: Mapped[PrimaryKey]
    visit_id: Mapped[Key] = mapped_column(ForeignKey("visit.id"))
    media_id: Mapped[Key] = mapped_column(ForeignKey("media.id"), unique=True)
    position: Mapped[int]
    visit: Mapped[Visit] = relationship(back_populates="photos")
    media: Mapped[Media] = relationship()


class FollowUp(Base):
    """Something to do after a visit (跟进事项): with a day and a person."""

    __tablename__ = "follow_up"
    __table_args__ = (Index(None, "person_id", "done_at", "due_on"), Index(None, "household_id"))

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    visit_id: Mapped[Key] = mapped_column(ForeignKey("visit.id"))
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    kind: Mapped[FollowUpKind] = mapped_column(default=FollowUpKind.TOLD)
    what: Mapped[Sealed]
    due_on: Mapped[date]
    person_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    done_at: Mapped[datetime | None]
    visit: Mapped[Visit] = relationship(back_populates="follow_ups")


class VisitRhythm(Base):
    """How many days lie between two visits of a tier from a day on (探访节律); the newest one that has begun holds."""

    __tablename__ = "visit_rhythm"
    __table_args__ = (
        CheckConstraint("days > 0", name="days_positive"),
        UniqueConstraint("tier", "valid_from"),
    )

    id: Mapped[PrimaryKey]
    tier: Mapped[Tier]
    days: Mapped[int]
    valid_from: Mapped[date]
    set_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
