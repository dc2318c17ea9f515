"""Tables under one header (有表头的表): a row's cells by their meaning, whatever the order of the columns."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from app.core.sheets.reading import Cell, Sheet
from app.core.text import bare_heading, plain_heading, squeeze

SEARCHED_ROWS = 20


class Line(NamedTuple):
    """One row of a table: its sheet and number (from 1), its cells by meaning, and in which column each stands."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]
    places: Mapping[str, int]

    def column(self, meaning: str) -> int:
        """Return the column of a meaning, counted from 1; 0 where the table has none."""
        return self.places.get(meaning, -1) + 1


class Form:
    """What tables of one kind look like (表样): the words for each meaning, and which of them make a header."""

    def __init__(self, words: Mapping[str, str], needed: Sequence[Collection[str]]) -> None:
        """Take the headings of each meaning, and groups of meanings of each of which a header has one at least."""
        self._meanings = {word: meaning for meaning, said in words.items() for word in said.split()}
        self._needed = needed

    def lines(self, sheets: Iterable[Sheet]) -> Iterator[Line]:
        """Yield the filled rows of every visible sheet that has such a header; the others are passed over."""
        for sheet in sheets:
            if not sheet.visible:
                continue
            rows = iter(sheet.rows)
            top = list(islice(rows, SEARCHED_ROWS))
            found = next(
                ((at, places) for at, (_, row) in enumerate(top) if (places := self._places(row))),
                None,
            )
            if found is None:
                continue
            at, places = found
            for number, row in chain(top[at + 1 :], rows):
                if any(cell not in ("", None) for cell in row) and self._places(row) is None:
                    cells = {
                        meaning: row[place] if place < len(row) else ""
                        for meaning, place in places.items()
                    }
                    yield Line(sheet.name, number, cells, places)

    def _places(self, row: Sequence[Cell]) -> dict[str, int] | None:
        """Return where each meaning stands if this row is a header; of two columns alike the first counts."""
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            if isinstance(cell, str) and squeeze(cell):
                meaning = self._meanings.get(plain_heading(cell)) or self._meanings.get(
                    bare_heading(cell)
                )
                if meaning:
                    places.setdefault(meaning, place)
        is_header = all(any(one in places for one in group) for group in self._needed)
        return places if is_header else None
