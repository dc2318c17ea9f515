"""Household files (帮扶对象档案) as rows. What could name a person is sealed under the household's own key."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, Code12, Code20, Code40, Fen, Key, PrimaryKey, Sealed, Short
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.ages import NOT_LOOKED_AT


def _some(name: str, which: str, *columns: str) -> Index:
    """Return an index over those files alone of which something is true."""
    where = text(which)
    return Index(f"ix_household_{name}", *columns, "id", sqlite_where=where, postgresql_where=where)


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
        Index(
            "ux_household_opened",
            "created_by_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
            sqlite_where=text("idempotency_key IS NOT NULL"),
        ),
        # what waits for somebody is little beside all the others: indexes that hold nothing else
        _some("under_review", "state = 'under_review'", "town_code"),
        _some("returned", "state = 'returned'", "town_code"),
        _some("class_until", "class_until IS NOT NULL", "class_until"),
        _some("paused_until", "paused_until IS NOT NULL", "paused_until"),
        _some("ages_on", "ages_on IS NOT NULL", "ages_on"),
        Index(
            "ix_household_kin",
            "district_code",
            "id",
            sqlite_where=text("is_kin = 1"),
            postgresql_where=text("is_kin"),
        ),
        Index(None, "merged_into_id"),
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
    tier_rule: Mapped[Code20] = mapped_column(
        default="",
        server_default="",
        comment="the rule that set the tier; workbook, manual: said by somebody, and no rule changes it",
    )
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
    case_stage: Mapped[Code20] = mapped_column(
        default="", server_default="", comment="case work: 接案 … 结案; empty: none"
    )
    class_until: Mapped[date | None] = mapped_column(
        comment="刚性支出困难: at most twelve months; none: without end"
    )
    is_kin: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="declared near relatives of staff (近亲属备案); a district visits them",
    )
    kin_visited_on: Mapped[date | None] = mapped_column(
        comment="the last time the district visited because of that"
    )
    paused_until: Mapped[date | None] = mapped_column(comment="the last day of a pause (暂停)")
    closing: Mapped[Code20] = mapped_column(
        default="", server_default="", comment="why the file was closed (结案类型), code"
    )
    ages_on: Mapped[date | None] = mapped_column(
        server_default=NOT_LOOKED_AT.isoformat(),
        comment="the month in which somebody next crosses an age line; a day would be a birthday",
    )

    data_key: Mapped[bytes | None] = mapped_column(
        comment="this file's key, wrapped by the master key; gone: erased"
    )
    head: Mapped[Sealed] = mapped_column(comment="JSON name, phone, door of the householder")
    papers: Mapped[Sealed] = mapped_column(
        comment="JSON of everything else that is free text or an account number"
    )

    state: Mapped[HouseholdState] = mapped_column(default=HouseholdState.DRAFT)
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
    idempotency_key: Mapped[Code40 | None] = mapped_column(
        comment="of the form that opened it: sent again, it names the same file"
    )
    submitted_by_id: Mapped[Key | None] = mapped_column(
        comment="user who sent it to review: somebody else approves"
    )
    merged_into_id: Mapped[Key | None] = mapped_column(
        comment="the file that carries this household on (合户); this one is archived and keeps its history"
    )
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


class Member(Base):
    """A person of a household (家庭成员); belongs to one household at a time."""

    __tablename__ = "member"
    __table_args__ = (
        Index(None, "household_id", "position"),
        UniqueConstraint("id_index"),
        Index(None, "alike", "household_id"),
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
    alike: Mapped[bytes | None] = mapped_column(
        comment="keyed hash of how the name sounds, birth and village: by which twins are found"
    )
    left_on: Mapped[date | None] = mapped_column(
        comment="died or left the household; still on file"
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


class Section(Base):
    """One part of a file (档案分栏): assets, support, assessment, plan; the rules say which and with what fields."""

    __tablename__ = "household_section"
    __table_args__ = (UniqueConstraint("household_id", "kind"),)

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    kind: Mapped[Code20]
    facts: Mapped[Sealed] = mapped_column(comment="JSON {field: value}")


class Span(Base):
    """How a file stood over some days (档案时段): by which lists and totals as of a past day are found.

    From a day on, until another day (without it), or still: the day's last word counts.
    """

    __tablename__ = "household_span"
    __table_args__ = (
        Index(None, "household_id", "from_on"),
        Index(None, "town_code", "household_id"),
        Index(None, "district_code", "household_id"),
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="span_has_days"),
    )

    id: Mapped[PrimaryKey]
    household_id: Mapped[Key] = mapped_column(ForeignKey("household.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    region_code: Mapped[Code12]
    town_code: Mapped[Code12]
    district_code: Mapped[Code12]
    category: Mapped[Category]
    tier: Mapped[Tier]
    state: Mapped[HouseholdState]
    member_count: Mapped[int]
    income_fen: Mapped[Fen]
    aid_fen: Mapped[Fen]


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
    other_id: Mapped[Key | None] = mapped_column(
        comment="the other file of a move, marriage, split or merge: its history tells the same"
    )
