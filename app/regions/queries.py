"""What pages ask about regions (区划查询); the divisions change once in years, so they are kept in memory."""

from __future__ import annotations

from functools import cache, lru_cache

from app.regions.rules import RegionIndex


@cache
def index() -> RegionIndex:
    """Return the divisions in force."""
    return RegionIndex.from_csv()


@lru_cache(maxsize=2000)
def place(code: str) -> str:
    """Return a region's full name from the town down, such as 大良街道文秀社区; the city for an empty code."""
    if len(code) < 6:  # noqa: PLR2004 - shorter than a district
        return "佛山市"
    return index().full_name(code)


@lru_cache(maxsize=2000)
def place_short(code: str) -> str:
    """Return a region's own name without 居委会 and the like: what a card shows."""
    if len(code) < 6:  # noqa: PLR2004 - shorter than a district
        return "佛山市"
    name = index().name_of(code)
    for suffix in ("社区居民委员会", "社区居委会", "村民委员会", "村委会", "居民委员会", "居委会"):
        if name.endswith(suffix) and len(name) > len(suffix):
            short = name.removesuffix(suffix)
            kind = "社区" if suffix.startswith("社区") else "村" if suffix.startswith("村") else ""
            return short if short.endswith(kind) else short + kind
    return name
