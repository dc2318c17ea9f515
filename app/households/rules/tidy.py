"""Tidying cells (整理): what a cell means, and in which small ways it was untidy.

Every function returns a Tidied value: ``value`` (None when the cell is empty or unreadable),
the warning codes for what was forgiven, and whether an unreadable cell was refused. Nothing is
guessed: 约500 is not 500.
"""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar
from unicodedata import is_normalized

from app.core.text import squeeze, trim

T = TypeVar("T")

NOTHING: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "N/A", "n/a", "#N/A"}
)

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u2500~]")
_QUOTES = "'`\u2018\u2019"
_LOST_DIGITS = re.compile(r"\d(\.\d+)?E\+?\d{1,2}")
_AMOUNT = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}|\d{8}|\d{7}|(852|853)-?\d{8}")
_PHONE_BREAKS = re.compile(r"[、,;/|和及或]|\s{2,}")
_BETWEEN_NAMES = re.compile("[、,;/]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR = range(1850, 2100)
_SERIALS = range(1, 73_051)
_SERIAL_EPOCH = dt.date(1899, 12, 30)
_MOST_FEN = 10**13

YES: Final = frozenset({"是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "对", "已"})
NO: Final = frozenset(
    {"否", "无", "\u00d7", "x", "✗", "0", "n", "no", "false", "没有", "未", "-", "/"}
)


class Tidied(NamedTuple, Generic[T]):
    """A cell's value, what was forgiven, and False where there was a value nobody can read."""

    value: T | None
    codes: tuple[str, ...] = ()
    readable: bool = True


class Day(NamedTuple):
    """A date and how exactly it is known: day, month or year (its first day is then kept)."""

    date: dt.date
    precision: str = "day"


EMPTY: Final = Tidied[str](None)


def as_text(cell: object) -> str:
    """Return a cell as trimmed text; a whole number loses its .0, a date is ISO, None is ""."""
    if isinstance(cell, str):
        return trim(cell) if cell else ""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)


def read_id(cell: object) -> Tidied[str]:
    """Return an ID number as text, capital X, no spaces.

    A numeric cell has lost its last digits: unreadable with ``id_lost_to_number``, as is text in
    scientific notation. The number itself is not judged here.
    """
    if not isinstance(cell, str):
        if cell is None:
            return EMPTY
        return Tidied(None, ("id_lost_to_number",), readable=False)
    if cell.isascii() and cell.isdigit():
        return Tidied(cell)
    number = squeeze(cell)
    if not number or number in NOTHING:
        return EMPTY
    number, codes = _plain_id(cell, number)
    if _LOST_DIGITS.fullmatch(number):
        return Tidied(None, ("id_lost_to_number",), readable=False)
    return Tidied(number, codes)


def _plain_id(cell: str, number: str) -> tuple[str, tuple[str, ...]]:
    """Strip what is no part of an ID number, and say what that was."""
    codes = []
    if any("\uff01" <= character <= "\uff5e" for character in cell):
        codes.append("fullwidth_id")
    if len(cell) != len(number):
        codes.append("spaced_id")
    dashed = _DASHES.sub("-", number)
    if "-" in dashed:
        number = dashed.replace("-", "")
        codes.append("dashed_id")
    if number.startswith(tuple(_QUOTES)):
        number = number.lstrip(_QUOTES)
        codes.append("quoted_id")
    if number.upper() != number:
        number = number.upper()
        codes.append("lowercase_id")
    return number, tuple(codes)


def read_name(cell: object) -> Tidied[str]:
    """Return a name without the spaces that pad 张　三; Latin names keep single spaces."""
    if not isinstance(cell, str):
        return EMPTY if cell is None else Tidied(as_text(cell), ("name_not_text",))
    if cell.isalnum() and is_normalized("NFKC", cell):
        return Tidied(cell)  # nearly every name there is
    text = trim(cell)
    if not text:
        return EMPTY
    if " " in text and not text.isascii():
        return Tidied(squeeze(text), ("spaced_name",))
    if _BETWEEN_NAMES.search(text):
        return Tidied(text, ("several_names",))
    return Tidied(text)


def read_money(cell: object) -> Tidied[int]:
    """Return whole fen from yuan, a number or text: 602.05元, 1,721.12, full width, 1.2万元.

    Rounded to the fen, half up. 无 is nothing at all, 0; a dash or an empty cell is no answer,
    None. About, between and other words are unreadable with ``money_unreadable``.
    """
    if isinstance(cell, str):
        return _money_from_text(cell)
    if cell is None:
        return Tidied(None)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return Tidied(None, ("money_unreadable",), readable=False)
    fen = cell * 100
    if not abs(fen) < _MOST_FEN:
        return Tidied(None, ("money_unreadable",), readable=False)
    # 0.285 * 100 is 28.499…: adding a hair before rounding keeps half a fen going up.
    return Tidied(int(fen + 0.5 + 1e-6) if fen >= 0 else -int(0.5 + 1e-6 - fen))


@lru_cache(maxsize=65_536)
def _money_from_text(cell: str) -> Tidied[int]:
    text = _DASHES.sub("-", squeeze(cell))
    if text in ("无", "没有", "零", "无收入"):
        return Tidied(0, ("money_text",))
    if text in NOTHING:
        return Tidied(None)
    plain = re.sub(r"^(人民币|RMB|¥|￥)|(/?(每?月|人/月|人月|人))$", "", text)
    plain, factor = _without_unit(plain)
    plain = plain.replace("，", ",")
    if not _AMOUNT.fullmatch(plain):
        return Tidied(None, ("money_unreadable",), readable=False)
    try:
        fen = int(
            (Decimal(plain.replace(",", "")) * factor * 100).quantize(Decimal(1), "ROUND_HALF_UP")
        )
    except InvalidOperation:
        return Tidied(None, ("money_unreadable",), readable=False)
    if abs(fen) >= _MOST_FEN:
        return Tidied(None, ("money_unreadable",), readable=False)
    is_plain_number = cell.isascii() and plain == text and "," not in text
    return Tidied(fen, () if is_plain_number else ("money_text",))


def _without_unit(text: str) -> tuple[str, int]:
    text = text.removesuffix("整").removesuffix("元").removesuffix("圆").removesuffix("块")
    return (text.removesuffix("万"), 10_000) if text.endswith("万") else (text, 1)


def read_day(cell: object) -> Tidied[Day]:
    """Return a date from a date, a serial number or text in a dozen spellings.

    2024.9.1, 2024/9/1, 2024年9月1日, 20240901, 45536; 2024年9月 and 202409 are known to the month
    and 1956年 to the year. Unreadable: ``date_unreadable`` (1956.1 as a number may be January or
    October).
    """
    if isinstance(cell, str):
        return _day_from_text(cell)
    if isinstance(cell, dt.datetime):
        return Tidied(Day(cell.date()))
    if isinstance(cell, dt.date):
        return Tidied(Day(cell))
    if cell is None:
        return Tidied(None)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return _day_from_number(cell)
    return Tidied(None, ("date_unreadable",), readable=False)


def _day_from_number(number: int) -> Tidied[Day]:
    digits = str(number)
    if len(digits) in (6, 8) and (day := _day(digits[:4], digits[4:6], digits[6:])):
        return Tidied(day, ("date_number",))
    if number in _YEAR:
        return Tidied(Day(dt.date(number, 1, 1), "year"), ("date_number",))
    if number in _SERIALS:
        return Tidied(Day(_SERIAL_EPOCH + dt.timedelta(days=number)), ("date_number",))
    return Tidied(None, ("date_unreadable",), readable=False)


_NUMBERED_DAY = re.compile(
    r"(\d{4})[-./年](\d{1,2})(?:[-./月](\d{1,2})[日号]?|月)?[.]?(?:T?\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?)?"
)
_CHINESE_DIGITS = str.maketrans("\u3007零一二三四五六七八九", "00123456789")


@lru_cache(maxsize=65_536)
def _day_from_text(cell: str) -> Tidied[Day]:
    if _ISO_DAY.fullmatch(cell) and (day := _day(cell[:4], cell[5:7], cell[8:])):
        return Tidied(day)
    spaced = _DASHES.sub("-", trim(cell))
    # A time of day after a space must not run into the day: 2024-09-01 00:00:00.
    text = re.sub(r" \d{1,2}:\d{2}(:\d{2})?(\.0+)?$", "", spaced).replace(" ", "")
    if text in NOTHING:
        return Tidied(None)
    if match := _NUMBERED_DAY.fullmatch(_arabic(text)):
        day = _day(match[1], match[2], match[3] or "")
    elif re.fullmatch(r"\d{8}|\d{6}", text):
        day = _day(text[:4], text[4:6], text[6:])
    elif match := re.fullmatch(r"(\d{4})年?", _arabic(text)):
        day = _day(match[1], "", "")
    elif re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
        return _day_from_number(int(text))
    else:
        day = None
    if day is None:
        return Tidied(None, ("date_unreadable",), readable=False)
    is_iso = re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell) is not None and cell.isascii()
    codes = () if is_iso else ("date_text",)
    return Tidied(day, codes if day.precision == "day" else (*codes, "date_imprecise"))


def _day(year: str, month: str, day: str) -> Day | None:
    try:
        date = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if date.year not in _YEAR:
        return None
    return Day(date, "day" if day else "month" if month else "year")


def _arabic(text: str) -> str:
    """Turn 二〇二四年十二月三十一日 into digits."""
    if not re.search("[\u3007零一二三四五六七八九十]", text):
        return text

    def tens(match: re.Match[str]) -> str:
        high, low = match[1] or "一", match[2] or "零"
        return (high + low).translate(_CHINESE_DIGITS)

    return re.sub("([一二三]?)十([一二三四五六七八九]?)", tens, text).translate(_CHINESE_DIGITS)


def read_phones(cell: object) -> Tidied[tuple[str, ...]]:
    """Return the phone numbers of a cell: mobiles as 11 digits, landlines as 0757-22331234.

    Dashes, spaces, +86, two numbers and words around a mobile are forgiven; a number with a digit
    too many or too few is unreadable with ``phone_unreadable``.
    """
    if isinstance(cell, str):
        if len(cell) == 11 and cell.isascii() and _MOBILE.fullmatch(cell):  # noqa: PLR2004
            return Tidied((cell,))
        return _phones_from_text(cell) if cell else Tidied(None)
    if cell is None:
        return Tidied(None)
    if isinstance(cell, float | int) and _MOBILE.fullmatch(as_text(cell)):
        # Eleven digits fit in a number without loss, so unlike an ID this can be trusted.
        return Tidied((as_text(cell),), ("phone_number_cell",))
    return Tidied(None, ("phone_unreadable",), readable=False)


def _phones_from_text(cell: str) -> Tidied[tuple[str, ...]]:
    text = _DASHES.sub("-", trim(cell))
    if text in NOTHING or text in ("无电话", "没有", "没有电话"):
        return Tidied(None)
    codes = ["fullwidth_phone"] if any("\uff10" <= letter <= "\uff19" for letter in cell) else []
    phones: list[str] = []
    for part in _PHONE_BREAKS.split(text):
        found, dashed, worded = _phone_in(part.strip())
        phones += found
        codes += ["dashed_phone"] * dashed + ["worded_phone"] * worded
        if not found and re.search(r"\d", part):
            codes.append("phone_unreadable")
    if len(phones) > 1:
        codes.append("several_phones")
    if not phones and "phone_unreadable" not in codes:
        codes.append("phone_unreadable")
    readable = "phone_unreadable" not in codes
    return Tidied(tuple(phones) or None, tuple(dict.fromkeys(codes)), readable)


def _phone_in(part: str) -> tuple[list[str], bool, bool]:
    """Return the numbers in one part, and whether dashes and whether words were cut off."""
    bare = re.sub(r"^(\+|00)?86[- ]?(?=1)", "", part.replace("(", "").replace(")", "-"))
    digits = re.sub(r"[- ]", "", bare)
    if _MOBILE.fullmatch(digits):
        return [digits], digits != bare, False
    if re.fullmatch(r"(1[3-9]\d{9}){2}", digits):
        return [digits[:11], digits[11:]], True, False
    landline = bare.replace(" ", "").removeprefix("+")
    if _LANDLINE.fullmatch(landline):
        return [_landline(landline)], False, False
    mobiles = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", part)
    return mobiles, False, bool(mobiles)


def _landline(number: str) -> str:
    digits = number.replace("-", "")
    if digits.startswith(("01", "02")):
        return f"{digits[:3]}-{digits[3:]}"
    if digits.startswith("0"):
        return f"{digits[:4]}-{digits[4:]}"
    is_abroad = len(digits) == 11 and digits.startswith(("852", "853"))  # noqa: PLR2004
    return f"{digits[:3]}-{digits[3:]}" if is_abroad else digits


def read_yes_no(cell: object) -> Tidied[bool]:
    """Return True for 是 有 √ 1, False for 否 无 0; other words are ``yes_no_unreadable``."""
    if isinstance(cell, bool):
        return Tidied(cell)
    word = squeeze(as_text(cell)).lower()
    if not word:
        return Tidied(None)
    if word in YES or word in NO:
        return Tidied(word in YES)
    return Tidied(None, ("yes_no_unreadable",), readable=False)


def read_count(cell: object) -> Tidied[int]:
    """Return a number of people from 3, 3.0 or "3人" in any width; else ``count_unreadable``."""
    text = as_text(cell).removesuffix("人").removesuffix("口").strip()
    if text in NOTHING:
        return Tidied(None)
    if text.isascii() and text.isdigit() and len(text) <= 3:  # noqa: PLR2004
        return Tidied(int(text))
    return Tidied(None, ("count_unreadable",), readable=False)
