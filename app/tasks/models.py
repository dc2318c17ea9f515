"""Tasks and claims (任务与认领) as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short
from app.households.models import Household
from app.needs.models import Need
from app.needs.rules import Urgency
from app.programmes.models import Programme
from app.tasks.rules import ClaimState, TaskKind, TaskSource, TaskState, card_title

_ONE_CLAIM = text("state IN ('waiting', 'held', 'handed_in')")
_WITH_SKILL = text("skill != ''")
_ONE_RHYTHM = text("source = 'rhythm' AND state IN ('open', 'full')")


class Task(Base):
    """Something a neighbour or a worker can take on (任务); its card names nobody."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= capacity", name="never_oversold"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        Index(None, "household_id", "id"),
        Index(None, "need_id"),
        Index(
            "uq_task_one_rhythm",
            "household_id",
            unique=True,
            sqlite_where=_ONE_RHYTHM,
            postgresql_where=_ONE_RHYTHM,
        ),
        Index(None, "is_public", "state", "region_code", "due_on", "id"),
        Index(None, "is_public", "state", "town_code", "due_on", "id"),
        Index(None, "is_public", "state", "district_code", "due_on", "id"),
        Index(None, "is_public", "state", "due_on", "id"),
        Index(None, "state", "due_on", "id"),
        # few tasks ask for a skill, and a list of a rare one must not walk past all the others
        Index(
            "ix_task_skill",
            "is_public",
            "state",
            "skill",
            "due_on",
            "id",
            sqlite_where=_WITH_SKILL,
            postgresql_where=_WITH_SKILL,
        ),
        Index(
            "ix_task_skill_town",
            "is_public",
            "state",
            "skill",
            "town_code",
            "due_on",
            "id",
            sqlite_where=_WITH_SKILL,
            postgresql_where=_WITH_SKILL,
        ),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[TaskKind]
    source: Mapped[TaskSource]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    need_id: Mapped[Key | None] = mapped_column(ForeignKey("need.id"))
    programme_id: Mapped[Key | None] = mapped_column(
        ForeignKey("programme.id"), comment="money goes to this programme"
    )
    region_code: Mapped[Code12]
    town_code: Mapped[Code12]
    district_code: Mapped[Code12]

    who: Mapped[Short] = mapped_column(comment="anonymous: 独居长者, 三口之家")
    title: Mapped[Short] = mapped_column(comment="what: 上门陪伴, 棉被 4 床")
    wording: Mapped[str] = mapped_column(default="", comment="public text of the need")
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.NORMAL)
    skill: Mapped[Short] = mapped_column(default="")
    unit: Mapped[Short] = mapped_column(
        default="人", comment="what capacity counts: 人, 床, 分 (fen)"
    )
    capacity: Mapped[Key]
    taken: Mapped[Key] = mapped_column(default=0, comment="units of live and confirmed claims")
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    due_on: Mapped[date] = mapped_column(comment="the day by which it matters; sorts the lists")
    is_public: Mapped[bool] = mapped_column(
        comment="shown to volunteers and donors: consent on record and reviewed"
    )

    state: Mapped[TaskState] = mapped_column(default=TaskState.OPEN)
    contact_id: Mapped[Key | None] = mapped_column(
        ForeignKey("user.id"), comment="the worker who is told and confirms"
    )
    overdue_at: Mapped[datetime | None] = mapped_column(comment="when it was marked overdue")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    household: Mapped[Household] = relationship()
    need: Mapped[Need | None] = relationship()
    programme: Mapped[Programme | None] = relationship()

    @property
    def card_title(self) -> str:
        """What the card says first."""
        return card_title(self.kind, self.who, self.title)

    @property
    def worker_id(self) -> int | None:
        """Whose household it is as work (责任社工)."""
        return self.household.worker_id

    @property
    def need_code(self) -> str | None:
        """The need it came from, if any."""
        return self.need.code if self.need is not None else None


@dataclass(frozen=True, slots=True)
class Offer:
    """What claiming has to know of a task (认领所需), as a plain row: a claim changes no object."""

    id: int
    code: str
    kind: TaskKind
    state: TaskState
    who: str
    title: str
    unit: str
    capacity: int
    taken: int
    ends_at: datetime | None
    region_code: str
    household_id: int
    contact_id: int | None
    worker_id: int | None
    need_code: str | None

    @property
    def card_title(self) -> str:
        """What the card says first."""
        return card_title(self.kind, self.who, self.title)


Claimable = Task | Offer


class Claim(Base):
    """A person's hold on part of a task (认领), or their place in its waiting list."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        UniqueConstraint("user_id", "idempotency_key"),
        Index(
            "uq_claim_one_each",
            "task_id",
            "user_id",
            unique=True,
            sqlite_where=_ONE_CLAIM,
            postgresql_where=_ONE_CLAIM,
        ),
        Index(None, "task_id", "state", "id"),
        Index(None, "user_id", "state", "id"),
        Index(None, "state", "expires_at"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    task_id: Mapped[Key] = mapped_column(ForeignKey("task.id"))
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    units: Mapped[Key]
    state: Mapped[ClaimState]
    pledged_at: Mapped[datetime | None] = mapped_column(
        comment="confidentiality pledge (保密承诺) for this household"
    )
    unrelated: Mapped[bool] = mapped_column(
        default=False, comment="declared no related-party interest (慈善法 §40, 59)"
    )
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(
        comment="end of the window in which name and door are open"
    )
    reminded_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[Short] = mapped_column(default="")
    idempotency_key: Mapped[Code40]
    task: Mapped[Task] = relationship()
    user: Mapped[User] = relationship()
