"""Harmless cells (防公式注入): text that no spreadsheet program takes for a formula."""

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

# Full-width signs count too: Excel in Chinese turns them into the plain ones while typing.
_TRIGGERS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def harmless(value: T) -> T | str:
    """Return a value for a cell, with ' before text that a program might run as a formula.

    Numbers, dates and empty cells pass unchanged; so does text with a harmless first character.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_TRIGGERS):
        return "'" + value
    return value


def harmless_row(values: Iterable[T]) -> list[T | str]:
    """Return a row of harmless cells."""
    return [harmless(value) for value in values]
