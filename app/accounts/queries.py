"""What pages ask about people (账号查询)."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Grant, SignIn, User
from app.accounts.rules import UserState
from app.core.db import db


def token_hash(token: str) -> bytes:
    """Return what is kept of a session or invitation token."""
    return hashlib.sha256(token.encode()).digest()


def sign_in_by_token(token: str) -> SignIn | None:
    """Return the living session of a cookie with its user, their grants and organisations: one statement."""
    return (
        db.session.scalars(
            select(SignIn)
            .join(SignIn.user)
            .options(
                contains_eager(SignIn.user).joinedload(User.grants).joinedload(Grant.organisation)
            )
            .where(
                SignIn.token_hash == token_hash(token),
                SignIn.ended_at.is_(None),
                User.state == UserState.ACTIVE,
            )
        )
        .unique()
        .one_or_none()
    )


def by_username(username: str) -> User | None:
    """Return a user by name."""
    return (
        db.session.scalars(
            select(User).options(joinedload(User.grants)).where(User.username == username.lower())
        )
        .unique()
        .one_or_none()
    )
