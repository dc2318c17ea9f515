"""What a door can be found by (门牌): pieces of its road or neighbourhood, and these with the house number.

What names a district, a town or a community is left out: a list is narrowed to those by its own filter.
"""

from __future__ import annotations

import re

from app.core.text import squeeze

_PLACES = re.compile(
    "^(?:[^\\d]{2,3}省)?(?:[^\\d]{2,3}市)?(?:[^\\d]{2,3}区)?(?:[^\\d]{2,4}?(?:街道办事处|街道|镇))?"
    "(?:[^\\d]{1,8}?(?:社区居民委员会|社区居委会|居民委员会|居委会|村民委员会|村委会|社区))?"
    "(?:[^\\d村]{1,5}(?<!新)村(?=[^\\d]{2}))?"  # 大门村新基七路; 仕版村38号 and 向阳新村三街 keep theirs
)
_PIECE = re.compile("([^\\W\\d_a-zA-Z]{2,})(\\d{0,6})")
_UNITS = frozenset("号座栋幢楼单元室房层梯巷")  # between two numbers, not the name of a place
_MOST = 2  # a road and an estate; more says nothing more
_LONGEST = 8
PAIR = 2


def pieces(door: str) -> list[tuple[str, str]]:
    """Return the named pieces of an address, each with the house number behind it: 凤山中路, 12."""
    rest = _PLACES.sub("", squeeze(door))
    found = [(name[:_LONGEST], number) for name, number in _PIECE.findall(rest)]
    return [pair for pair in found if not set(pair[0]) <= _UNITS][:_MOST]


def door_words(door: str) -> list[str]:
    """Return what a door is found by: two characters next to each other, and a whole name with its number."""
    words: list[str] = []
    for name, number in pieces(door):
        words += pairs(name)
        if number:
            words.append(name + number)
    return list(dict.fromkeys(words))


def pairs(name: str) -> list[str]:
    """Return each two characters that stand next to each other."""
    return [name[start : start + PAIR] for start in range(len(name) - PAIR + 1)]
