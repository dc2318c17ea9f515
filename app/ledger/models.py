"""Entries and postings (分录) as rows; the database itself refuses to change or delete them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short, keep_append_only
from app.ledger.rules import Account, Dimension, EntryKind, Measure


class Entry(Base):
    """One thing that happened to value (记账凭证); a mistake is a second entry that reverses it."""

    __tablename__ = "entry"

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    kind: Mapped[EntryKind]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    subject: Mapped[Code40] = mapped_column(
        index=True, comment="public code of the resource line or visit: the evidence"
    )
    memo: Mapped[Short] = mapped_column(default="", comment="without personal data")
    reverses_id: Mapped[Key | None] = mapped_column(
        ForeignKey("entry.id"), unique=True, comment="reversed once at most"
    )
    postings: Mapped[list[Posting]] = relationship(order_by="Posting.id", back_populates="entry")


class Posting(Base):
    """One leg of an entry (过账): debit positive, credit negative; an entry's legs sum to zero per measure."""

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index(None, "entry_id"),
        Index(None, "household_id", "account", "id"),
        Index(None, "programme_id", "account", "id"),
        Index(None, "donor_id", "account", "id"),
        Index(None, "town_code", "account", "id"),
    )

    id: Mapped[PrimaryKey]
    entry_id: Mapped[Key] = mapped_column(ForeignKey("entry.id"))
    account: Mapped[Account]
    measure: Mapped[Measure]
    amount: Mapped[Key] = mapped_column(
        comment="fen for money and goods, minutes for hours, items for unvalued goods"
    )
    programme_id: Mapped[Key | None] = mapped_column(ForeignKey("programme.id"))
    donor_id: Mapped[Key | None] = mapped_column(ForeignKey("donor.id"))
    household_id: Mapped[Key | None] = mapped_column(ForeignKey("household.id"))
    town_code: Mapped[Code12] = mapped_column(default="")
    entry: Mapped[Entry] = relationship(back_populates="postings")


class Tally(Base):
    """A kept total (汇总): the sum of the postings of one account and measure for one thing, proved every night."""

    __tablename__ = "tally"

    dimension: Mapped[Dimension] = mapped_column(primary_key=True)
    subject: Mapped[Code20] = mapped_column(
        primary_key=True, comment="internal id of the thing, or the town's code"
    )
    account: Mapped[Account] = mapped_column(primary_key=True)
    measure: Mapped[Measure] = mapped_column(primary_key=True)
    amount: Mapped[Key]


keep_append_only(Entry.__table__)
keep_append_only(Posting.__table__)
