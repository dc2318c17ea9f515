"""Families on one sheet, persons on another (家庭表与人员表): as national and provincial systems export them.

Neither sheet can stand alone: families say nothing of their members, persons nothing of village and class. They are
held until the workbook ends and joined by the householder's ID number, or by the household's own number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.core.text import squeeze
from app.households.rules.columns import Columns, Field
from app.households.rules.grouping import AT, Cells, Group, PersonCells
from app.households.rules.identity import widen
from app.households.rules.tidy import as_text, read_id
from app.households.rules.titles import Title

ELSEWHERE = 1 << 24  # rows of a joined household that stand on another sheet are numbered from here
_NAME, _ID = AT[Field.NAME], AT[Field.ID_NUMBER]
_HEAD_ID, _SOURCE_NO = AT[Field.HOUSEHOLDER_ID], AT[Field.SOURCE_NO]
_RELATIONSHIP = AT[Field.RELATIONSHIP]


class Held(NamedTuple):
    """A sheet that waits for its other half, as it was read."""

    sheet: str
    columns: Columns
    title: Title
    groups: list[Group]


class Joined(NamedTuple):
    """A household whose persons may stand on other sheets; ``places`` maps such rows to sheet, row and columns."""

    family: Held
    group: Group
    places: dict[int, tuple[str, int, Columns]]


def is_family_sheet(columns: Columns) -> bool:
    """Tell a sheet with a row per household and no members."""
    has = columns.places
    return Field.NAME not in has and (Field.HOUSEHOLDER_ID in has or Field.SOURCE_NO in has)


def is_person_sheet(columns: Columns) -> bool:
    """Tell a sheet of persons who name their household and say nothing else of it."""
    has = columns.places
    names_household = Field.HOUSEHOLDER_ID in has or Field.SOURCE_NO in has
    stands_alone = Field.COMMUNITY in has or Field.CATEGORY in has
    return Field.NAME in has and names_household and not stands_alone


@dataclass(slots=True)
class Halves:
    """The sheets of one workbook that wait for one another."""

    families: list[Held] = field(default_factory=list)
    persons: list[Held] = field(default_factory=list)

    def joined(self) -> Iterator[Joined]:
        """Yield every household of the family sheets with its persons, in the order of the family sheets.

        Persons whose household is on no family sheet stay behind in ``persons``.
        """
        waiting: dict[str, list[tuple[Held, Group]]] = {}
        for held in self.persons:
            for group in held.groups:
                waiting.setdefault(_key_of(group.first.cells), []).append((held, group))
            held.groups.clear()
        for family in self.families:
            for group in family.groups:
                keys = _keys_of_family(group.first.cells)
                found = [each for key in keys for each in waiting.pop(key, [])]
                yield _joined(family, group, found)
        for left in waiting.values():
            for held, group in left:
                held.groups.append(group)


def _key_of(cells: Cells) -> str:
    """Return by what a person names the household: the householder's number, else the household's own."""
    return _number(cells[_HEAD_ID]) or f"no {squeeze(as_text(cells[_SOURCE_NO]))}"


def _keys_of_family(cells: Cells) -> list[str]:
    number = _number(cells[_HEAD_ID]) or _number(cells[_ID])
    own = squeeze(as_text(cells[_SOURCE_NO]))
    return [key for key in (number, f"no {own}" if own else "") if key]


def _number(cell: object) -> str:
    number = read_id(cell).value or ""
    return widen(number) or number


def _joined(family: Held, group: Group, found: list[tuple[Held, Group]]) -> Joined:
    head = group.first
    whole = Group(head)
    whole.skipped = list(group.skipped)
    places: dict[int, tuple[str, int, Columns]] = {}
    members: list[PersonCells] = []
    for held, part in found:
        for person in part.persons:
            row = ELSEWHERE + len(places)
            places[row] = held.sheet, person.row, held.columns
            members.append(PersonCells(row, _without_household(person.cells)))
    named = {_number(member.cells[_ID]) for member in members} - {""}
    names = {squeeze(as_text(member.cells[_NAME])) for member in members}
    own = head.cells
    among = _number(own[_ID]) in named or squeeze(as_text(own[_NAME])) in names
    whole.persons[:] = members if among else [head, *members]
    return Joined(family, whole, places)


def _without_household(cells: Cells) -> Cells:
    """Keep a person's own cells: what a household is, the family sheet says."""
    return ("",) * _NAME + tuple(cells[_NAME:])
