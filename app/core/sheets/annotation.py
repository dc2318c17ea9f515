"""Remarks on a workbook (批注): the sender's own file back, each bad cell with its reason."""

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from app.core.sheets import worker
from app.core.sheets.reading import SheetRefused, read_sheets

_ERROR = PatternFill("solid", start_color="FFF4B6B0", end_color="FFF4B6B0")
_WARNING = PatternFill("solid", start_color="FFFFE8A3", end_color="FFFFE8A3")
_AUTHOR = "善邻"
# Above this a workbook opened for editing takes gigabytes; it is written anew, without layout.
_MAX_EDITABLE_CELLS = 500_000
_MAX_EDITABLE_BYTES = 64 * 1024 * 1024

Notes = dict[tuple[int, int], tuple[bool, str]]


class Remark(Protocol):
    """What a problem must know to be written into a cell."""

    @property
    def sheet(self) -> str:
        """Return the sheet's name."""

    @property
    def row(self) -> int:
        """Return the row, counted from 1."""

    @property
    def column(self) -> int:
        """Return the column, counted from 1; 0 means the row as a whole (its first cell)."""

    @property
    def severity(self) -> str:
        """Return "error" or "warning"."""

    @property
    def message(self) -> str:
        """Return the reason, without the cell's value."""


class CellNote(NamedTuple):
    """A plain remark."""

    sheet: str
    row: int
    column: int
    severity: str
    message: str


def annotate(source: bytes | Path, problems: Iterable[Remark], out: Path | IO[bytes]) -> None:
    """Write the workbook again with each bad cell coloured and its reason in a comment.

    An .xlsx keeps its layout; .xls, .ods, .csv and very large workbooks come back as a new .xlsx
    with the same sheets, rows and columns. SheetRefused as in reading.
    """
    notes = _by_sheet(problems)
    if _keeps_layout(source):
        _annotate_in_place(source, notes, out)
    else:
        _write_anew(source, notes, out)


def _by_sheet(problems: Iterable[Remark]) -> dict[str, Notes]:
    notes: defaultdict[str, Notes] = defaultdict(dict)
    for problem in problems:
        sheet, place = notes[problem.sheet], (problem.row, max(problem.column, 1))
        was_error, text = sheet.get(place, (False, ""))
        is_error = was_error or problem.severity == "error"
        sheet[place] = is_error, f"{text}\n{problem.message}".strip()
    return notes


def _keeps_layout(source: bytes | Path) -> bool:
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file:
        if not worker.is_zip(file.read(8)):
            return False
        file.seek(0)
        try:
            worker.inspect(file)
            editable = worker.editing_size(file)
        except worker.Refused as refusal:
            raise SheetRefused(refusal.code) from refusal
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    is_plain = "xl/workbook.xml" in names and "xl/vbaProject.bin" not in names
    return is_plain and editable <= _MAX_EDITABLE_CELLS and unpacked <= _MAX_EDITABLE_BYTES


def _annotate_in_place(
    source: bytes | Path, notes: dict[str, Notes], out: Path | IO[bytes]
) -> None:
    book = openpyxl.load_workbook(source if isinstance(source, Path) else io.BytesIO(source))
    for name, remarks in notes.items():
        sheet = book[name]
        for (row, column), remark in remarks.items():
            _mark(_anchor(sheet, row, column), remark)
    book.save(out)


def _anchor(sheet: Any, row: int, column: int) -> Any:
    """Return the cell that can carry a comment: the first one of a merged block."""
    cell = sheet.cell(row, column)
    if type(cell).__name__ != "MergedCell":
        return cell
    block = next(block for block in sheet.merged_cells.ranges if cell.coordinate in block)
    return sheet.cell(block.min_row, block.min_col)


def _mark(cell: Any, remark: tuple[bool, str]) -> None:
    is_error, text = remark
    cell.fill = _ERROR if is_error else _WARNING
    if cell.comment is not None:
        text = f"{cell.comment.text}\n{text}"
    cell.comment = Comment(text, _AUTHOR, height=90, width=260)


def _write_anew(source: bytes | Path, notes: dict[str, Notes], out: Path | IO[bytes]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for sheet in read_sheets(source):
        if not sheet.visible:
            continue
        page = book.create_sheet(sheet.name)
        remarks = notes.get(sheet.name, {})
        columns: defaultdict[int, list[int]] = defaultdict(list)
        for row, column in remarks:
            columns[row].append(column)
        for number, values in sheet.rows:
            cells: list[Any] = [_as_text(page, value) for value in values]
            for column in columns.get(number, ()):
                cells += [""] * (column - len(cells))
                if not isinstance(cells[column - 1], Cell):
                    cells[column - 1] = WriteOnlyCell(page, cells[column - 1])
                _mark(cells[column - 1], remarks[number, column])
            page.append(cells)
    book.save(out)


def _as_text(page: Any, value: object) -> object:
    """Return text that would become a formula as a cell that is text for good."""
    if not isinstance(value, str):
        return value
    value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not value.startswith("="):
        return value
    cell = WriteOnlyCell(page, value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
