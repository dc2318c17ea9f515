"""Public codes (公开编号): short, readable aloud, and impossible to count through."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: nothing that is mistaken on paper or on the phone
LENGTH = 10  # 30^10: guessing one among ten million takes sixty million tries on average
_CAPACITY = len(ALPHABET) ** LENGTH
_FAIR = 256 // len(ALPHABET) * len(ALPHABET)  # beyond it some letters would come more often
_LETTERS = (ALPHABET * (256 // len(ALPHABET) + 1))[:256].encode()
_LEFT_OUT = bytes(range(_FAIR, 256))
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new(prefix: str = "") -> str:
    """Make a code such as `T-7KQ2M9X4PB`; the prefix says what kind of thing it names."""
    # one draw: an import makes hundreds of thousands of codes
    return _spelt(prefix, secrets.randbelow(_CAPACITY))


def many(count: int) -> list[str]:
    """Make very many codes without a prefix: letters straight from random bytes, the few that would weigh left out."""
    letters = ""
    while (missing := count * LENGTH - len(letters)) > 0:
        drawn = secrets.token_bytes(missing + missing // 8)
        letters += drawn.translate(_LETTERS, _LEFT_OUT).decode()
    return [letters[place : place + LENGTH] for place in range(0, count * LENGTH, LENGTH)]


def derived(prefix: str, digest: bytes) -> str:
    """Make the code that belongs to a keyed hash: a repeated submission names the same thing."""
    return _spelt(prefix, int.from_bytes(digest, "big") % _CAPACITY)


def _spelt(prefix: str, number: int) -> str:
    pairs = []
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    body = "".join(pairs)
    return f"{prefix}-{body}" if prefix else body
