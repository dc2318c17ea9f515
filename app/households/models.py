"""Household files (帮扶对象档案) as rows. What could name a person is sealed under the household's own key."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Code12, Code20, Code40, Fen, Key, PrimaryKey, Sealed, Short
from app.households.rules import Category, HouseholdState, Purpose, Recipient, Tier
from app.households.rules.importing import BatchState


class Household(Base):
    """A household file (档案): cover, circumstances, rhythm and roll-ups."""

    __tablename__ = "household"
    __table_args__ = (
        CheckConstraint("member_count >= 0", name="members_not_negative"),
        CheckConstraint("(state = 'erased') = (data_key IS NULL)", name="erased_without_key"),
        Index(None, "region_code", "next_visit_on", "id"),
        Index(None, "town_code", "next_visit_on", "id"),
        Index(None, "district_code", "next_visit_on", "id"),
        Index(None, "next_visit_on", "id"),
        Index(None, "region_code", "last_visit_on", "id"),
        Index(None, "town_code", "last_visit_on", "id"),
        Index(None, "district_code", "last_visit_on", "id"),
        Index(None, "last_visit_on", "id"),
        Index(None, "worker_id", "next_visit_on", "id"),
    )

    id: Mapped[PrimaryKey]
    file_no: Mapped[Code20] = mapped_column(
        unique=True, comment="district 6 + category 2 + year 4 + 6 random digits"
    )
    region_code: Mapped[Code12] = mapped_column(comment="community, 12 digits")
    town_code: Mapped[Code12] = mapped_column(
        comment="its first 9 digits, so that a scope is one equality"
    )
    district_code: Mapped[Code12] = mapped_column(comment="its first 6 digits")
    category: Mapped[Category]
    tier: Mapped[Tier]
    cause: Mapped[Code20] = mapped_column(default="", comment="cause of hardship, code")
    housing: Mapped[Code20] = mapped_column(default="")
    member_count: Mapped[int] = mapped_column(default=0)
    income_fen: Mapped[Fen] = mapped_column(default=0, comment="monthly income per head")
    aid_fen: Mapped[Fen] = mapped_column(
        default=0, comment="government aid per month; never counted as linked resources"
    )
    traits: Mapped[Code40] = mapped_column(
        default="",
        comment="how a card may describe them, such as elder_alone; decided by rules from the members",
    )
    filed_on: Mapped[date]

    data_key: Mapped[bytes | None] = mapped_column(
        comment="this file's key, wrapped by the master key; gone: erased"
    )
    head: Mapped[Sealed] = mapped_column(comment="JSON name, phone, door of the householder")
    papers: Mapped[Sealed] = mapped_column(
        comment="JSON of everything else that is free text or an account number"
    )

    state: Mapped[HouseholdState] = mapped_column(default=HouseholdState.DRAFT)
    state_reason: Mapped[Short] = mapped_column(default="")
    source: Mapped[Code20] = mapped_column(default="form", comment="form, workbook, demo")
    source_key: Mapped[bytes | None] = mapped_column(
        unique=True,
        comment="by which an import recognises the household: householder's ID number and district, keyed",
    )
    source_digest: Mapped[bytes | None] = mapped_column(
        comment="keyed hash of what was imported: equal means unchanged"
    )
    worker_id: Mapped[Key | None] = mapped_column(
        ForeignKey("user.id"), comment="responsible social worker (责任社工)"
    )
    created_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(
        default=1, comment="raised by every change: a stale page is refused"
    )

    visit_count: Mapped[int] = mapped_column(default=0)
    last_visit_on: Mapped[date | None]
    next_visit_on: Mapped[date | None] = mapped_column(comment="none: no rhythm (paused, closed)")

    members: Mapped[list[Member]] = relationship(
        order_by="Member.position", back_populates="household", viewonly=True
    )
    consents: Mapped[list[Consent]] = relationship(order_by="Consent.id", viewonly=True)


class Member(Base):
    """A person of a household (家庭成员); belongs to one household at a time."""

    __tablename__ = "member"
    __table_args__ = (
        Index(None, "household_id", "position"),
        UniqueConstraint("id_index"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(comment="binds the sealed value to this person")
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    position: Mapped[int] = mapped_column(comment="0: the householder")
    relationship_code: Mapped[Code12] = mapped_column(comment="GB/T 4761, one digit")
    sex: Mapped[Code12] = mapped_column(default="0", comment="GB/T 2261.1")
    id_index: Mapped[bytes | None] = mapped_column(
        comment="keyed hash of the ID number; none: has none, or left"
    )
    person: Mapped[Sealed] = mapped_column(
        comment="JSON of name, ID number, birth, phone, health, bank …"
    )
    household: Mapped[Household] = relationship(back_populates="members", viewonly=True)


class SearchToken(Base):
    """What a household can be found by (检索词元): keyed hashes of name parts, initials, numbers and phones."""

    __tablename__ = "search_token"
    __table_args__ = (Index(None, "household_id"), {"sqlite_with_rowid": False})

    token: Mapped[Key] = mapped_column(primary_key=True, autoincrement=False)
    region_code: Mapped[Code12] = mapped_column(primary_key=True)
    household_id: Mapped[Key] = mapped_column(primary_key=True, autoincrement=False)


class Consent(Base):
    """A household's consent for one purpose and one class of recipients (单独同意, 个人信息保护法 §23, 29)."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "household_id"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    purpose: Mapped[Purpose]
    recipient: Mapped[Recipient]
    wording: Mapped[Code20] = mapped_column(
        comment="version of the text that was read out and signed"
    )
    signatory: Mapped[Code20] = mapped_column(comment="self, guardian")
    given_on: Mapped[date]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    recorded_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))


class Change(Base):
    """One change to a file (变更记录): which fields, from what to what, sealed, and why."""

    __tablename__ = "household_change"
    __table_args__ = (Index(None, "household_id", "id"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    at: Mapped[datetime]
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[Code20] = mapped_column(comment="created, imported, edited, state, consent …")
    title: Mapped[Short] = mapped_column(comment="what happened, without personal data")
    fields: Mapped[bytes | None] = mapped_column(comment="sealed JSON {field: [before, after]}")
    reason: Mapped[Short] = mapped_column(default="")


class ImportBatch(Base):
    """A workbook on its way in (导入批次); the file itself lies sealed in the storage until the import ends."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "state"))

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    sender: Mapped[Short] = mapped_column(
        comment="whose mapping is remembered: region or organisation of the sender"
    )
    suffix: Mapped[Code12] = mapped_column(comment=".xlsx, .xls, .ods, .csv")
    storage_key: Mapped[Code40 | None] = mapped_column(comment="the workbook; gone once it is over")
    report_key: Mapped[Code40 | None] = mapped_column(comment="columns, problems, differences")
    errors_key: Mapped[Code40 | None] = mapped_column(comment="the workbook with its remarks")
    data_key: Mapped[Sealed]
    size: Mapped[int] = mapped_column(comment="of the workbook, in bytes")
    state: Mapped[BatchState] = mapped_column(default=BatchState.QUEUED)
    overrides: Mapped[dict[str, Any]] = mapped_column(
        default=dict, comment="column header → field, where corrected"
    )
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="counts only")
    error: Mapped[Short | None]
    idempotency_key: Mapped[Code40] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ImportMapping(Base):
    """How one sender's columns were placed last time (列对应)."""

    __tablename__ = "import_mapping"

    sender: Mapped[Short] = mapped_column(primary_key=True)
    signature: Mapped[Code40] = mapped_column(primary_key=True, comment="hash of the header row")
    overrides: Mapped[dict[str, Any]]
