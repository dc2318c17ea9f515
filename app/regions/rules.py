"""Division names and codes (行政区划): what a typed place means, and what a scope covers."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from app.core.text import squeeze

FOSHAN_CSV = Path(__file__).with_name("foshan-divisions.csv")

_TOWN_SUFFIXES = ("街道办事处", "街道办", "街道", "镇人民政府", "镇")
_NAMES_A_COMMUNITY = ("社区", "村")
_URBAN_SUFFIXES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区")
_RURAL_SUFFIXES = ("村民委员会", "村委会")


class Level(StrEnum):
    """How deep a division code reaches (层级)."""

    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    COMMUNITY = "community"


_LEVEL_BY_LENGTH = {4: Level.CITY, 6: Level.DISTRICT, 9: Level.TOWN, 12: Level.COMMUNITY}


class Division(NamedTuple):
    """One row of the division table; codes have 6, 9 or 12 digits and no padding."""

    code: str
    name: str
    level: str
    parent_code: str


class Match(NamedTuple):
    """A resolved place and whether a short name was used for it (简称)."""

    code: str
    short: bool


def level_of(code: str) -> Level:
    """Return the level of a 4, 6, 9 or 12 digit code; ValueError for anything else."""
    if not (code.isascii() and code.isdigit() and len(code) in _LEVEL_BY_LENGTH):
        message = "a division code has 4, 6, 9 or 12 digits"
        raise ValueError(message)
    return _LEVEL_BY_LENGTH[len(code)]


def parent_of(code: str) -> str:
    """Return the code one level up: community → town → district → city (first 4 digits)."""
    return code[: {Level.COMMUNITY: 9, Level.TOWN: 6}.get(level_of(code), 4)]


def scope_bounds(prefix: str) -> tuple[str, str]:
    """Return the first and last 12-digit code under a prefix, both inclusive.

    For a column of 12-digit community codes ``column BETWEEN low AND high`` is the scope, and an
    ordinary index serves it. ValueError unless the prefix is a code of any level.
    """
    level_of(prefix)
    return prefix.ljust(12, "0"), prefix.ljust(12, "9")


def prefixes(code: str) -> tuple[str, str]:
    """Return a community's district and town codes, as the scope columns hold them."""
    return code[:6], code[:9]


def within(code: str, prefix: str) -> bool:
    """Tell whether a code lies inside a scope; an empty prefix is no scope and holds nothing."""
    return bool(prefix) and code.startswith(prefix)


class _Names:
    """Names of one level inside one parent: exact ones first, others only when unique."""

    __slots__ = ("exact", "loose")

    def __init__(self) -> None:
        self.exact: dict[str, str] = {}
        self.loose: defaultdict[str, dict[str, bool]] = defaultdict(dict)

    def add(self, code: str, name: str, loose: Iterable[tuple[str, bool]]) -> None:
        self.exact[name] = code
        for alias, short in loose:
            known = self.loose[alias]
            known[code] = known.get(code, True) and short

    def find(self, name: str) -> Match | None:
        if code := self.exact.get(name):
            return Match(code, short=False)
        found = self.loose.get(name, {})
        if len(found) != 1:
            return None
        [(code, short)] = found.items()
        return Match(code, short)


class RegionIndex:
    """Every division by name, always looked up inside its parent (28 community names repeat)."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        """Build the index; rows may come in any order."""
        self._by_code: dict[str, Division] = {}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        self._districts = _Names()
        self._towns: defaultdict[str, _Names] = defaultdict(_Names)
        self._communities: defaultdict[str, _Names] = defaultdict(_Names)
        self._cache: dict[tuple[str, str, str], Match | None] = {}
        for code, name, level, parent_code in divisions:
            division = Division(code, squeeze(name), level, parent_code)
            self._by_code[code] = division
            self._children[parent_code].append(code)
            self._add(division)

    def _add(self, division: Division) -> None:
        code, name = division.code, division.name
        if division.level == Level.DISTRICT:
            aliases = [(name.removesuffix("区"), True), (f"佛山市{name}", False), (code, False)]
            self._districts.add(code, name, aliases)
        elif division.level == Level.TOWN:
            for scope in (division.parent_code, ""):
                self._towns[scope].add(code, name, [*_town_aliases(name), (code, False)])
        else:
            names = self._communities[division.parent_code]
            names.add(code, name, [*_community_aliases(name), (code, False)])

    @classmethod
    def from_csv(cls, path: Path = FOSHAN_CSV) -> "RegionIndex":
        """Read the table kept beside this module (code,name,level,parent_code)."""
        with path.open(encoding="utf-8", newline="") as lines:
            return cls(Division(**row) for row in csv.DictReader(lines))

    def __iter__(self) -> Iterator[Division]:
        """Yield every division."""
        return iter(self._by_code.values())

    def __contains__(self, code: str) -> bool:
        """Tell whether the table has this code."""
        return code in self._by_code

    def towns_by_district(self) -> dict[str, list[str]]:
        """Return the codes of the towns under the name of their district, in the order of the table."""
        found: dict[str, list[str]] = {}
        for code, division in self._by_code.items():
            if division.level == Level.TOWN:
                found.setdefault(self.name_of(division.parent_code), []).append(code)
        return found

    def name_of(self, code: str) -> str:
        """Return the official name of a code; KeyError when the table lacks it."""
        return self._by_code[code].name

    def full_name(self, code: str) -> str:
        """Return district, town and community in one (顺德区大良街道文秀社区居委会)."""
        parts = [code[:length] for length in (6, 9, 12) if length <= len(code)]
        return "".join(self.name_of(part) for part in parts)

    def children(self, code: str) -> list[str]:
        """Return the codes one level below a region, in order; below the city lie its districts."""
        return list(self._children.get("440600" if level_of(code) is Level.CITY else code, ()))

    def district(self, name: str) -> Match | None:
        """Resolve 顺德区 / 顺德 / 佛山市顺德区; None when unknown."""
        return self._districts.find(squeeze(name))

    def district_in(self, text: str) -> str | None:
        """Return the one district named in a sheet name or title; None for none or several."""
        plain = squeeze(text)
        found = {code for name, code in self._districts.exact.items() if name in plain}
        return found.pop() if len(found) == 1 else None

    def town_in(self, text: str, district: str = "") -> str | None:
        """Return the one town whose full name stands in a title; None for none or several."""
        plain = squeeze(text)
        found = {code for name, code in self._towns[district].exact.items() if name in plain}
        return found.pop() if len(found) == 1 else None

    def community_in(self, text: str, town: str) -> str | None:
        """Return the one community of a town that a sheet name or title names; None for none or several.

        A short name (文秀) counts only where it is the whole text: inside a title it may be part of another word.
        """
        plain = squeeze(text)
        if match := self.community(text, town):
            return match.code
        names, rest, found = self._communities.get(town), plain, set[str]()
        if names is None:
            return None
        whole = [*names.exact.items()]
        for alias, codes in names.loose.items():
            whole += [
                (alias, code)
                for code, short in codes.items()
                if (not short or alias.endswith(_NAMES_A_COMMUNITY)) and len(codes) == 1
            ]
        for alias, code in sorted(whole, key=lambda pair: -len(pair[0])):
            if alias in rest:
                found.add(code)
                rest = rest.replace(alias, " ")
        return found.pop() if len(found) == 1 else None

    def town(self, name: str, district: str = "") -> Match | None:
        """Resolve 大良街道 / 大良 / 石湾 inside a district, or in the city when none is given."""
        key = ("town", district, name)
        if key not in self._cache:
            self._cache[key] = self._find_town(squeeze(name), district)
        return self._cache[key]

    def community(self, name: str, town: str) -> Match | None:
        """Resolve 文秀社区居委会 / 文秀社区 / 文秀 inside its town (9 digits)."""
        key = ("community", town, name)
        if key not in self._cache:
            self._cache[key] = self._find_community(squeeze(name), town)
        return self._cache[key]

    def _find_town(self, name: str, district: str) -> Match | None:
        names = self._towns.get(district)
        if names is None:
            return None
        return names.find(name) or names.find(self._without_places(name, district))

    def _find_community(self, name: str, town: str) -> Match | None:
        names = self._communities.get(town)
        if names is None:
            return None
        return names.find(name) or names.find(self._without_places(name, town))

    def _without_places(self, name: str, code: str) -> str:
        """Cut 佛山市, the district's and the town's full names from the front."""
        name = name.removeprefix("广东省").removeprefix("佛山市")
        districts = [code[:6]] if code else list(self._districts.exact.values())
        for district in districts:
            name = name.removeprefix(self.name_of(district))
        return name.removeprefix(self.name_of(code)) if code else name


def _town_aliases(name: str) -> list[tuple[str, bool]]:
    suffix = "街道" if name.endswith("街道") else "镇"
    base = name.removesuffix(suffix)
    aliases = [(base + other, False) for other in _TOWN_SUFFIXES]
    # 石湾镇街道 was a town before it became a street office and is still called 石湾镇 or 石湾.
    shorter = base.removesuffix("镇")
    return [*aliases, (base, True), (shorter, True), (shorter + suffix, True)]


def _community_aliases(name: str) -> list[tuple[str, bool]]:
    for suffix in _URBAN_SUFFIXES:
        if name.endswith(suffix):
            base = name.removesuffix(suffix)
            official = [(base + other, False) for other in _URBAN_SUFFIXES[:-1]]
            return [*official, (base + "社区", True), (base, True)]
    for suffix in _RURAL_SUFFIXES:
        if name.endswith(suffix):
            base = name.removesuffix(suffix)
            official = [(base + other, False) for other in _RURAL_SUFFIXES]
            aliases = [*official, (base + "村", True), (base, True)]
            # 桃村村委会 is also written 桃村委会; a one-character rest (桃) would say too little.
            if base.endswith("村"):
                aliases += [(base[:-1] + other, False) for other in _RURAL_SUFFIXES]
                aliases += [(base[:-1], True)] if len(base) > 2 else []  # noqa: PLR2004
            return aliases
    return [(name, False)]
