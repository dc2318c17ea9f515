"""How a record from elsewhere names its household (档案引用): by file number, by somebody's ID number, or by both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.core.text import squeeze
from app.households.rules.identity import is_valid, widen
from app.households.rules.tidy import as_text, read_day, read_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

REFERENCE_WORDS = {
    "file_no": "档案号 档案编号 平台档案号 家庭档案号",
    "id_number": (
        "身份证号 身份证号码 公民身份号码 证件号码 证件号 户主身份证号 户主身份证号码 "
        "服务对象身份证号 探访对象身份证号 受助人身份证号 受益人身份证号"
    ),
}
REFERENCE_ERRORS = {
    "no_reference": "没有档案号，也没有证件号码，认不出是哪一户",
    "id_checksum": "证件号码不对：位数、日期或校验位有误",
    "id_lost_to_number": "证件号码被存成数字，后几位已丢失，请照原件重填",
    "unknown_household": "档案里没有这一户，或者不在你负责的地方",
    "references_differ": "档案号和证件号码指的不是同一户，请核对",
    "day_unreadable": "日期认不出，或没有写到日，请写成 2024-09-01 的样子",
    "day_not_yet": "日期在今天之后",
}


class Reference(NamedTuple):
    """A file number, an ID number of eighteen places, or both; empty where the row has none."""

    file_no: str = ""
    id_number: str = ""


class Remark(NamedTuple):
    """Something said about one cell of a record: which meaning, and a code with its sentence."""

    meaning: str
    code: str


def read_reference(cells: Mapping[str, object]) -> tuple[Reference, Remark | None]:
    """Return by what a row names its household, or why it cannot; nothing is guessed from a damaged number."""
    file_no = squeeze(as_text(cells.get("file_no"))).upper()
    tidied = read_id(cells.get("id_number"))
    number = tidied.value or ""
    number = widen(number) or number
    if not tidied.readable:
        return Reference(file_no), Remark("id_number", "id_lost_to_number")
    if number and not is_valid(number):
        return Reference(file_no), Remark("id_number", "id_checksum")
    if not file_no and not number:
        return Reference(), Remark("file_no", "no_reference")
    return Reference(file_no, number), None


def read_past_day(
    cells: Mapping[str, object], meaning: str, today: date
) -> tuple[date | None, Remark | None]:
    """Return the day on which a record happened, or why it cannot be: it must be exact, and not lie ahead."""
    day = read_day(cells.get(meaning)).value
    if day is None or day.precision != "day":
        return None, Remark(meaning, "day_unreadable")
    if day.date > today:
        return None, Remark(meaning, "day_not_yet")
    return day.date, None
