"""Search tokens (检索词): what a person can be found by, as plain words before keyed hashing.

``n:`` part of a name (1-4 characters), ``p:`` start of its pinyin initials, ``i:`` ID number,
``l:`` last four of it, ``t:`` phone. The caller hashes each with a key; equal words meet.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, lazy_pinyin

from app.core.text import squeeze
from app.households.rules.identity import is_valid, widen

_DOTS = re.compile("[.·•‧∙・・]")
LONGEST_PART = 4
_MOST_INITIALS = 8
_MOST_READINGS = 8

# pypinyin reads a surname as the everyday word; two initials where families differ.
_SURNAME_INITIALS: dict[str, str] = {
    "曾": "z", "仇": "q", "解": "x", "单": "s", "区": "o", "冼": "x", "查": "z", "盖": "g",
    "翟": "zd", "尉": "wy", "乐": "yl", "覃": "qt", "朴": "p", "缪": "m", "种": "c", "任": "r",
    "洗": "x", "繁": "p", "员": "y", "秘": "b", "折": "s", "黑": "h", "冯": "f", "牟": "m",
    "薄": "b", "召": "s", "纪": "j", "葛": "g", "宁": "n", "燕": "y", "华": "h", "应": "y",
    "令": "l", "訾": "z", "隗": "wk", "郗": "xc", "祭": "z", "逄": "p", "万": "w", "尹": "y",
    "郇": "xh", "车": "c", "那": "n", "过": "g", "晟": "c", "臧": "z", "鲜": "x", "石": "s",
    "贾": "j", "俞": "y", "於": "y", "佘": "s", "沈": "s", "褚": "c", "卜": "b", "晁": "c",
    "靳": "j", "谌": "cs", "逯": "l", "撒": "s", "观": "g", "降": "j", "重": "c", "长": "z",
}  # fmt: skip
_COMPOUND_INITIALS = {"万俟": "mq", "尉迟": "yc", "单于": "cy", "澹台": "tt", "长孙": "zs"}
_GIVEN_INITIALS: dict[str, str] = {
    "重": "cz", "长": "cz", "乐": "ly", "行": "xh", "朝": "cz", "茜": "qx", "娜": "n", "调": "td",
    "曾": "zc", "藏": "cz", "传": "cz", "贞": "z", "阿": "ae", "盛": "sc", "省": "sx", "石": "sd",
    "单": "ds", "参": "cs", "弹": "td", "虹": "hj", "绿": "l", "柏": "b", "秘": "mb", "系": "xj",
}  # fmt: skip


def person_tokens(name: str, id_number: str = "", phones: Iterable[str] = ()) -> list[str]:
    """Return every token a person can be found by, each once."""
    tokens = list(name_tokens(name))
    if id_number:
        tokens += ("i:" + id_number, "l:" + id_number[-4:])
    tokens += ["t:" + phone_key(phone) for phone in phones if phone]
    return tokens


@lru_cache(maxsize=16_384)
def name_tokens(name: str) -> tuple[str, ...]:
    """Return the n: and p: tokens of a name; letters in it are found in lower case."""
    name = _spelling(name)
    tokens = {
        "n:" + name[start : start + length]: None
        for length in range(1, LONGEST_PART + 1)
        for start in range(len(name) - length + 1)
    }
    for reading in _readings(name):
        for end in range(1, len(reading) + 1):
            tokens["p:" + reading[:end]] = None
    return tuple(tokens)


def query_tokens(text: str) -> tuple[str, ...]:
    """Return the tokens a person must all have to answer what a worker typed; () for nothing.

    18 (or 15) digits are an ID number, 11 a phone, four its last four, letters are pinyin
    initials, anything else a part of a name.
    """
    plain = squeeze(text)
    upper = plain.upper()
    if not plain:
        return ()
    if number := upper if is_valid(upper) else widen(upper):
        return ("i:" + number,)
    if re.fullmatch(r"\d{3}[\dX]", upper):
        return ("l:" + upper,)
    if re.fullmatch(r"\+?[\d-]{7,}", plain):
        return ("t:" + phone_key(plain),)
    if plain.isascii() and plain.isalpha():
        return ("p:" + plain.lower()[:_MOST_INITIALS],)
    return _name_parts(_spelling(plain))


def query_token(text: str) -> str:
    """Return the first token of query_tokens, which for all but long names is the only one."""
    return next(iter(query_tokens(text)), "")


def phone_key(phone: str) -> str:
    """Return a phone's digits without +86, so that each spelling is found by any other."""
    digits = re.sub(r"\D", "", phone)
    is_abroad_form = len(digits) == 13 and digits.startswith("86")  # noqa: PLR2004
    return digits[2:] if is_abroad_form else digits


def _spelling(name: str) -> str:
    # The dot of 阿卜杜拉·买买提 is typed in half a dozen ways and never searched for.
    return _DOTS.sub("", squeeze(name).lower())


def _name_parts(name: str) -> tuple[str, ...]:
    starts = range(max(len(name) - LONGEST_PART, 0) + 1)
    return tuple(dict.fromkeys("n:" + name[start : start + LONGEST_PART] for start in starts))


def _readings(name: str) -> list[str]:
    name = "".join(letter for letter in name if letter.isalnum())[:_MOST_INITIALS]
    if compound := _COMPOUND_INITIALS.get(name[:2]):
        first, rest = [compound], name[2:]
    else:
        first, rest = list(_SURNAME_INITIALS.get(name[:1]) or _initials(name[:1])), name[1:]
    choices = [first, *(list(_GIVEN_INITIALS.get(each) or _initials(each)) for each in rest)]
    return ["".join(reading) for reading in islice(product(*choices), _MOST_READINGS)]


@lru_cache(maxsize=16_384)
def _initials(character: str) -> str:
    """Return the initial of a character: a Latin letter or digit itself, none when unreadable."""
    if not character or character.isascii():
        return character
    [reading] = lazy_pinyin(character, style=Style.NORMAL, errors="ignore") or [""]
    return reading[:1]
