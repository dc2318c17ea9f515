"""What a public card may say (公开文字): no number, door or name by which somebody could be found.

A card is read by strangers (个人信息保护法 §28, 51; 慈善法 §63), and people who mean well hide numbers in
ways that others still read: full-width and circled digits, Chinese numerals, spaces and dots in between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.households.rules.identity import is_valid, widen

ID_LENGTH, OLD_ID_LENGTH, LONG_RUN, LANDLINE = 18, 15, 12, 8
LAST_DAY = 31  # 31号 is a day, 38号 is a door
SHORT_NAME, FULL_GIVEN = 2, 2

_NUMERALS = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("\u3007壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    **dict(zip("○貳參陸弌弍弎", "0236123", strict=True)),
    "幺": "1",
}
_COMPOUND_SURNAMES = frozenset(
    "欧阳 歐陽 司徒 上官 诸葛 司马 夏侯 端木 皇甫 尉迟 公孙 慕容 令狐 东方 南宫 宇文 长孙 轩辕 钟离 闻人".split()  # noqa: SIM905 - a word list is read as one
)
_HONORIFICS = [
    "婆婆",
    "阿婆",
    "伯伯",
    "阿伯",
    "伯",
    "婆",
    "叔",
    "姨",
    "姑",
    "哥",
    "姐",
    "爷爷",
    "奶奶",
    "大爷",
    "大妈",
    "大叔",
    "老伯",
    "先生",
    "女士",
    "太太",
    "老师",
    "师傅",
    "同学",
    "生",
    "家",
]
_NICK_BEFORE = ("阿", "小", "老", "亚")
_NICK_AFTER = ("叔", "伯", "婆", "姨", "姑", "哥", "姐", "仔", "女", "妹", "爷", "嫂")
_HAN_NUMBER = "[0-9零\u3007一二三四五六七八九十百两]"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015－"
_STREET = "路街巷里坊道村社区组队弄园苑城邨"
_DOORS = (
    re.compile(rf"[{_STREET}]{_HAN_NUMBER}+号"),
    re.compile(rf"{_HAN_NUMBER}+号(?:楼|院|铺|房|室|门|大院|之|[0-9A-Za-z])"),
    re.compile(rf"{_HAN_NUMBER}+(?:栋|幢|单元|巷{_HAN_NUMBER})"),
    re.compile(rf"(?:{_HAN_NUMBER}|[A-Za-z])+座"),
    re.compile(r"[0-9零\u3007一二三四五六七八九]{3,4}(?:室|房)"),
    re.compile(r"(?:栋|幢|座|单元|楼)[0-9零\u3007一二三四五六七八九]{1,4}"),
    re.compile(
        r"(?<![0-9])[0-9A-Za-z]{1,3}[\u2010-\u2015－-][0-9]{1,2}[\u2010-\u2015－-][0-9]{3,4}(?![0-9])"
    ),
    re.compile(r"门牌"),
)
_DAY_OR_DOOR = re.compile(rf"({_HAN_NUMBER}+)号")
_PHONE = re.compile(r"(?=(1[3-9]\d{9}))")
_LANDLINE = re.compile(r"(?<!\d)(?:0757)?[2-8]\d{7}(?!\d)")
_RUN = re.compile(r"[0-9]+X?")


class Found(StrEnum):
    """What kind of thing was found."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    LONG_NUMBER = "long_number"
    DOOR = "door"
    NAME = "name"


FOUND_WORDS = {
    Found.ID_NUMBER: "像身份证号",
    Found.PHONE: "像电话号码",
    Found.LONG_NUMBER: "是一长串号码",
    Found.DOOR: "像门牌",
    Found.NAME: "是这家人的名字或称呼",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may not stand on a card, as it was written."""

    found: Found
    text: str

    @property
    def words(self) -> str:
        """Say it to the writer."""
        return f"“{self.text}”{FOUND_WORDS[self.found]}"


@dataclass(frozen=True, slots=True)
class Private:
    """What this household must not be known by: full names, doors, and numbers of any kind."""

    names: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    numbers: tuple[str, ...] = field(default=())


class _Hit(NamedTuple):
    """Where something was found in the original text."""

    start: int
    end: int
    found: Found


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text made comparable, and where each of its characters came from."""

    text: str
    places: tuple[int, ...]
    source: str

    def hit(self, found: Found, start: int, end: int) -> _Hit:
        """Say what was found, in places of the original."""
        return _Hit(self.places[start], self.places[end - 1] + 1, found)

    def cut(self, start: int, end: int) -> str:
        """Return the original between two places."""
        return self.source[self.places[start] : self.places[end - 1] + 1].strip()


def check_wording(text: str, private: Private) -> list[Finding]:
    """Return everything in a public text that could lead to a person, each thing once, in reading order."""
    letters = _plain(text, numerals=False)
    digits = _plain(text, numerals=True)
    kept = _plain(text, numerals=False, keep=_DASHES)
    found = [*_numbers(digits, private.numbers), *_doors(kept, letters, private.doors)]
    found += _names(letters, private.names)
    return list(
        dict.fromkeys(Finding(h.found, text[h.start : h.end].strip()) for h in _merged(found))
    )


def _merged(hits: list[_Hit]) -> list[_Hit]:
    """Of things that overlap, such as 三栋 and 栋二, say the one that begins first and reaches furthest."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, list(Found).index(hit.found))):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.end > kept[-1].end:
            kept[-1] = _Hit(kept[-1].start, hit.end, kept[-1].found)
    return kept


def _plain(text: str, *, numerals: bool, keep: str = "") -> _Plain:
    """Drop what readers skip (spaces, dots, dashes, emoji), unfold forms, and read numerals as digits if asked."""
    letters: list[str] = []
    places: list[int] = []
    for place, raw in enumerate(text):
        digit = unicodedata.digit(raw, None)
        for char in [str(digit)] if digit is not None else unicodedata.normalize("NFKC", raw):
            read = _NUMERALS.get(char, char) if numerals else char
            if read.isalnum() or read in keep:
                letters.append(read.upper() if read.isascii() else read)
                places.append(place)
    return _Plain("".join(letters), tuple(places), text)


def _numbers(plain: _Plain, known: Iterable[str]) -> Iterator[_Hit]:
    for run in _RUN.finditer(plain.text):
        yield from _in_run(plain, run.start(), run.group())
    for number in known:
        wanted = "".join(char for char in number.upper() if char.isalnum())
        at = plain.text.find(wanted) if len(wanted) >= LANDLINE - 1 else -1
        if at >= 0:
            yield plain.hit(Found.LONG_NUMBER, at, at + len(wanted))


def _in_run(plain: _Plain, start: int, run: str) -> Iterator[_Hit]:
    """Look into one unbroken run of digits: an ID number first, then phones, then any run too long to be a count."""
    for at in range(len(run) - ID_LENGTH + 1):
        if is_valid(run[at : at + ID_LENGTH]):
            yield plain.hit(Found.ID_NUMBER, start + at, start + at + ID_LENGTH)
            return
    plain_digits = run.rstrip("X")
    if len(plain_digits) == OLD_ID_LENGTH and widen(plain_digits):
        yield plain.hit(Found.ID_NUMBER, start, start + OLD_ID_LENGTH)
        return
    phone = _PHONE.search(plain_digits)
    if phone:
        at = start + phone.start()
        yield plain.hit(Found.PHONE, at, at + len(phone.group(1)))
    elif _LANDLINE.fullmatch(plain_digits):
        yield plain.hit(Found.PHONE, start, start + len(plain_digits))
    elif len(plain_digits) >= LONG_RUN and not _is_times(plain.cut(start, start + len(run))):
        yield plain.hit(Found.LONG_NUMBER, start, start + len(run))


def _is_times(text: str) -> bool:
    """Say whether a run is really dates and hours, such as 2026-09-05 09:30–10:30."""
    parts = re.findall(r"\d+", unicodedata.normalize("NFKC", text))
    longest = max((len(part) for part in parts), default=LONG_RUN)
    return ":" in unicodedata.normalize("NFKC", text) and longest <= 4  # noqa: PLR2004 - a year


def _doors(kept: _Plain, letters: _Plain, doors: Iterable[str]) -> Iterator[_Hit]:
    for pattern in _DOORS:
        for hit in pattern.finditer(kept.text):
            yield kept.hit(Found.DOOR, *hit.span())
    for hit in _DAY_OR_DOOR.finditer(kept.text):
        if _value(hit.group(1)) > LAST_DAY:
            yield kept.hit(Found.DOOR, *hit.span())
    for door in doors:
        for part in _door_parts(door):
            at = letters.text.find(part)
            if at >= 0:
                yield letters.hit(Found.DOOR, at, at + len(part))


def _door_parts(door: str) -> Iterator[str]:
    """Return the whole door and its tail from the street on; a community's own name may stand on a card."""
    plain = _plain(door, numerals=False).text
    if len(plain) > LANDLINE // 2:
        yield plain
    tail = re.split("社区|居委会|村委会|街道|镇", plain)[-1]
    street = re.match(r"\D+", tail)
    if tail != plain and len(tail) > LANDLINE // 2 and re.search(r"\d", tail):
        yield tail
    if street and tail != plain and len(street.group()) >= SHORT_NAME and re.search(r"\d", tail):
        yield tail[: street.end() + 1]


def _value(number: str) -> int:
    """Read 38, 三十八, 三八 or 一百二 as a number."""
    digits = "".join(_NUMERALS.get(char, char) for char in number.replace("两", "二"))
    if digits.isdigit():
        return int(digits)
    total = current = 0
    for char in digits:
        if char in "十百":
            total += (current or 1) * (10 if char == "十" else 100)
            current = 0
        else:
            current = current * 10 + int(char)
    return total + current


def _names(plain: _Plain, names: Iterable[str]) -> Iterator[_Hit]:
    for name in names:
        for spelling in _spellings(_plain(name, numerals=False).text):
            at = plain.text.find(spelling)
            if at >= 0:
                yield plain.hit(Found.NAME, at, at + len(spelling))
                break


def _spellings(name: str) -> Iterator[str]:
    """Return the ways in which neighbours would know somebody: 霍凤志, 凤志, 阿志, 志婆, 霍婆婆."""
    if len(name) < SHORT_NAME:
        return
    cut = 2 if name[:2] in _COMPOUND_SURNAMES and len(name) > SHORT_NAME else 1
    surname, given = name[:cut], name[cut:]
    yield name
    if len(given) >= FULL_GIVEN:
        yield given
    for char in dict.fromkeys(given):
        yield from (before + char for before in _NICK_BEFORE)
        yield from (char + after for after in _NICK_AFTER)
        yield char + char
    yield from (surname + word for word in _HONORIFICS)
    yield from (before + surname for before in ("阿", "小", "老"))
