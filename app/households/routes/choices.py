"""What a list can be narrowed to (筛选项), and how that stands in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.http import actor
from app.households import policy
from app.households.rules import Category, HouseholdState, Tier
from app.regions.policy import CITY, TOWN
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from app.households.queries import Wanted


def category_choices() -> list[tuple[str, str]]:
    """Offer the categories."""
    return [("", "全部类别"), *((c.value, c.label) for c in Category)]


def tier_choices() -> list[tuple[str, str]]:
    """Offer the tiers."""
    return [("", "全部节律"), *((t.value, t.label) for t in Tier)]


def query(wanted: Wanted) -> dict[str, Any]:
    """Write a filter back into the address; nothing personal: a search by words is not carried along."""
    plain = {
        "region": wanted.region,
        "category": wanted.category.value if wanted.category else "",
        "tier": wanted.tier.value if wanted.tier else "",
        "state": "" if wanted.state is HouseholdState.ACTIVE else wanted.state.value,
        "overdue": "1" if wanted.overdue else "",
        "never": "1" if wanted.never else "",
        "expired": "1" if wanted.expired else "",
        "kin": "1" if wanted.kin else "",
    }
    return {name: value for name, value in plain.items() if value}


def places() -> list[tuple[str, str]]:
    """Offer the regions below what the reader oversees: communities of a town, otherwise down to the towns."""
    found: list[tuple[str, str]] = []
    for prefix in actor().regions(*policy.READERS):
        for code in divisions().children(prefix) if len(prefix) <= TOWN else ():
            found.append((code, place_short(code)))
            if len(prefix) <= CITY:
                towns = divisions().children(code)
                found += [(town, f"{place_short(code)} · {place_short(town)}") for town in towns]
    return [("", "全部地方"), *found]
