"""What pages ask about people (账号查询)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Grant, Invitation, Organisation, SignIn, User
from app.accounts.rules import (
    PHONE_ACCOUNTS,
    STAFF,
    Role,
    UserState,
    masked_name,
    plain_phone,
    plain_username,
)
from app.core import clock
from app.core.access import Actor, Scope
from app.core.crypto import ring
from app.core.db import db
from app.core.errors import NotHere
from app.core.paging import Page, fetch

PERSON = 7  # columns of the person and the session; those of a grant follow
BEYOND = "~"  # sorts after every character of a user name


def token_hash(token: str) -> bytes:
    """Return what is kept of a session or invitation token."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Held:
    """One grant of somebody signed in: the role, where it holds, and the organisation's name, if it is one's."""

    role: Role
    region_code: str
    organisation_id: int | None
    organisation: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and by which session (登录的人): what every page needs of them, without their row."""

    session_id: int
    seen_at: datetime
    id: int
    name: str
    home_region: str
    theme: str
    print_size: str
    grants: tuple[Held, ...]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def actor(self) -> Actor:
        """This person as policies see them."""
        scopes = (Scope(g.role.value, g.region_code, g.organisation_id) for g in self.grants)
        return Actor(self.id, tuple(scopes))

    @property
    def roles(self) -> set[Role]:
        """The roles this person holds."""
        return {grant.role for grant in self.grants}


def signed_in(token: str) -> SignedIn | None:
    """Return who holds a living session, by its cookie: one statement, and no objects that nobody changes."""
    # past the session, which would look for objects to make
    rows = db.session.connection().execute(_living_session(), {"hash": token_hash(token)}).all()
    if not rows:
        return None
    held = tuple(Held(*row[PERSON:]) for row in rows if row.role)
    facts: list[Any] = [*rows[0][:PERSON], held]
    return SignedIn(*facts)


@cache
def _living_session() -> Select[Any]:
    """Every request runs this one, so it is put together once."""
    session, user, grant = SignIn.__table__.c, User.__table__.c, Grant.__table__.c
    return (
        select(
            session.id.label("session_id"),
            session.seen_at,
            user.id,
            user.name,
            user.home_region,
            user.theme,
            user.print_size,
            grant.role,
            grant.region_code,
            grant.organisation_id,
            Organisation.__table__.c.name.label("organisation"),
        )
        .join_from(SignIn.__table__, User.__table__)
        .outerjoin(Grant.__table__, and_(grant.user_id == user.id, grant.ended_at.is_(None)))
        .outerjoin(Organisation.__table__)
        .where(
            session.token_hash == bindparam("hash"),
            session.ended_at.is_(None),
            user.state == UserState.ACTIVE,
        )
        .order_by(grant.id)
    )


def sign_in_of(signed_in: SignedIn) -> SignIn | None:
    """Return the row of somebody's session, with their own."""
    return db.session.get(SignIn, signed_in.session_id, options=[joinedload(SignIn.user)])


def person(user_id: int) -> User:
    """Return somebody's row with their grants and organisations."""
    with_grants = selectinload(User.grants).joinedload(Grant.organisation)
    return db.session.get_one(User, user_id, options=[with_grants])


def sessions_of(user_id: int) -> Sequence[SignIn]:
    """Return the living sessions of a person, the last used first."""
    return db.session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        .limit(20)
    ).all()


def by_username(username: str) -> User | None:
    """Return a user by name."""
    return (
        db.session.scalars(
            select(User)
            .options(joinedload(User.grants))
            .where(User.username == plain_username(username))
        )
        .unique()
        .one_or_none()
    )


def by_code(code: str) -> User:
    """Return a user by public code, with grants and organisations; NotHere otherwise."""
    found = db.session.scalars(
        select(User)
        .options(selectinload(User.grants).joinedload(Grant.organisation))
        .where(User.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def candidates(typed: str) -> tuple[Sequence[User], int]:
    """Return whom a typed name or phone may mean, oldest first, and how many passwords to check whoever there is.

    The second figure depends on the shape of what was typed alone, so the time an answer takes tells nothing.
    """
    phone = plain_phone(typed)
    if phone is None:
        found = by_username(typed)
        return [found] if found else [], 1
    return db.session.scalars(
        select(User)
        .where(User.phone_index == ring().index("phone", phone))
        .order_by(User.id)
        .limit(PHONE_ACCOUNTS)
    ).all(), PHONE_ACCOUNTS


def display_name(user: User) -> str:
    """Return how a person is called on other people's pages: staff by name, helpers masked."""
    return user.name if user.roles & STAFF else masked_name(user.name)


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Return display names by user id, for lists of what people did: two statements for any number."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if not wanted:
        return {}
    users = db.session.scalars(
        select(User).options(selectinload(User.grants)).where(User.id.in_(wanted))
    )
    return {user.id: display_name(user) for user in users}


def workers_of(region_code: str) -> list[User]:
    """Return the active social workers of a community, town or district, the nearest scope first."""
    return holders_of(region_code, Role.WORKER)


def holders_of(region_code: str, *roles: Role) -> list[User]:
    """Return the active people who hold one of the roles over a place, the nearest scope first."""
    prefixes = [region_code[:length] for length in (4, 6, 9, 12) if length <= len(region_code)]
    found = db.session.execute(
        select(User, Grant.region_code)
        .join(Grant, Grant.user_id == User.id)
        .options(selectinload(User.grants))
        .where(
            Grant.role.in_(roles),
            Grant.region_code.in_(prefixes),
            Grant.ended_at.is_(None),
            User.state == UserState.ACTIVE,
        )
    ).all()
    nearest = sorted(found, key=lambda row: (-len(row[1]), row[0].id))
    return list(dict.fromkeys(user for user, _ in nearest))


def users(prefix: str, cursor: str | None) -> Page[User]:
    """Return people whose user name begins so, in order of user name."""
    statement = select(User).options(selectinload(User.grants).joinedload(Grant.organisation))
    begin = plain_username(prefix)
    if begin:
        statement = statement.where(User.username >= begin, User.username <= begin + BEYOND)
    return fetch(
        db.session, statement, [(User.username, False)], cursor, key=lambda user: [user.username]
    )


def organisations() -> Sequence[Organisation]:
    """Return the organisations by kind and name; a city has a few hundred."""
    return db.session.scalars(
        select(Organisation).order_by(Organisation.kind, Organisation.name)
    ).all()


def organisation_by_code(code: str) -> Organisation | None:
    """Return an organisation by public code."""
    return db.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()


def invitation_by_token(token: str) -> Invitation | None:
    """Return an invitation that can still be used."""
    return db.session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.organisation))
        .where(Invitation.token_hash == token_hash(token), *open_invitation())
    ).one_or_none()


def open_invitation() -> list[Any]:
    """Say, in SQL, that an invitation can still be used."""
    return [
        Invitation.used_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > clock.now(),
    ]


def open_invitations() -> Sequence[Invitation]:
    """Return the invitations that wait for their person, the newest first."""
    return db.session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.organisation))
        .where(*open_invitation())
        .order_by(Invitation.id.desc())
        .limit(200)
    ).all()
