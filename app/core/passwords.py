"""Passwords (口令): argon2id, and the same work for an account that does not exist."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

AT_ONCE = (
    4  # each takes 64 MiB for a moment; more of them at once and a crowd would fill the memory
)

_turn = threading.BoundedSemaphore(AT_ONCE)


@cache
def _hasher(*, cheap: bool) -> PasswordHasher:
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


@cache
def _nobody(*, cheap: bool) -> str:
    """A hash that is checked where there is no account, so that the answer takes as long."""
    return _hasher(cheap=cheap).hash("nobody's password")


def _cheap() -> bool:
    return bool(current_app.config["SHANLIN"].testing)


def _plain(password: str) -> str:
    """Full-width letters of a Chinese keyboard mean the same as the narrow ones."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Hash a password; takes about 150 ms, so never inside a writing transaction."""
    with _turn:
        return _hasher(cheap=_cheap()).hash(_plain(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether a password is the one that was hashed; no account takes as long as a wrong password."""
    try:
        with _turn:
            known = password_hash or _nobody(cheap=_cheap())
            _hasher(cheap=_cheap()).verify(known, _plain(password))
    except VerificationError:
        return False
    except InvalidHashError:  # an account whose password was never set
        return matches(None, password)
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher(cheap=_cheap()).check_needs_rehash(password_hash)
