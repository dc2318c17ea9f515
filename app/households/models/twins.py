"""Files that may be one (疑似重复), as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code12, Code20, Key, PrimaryKey, Short
from app.households.rules.twins import TwinRule, TwinState


class Twins(Base):
    """Two files in which the same person seems to stand (疑似重复): merged, declared different, or still open."""

    __tablename__ = "household_twins"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="one_order"),
        Index(None, "state", "region_code", "id"),
        Index(None, "state", "second_region_code", "id"),
        Index(None, "second_id"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    first_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    second_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    region_code: Mapped[Code12] = mapped_column(comment="of the first: whose worker is asked")
    second_region_code: Mapped[Code12] = mapped_column(
        default="", server_default="", comment="of the second: whose worker is asked, too"
    )
    rule: Mapped[TwinRule]
    state: Mapped[TwinState] = mapped_column(default=TwinState.OPEN)
    found_at: Mapped[datetime]
    decided_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[Short] = mapped_column(default="")
