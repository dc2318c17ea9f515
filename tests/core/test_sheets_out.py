"""Lists on their way out (导出): what is written is read back, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.papers import watermark
from app.core.sheets import Column, Kind, Mark, Page, read_sheets, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = (
    Column("户主"),
    Column("人口", Kind.NUMBER),
    Column("收入（元）", Kind.MONEY),
    Column("下次", Kind.DAY),
    Column("时间", Kind.MOMENT),
)
NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # 12:00 in Foshan
ROW = ("冼**", 3, 120_650, date(2026, 12, 1), NOON)
DANGEROUS = (
    "=1+1",
    "+85291234567",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    '=HYPERLINK("x")',
    " =1",
)
TRIGGERS = "=+-@\t\r\n＝＋－＠"
CELLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(TRIGGERS),
    st.text(max_size=6),
)


def a_csv(*rows: Any, columns: tuple[Column, ...] = COLUMNS) -> bytes:
    out = io.BytesIO()
    write_csv(out, columns, rows)
    return out.getvalue()


def an_xlsx(*rows: Any, columns: tuple[Column, ...] = COLUMNS, **more: Any) -> bytes:
    out = io.BytesIO()
    write_xlsx(out, [Page("名册", columns, rows)], **more)
    return out.getvalue()


def read(data: bytes) -> dict[str, list[list[Any]]]:
    return {
        sheet.name: [list(row) for _, row in sheet.rows] for sheet in read_sheets(data, "list.xlsx")
    }


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("scratch", [False, True])
def test_a_workbook_is_read_back_as_it_was_written(tmp_path: Path, *, scratch: bool) -> None:
    sheets = read(an_xlsx(ROW, scratch=str(tmp_path) if scratch else None))

    assert sheets["名册"] == [
        ["户主", "人口", "收入（元）", "下次", "时间"],
        ["冼**", 3, 1206.5, date(2026, 12, 1), datetime(2026, 11, 27, 12, 0)],  # noqa: DTZ001 - a sheet knows no zone
    ]


def test_a_csv_opens_in_excel_with_its_chinese() -> None:
    data = a_csv(ROW)

    assert data.startswith("\ufeff户主,".encode())
    assert csv_rows(data)[1] == ["冼**", "3", "1206.50", "2026-12-01", "2026-11-27 12:00"]


def test_a_negative_figure_stays_a_figure() -> None:
    assert csv_rows(a_csv(("", 0, -1_250, None, None)))[1][2] == "-12.50"


@pytest.mark.parametrize("typed", DANGEROUS)
def test_what_looks_like_a_formula_goes_out_as_text(typed: str) -> None:
    columns = (Column("备注"),)

    assert csv_rows(a_csv((typed,), columns=columns))[1] == ["'" + typed]
    with zipfile.ZipFile(io.BytesIO(an_xlsx((typed,), columns=columns))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), CELLS), min_size=1, max_size=4))
def test_no_cell_that_goes_out_begins_as_a_formula_does(cells: list[str]) -> None:
    columns = (Column("备注"),)
    wanted = [(cell.replace("\x00", ""),) for cell in cells]

    written = csv_rows(a_csv(*wanted, columns=columns))[1:]
    told = [cell for row in read(an_xlsx(*wanted, columns=columns))["名册"] for cell in row]

    cells_out = [*(cell for row in written for cell in row), *map(str, told)]
    assert not [
        cell for cell in cells_out if cell.lstrip(" ")[:1] and cell.lstrip(" ")[0] in TRIGGERS
    ]


def test_rows_are_taken_one_by_one(tmp_path: Path) -> None:
    alive, most = 0, 0

    class Row(tuple[Any, ...]):
        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[Row]:
        nonlocal alive, most
        for _ in range(500):
            alive += 1
            most = max(most, alive)
            yield Row(ROW)

    with (tmp_path / "out.xlsx").open("wb") as out:
        write_xlsx(out, [Page("名册", COLUMNS, rows())], scratch=str(tmp_path))

    assert most <= 3


def test_a_mark_stands_on_every_sheet_page_and_row() -> None:
    words = "梁慧敏 11月27日 X-7KQ2"
    data = an_xlsx(ROW, ROW, mark=Mark(words, watermark(words)), cover=[("谁导出", "梁慧敏")])

    sheets = read(data)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name).decode("utf-8", "replace") for name in book.namelist()}
    pages = [parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet2.xml"]]

    assert sheets["说明"] == [["谁导出", "梁慧敏"]]
    assert [row[-1] for row in sheets["名册"]] == ["导出标记", words, words]
    for page in pages:
        assert f"<oddHeader>&amp;C{words}</oddHeader>" in page
        assert words in page[page.index("<oddFooter>") :]
        assert "<picture " in page
