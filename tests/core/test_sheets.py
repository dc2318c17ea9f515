"""Workbooks (表格文件): every format, hostile files, remarks."""

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app.core.sheets import CellNote, SheetRefused, annotate, harmless, harmless_row, read_sheets
from tests.core.hostile import (
    HOSTILE,
    REFUSED_BOTH_WAYS,
    an_ods,
    an_xls,
    an_xlsx,
)
from tests.texts import wide

ROWS: list[list[object]] = [["姓名", "号码", "金额"], ["㘵心", "440623195603151820", 1.5]]
CSV = "姓名,号码,金额\r\n㘵心,440623195603151820,1.5\r\n"


def an_openpyxl_book() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "甲"
    for row in ROWS:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_small_xls() -> bytes:
    return an_xls({(i, j): cell for i, row in enumerate(ROWS) for j, cell in enumerate(row)})


def rows_of(source: bytes | Path) -> list[tuple[int, list[object]]]:
    return [(number, list(row)) for sheet in read_sheets(source) for number, row in sheet.rows]


@pytest.mark.parametrize(
    "make", [an_openpyxl_book, a_small_xls, lambda: an_ods(ROWS)], ids=["xlsx", "xls", "ods"]
)
def test_workbooks_keep_text_and_numbers_apart(make: Callable[[], bytes]) -> None:
    assert rows_of(make()) == [(1, ROWS[0]), (2, ROWS[1])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files_in_every_encoding(encoding: str) -> None:
    assert rows_of(CSV.encode(encoding)) == [
        (1, ROWS[0]),
        (2, ["㘵心", "440623195603151820", "1.5"]),
    ]


def test_text_files_with_tabs_and_guarded_numbers() -> None:
    assert rows_of(b'a\tb\n="0012"\t1\n') == [(1, ["a", "b"]), (2, ["0012", "1"])]


def test_a_path_reads_like_its_bytes_and_names_a_text_sheet(tmp_path: Path) -> None:
    book, text = tmp_path / "b.xlsx", tmp_path / "顺德区.csv"
    book.write_bytes(an_openpyxl_book())
    text.write_text(CSV, encoding="utf-8")

    assert rows_of(book) == rows_of(book.read_bytes())
    assert [sheet.name for sheet in read_sheets(text)] == ["顺德区"]


def test_rows_and_columns_keep_their_places_and_dates_their_type() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["C4"] = dt.date(2024, 9, 1)
    page["D4"] = dt.datetime(2024, 9, 1, 8, 30)  # noqa: DTZ001 - cells have no zone
    hidden = book.create_sheet("字典")
    hidden["A1"] = "x"
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)

    sheets = [
        (s.visible, [(n, r) for n, r in s.rows if any(r)]) for s in read_sheets(out.getvalue())
    ]

    when = dt.datetime(2024, 9, 1, 8, 30)  # noqa: DTZ001
    assert sheets == [(True, [(4, ["", "", dt.date(2024, 9, 1), when])]), (False, [])]


def test_the_next_sheet_may_be_asked_for_before_the_rows_are_read() -> None:
    book = openpyxl.Workbook()
    for name in "乙丙":
        book.create_sheet(name).append([name])
    out = io.BytesIO()
    book.save(out)

    assert [sheet.name for sheet in read_sheets(out.getvalue())] == ["Sheet", "乙", "丙"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_within_seconds(name: str) -> None:
    make, codes = HOSTILE[name]
    source, start = make(), time.monotonic()

    with pytest.raises(SheetRefused) as refusal:
        rows_of(source)

    assert time.monotonic() - start < 10
    assert refusal.value.code in codes
    assert refusal.value.message


def test_a_formula_that_was_worked_out_is_read_by_its_value() -> None:
    source = an_xlsx('<row r="1"><c r="A1"><f>B1*2</f><v>84</v></c><c r="B1"><v>42</v></c></row>')

    assert rows_of(source) == [(1, [84.0, 42.0])]


@pytest.mark.parametrize("name", REFUSED_BOTH_WAYS)
def test_a_hostile_file_is_not_opened_for_remarks_either(name: str) -> None:
    make, codes = HOSTILE[name]

    with pytest.raises(SheetRefused) as refusal:
        annotate(make(), [], io.BytesIO())

    assert refusal.value.code in codes


def test_a_merged_block_over_the_whole_sheet_is_not_opened_for_editing() -> None:
    source = an_xlsx('<row r="1"><c r="A1"><v>1</v></c></row>', merged="A1:XFD200000")
    out = io.BytesIO()

    annotate(source, [CellNote("S", 1, 1, "error", "不对")], out)

    page = openpyxl.load_workbook(out)["S"]
    assert page["A1"].comment.text == "不对"


def test_leaving_in_the_middle_leaves_no_process_behind() -> None:
    sheets = read_sheets(an_openpyxl_book())
    next(sheets)

    sheets.close()  # type: ignore[attr-defined]

    assert list(sheets) == []


def test_remarks_colour_their_cells_and_keep_the_layout() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "甲"
    page.append(["家庭", "姓名"])
    page.append(["一", "子"])
    page.append([None, "女"])
    page.merge_cells("A2:A3")
    page.column_dimensions["B"].width = 33
    source, out = io.BytesIO(), io.BytesIO()
    book.save(source)
    notes = [
        CellNote("甲", 2, 2, "warning", "简称"),
        CellNote("甲", 2, 2, "error", "不对"),
        CellNote("甲", 3, 1, "warning", "合并格"),
    ]

    annotate(source.getvalue(), notes, out)

    back = openpyxl.load_workbook(out)["甲"]
    assert back["B2"].comment.text == "简称\n不对"
    assert back["A2"].comment.text == "合并格"
    assert back["B2"].fill.start_color.rgb != back["A2"].fill.start_color.rgb
    assert back["B3"].comment is None
    assert back["B3"].fill.fill_type is None
    assert back.column_dimensions["B"].width == 33
    assert [str(block) for block in back.merged_cells.ranges] == ["A2:A3"]


@pytest.mark.parametrize(
    "make",
    [a_small_xls, lambda: an_ods(ROWS), lambda: CSV.encode("gb18030")],
    ids=["xls", "ods", "csv"],
)
def test_remarks_on_other_formats_come_back_as_a_workbook(make: Callable[[], bytes]) -> None:
    source, out = make(), io.BytesIO()
    [name] = [sheet.name for sheet in read_sheets(source)]

    annotate(source, [CellNote(name, 2, 2, "error", "不对")], out)

    back = openpyxl.load_workbook(out)[name]
    assert back["B2"].value == "440623195603151820"
    assert back["B2"].comment.text == "不对"


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook_handed_back() -> None:
    out = io.BytesIO()

    annotate(b"a,=1+1\n", [CellNote("CSV", 1, 2, "error", "不对")], out)

    cell = openpyxl.load_workbook(out)["CSV"]["B1"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", wide("=") + "1", "\t=1", " =1"])
def test_text_that_could_run_is_guarded(text: str) -> None:
    assert harmless(text) == "'" + text


def test_everything_else_is_left_alone() -> None:
    row = ["张三", "1-2", "", None, -5, 1.5, dt.date(2024, 1, 1)]

    assert harmless_row(row) == row


def test_an_encrypted_zip_is_refused() -> None:
    plain = an_xlsx("")
    data = bytearray(plain)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        offset = archive.start_dir
    data[offset + 8] |= 1

    with pytest.raises(SheetRefused) as refusal:
        rows_of(bytes(data))

    assert refusal.value.code == "encrypted"
