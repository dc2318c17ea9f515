"""Search words (检索词): what a file can be found by, as plain words before keyed hashing.

``n:`` part of a name (1-4 characters), ``p:`` start of its pinyin initials (two or more), ``q:`` its first syllables in
full pinyin, ``i:`` ID number, ``l:`` last four of it, ``t:`` phone, ``d:`` door, ``g:`` label. The caller hashes each
with a key; equal words meet.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from app.core.text import squeeze
from app.households.rules.doors import PAIR, door_words, pairs, pieces
from app.households.rules.identity import is_valid, widen
from app.households.rules.pinyin import MOST_CHARACTERS, begun, initials, spellings
from app.households.rules.tags import Tag

Way = tuple[str, ...]  # words that a file must all have

_DOTS = re.compile("[.·•‧∙・・]")
LONGEST_PART = 4
_FEWEST_INITIALS = 2  # one letter finds a twentieth of everybody
_MOST_BEGUN = 2
_LANDLINE = 8
_AREA = "0757"
LABELS = "labels"
TAG_WORDS: dict[str, str] = {tag.value: tag.label for tag in Tag}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def document_words(document: Mapping[str, Any]) -> set[str]:
    """Return every word a whole file is found by; who left the household is no longer among them."""
    words: set[str] = set()
    for one in document.get("members", {}).values():
        if not one.get("left_on"):
            phones = [one.get("phone") or "", *(one.get("phones") or [])]
            words.update(person_tokens(one.get("name") or "", one.get("id_number") or "", phones))
    cover, sections = document.get("cover", {}), document.get("sections", {})
    phones = [cover.get("phone") or "", *_phones(sections)]
    words.update(person_tokens("", "", phones))
    words.update(door_tokens(cover.get("door") or ""))
    words.update("g:" + squeeze(label) for label in _labels(sections.get(LABELS)))
    return words


def person_tokens(name: str, id_number: str = "", phones: Iterable[str] = ()) -> list[str]:
    """Return every word a person can be found by, each once."""
    tokens = list(name_tokens(name))
    if id_number:
        tokens += ("i:" + id_number, "l:" + id_number[-4:])
    tokens += ["t:" + phone_key(phone) for phone in phones if phone]
    return tokens


@lru_cache(maxsize=16_384)
def name_tokens(name: str) -> tuple[str, ...]:
    """Return the n:, p: and q: words of a name; letters in it are found in lower case."""
    name = _spelling(name)
    tokens = {
        "n:" + name[start : start + length]: None
        for length in range(1, LONGEST_PART + 1)
        for start in range(len(name) - length + 1)
    }
    for reading in initials(name):
        for end in range(_FEWEST_INITIALS, len(reading) + 1):
            tokens["p:" + reading[:end]] = None
    if not name.isascii():  # what is written in letters is its own spelling
        for syllables in spellings(name):
            for end in range(1, len(syllables) + 1):
                tokens["q:" + "".join(syllables[:end])] = None
    return tuple(tokens)


@lru_cache(maxsize=16_384)
def door_tokens(door: str) -> tuple[str, ...]:
    """Return the d: words of a household's door."""
    return tuple("d:" + word for word in door_words(door))


def ways(text: str) -> list[Way]:
    """Return the ways to answer what a worker typed, the likeliest first: a file is found that has all words of one.

    18 (or 15) digits are an ID number, four its last four, more a phone; letters are initials or pinyin; anything else
    is part of a name, a label, or a door.
    """
    plain = squeeze(text)
    if not plain:
        return []
    if numbers := _numbers(plain):
        return numbers
    if letters := _pinyin(plain):
        return _spelt(letters)
    return _written(plain)


def _numbers(plain: str) -> list[Way]:
    """Return the ways to read an ID number, a part of one, or a phone; none for anything else."""
    upper = plain.upper()
    if number := upper if is_valid(upper) else widen(upper):
        return [("i:" + number,)]
    if is_last_four(plain):
        return [("l:" + upper,)]
    if re.fullmatch(r"\+?[\d-]{7,}", plain):
        key = phone_key(plain)
        keys = [key, _AREA + key] if len(key) == _LANDLINE else [key]
        return [("t:" + each,) for each in keys]
    is_card = re.fullmatch(r"(?=.*\d)(?=.*[A-Z])[A-Z\d]{6,18}", upper)  # of Hong Kong, a passport
    return [("i:" + upper,)] if is_card else []


def is_last_four(text: str) -> bool:
    """Say whether these are the last four of an ID number: asked for within a town, or they find strangers."""
    return re.fullmatch(r"\d{3}[\dX]", squeeze(text).upper()) is not None


def is_one_letter(text: str) -> bool:
    """Say whether this is a single letter, which says too little to search for."""
    return len(_pinyin(squeeze(text))) == 1


def phone_key(phone: str) -> str:
    """Return a phone's digits without +86, so that each spelling is found by any other."""
    digits = re.sub(r"\D", "", phone)
    is_abroad_form = len(digits) == 13 and digits.startswith("86")  # noqa: PLR2004
    return digits[2:] if is_abroad_form else digits


def _spelling(name: str) -> str:
    # The dot of 阿卜杜拉·买买提 is typed in half a dozen ways and never searched for.
    return _DOTS.sub("", squeeze(name).lower())


def _pinyin(plain: str) -> str:
    """Return what was typed as letters a to z, lü as lv and xi'an as xian; nothing for anything else."""
    letters = re.sub("['’`]", "", plain.lower()).replace("ü", "v")
    return letters if letters.isascii() and letters.isalpha() else ""


def _spelt(letters: str) -> list[Way]:
    found: list[Way] = [("p:" + letters[:MOST_CHARACTERS],), ("q:" + letters,)]
    found += [("q:" + whole, "p:" + first) for whole, first in begun(letters)[:_MOST_BEGUN]]
    return found


def _written(plain: str) -> list[Way]:
    name = _spelling(plain)
    starts = range(max(len(name) - LONGEST_PART, 0) + 1)
    parts = dict.fromkeys("n:" + name[start : start + LONGEST_PART] for start in starts)
    found: list[Way] = [tuple(parts)] if name else []
    if len(plain) >= PAIR:
        found += [("g:" + plain,), *_doors(plain)]
    return found


def _doors(plain: str) -> list[Way]:
    named = pieces(plain)
    if numbered := tuple("d:" + name + number for name, number in named if number):
        return [numbered]
    return [tuple("d:" + pair for pair in pairs(name)) for name, _ in named[:1]]


def _phones(sections: Any) -> Iterator[str]:
    """Return the phones that stand anywhere in the sections: of whoever is called in an emergency."""
    if isinstance(sections, dict):
        for name, value in sections.items():
            if "phone" in name:
                yield from _texts(value)
            else:
                yield from _phones(value)
    elif isinstance(sections, list):
        for one in sections:
            yield from _phones(one)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _labels(value: Any) -> Iterator[str]:
    """Return the labels of a file: words in a list, or what is ticked or dated; a tag by its name."""
    if isinstance(value, str):
        yield TAG_WORDS.get(value, value)
    elif isinstance(value, list):
        for one in value:
            yield from _labels(one)
    elif isinstance(value, dict):
        for name, within in value.items():
            if within is True or (isinstance(within, str) and _DAY.fullmatch(within)):
                yield TAG_WORDS.get(str(name), str(name))
            else:
                yield from _labels(within)
