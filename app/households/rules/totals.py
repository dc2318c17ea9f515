"""Totals of files (汇总): 户 and 人 are two columns, and figures small enough to name somebody are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

SMALLEST = 5  # households; fewer are shown together with others (DOMAIN §10)


class Cell(NamedTuple):
    """How many households and people there are of one kind; `key` is empty where several kinds are put together."""

    key: str
    households: int
    people: int


def summed(pairs: Iterable[tuple[str, int, int]]) -> list[Cell]:
    """Add up households and people by kind, the largest first."""
    found: dict[str, tuple[int, int]] = {}
    for key, households, people in pairs:
        before = found.get(key, (0, 0))
        found[key] = (before[0] + households, before[1] + people)
    cells = [Cell(key, *both) for key, both in found.items()]
    return sorted(cells, key=lambda cell: (-cell.households, cell.key))


def put_together(cells: list[Cell]) -> list[Cell]:
    """Put cells of fewer than SMALLEST households into one, so that nobody can be worked out from them.

    One small cell alone would follow from the sum of the others: the next larger one is put with it.
    """
    ordered = sorted(cells, key=lambda cell: -cell.households)
    kept = [cell for cell in ordered if cell.households >= SMALLEST]
    small = [cell for cell in ordered if cell.households < SMALLEST]
    if not small:
        return kept
    while kept and (sum(cell.households for cell in small) < SMALLEST or len(small) == 1):
        small.append(kept.pop())
    together = Cell("", sum(cell.households for cell in small), sum(cell.people for cell in small))
    return [*kept, together]


def whole(cells: Iterable[Cell]) -> Cell:
    """Return the sum of cells."""
    found = list(cells)
    return Cell("", sum(one.households for one in found), sum(one.people for one in found))
