"""Which rows make a household (分户): a row per person, household columns merged downwards."""

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from app.core.text import squeeze
from app.households.rules.codes import Relationship, recognise
from app.households.rules.columns import Columns, Field, recognise_heading
from app.households.rules.tidy import as_text

_TOTAL = re.compile(r"(合计|小计|总计|累计|共计|本页计)")
_SIGNATURE = re.compile(
    r"(填表人|制表人|审核人|经办人|填报人|负责人|填报日期|填表日期|制表日期|制表时间|填报单位"
    r"|单位负责人|联系人|主管|盖章|注[:.]|说明[:.]|备注[:.])"
)

FIELDS = tuple(Field)
AT = {field: index for index, field in enumerate(FIELDS)}
_SERIAL, _SOURCE_NO = AT[Field.SERIAL], AT[Field.SOURCE_NO]
_NAME, _ID, _RELATIONSHIP = AT[Field.NAME], AT[Field.ID_NUMBER], AT[Field.RELATIONSHIP]
_OWN_KEYS = (AT[Field.HOUSEHOLDER_ID], AT[Field.HOUSEHOLDER_NAME])
_FACTS = (AT[Field.COMMUNITY], AT[Field.ADDRESS])

Cells = tuple[Any, ...]


class PersonCells(NamedTuple):
    """One row's cells in the order of FIELDS, with its sheet row."""

    row: int
    cells: Cells


class Group:
    """The rows of one household; the first row is the one that carries its columns."""

    __slots__ = ("first", "misfits", "persons", "shared", "skipped")

    def __init__(self, first: PersonCells) -> None:
        self.first = first
        self.persons = [first]
        self.skipped: list[int] = []
        self.misfits: list[int] = []
        self.shared: list[tuple[int, Field]] = []


def picker(columns: Columns) -> tuple["itemgetter[Any]", int]:
    """Return what takes the cells of FIELDS out of a padded row, and the width to pad to."""
    width = len(columns.headings)
    return itemgetter(*(columns.places.get(field, width) for field in FIELDS)), width


def households(rows: Iterable[tuple[int, list[Any]]], columns: Columns) -> Iterator[Group]:
    """Yield each household's rows; totals, signatures, blank and repeated header rows are left out.

    A household starts where its own number changes; without numbers, where the householder, the
    serial or another household column does, or where a second row says 户主. Columns are filled
    down only inside a household, and a total row ends one.
    """
    pick, width = picker(columns)
    numbered = Field.SOURCE_NO in columns.places
    only_householders = Field.NAME not in columns.places
    state = _State(numbered=numbered)
    current: Group | None = None
    for number, row in rows:
        if len(row) != width:
            row = row[:width] + [""] * (width - len(row))  # noqa: PLW2901 - same row, padded
        row.append("")
        cells = pick(row)
        if only_householders:
            cells = _as_householder(cells)
        meaning = _meaning(cells, row)
        if meaning == "unclear" and current is not None:
            current.skipped.append(number)
        if meaning == "person" and current is not None and not state.starts(current, cells):
            current.persons.append(PersonCells(number, cells))
        elif meaning in ("person", "total"):
            if current is not None:
                yield current
            current = None
            if meaning == "person":
                current = Group(PersonCells(number, cells))
                state.begin(cells)
    if current is not None:
        yield current


class _State:
    """What tells the next household from the present one."""

    __slots__ = ("has_householder", "numbered", "serials_repeat")

    def __init__(self, *, numbered: bool) -> None:
        self.numbered = numbered
        self.serials_repeat = False
        self.has_householder = False

    def begin(self, cells: Cells) -> None:
        self.has_householder = _says_householder(cells)

    def starts(self, current: Group, cells: Cells) -> bool:
        """Tell whether a row starts another household; learns from rows that do not."""
        head = current.first.cells
        is_householder = _says_householder(cells)
        if self._differs(head, cells, is_householder=is_householder):
            return True
        if cells[_SERIAL] != "" and cells[_SERIAL] == head[_SERIAL]:
            self.serials_repeat = True
        self.has_householder = self.has_householder or is_householder
        return False

    def _differs(self, head: Cells, cells: Cells, *, is_householder: bool) -> bool:
        if self.numbered and (source_no := cells[_SOURCE_NO]):
            return bool(source_no != head[_SOURCE_NO])
        if any(cells[key] and cells[key] != head[key] for key in _OWN_KEYS):
            return True
        if self.serials_repeat and cells[_SERIAL] not in ("", head[_SERIAL]):
            return True
        if is_householder and self.has_householder:
            return True
        return any(cells[fact] and cells[fact] != head[fact] for fact in _FACTS)


def _says_householder(cells: Cells) -> bool:
    word = cells[_RELATIONSHIP]
    if word == "户主":
        return True
    return isinstance(word, str) and recognise(Relationship, word) is Relationship.HOUSEHOLDER


def _as_householder(cells: Cells) -> Cells:
    """Read a family list (户主姓名, 户主身份证号 and no member columns) as one person each."""
    changed = list(cells)
    changed[_NAME] = cells[AT[Field.HOUSEHOLDER_NAME]]
    changed[_ID] = cells[_ID] or cells[AT[Field.HOUSEHOLDER_ID]]
    changed[_RELATIONSHIP] = "户主"
    return tuple(changed)


def _meaning(cells: Cells, row: list[Any]) -> str:
    """Say what a row is: person, total (which ends a household), header, blank or unclear."""
    if cells[_NAME] or cells[_ID]:
        return "header" if _is_repeated_header(cells) else "person"
    filled = [cell for cell in row if cell not in ("", None)]
    texts = [squeeze(cell) for cell in filled if isinstance(cell, str)]
    texts = [text for text in texts if text]
    if not texts:
        return "blank" if len(filled) <= 1 else "unclear"
    if any(_TOTAL.match(text) for text in texts[:2]):
        return "total"
    if any(_SIGNATURE.match(text) for text in texts):
        return "total"
    # A household's own columns without a person still open a household, which is then refused.
    return "unclear" if len(texts) <= 2 else "person"  # noqa: PLR2004


def _is_repeated_header(cells: Cells) -> bool:
    name, number = cells[_NAME], cells[_ID]
    if not (isinstance(name, str) and isinstance(number, str)):
        return False
    if len(name) > 8 or name[:1] not in "姓户成家人对 名":  # noqa: PLR2004 - cheap first look
        return False
    named = recognise_heading(name) in (Field.NAME, Field.HOUSEHOLDER_NAME)
    return named and (not number or recognise_heading(as_text(number)) is not None)
