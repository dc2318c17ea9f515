"""What an import shows of a workbook before anything goes in (导入预览): covered values, differences, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.phrases import money
from app.core.text import squeeze
from app.households.rules.columns import Columns, Field, find_header, place
from app.households.rules.masking import (
    mask_address,
    mask_bank_account,
    mask_certificate,
    mask_id,
    mask_name,
    mask_phone,
)
from app.households.rules.tidy import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SAMPLES = 3
LOOKED_AT = 40
_FEWEST_HEADINGS = 3
_PLAIN = frozenset(
    {
        Field.SERIAL, Field.DISTRICT, Field.TOWN, Field.COMMUNITY, Field.CATEGORY, Field.TIER,
        Field.MEMBER_COUNT, Field.RELATIONSHIP, Field.SEX, Field.FILED_ON, Field.LAST_VISITED_ON,
    }
)  # fmt: skip
_COVERS: dict[Field, Callable[[str], str]] = {
    Field.NAME: mask_name,
    Field.HOUSEHOLDER_NAME: mask_name,
    Field.WORKER_NAME: mask_name,
    Field.ID_NUMBER: mask_id,
    Field.HOUSEHOLDER_ID: mask_id,
    Field.PHONE: mask_phone,
    Field.BANK_ACCOUNT: mask_bank_account,
    Field.DISABILITY_CERTIFICATE: mask_certificate,
    Field.ADDRESS: mask_address,
}
FIELD_WORDS = {
    "category": "类别",
    "tier": "风险档",
    "income_fen": "月人均收入",
    "aid_fen": "救助金额",
    "region": "村居",
    "phone": "联系电话",
    "door": "住址",
    "members": "家庭成员",
}


def letter(column: int) -> str:
    """Return a column, counted from 0, as the sheet's user sees it: A, AE."""
    number, letters = column + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def covered(field: Field | None, cell: object) -> str:
    """Return a cell as a sample that names nobody: enough to see that the column is the right one."""
    text = as_text(cell)
    if not squeeze(text) or field in _PLAIN:
        return text[:20]
    if field in _COVERS:
        return _COVERS[field](text)[:24]
    plain = squeeze(text)
    return plain[0] + "*" * min(len(plain) - 1, 5)


def columns_of(
    columns: Columns | None, rows: Sequence[tuple[int, Sequence[object]]], header_row: int
) -> tuple[str, list[dict[str, Any]]]:
    """Return a header's signature and its columns: their meaning and a few covered values.

    Where no header was found it is the row that looks most like one, for somebody to say what its columns mean.
    """
    if columns is None:
        header_row, columns = _likeliest_header(rows)
        if columns is None:
            return "", []
    meaning = {index: field for field, index in columns.places.items()}
    found = []
    for index, heading in enumerate(columns.headings):
        if not squeeze(heading):
            continue
        field = meaning.get(index)
        cells = (
            row[index]
            for number, row in rows
            if number >= header_row + columns.rows and index < len(row)
        )
        samples = [covered(field, cell) for cell in cells if squeeze(as_text(cell))]
        found.append(
            {
                "letter": letter(index),
                "heading": squeeze(heading)[:40],
                "field": field.value if field else "",
                "samples": list(dict.fromkeys(samples))[:SAMPLES],
            }
        )
    return columns.signature, found


def _likeliest_header(
    rows: Sequence[tuple[int, Sequence[object]]],
) -> tuple[int, Columns | None]:
    """Return the first row with the most words, when a sheet's headings say nothing to us."""
    best, width = 0, _FEWEST_HEADINGS - 1
    for position, (_, row) in enumerate(rows[:20]):
        words = sum(1 for cell in row if isinstance(cell, str) and squeeze(cell))
        if words > width and find_header([row]) is None:
            best, width = position, words
    if width < _FEWEST_HEADINGS:
        return 0, None
    number, row = rows[best]
    return number, place([cell if isinstance(cell, str) else "" for cell in row])


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], place_name: Callable[[str], str]
) -> list[tuple[str, str, str]]:
    """Return (what, before, after) in words that name nobody, for every fact that would change."""
    found = []
    for name, words in FIELD_WORDS.items():
        old, new = before[name], after[name]
        if old == new:
            continue
        if name == "members":
            found.append((words, *_people(old, new)))
        else:
            found.append((words, _say(name, old, place_name), _say(name, new, place_name)))
    return found


def _say(name: str, value: Any, place_name: Callable[[str], str]) -> str:
    if name.endswith("_fen"):
        return money(value)
    if name == "region":
        return place_name(value)
    if name == "phone":
        return mask_phone(value) if value else "没有"
    if name == "door":
        return mask_address(value) if value else "没有"
    return str(value)


def _people(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    if len(old) != len(new):
        return f"{len(old)} 人", f"{len(new)} 人"
    altered = sum(1 for one in new if one not in old)
    return f"{len(old)} 人", f"{len(new)} 人，{altered} 人的情况有更新"
