"""How a list is walked (逐段读取): along its key, a thousand rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import func, select

from app.core.db import db
from app.exports.rules import CHUNK, MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Select

Line = tuple[Any, ...]
Filters = dict[str, tuple[str, "Mapping[str, str] | None"]]


class Walk(Protocol):
    """A list that can be counted and read step by step."""

    def count(self) -> int:
        """Return how many rows there are; beyond the most that a file may hold it does not count on."""

    def chunks(self) -> Iterator[Sequence[Line]]:
        """Return the rows as a file says them, some at a time, the oldest first."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A select, the key along which it is walked, and how a handful of its rows is said in a file."""

    select: Select[Any]
    key: Any
    lines: Callable[[Sequence[Any]], Sequence[Line]]

    def count(self) -> int:
        """Count the keys alone."""
        keys = self.select.with_only_columns(self.key).limit(MOST + 1).subquery()
        return db.session.scalar(select(func.count()).select_from(keys)) or 0

    def chunks(self) -> Iterator[Sequence[Line]]:
        """Walk along the key; nothing is kept open between two steps."""
        for rows in walked(self.select, self.key):
            yield self.lines(rows)


def walked(statement: Select[Any], key: Any) -> Iterator[Sequence[Any]]:
    """Return what a select finds, in steps along a key."""
    last = 0
    while True:
        found = db.session.scalars(statement.where(key > last).order_by(key).limit(CHUNK))
        rows = found.unique().all()
        if not rows:
            return
        last = getattr(rows[-1], key.key)
        yield rows


def as_text(words: Mapping[Any, str]) -> dict[str, str]:
    """Return the words of a table of codes by the code as it stands in an address."""
    return {str(code): said for code, said in words.items()}
