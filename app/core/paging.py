"""Paging (翻页): keysets instead of offsets, so that page ten thousand costs what page one costs."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import and_, false, or_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select

T = TypeVar("T")
PAGE_SIZE = 20
BIGGEST = 1 << 63
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows, and the cursor of the next one (None at the end)."""

    rows: Sequence[T]
    next: str | None

    def __bool__(self) -> bool:
        """Say whether there is anything on the page."""
        return bool(self.rows)


def encode(values: Sequence[Any]) -> str:
    """Write a keyset as the text that stands in `?page=`."""
    plain = [
        value.isoformat() if isinstance(value, (date, datetime)) else value for value in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any] | None:
    """Read a keyset; None when somebody wrote something else there, which then means the first page."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return values if isinstance(values, list) and len(values) == length else None


def after(columns: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say, in SQL, which rows come after a keyset; columns are (column, descending), never null, the last one unique.

    The bound on the first column alone says nothing new, but it is what lets the database begin in the index.
    """
    typed = [_typed(column, value) for (column, _), value in zip(columns, values, strict=True)]
    if None in typed:
        return false()
    steps: list[ColumnElement[bool]] = []
    for position, (column, descending) in enumerate(columns):
        same = [earlier == typed[index] for index, (earlier, _) in enumerate(columns[:position])]
        steps.append(
            and_(*same, column < typed[position] if descending else column > typed[position])
        )
    (first, descending), value = columns[0], typed[0]
    return and_(first <= value if descending else first >= value, or_(*steps))


def fetch(
    session: Any,
    statement: Select[Any],
    columns: Sequence[tuple[Any, bool]],
    cursor: str | None,
    *,
    key: Callable[[Any], Sequence[Any]],
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Run a select as one keyset page; one row more than a page tells whether there is a next one."""
    found = list(session.scalars(beginning(statement, columns, cursor, size)).unique())
    return cut(found, key, size)


def beginning(
    statement: Select[Any],
    columns: Sequence[tuple[Any, bool]],
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Select[Any]:
    """Return the select of one page and the row after it, for whoever keeps it or wants plain rows."""
    values = decode(cursor, len(columns)) if cursor else None
    if values is not None:
        statement = statement.where(after(columns, values))
    order = [column.desc() if descending else column.asc() for column, descending in columns]
    return statement.order_by(*order).limit(size + 1)


def rows(
    session: Any,
    statement: Select[Any],
    columns: Sequence[tuple[Any, bool]],
    cursor: str | None,
    *,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Run a select of columns as one keyset page of plain rows: what a list only shows needs no objects."""
    keys = [column.label(f"key_{place}") for place, (column, _) in enumerate(columns)]
    page = beginning(statement.add_columns(*keys), columns, cursor, size)
    found = session.connection().execute(page).all()
    return cut(found, lambda row: row[-len(keys) :], size)


def cut(found: Sequence[T], key: Callable[[T], Sequence[Any]], size: int = PAGE_SIZE) -> Page[T]:
    """Return the page of what `beginning` found."""
    page = found[:size]
    return Page(page, encode(key(page[-1])) if len(found) > size else None)


def _typed(column: Any, value: Any) -> Any:
    """Turn a cursor's plain value into what the column compares with; None when it cannot be."""
    kind = column.type.python_type
    try:
        if kind is datetime:
            instant = datetime.fromisoformat(value)
            return instant if instant.tzinfo else None
        if kind is date:
            return date.fromisoformat(value)
        typed = kind(value) if isinstance(value, (str, int)) else None
    except (TypeError, ValueError):
        return None
    return typed if _storable(typed) else None


def _storable(value: Any) -> bool:
    """Say whether both databases take the value: no integer beyond 64 bits, no NUL, no half of a character."""
    if isinstance(value, int):
        return abs(value) < BIGGEST
    return not isinstance(value, str) or UNSTORABLE.search(value) is None
