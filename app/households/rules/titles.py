"""What a sheet's name and title rows say (表题): village and class, where the columns do not."""

from collections.abc import Sequence
from typing import NamedTuple

from app.households.rules.categories import Category, category_in
from app.regions.rules import RegionIndex


class Title(NamedTuple):
    """District, town and community codes and the category that a title names; empty where it names none, or several."""

    district: str = ""
    town: str = ""
    community: str = ""
    category: Category | None = None


def read_title(name: str, titles: Sequence[str], regions: RegionIndex) -> Title:
    """Return what a sheet's name, or else its title rows, speak of: 大良街道文秀社区低保户名册."""
    district, town = _place(name, titles, regions)
    community = ""
    for text in (name, *titles):
        if town and (community := regions.community_in(text, town) or ""):
            break
    categories = {found for text in (name, *titles) if (found := category_in(text))}
    category = categories.pop() if len(categories) == 1 else None
    return Title(district, town, community, category)


def _place(name: str, titles: Sequence[str], regions: RegionIndex) -> tuple[str, str]:
    if match := regions.district(name):
        return match.code, ""
    if match := regions.town(name):
        return match.code[:6], match.code
    for text in (name, *titles):
        district = regions.district_in(text) or ""
        town = regions.town_in(text, district) or ""
        if town or district:
            return (town[:6] if town else district), town
    return "", ""
