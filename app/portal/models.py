"""Kept figures (月度数字): what every overview reads instead of counting a city anew."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code12, Fen, Key


class TownMonth(Base):
    """One town in one month (镇街月度数字); counted again every night, so that late records find their month.

    户, 人 and 户次 are different columns and are never added together (DESIGN §2.8).
    """

    __tablename__ = "town_month"

    town_code: Mapped[Code12] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True, comment="its first day")
    households: Mapped[int] = mapped_column(default=0, comment="户: files in force at its end")
    persons: Mapped[int] = mapped_column(default=0, comment="人: members of those files")
    visited: Mapped[int] = mapped_column(default=0, comment="户: reached at least once")
    visits: Mapped[int] = mapped_column(default=0, comment="户次: confirmed records, met or not")
    never_visited: Mapped[int] = mapped_column(default=0, comment="户: never reached so far")
    overdue: Mapped[int] = mapped_column(default=0, comment="户: next visit lies in the past")
    money_fen: Mapped[Fen] = mapped_column(default=0, comment="delivered in the month")
    goods_fen: Mapped[Fen] = mapped_column(default=0)
    minutes: Mapped[Key] = mapped_column(default=0)
    unvalued: Mapped[Key] = mapped_column(default=0, comment="pieces")
    counted_on: Mapped[date]
