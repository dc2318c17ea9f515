"""Reading a town's workbook (读台账): every sheet, every household, every problem."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Protocol

from app.households.rules.columns import HEADER_SEARCHED_ROWS, find_header
from app.households.rules.grouping import households
from app.households.rules.joining import Halves, Held, is_family_sheet, is_person_sheet
from app.households.rules.judging import Book, SheetJudge
from app.households.rules.listed import spread
from app.households.rules.records import Reading, SheetLayout
from app.households.rules.titles import read_title
from app.regions.rules import RegionIndex

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 2_000


class LedgerSheet(Protocol):
    """What is read of a sheet: its name, whether it is shown, and its numbered rows."""

    @property
    def name(self) -> str:
        """Return the name on the tab."""

    @property
    def visible(self) -> bool:
        """Return False for a hidden sheet, which is left out."""

    @property
    def height(self) -> int:
        """Return how many rows to expect, 0 when not known."""

    @property
    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield each row with its number from 1; read once, in order."""


def read_ledger(
    sheets: Iterable[LedgerSheet],
    regions: RegionIndex,
    overrides: Mapping[str, str | None] | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read a ledger workbook (帮扶对象台账) and judge it household by household.

    A household with any error is refused whole; the others are kept. ``overrides`` maps heading
    texts to fields (None: leave the column out). Families on one sheet and their persons on another are
    joined when both are read. ``progress`` is called with rows read so far and
    rows expected so far. Raises nothing of its own; what the sheets raise passes through.
    """
    reading = Reading()
    book = Book(reading, regions, {})
    halves = Halves()
    expected = 0
    for sheet in sheets:
        if not sheet.visible:
            reading.layouts.append(SheetLayout(sheet.name, None, 0, "hidden"))
            continue
        expected += sheet.height
        rows = _counted(sheet.rows, reading, expected, progress)
        _read_sheet(sheet.name, rows, book, halves, overrides)
    _join(book, halves)
    if progress is not None:
        progress(reading.rows, reading.rows)
    return reading


def _read_sheet(
    name: str,
    rows: Iterator[tuple[int, list[Any]]],
    book: Book,
    halves: Halves,
    overrides: Mapping[str, str | None] | None,
) -> None:
    reading = book.reading
    top = list(islice(rows, HEADER_SEARCHED_ROWS + 1))
    found = find_header([row for _, row in top], overrides)
    if found is None:
        reading.layouts.append(SheetLayout(name, None, 0, "no_header"))
        return
    index, columns = found
    reading.layouts.append(SheetLayout(name, columns, top[index][0]))
    titles = [cell for _, row in top[:index] for cell in row if isinstance(cell, str) and cell]
    title = read_title(name, titles, book.regions)
    groups = households(chain(top[index + columns.rows :], rows), columns)
    if is_family_sheet(columns):
        halves.families.append(Held(name, columns, title, list(groups)))
    elif is_person_sheet(columns):
        halves.persons.append(Held(name, columns, title, list(groups)))
    else:
        judge = SheetJudge(book, name, columns, title)
        for group in groups:
            judge.judge(spread(group, columns))


def _join(book: Book, halves: Halves) -> None:
    """Judge what waited for its other half; a half that found none is judged as it stands."""
    judges: dict[str, SheetJudge] = {}
    for family, group, places in halves.joined():
        judge = judges.get(family.sheet)
        if judge is None:
            judge = SheetJudge(book, family.sheet, family.columns, family.title)
            judges[family.sheet] = judge
        judge.judge(spread(group, family.columns), places)
    for held in halves.persons:
        judge = SheetJudge(book, held.sheet, held.columns, held.title)
        for group in held.groups:
            judge.judge(spread(group, held.columns))


def _counted(
    rows: Iterator[tuple[int, list[Any]]],
    reading: Reading,
    expected: int,
    progress: Progress | None,
) -> Iterator[tuple[int, list[Any]]]:
    for row in rows:
        reading.rows += 1
        if progress is not None and reading.rows % _PROGRESS_EVERY == 0:
            progress(reading.rows, max(expected, reading.rows))
        yield row
