"""Encryption (加密): every file has its own data key, wrapped by the master keys; erasing is dropping that key.

Values are sealed with AES-256-GCM and bound to the place they stand in, so that a value moved to another row does not
open. Equality look-ups use HMAC-SHA-256 under a key of its own, because an ID number is too small a secret for a bare
hash (个人信息保护法 §51).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import Column, LargeBinary, cast, select, type_coerce, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core.db import Base, Sealed, db

if TYPE_CHECKING:
    from collections.abc import Sequence

NONCE = 12
KEY = 32
BLOCK = 64  # bytes of a block of SHA-256
TO_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
TOKEN_MASK = (1 << 63) - 1  # what both databases store in a signed 64-bit column


class CannotOpen(Exception):  # noqa: N818 - says what happened
    """A sealed value does not open: another key, another place, or altered bytes."""


class Box:
    """One file's data key (数据密钥): seals and opens what belongs to that file."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        """Hold the unwrapped key, in memory only."""
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt bytes for one place, such as `visit.sealed:V-…`."""
        nonce = os.urandom(NONCE)
        return nonce + self._aead.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what was sealed for this place; CannotOpen otherwise."""
        try:
            return self._aead.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
        except (InvalidTag, ValueError):  # too few bytes to be a sealed value
            raise CannotOpen(bound_to) from None

    def seal_json(self, value: Any, bound_to: str) -> bytes:
        """Encrypt a small structure."""
        return self.seal(TO_JSON(value).encode(), bound_to)

    def seal_all(self, values: Sequence[tuple[Any, str]]) -> list[bytes]:
        """Encrypt some small structures, each for its place; one draw of random bytes for all of them."""
        drawn, encrypt, sealed = os.urandom(NONCE * len(values)), self._aead.encrypt, []
        for number, (value, bound_to) in enumerate(values):
            nonce = drawn[NONCE * number : NONCE * (number + 1)]
            sealed.append(nonce + encrypt(nonce, TO_JSON(value).encode(), bound_to.encode()))
        return sealed

    def open_json(self, sealed: bytes | None, bound_to: str) -> Any:
        """Decrypt a small structure; nothing sealed is an empty one."""
        return json.loads(self.open(sealed, bound_to)) if sealed else {}


class KeyRing:
    """The master keys (主密钥) by number, the first one in use, and the key of the look-up indexes."""

    def __init__(self, text: str) -> None:
        """Read `NUMBER:BASE64[,…]` (checked by config.py)."""
        pairs = [part.strip().partition(":") for part in text.split(",")]
        self._keys = {int(number): AESGCM(base64.b64decode(key)) for number, _, key in pairs}
        self.current = int(pairs[0][0])
        self._index_key: bytes | None = None

    def wrap(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt under the master key in use; the first byte is that key's number."""
        nonce = os.urandom(NONCE)
        sealed = self._keys[self.current].encrypt(nonce, plain, bound_to.encode())
        return bytes([self.current]) + nonce + sealed

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """Decrypt under whichever master key it was; CannotOpen when that key is gone."""
        key = self._keys.get(wrapped[0]) if wrapped else None
        if key is None:
            raise CannotOpen(bound_to)
        try:
            return key.decrypt(wrapped[1 : 1 + NONCE], wrapped[1 + NONCE :], bound_to.encode())
        except (InvalidTag, ValueError):  # too few bytes to be a sealed value
            raise CannotOpen(bound_to) from None

    def new_box(self, owner: str) -> tuple[bytes, Box]:
        """Make a data key for a new file; returns its wrapped form for the row, and the box."""
        key = os.urandom(KEY)
        return self.wrap(key, owner), Box(key)

    def box(self, wrapped: bytes, owner: str) -> Box:
        """Open a file's data key."""
        return Box(self.unwrap(wrapped, owner))

    def rewrap(self, wrapped: bytes, owner: str) -> bytes:
        """Wrap the same data key under the master key in use (key rotation)."""
        return self.wrap(self.unwrap(wrapped, owner), owner)

    @property
    def index_key(self) -> bytes:
        """The key of all look-up indexes; kept wrapped in the database, so that master keys can change without it."""
        if self._index_key is None:
            row = db.session.scalars(select(Secret).where(Secret.name == "index")).one()
            self._index_key = self.unwrap(row.wrapped, "secret:index")
        return self._index_key

    def index(self, purpose: str, text: str) -> bytes:
        """Return the 16-byte look-up value of a text, for one purpose (`id`, `phone`)."""
        return self._keyed(f"{purpose}\0{text}".encode())[:16]

    def digest(self, plain: bytes) -> bytes:
        """Return the 16 bytes by which equal contents are known to be equal, without saying what they are."""
        return self._keyed(plain)[:16]

    def token(self, text: str) -> int:
        """Return the 63-bit search token of a text: faster and shorter than `index`, and allowed to collide."""
        running = self._started[2].copy()
        running.update(text.encode())
        return int.from_bytes(running.digest(), "big") & TOKEN_MASK

    def _keyed(self, plain: bytes) -> bytes:
        """HMAC-SHA-256, from the two halves that depend on the key alone: twice as quick as beginning anew."""
        inner, outer, _ = self._started
        inner, outer = inner.copy(), outer.copy()
        inner.update(plain)
        outer.update(inner.digest())
        found: bytes = outer.digest()
        return found

    @cached_property
    def _started(self) -> tuple[Any, Any, Any]:
        block = self.index_key.ljust(BLOCK, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        return inner, outer, hashlib.blake2b(key=self.index_key, digest_size=8)


class Secret(Base):
    """A key that the program made itself, wrapped by the master key (密钥)."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[Sealed]


def ring() -> KeyRing:
    """Return this application's key ring."""
    found: KeyRing = current_app.extensions["keyring"]
    return found


def ensure_secrets() -> None:
    """Make the index key of a new database; the caller owns the transaction."""
    if db.session.get(Secret, "index") is None:
        db.session.add(Secret(name="index", wrapped=ring().wrap(os.urandom(KEY), "secret:index")))


class SealedText(TypeDecorator[str]):
    """A text sealed under the master keys, for people who have no file: names and phones of users and organisations."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        """Bind the values to a place such as `user.name`."""
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else ring().wrap(value.encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        """Open on the way out."""
        return None if value is None else ring().unwrap(value, self.place).decode()


def rewrap_texts() -> int:
    """Seal every text that lies under an older master key under the one in use; returns how many.

    Asks the tables themselves which columns are sealed: one that a list forgot would be lost with the old key.
    """
    sealed = [
        column
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedText)
    ]
    return sum(_rewrap_column(column) for column in sealed)


def _rewrap_column(column: Column[Any]) -> int:
    [key], place = column.table.primary_key, column.type.place  # type: ignore[attr-defined]  # a SealedText
    raw, changed = type_coerce(column, LargeBinary), 0
    for number, sealed in db.session.execute(select(key, raw).where(column.is_not(None))).all():
        if sealed[0] == ring().current:
            continue
        anew = type_coerce(ring().rewrap(sealed, place), LargeBinary)
        db.session.execute(
            update(column.table)
            .where(key == number, raw == sealed)
            .values({column: cast(anew, LargeBinary)})
        )
        changed += 1
    return changed
