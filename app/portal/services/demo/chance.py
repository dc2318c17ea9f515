"""Chance that repeats (可重现的随机): every file draws from a stream of its own, named by the seed and its number."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from app.core import codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")
SEED = 2024  # the year in which the city was written about


class Dice(random.Random):
    """A seeded stream (随机流): one more draw for one file moves nothing in another."""

    def pick(self, weights: Mapping[T, int]) -> T:
        """Draw one key, in proportion to its weight."""
        return self.choices(tuple(weights), tuple(weights.values()))[0]

    def code(self, prefix: str = "") -> str:
        """Draw a public code of the usual shape; only here may it be foretold."""
        body = "".join(self.choices(codes.ALPHABET, k=codes.LENGTH))
        return f"{prefix}-{body}" if prefix else body

    def chance(self, percent: int) -> bool:
        """Say yes in so many cases of a hundred."""
        return self.random() * 100 < percent

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """Draw several different ones, all of them where there are not more."""
        return self.sample(things, min(count, len(things)))


def dice(seed: int, *path: object) -> Dice:
    """Open the stream of one thing."""
    return Dice(":".join(map(str, (seed, *path))))


def exact(dice: Dice, total: int, bins: int, *, least: int = 0) -> list[int]:
    """Throw `total` balls into `bins`, at least so many into each; the sum is exact."""
    counts = [least] * bins
    for index in dice.choices(range(bins), k=total - least * bins):
        counts[index] += 1
    return counts
