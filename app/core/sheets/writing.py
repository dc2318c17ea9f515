"""Lists on their way out (导出): Excel and CSV, row by row, with no cell that a program would run."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter

from app.core.clock import FOSHAN
from app.core.money import FEN_PER_YUAN
from app.core.sheets.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NAME_LENGTH = 31  # what Excel allows a sheet's name
NARROW, WIDE = 14, 30
MARK_HEADING = "导出标记"


class Kind(StrEnum):
    """How a column's values are written."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # values are fen
    DAY = "day"
    MOMENT = "moment"


FORMATS = {Kind.NUMBER: "#,##0", Kind.MONEY: "#,##0.00", Kind.DAY: "yyyy-mm-dd"}
FORMATS[Kind.MOMENT] = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its heading, how its values are written, how wide it is."""

    heading: str
    kind: Kind = Kind.TEXT
    width: int = NARROW


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a workbook: its rows come one by one and are never all in memory."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark (水印): who took the file and when, on every printed page, every row and behind the cells."""

    words: str
    picture: bytes  # a PNG that is tiled behind the cells


def write_xlsx(
    out: Path | IO[bytes],
    pages: Iterable[Page],
    *,
    cover: Sequence[tuple[str, str]] = (),
    mark: Mark | None = None,
    scratch: str | None = None,
) -> None:
    """Write a workbook; `cover` is a first sheet that says what this is.

    Rows pass through temporary files in `scratch`; without it everything stays in memory, where clear data belongs.
    """
    options: dict[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False}
    options |= {"constant_memory": True, "tmpdir": scratch} if scratch else {"in_memory": True}
    with xlsxwriter.Workbook(str(out) if not hasattr(out, "write") else out, options) as book:
        if cover:
            _cover(book, cover, mark)
        for page in pages:
            _page(book, page, mark)


def write_csv(out: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    """Write comma-separated text; the mark at its beginning lets Excel read the Chinese."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([column.heading for column in columns])
    for row in rows:
        pairs = zip(columns, row, strict=True)
        writer.writerow([_plain(column.kind, harmless(value)) for column, value in pairs])
    text.flush()
    text.detach()


def _plain(kind: Kind, value: Any) -> str:
    """Return a value as text; a number stays bare, so that no sign in front of it is taken for a formula."""
    if value is None:
        return ""
    if kind is Kind.MONEY:
        return f"{value / FEN_PER_YUAN:.2f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(FOSHAN):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _cover(book: Any, lines: Sequence[tuple[str, str]], mark: Mark | None) -> None:
    sheet = book.add_worksheet("说明")
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, NARROW)
    sheet.set_column(1, 1, WIDE * 2)
    for number, (name, words) in enumerate(lines):
        sheet.write_string(number, 0, str(harmless(name)), bold)
        sheet.write_string(number, 1, str(harmless(words)), wrap)
    _print_setup(sheet, mark)


def _page(book: Any, page: Page, mark: Mark | None) -> None:
    sheet = book.add_worksheet(page.name[:NAME_LENGTH])
    columns = [*page.columns, *([Column(MARK_HEADING, width=WIDE)] if mark else [])]
    bold = book.add_format({"bold": True, "bottom": 1})
    looks = {kind: book.add_format({"num_format": words}) for kind, words in FORMATS.items()}
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, bold)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    _print_setup(sheet, mark)
    for number, row in enumerate(page.rows, 1):
        values = [*row, mark.words] if mark else row
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            _cell(sheet, (number, place), column.kind, value, looks)


def _cell(sheet: Any, at: tuple[int, int], kind: Kind, value: Any, looks: dict[Kind, Any]) -> None:
    if value is None or value == "":
        return
    if kind is Kind.MONEY:
        sheet.write_number(*at, value / FEN_PER_YUAN, looks[kind])
    elif kind is Kind.NUMBER and isinstance(value, int | float):
        sheet.write_number(*at, value, looks[kind])
    elif isinstance(value, datetime):
        local = value.astimezone(FOSHAN).replace(tzinfo=None)  # a sheet's cells know no zone
        sheet.write_datetime(*at, local, looks[Kind.MOMENT])
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime(value.year, value.month, value.day), looks[Kind.DAY])  # noqa: DTZ001 - a day
    else:
        sheet.write_string(*at, str(harmless(str(value))))


def _print_setup(sheet: Any, mark: Mark | None) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if mark is None:
        sheet.set_footer("&C第 &P 页，共 &N 页")
        return
    words = mark.words.replace("&", "&&")
    sheet.set_header(f"&C{words}")
    sheet.set_footer(f"&L{words}&R第 &P 页，共 &N 页")
    sheet.set_background(io.BytesIO(mark.picture))
