"""Signing in and out (登录与退出)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.exc import IntegrityError

from app.accounts import policy, queries
from app.accounts.errors import TooManyTries, WrongSignIn
from app.accounts.models import SignIn, SignInThrottle, User
from app.accounts.rules import (
    HELPER_IDLE,
    LOCK_TIME,
    UserState,
    plain_phone,
    plain_username,
    wait_after,
)
from app.audit.services import record
from app.core import clock, passwords
from app.core.access import Actor, require
from app.core.crypto import ring
from app.core.db import db

KEEP_ENDED = timedelta(days=180)  # 网络安全法 §21: logs of sign-ins are kept for six months


@dataclass(frozen=True, slots=True)
class Proof:
    """A password that was right (验证通过): whose, and a new hash when today's parameters are stronger."""

    user: User
    typed: str
    new_hash: str | None


def _subject(typed: str) -> bytes:
    return ring().index("sign-in", plain_phone(typed) or plain_username(typed))


def take_try(typed: str) -> None:
    """Use one try for what was typed as the name, before the password is looked at; TooManyTries when none is left.

    Counting first is what a thousand tries sent at once cannot get around. A right password gives the tries back.
    """
    now, subject = clock.now(), _subject(typed)
    forgotten = SignInThrottle.open_at < now - LOCK_TIME
    counted = (
        update(SignInThrottle)
        .where(SignInThrottle.subject == subject, SignInThrottle.open_at <= now)
        .values(failures=case((forgotten, 1), else_=SignInThrottle.failures + 1))
        .returning(SignInThrottle.failures)
    )
    failures = db.session.scalars(counted).one_or_none()
    if failures is None:
        _first_try(subject, now)
        return
    db.session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.subject == subject)
        .values(open_at=now + wait_after(failures))
    )


def _first_try(subject: bytes, now: datetime) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(SignInThrottle(subject=subject, failures=1, open_at=now))
            db.session.flush()  # the primary key says whether this really is the first
    except IntegrityError:
        raise TooManyTries from None


def prove(typed: str, password: str) -> Proof | None:
    """Look whose name and password these are; changes nothing and takes as long when they are nobody's."""
    users, checks = queries.candidates(typed)
    hashes = [user.password_hash if user.state is UserState.ACTIVE else None for user in users] + [
        None
    ] * (checks - len(users))
    right = [passwords.matches(known, password) for known in hashes]
    found = next((user for user, fits in zip(users, right, strict=False) if fits), None)
    if found is None:
        return None
    outdated = passwords.is_outdated(found.password_hash)
    return Proof(found, typed, passwords.hash_password(password) if outdated else None)


def note_refused(actor: Actor, typed: str) -> None:
    """Write down a refused sign-in (等保: every try is on record); what was typed is not kept."""
    users, _ = queries.candidates(typed)
    record(actor, "session.refuse", users[0].code if len(users) == 1 else "")


def open_session(proof: Proof, *, device: str = "", replaces: SignIn | None = None) -> str:
    """Start a session (登录) and return its token; the browser's earlier one ends, so that nobody can plant one."""
    user = proof.user
    renew_hash(user, proof.new_hash)
    give_tries_back(proof.typed)
    if replaces is not None:
        _end(SignIn.id == replaces.id)
    return start(user, device=device)


def give_tries_back(typed: str) -> None:
    """Forget the wrong passwords of a name: the right one has come."""
    db.session.execute(delete(SignInThrottle).where(SignInThrottle.subject == _subject(typed)))


def start(user: User, *, device: str = "") -> str:
    """Write a new session and return its token, of which only a hash is kept."""
    token, now = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        SignIn(
            token_hash=queries.token_hash(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            device=device,
        )
    )
    record(user.actor, "session.open", user.code)
    return token


def renew_hash(user: User, new_hash: str | None) -> None:
    """Keep a hash with today's parameters, unless password or state changed since it was checked."""
    still = (
        User.id == user.id,
        User.password_hash == user.password_hash,
        User.state == UserState.ACTIVE,
    )
    values = {"password_hash": new_hash or user.password_hash}
    if (
        db.session.scalars(update(User).where(*still).values(values).returning(User.id)).first()
        is None
    ):
        raise WrongSignIn


def close_session(actor: Actor, sign_in: SignIn) -> None:
    """End a session (退出): a copy of its cookie is worth nothing from now on."""
    require(policy.can_end, actor, sign_in)
    _end(SignIn.id == sign_in.id)
    record(actor, "session.close", sign_in.user.code)


def end_session(actor: Actor, user: User, sign_in_id: int) -> None:
    """End one of one's own sessions, by its number in the list."""
    require(policy.can_change_own, actor, user)
    _end(SignIn.id == sign_in_id, SignIn.user_id == user.id)
    record(actor, "session.close", user.code)


def close_all(actor: Actor, user: User, *, but: SignIn | None = None) -> None:
    """End a person's sessions on all devices (从所有设备退出), or all but the one in use."""
    require(policy.can_change_own, actor, user)
    end_all(user, but=but)
    record(actor, "session.close_all", user.code)


def end_all(user: User, *, but: SignIn | None = None) -> None:
    """End the rows of a person's sessions."""
    _end(SignIn.user_id == user.id, *([SignIn.id != but.id] if but is not None else []))


def end_everybodys() -> None:
    """End every session there is: after a restore, those that were signed out since the backup must stay so."""
    _end()


def _end(*which: object) -> None:
    db.session.execute(
        update(SignIn).where(SignIn.ended_at.is_(None), *which).values(ended_at=clock.now())  # type: ignore[arg-type]  # any condition
    )


def touch(session_id: int) -> None:
    """Note that a session is in use; more often than every five minutes says nothing new."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.ended_at.is_(None))
        .values(seen_at=clock.now())
    )


def tidy(now: datetime) -> int:
    """End sessions that have been silent for too long and forget what is no longer needed; returns how many rows."""
    silent = (
        update(SignIn)
        .where(SignIn.ended_at.is_(None), SignIn.seen_at < now - HELPER_IDLE)
        .values(ended_at=now)
    )
    old = delete(SignIn).where(SignIn.ended_at < now - KEEP_ENDED)
    calm = delete(SignInThrottle).where(SignInThrottle.open_at < now - 2 * LOCK_TIME)
    return sum(db.session.execute(statement).rowcount for statement in (silent, old, calm))  # type: ignore[attr-defined]  # a cursor's result
