"""Scopes (数据范围) in SQL: what lies under a region prefix, for every table that carries a place."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, true

CITY, DISTRICT, TOWN = 4, 6, 9  # digits of a prefix of each level


class Placed(Protocol):
    """A table with the three columns by which it is scoped (docs/decisions/0004)."""

    region_code: Any
    town_code: Any
    district_code: Any


def lies_under(place: type[Placed], prefix: str) -> ColumnElement[bool]:
    """Say that a row lies under a region prefix: one equality on the column of that level, so that an index serves it.

    The city (4 digits, or nothing at all) holds every row; what names no region meets none.
    """
    if len(prefix) <= CITY:
        return true()
    column = {DISTRICT: place.district_code, TOWN: place.town_code}.get(
        len(prefix), place.region_code
    )
    here: ColumnElement[bool] = column == prefix
    return here
