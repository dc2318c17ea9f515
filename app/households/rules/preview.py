"""What an import shows of a workbook before anything goes in (导入预览): covered values, differences, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.phrases import money
from app.core.text import squeeze
from app.households.rules.columns import Columns, Field, find_header, place
from app.households.rules.labels import MEMBERS, words_of
from app.households.rules.masking import (
    mask_address,
    mask_bank_account,
    mask_certificate,
    mask_id,
    mask_name,
    mask_phone,
)
from app.households.rules.tidy import as_text
from app.households.rules.wording import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.households.rules.document import Difference

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
_MONEY = frozenset({"income_fen", "aid_fen"})
_MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "id_number": mask_id,
    "phone": mask_phone,
    "door": mask_address,
    "account": mask_bank_account,
    "certificate": mask_certificate,
    "worker": mask_name,
    "source_no": str,
    "filed_on": str,
    "last_visited_on": str,
    "left_on": str,
    "left_why": str,
    "relationship": str,
}
# what follows from something else, or only says how the file keeps it
_UNTOLD = frozenset({"tier_rule", "position", "relationship_code", "source", "left_why"})
_IN_THEIR_WORDS = frozenset({"papers/cause", "papers/housing"})
NOTHING_SAID, COVERED = "没有", "（内容已遮住）"


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


def told(
    changed: Difference, place_name: Callable[[str], str], people: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Return (what, before, after) in words that name nobody, for every place of a document that would change.

    `people` are the covered names of the members, by their codes: so that one sees whose birth or note it is.
    """
    found = []
    for path, (old, new) in sorted(changed.items()):
        if path.rpartition("/")[2] in _UNTOLD:
            continue
        is_member = path.startswith("members/") and path.count("/") == 1
        say = _say_member if is_member else _say
        name = "" if path in _IN_THEIR_WORDS else path.rpartition("/")[2]
        what = words_of(path)
        if path.startswith("members/") and not is_member:
            what = what.replace(MEMBERS, people.get(path.split("/")[1]) or MEMBERS, 1)
        found.append((what, say(name, old, place_name), say(name, new, place_name)))
    return found


def _say_member(_name: str, value: Any, _place_name: Callable[[str], str]) -> str:
    if not value:
        return NOTHING_SAID
    return f"{mask_name(value.get('name') or '')}（{value.get('relationship') or '家庭成员'}）"


def _say(name: str, value: Any, place_name: Callable[[str], str]) -> str:
    if value in (None, "", [], {}):
        return NOTHING_SAID
    if name in _MONEY:
        return money(value)
    if name == "region_code":
        return place_name(value)
    if name in CODES:
        return CODES[name](value).label
    if name == "birth":
        return f"{value[:4]} 年"
    return _MASKS[name](str(value)) if name in _MASKS else COVERED
