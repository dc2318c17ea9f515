"""Public codes (公开编号): short, readable aloud, and impossible to count through."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: nothing that is mistaken on paper or on the phone
LENGTH = 10  # 30^10: guessing one among ten million takes sixty million tries on average


def new(prefix: str = "") -> str:
    """Make a code such as `T-7KQ2M9X4PB`; the prefix says what kind of thing it names."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{prefix}-{body}" if prefix else body


def derived(prefix: str, digest: bytes) -> str:
    """Make the code that belongs to a keyed hash: a repeated submission names the same thing."""
    number, body = int.from_bytes(digest, "big"), ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        body += ALPHABET[rest]
    return f"{prefix}-{body}"
