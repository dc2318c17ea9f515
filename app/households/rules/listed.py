"""Members listed in one cell (一格多人): 霍英、霍明 with two numbers beside them are read as two rows."""

import re

from app.core.text import squeeze, trim
from app.households.rules.codes import Relationship, recognise
from app.households.rules.columns import Columns, Field
from app.households.rules.grouping import AT, FIELDS, Cells, Group, PersonCells
from app.households.rules.tidy import NOTHING, as_text, read_id, read_name

_BREAKS = re.compile(r"[、,，;；/\n\r]+")
_NUMBER_BREAKS = re.compile(r"[、,，;；/\s]+")
_RELATION_BEHIND = re.compile(r"(?P<name>.+?)[(（](?P<word>[^()（）]+)[)）]")
_RELATION_BEFORE = re.compile(r"(?P<word>[^:：]{1,6})[:：](?P<name>.+)")
_NAME, _ID, _RELATIONSHIP = AT[Field.NAME], AT[Field.ID_NUMBER], AT[Field.RELATIONSHIP]
_HEAD_NAME, _HEAD_ID = AT[Field.HOUSEHOLDER_NAME], AT[Field.HOUSEHOLDER_ID]
_OWN = [AT[field] for field in FIELDS[_NAME:] if field not in (Field.NAME, Field.ID_NUMBER)]
# of these one value beside several names is the household's, and stands with the first of them
_SHARED = frozenset({AT[Field.PHONE], AT[Field.BANK_NAME], AT[Field.BANK_ACCOUNT], AT[Field.NOTE]})


def spread(group: Group, columns: Columns) -> Group:
    """Give every person of a household a row of their own; most sheets do so already.

    Names and ID numbers in one cell must be equally many, or there be no number at all: otherwise the row is noted in
    ``misfits`` and left as it is. A fact written once for several people goes to the first and is noted in ``shared``.
    """
    if any(_lists_several(person.cells[_NAME]) for person in group.persons):
        group.persons[:] = [one for person in group.persons for one in _persons_of(group, person)]
    if Field.HOUSEHOLDER_ID in columns.places and Field.RELATIONSHIP not in columns.places:
        _add_householder(group)
    return group


def _persons_of(group: Group, person: PersonCells) -> list[PersonCells]:
    cell = person.cells[_NAME]
    if not _lists_several(cell):
        return [person]
    names = [part for part in map(trim, _BREAKS.split(cell)) if part]
    numbers = _numbers(person.cells[_ID])
    if len(names) == 1 and len(numbers) <= 1:
        return [_named(person, names[0])]
    if numbers and len(numbers) != len(names):
        group.misfits.append(person.row)
        return [person]
    return [
        _named(_share(group, person, names, numbers, place), name)
        for place, name in enumerate(names)
    ]


def _lists_several(cell: object) -> bool:
    if not isinstance(cell, str) or cell.isalnum():
        return False
    text = cell.strip()
    return any(
        form(text)
        for form in (_BREAKS.search, _RELATION_BEHIND.fullmatch, _RELATION_BEFORE.fullmatch)
    )


def _numbers(cell: object) -> list[str]:
    if not isinstance(cell, str):
        return [as_text(cell)] if cell not in (None, "") else []
    return [part for part in _NUMBER_BREAKS.split(cell.strip()) if part and part not in NOTHING]


def _share(
    group: Group, person: PersonCells, names: list[str], numbers: list[str], place: int
) -> PersonCells:
    """Return one of several people of a row: the household's cells, and of their own what is theirs."""
    cells = list(person.cells)
    cells[_ID] = numbers[place] if numbers else ""
    for column in _OWN:
        cell = cells[column]
        parts = _parts(cell)
        if len(parts) == len(names):
            cells[column] = parts[place]
        elif place:
            cells[column] = ""
        elif cell not in ("", None) and column not in _SHARED:
            group.shared.append((person.row, FIELDS[column]))
    if place:
        cells[:_NAME] = [""] * _NAME
    return PersonCells(person.row, tuple(cells))


def _parts(cell: object) -> list[str]:
    if not isinstance(cell, str):
        return [] if cell in (None, "") else [as_text(cell)]
    return [part for part in map(trim, _BREAKS.split(cell)) if part]


def _named(person: PersonCells, name: str) -> PersonCells:
    """Take 霍明(子) and 儿子：霍明 apart, where the word in it is a relationship."""
    match = _RELATION_BEHIND.fullmatch(name) or _RELATION_BEFORE.fullmatch(name)
    if match and recognise(Relationship, match["word"]) is not None:
        cells = list(person.cells)
        cells[_NAME] = match["name"]
        cells[_RELATIONSHIP] = cells[_RELATIONSHIP] or match["word"]
        return PersonCells(person.row, tuple(cells))
    if name == person.cells[_NAME]:
        return person
    return PersonCells(person.row, _with(person.cells, _NAME, name))


def _with(cells: Cells, place: int, value: object) -> Cells:
    return (*cells[:place], value, *cells[place + 1 :])


def _add_householder(group: Group) -> None:
    """Add the householder who has columns of their own and is not among the members (户主另列)."""
    head = group.first
    named = read_name(head.cells[_HEAD_NAME]).value
    number = read_id(head.cells[_HEAD_ID]).value
    if not named:
        return
    for place, person in enumerate(group.persons):
        same_name = read_name(person.cells[_NAME]).value == named
        theirs = read_id(person.cells[_ID]).value
        if same_name and (not theirs or not number or theirs == number):
            cells = _with(person.cells, _RELATIONSHIP, person.cells[_RELATIONSHIP] or "户主")
            group.persons[place] = PersonCells(
                person.row, _with(cells, _ID, person.cells[_ID] or head.cells[_HEAD_ID])
            )
            return
    own = {_NAME: named, _ID: head.cells[_HEAD_ID], _RELATIONSHIP: "户主"}
    cells = (*head.cells[:_NAME], *(own.get(AT[field], "") for field in FIELDS[_NAME:]))
    someone = any(squeeze(as_text(one.cells[_NAME])) for one in group.persons)
    group.persons[:] = [PersonCells(head.row, cells), *(group.persons if someone else [])]


__all__ = ["spread"]
