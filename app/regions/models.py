"""Regions (行政区划) as rows: division codes of 6, 9 or 12 digits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code12, Code20, Short


class Region(Base):
    """A district (区), town (镇街) or community (村居); codes are the statistics bureau's."""

    __tablename__ = "region"

    code: Mapped[Code12] = mapped_column(primary_key=True)
    name: Mapped[Short]
    level: Mapped[Code20]
    parent_code: Mapped[Code12 | None] = mapped_column(ForeignKey("region.code"), index=True)
    version: Mapped[Code20] = mapped_column(comment="the bureau's edition, as its date")
    effective_on: Mapped[date]
    retired_on: Mapped[date | None]
