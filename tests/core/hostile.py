"""Files made to do harm (恶意文件), each with the refusals that are right for it."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape

import xlwt  # type: ignore[import-untyped]

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _zipped(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def an_xlsx(
    rows: str,
    *,
    head: str = HEAD,
    merged: str = "",
    before: str = "",
    extra: int = 0,
    beside: Sequence[str] = (),
) -> bytes:
    """Return a workbook with one sheet S of raw row XML; ``beside`` names parts that lie beside it."""
    merges = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    body = f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{merges}</worksheet>'
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_SHEET_TYPE}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"))
    )
    relation = f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="'
    parts = {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'{HEAD}{relation}{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}{relation}{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>"
        ),
        "xl/worksheets/sheet1.xml": head + body,
    }
    others = [f"x/{number}.txt" for number in range(extra)]
    return _zipped(parts | dict.fromkeys([*others, *beside], ""))


def an_ods(rows: Sequence[Sequence[object]], raw: str = "") -> bytes:
    """Return an .ods with one table; ``raw`` replaces its rows."""
    body = raw or "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        f'{HEAD}<office:document-content xmlns:office="{_OPEN}:office:1.0" '
        f'xmlns:table="{_OPEN}:table:1.0" xmlns:text="{_OPEN}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="甲">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'{HEAD}<m:manifest xmlns:m="{_OPEN}:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def _ods_cell(cell: object) -> str:
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    text = escape(str(cell))
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )


def an_xls(cells: Mapping[tuple[int, int], object], sheets: Sequence[str] = ("甲",)) -> bytes:
    """Return an .xls whose every sheet has these cells, by row and column from 0."""
    book = xlwt.Workbook()
    for name in sheets:
        page = book.add_sheet(name)
        for (row, column), cell in cells.items():
            page.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _a_wide_xls() -> bytes:
    return an_xls({(0, 0): "a", (65_535, 255): "b"}, [f"s{number}" for number in range(40)])


_FILLED = (
    '<table:table-cell table:number-columns-repeated="{}" office:value-type="float" '
    'office:value="1"/>'
)


def _repeated_ods(rows: int, columns: int) -> bytes:
    cell = _FILLED.format(columns)
    return an_ods(
        [], f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    )


_ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'
_FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_TEXT = '<c t="inlineStr"><is><t>{}</t></is></c>'
_TOO_BIG = {"too_many_rows", "too_many_columns", "too_many_cells", "too_much_memory", "damaged"}

HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "far cell": (lambda: an_xlsx(_FAR), {"too_many_rows"}),
    "far column": (
        lambda: an_xlsx('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
        {"too_many_columns"},
    ),
    "spaced reference": (
        lambda: an_xlsx("<row><c r = 'XFD1'><v>1</v></c></row>"),
        {"too_many_columns"},
    ),
    "declared dimension": (
        lambda: an_xlsx(_ONE, before='<dimension ref="A1:XFD1048576"/>'),
        {"too_many_rows"},
    ),
    "empty rows": (
        lambda: an_xlsx("".join(f'<row r="{n}"/>' for n in range(1, 1_048_577))),
        {"too_many_rows"},
    ),
    "rows without numbers": (
        lambda: an_xlsx("<row/>" * 1_048_575 + "<row><c><v>1</v></c></row>"),
        {"too_many_rows"},
    ),
    "wide box": (
        lambda: an_xlsx(_ONE + '<row r="299999"><c r="ZZ299999"><v>1</v></c></row>'),
        _TOO_BIG,
    ),
    "bomb": (
        lambda: an_xlsx(f"<row>{_TEXT.format('A' * 60_000_000)}</row>"),
        {"unpacks_too_large"},
    ),
    "entities": (
        lambda: an_xlsx(_ONE, head=HEAD + '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
        {"entities"},
    ),
    "macros": (lambda: an_xlsx(_ONE, beside=["xl/vbaProject.bin"]), {"macros"}),
    "macros of an old workbook": (
        lambda: _OLE + bytes(2_000) + "_VBA_PROJECT".encode("utf-16-le"),
        {"macros"},
    ),
    "another workbook": (
        lambda: an_xlsx(_ONE, beside=["xl/externalLinks/externalLink1.xml"]),
        {"links"},
    ),
    "formula never worked out": (
        lambda: an_xlsx('<row r="1"><c r="A1"><f>B1*2</f></c></row>'),
        {"formulas"},
    ),
    "formula with an empty value": (
        lambda: an_xlsx('<row r="1"><c r="A1"><f>B1*2</f><v/></c></row>'),
        {"formulas"},
    ),
    "wide characters": (lambda: an_xlsx(_ONE, head="\ufeff\x00"), {"damaged"}),
    "many parts": (lambda: an_xlsx("", extra=2_100), {"too_many_parts"}),
    "repeated ods rows": (lambda: _repeated_ods(1_048_576, 1), _TOO_BIG),
    "repeated ods cells": (lambda: _repeated_ods(1_048_576, 16_384), _TOO_BIG),
    "wide xls": (_a_wide_xls, _TOO_BIG),
    "password": (
        lambda: _OLE + bytes(2_000) + "EncryptedPackage".encode("utf-16-le"),
        {"encrypted"},
    ),
    "broken xls": (lambda: _OLE + bytes(2_000), {"damaged"}),
    "broken zip": (lambda: b"PK\x03\x04" + b"x" * 1_000, {"damaged"}),
    "other zip": (lambda: _zipped({"word/document.xml": "<a/>"}), {"not_a_workbook"}),
    "binary": (lambda: bytes(range(256)) * 10, {"not_a_workbook"}),
    "pdf": (lambda: b"%PDF-1.4\n", {"not_a_workbook"}),
    "web page": (lambda: b"<html><table><tr><td>1</td></tr></table>", {"not_a_workbook"}),
    "nothing": (lambda: b"", {"empty"}),
    "endless quote": (lambda: b'"' + b"a" * 200_000, {"damaged"}),
    "many lines": (lambda: b"a,b\n" * 300_001, {"too_many_rows"}),
    "many fields": (lambda: b"a," * 800 + b"\n", {"too_many_columns"}),
    "unknown letters": (lambda: b"\xff\xff\xfe,\x81\n", {"unknown_encoding"}),
}
REFUSED_BOTH_WAYS = (
    "far cell",
    "empty rows",
    "bomb",
    "entities",
    "macros",
    "many parts",
    "password",
    "binary",
)
