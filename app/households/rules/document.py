"""A file as one document (档案全文), and a change as the difference of two of them.

A document is nested dictionaries of what JSON can carry: `cover`, `papers`, `members` by code, `sections` by kind.
Nothing and not there are the same. A difference names each place that is not alike by its path, `members/7KQ2M9/phone`,
with what stood there before and after; so a file can be taken back to any day by undoing its changes in turn.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from enum import StrEnum
from typing import Any

Document = dict[str, Any]
Difference = dict[str, list[Any]]

# what of a cover and of a member stands in columns, so that lists can ask for it; everything else is sealed
HEAD = ("name", "phone", "door")
COVER_COLUMNS = (
    "region_code", "category", "tier", "tier_rule", "cause", "housing", "income_fen", "aid_fen", "state",
    "filed_on", "case_stage", "class_until", "is_kin", "kin_visited_on", "paused_until", "closing", "worker_id",
)  # fmt: skip
MEMBER_COLUMNS = ("position", "relationship_code", "sex", "left_on")

SLASH = "/"
EMPTY: tuple[Any, ...] = (None, "", [], {})


def plain(value: Any) -> Any:
    """Return a column's value as JSON carries it: codes and days as texts."""
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def normal(document: Document) -> Document:
    """Leave out everything that says nothing, so that two documents that say the same are equal."""
    found: Document = {}
    for name, value in document.items():
        kept = normal(value) if isinstance(value, dict) else value
        if kept not in EMPTY:
            found[name] = kept
    return found


def difference(before: Document, after: Document) -> Difference:
    """Return where two documents are not alike: {path: [before, after]}; a whole new part is one place."""
    found: Difference = {}
    _compare(normal(before), normal(after), "", found)
    return found


def _compare(before: Document, after: Document, path: str, found: Difference) -> None:
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        place = f"{path}{name}"
        if isinstance(old, dict) and isinstance(new, dict):
            _compare(old, new, place + SLASH, found)
        else:
            found[place] = [old, new]


def rewound(document: Document, changed: Difference) -> Document:
    """Return what a document said before a difference was made to it."""
    earlier = deepcopy(document)
    for path, (old, _) in changed.items():
        _put(earlier, path.split(SLASH), old)
    return normal(earlier)


def _put(document: Document, path: list[str], value: Any) -> None:
    *parts, last = path
    for part in parts:
        within = document.get(part)
        if not isinstance(within, dict):
            within = document[part] = {}
        document = within
    if value is None:
        document.pop(last, None)
    else:
        document[last] = deepcopy(value)
