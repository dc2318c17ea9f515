"""Money (金额): whole fen, never a float."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEN_PER_YUAN = 100
AMOUNT = re.compile(
    r"[+-]?[0-9]{1,15}(\.[0-9]{0,6})?"
)  # no exponents: 1e3 is a slip, not an amount
LARGEST_FEN = (
    10**13
)  # a hundred thousand million yuan: beyond any gift, within every database's integers


def parse_yuan(text: str) -> int:
    """Read an amount in yuan as a person types it (¥1,206.00, 1206元) and return fen; ValueError when it is not one."""
    plain = re.sub(r"[\s,¥元]", "", unicodedata.normalize("NFKC", text))
    if not AMOUNT.fullmatch(plain):
        raise ValueError(text)
    fen = Decimal(plain) * FEN_PER_YUAN
    if fen != fen.to_integral_value() or abs(fen) > LARGEST_FEN:
        raise ValueError(text)
    return int(fen)


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights; the parts add up exactly, the last takes the odd fen (尾差归末户)."""
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        message = "weights must be positive in sum and never negative"
        raise ValueError(message)
    parts = [total_fen * weight // whole for weight in weights]
    last = max(index for index, weight in enumerate(weights) if weight)
    parts[last] += total_fen - sum(parts)
    return parts
