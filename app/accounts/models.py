"""Accounts (账号) as rows. Names and phones are sealed; a phone is found by its look-up value."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.rules import OrganisationKind, Role, UserState
from app.core.access import Actor, Scope
from app.core.crypto import SealedText
from app.core.db import Base, Code12, Code20, Code40, Key, PrimaryKey, Short


class Organisation(Base):
    """A station, bureau, foundation, charity, company or party branch (机构)."""

    __tablename__ = "organisation"

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    name: Mapped[Short]
    kind: Mapped[OrganisationKind]
    region_code: Mapped[Code12] = mapped_column(default="", comment="prefix; empty: the whole city")
    account_notice: Mapped[str] = mapped_column(
        default="",
        comment="a charity's official account and legal notice, shown to donors; no payment here",
    )


class User(Base):
    """A person with an account (用户)."""

    __tablename__ = "user"

    id: Mapped[PrimaryKey]
    code: Mapped[Code20] = mapped_column(unique=True)
    username: Mapped[Code40] = mapped_column(unique=True, comment="lower case")
    name: Mapped[str] = mapped_column(SealedText("user.name"))
    phone: Mapped[str | None] = mapped_column(SealedText("user.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(
        index=True,
        comment="not unique: a refused second number would tell whose it is, and families share one",
    )
    email: Mapped[str | None] = mapped_column(SealedText("user.email"))
    password_hash: Mapped[str]
    state: Mapped[UserState] = mapped_column(default=UserState.ACTIVE)
    home_region: Mapped[Code12] = mapped_column(
        default="", comment="where a volunteer likes to help: prefix"
    )
    theme: Mapped[Code12] = mapped_column(default="auto", comment="auto, light, dark")
    print_size: Mapped[Code12] = mapped_column(default="normal", comment="normal, large")
    pledge_version: Mapped[Code12 | None] = mapped_column(
        comment="the confidentiality pledge that was signed"
    )
    pledged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    grants: Mapped[list[Grant]] = relationship(
        primaryjoin="and_(User.id == Grant.user_id, Grant.ended_at.is_(None))",
        foreign_keys="Grant.user_id",
        order_by="Grant.id",
        viewonly=True,
    )

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """What Flask-Login asks."""
        return self.state is UserState.ACTIVE

    @property
    def actor(self) -> Actor:
        """This person as policies see them."""
        scopes = tuple(Scope(g.role.value, g.region_code, g.organisation_id) for g in self.grants)
        return Actor(self.id, scopes)

    @property
    def roles(self) -> set[Role]:
        """The roles this person holds."""
        return {grant.role for grant in self.grants}


class Grant(Base):
    """A role given to a person over a region or an organisation (授权); a role without a scope sees nothing."""

    __tablename__ = "grant"
    __table_args__ = (Index(None, "user_id"), Index(None, "role", "region_code"))

    id: Mapped[PrimaryKey]
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role]
    region_code: Mapped[Code12] = mapped_column(
        default="", comment="prefix of 4 (city), 6, 9 or 12 digits"
    )
    organisation_id: Mapped[Key | None] = mapped_column(ForeignKey("organisation.id"))
    granted_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    organisation: Mapped[Organisation | None] = relationship()


class SignIn(Base):
    """One signed-in browser (登录会话); ending the row ends the session, whoever holds a copy of the cookie."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[PrimaryKey]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[Short] = mapped_column(default="", comment="what kind of browser, in words")
    user: Mapped[User] = relationship()


class SignInThrottle(Base):
    """Wrong passwords in a row for one name or phone, existing or not (登录限速)."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    subject: Mapped[bytes] = mapped_column(
        primary_key=True, comment="keyed hash of what was typed as the name"
    )
    failures: Mapped[int]
    open_at: Mapped[datetime] = mapped_column(
        index=True, comment="no try is looked at before this instant"
    )


class Invitation(Base):
    """A link by which a member of staff makes their account (邀请)."""

    __tablename__ = "invitation"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    role: Mapped[Role]
    region_code: Mapped[Code12] = mapped_column(default="")
    organisation_id: Mapped[Key | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(SealedText("invitation.name"))
    invited_by_id: Mapped[Key | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    organisation: Mapped[Organisation | None] = relationship()
