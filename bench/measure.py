"""Measuring (计量): pairs taken in turn, so that whatever else the machine does falls on both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Run = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours, what it is held against, their ratio, and what it should be.

    `is_floor` says that the ratio must be at least the goal; otherwise it must be at most the goal.
    """

    name: str
    unit: str
    ours: float
    bare: float
    ratio: float
    low: float
    high: float
    goal: float | None = None
    is_floor: bool = True
    rounds: int = 0
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """Say whether the goal is met; None where there is no goal."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.is_floor else self.ratio <= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return what `bench/latest.json` keeps."""
        return {**asdict(self), "met": self.is_met}


def in_turn(runs: Sequence[Run], rounds: int, *, warm: int = 1) -> list[list[float]]:
    """Run A, B, … A, B, … and return the values of each; the first `warm` rounds are thrown away."""
    values: list[list[float]] = [[] for _ in runs]
    for number in range(rounds + warm):
        for index, run in enumerate(runs):
            value = run()
            if number >= warm:
                values[index].append(value)
    return values


def compare(
    name: str,
    unit: str,
    ours: Sequence[float],
    bare: Sequence[float],
    goal: float | None = None,
    *,
    is_floor: bool = True,
    note: str = "",
    extra: dict[str, Any] | None = None,
) -> Figure:
    """Return the median of the pairs' ratios, with the quarters of the pairs below and above it."""
    ratios = sorted(a / b for a, b in zip(ours, bare, strict=True))
    low, high = ratios[0], ratios[-1]
    if len(ratios) > 3:  # noqa: PLR2004 - fewer have no quarters
        low, _, high = statistics.quantiles(ratios, n=4)
    return Figure(
        name=name,
        unit=unit,
        ours=statistics.median(ours),
        bare=statistics.median(bare),
        ratio=statistics.median(ratios),
        low=low,
        high=high,
        goal=goal,
        is_floor=is_floor,
        rounds=len(ratios),
        note=note,
        extra=extra or {},
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes, without the garbage collector's interruptions."""
    gc.disable()
    try:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun
    finally:
        gc.enable()
