"""Lists and totals of a past day (某日名册与汇总)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for

from app.core import clock
from app.core.http import actor
from app.households import queries
from app.households.queries import wanted_from
from app.households.routes.blueprint import bp, readers
from app.households.routes.choices import category_choices, places, query, tier_choices
from app.households.rules import STATE_WORDS, Category, Tier
from app.households.rules.days import read_past_day
from app.households.rules.totals import SMALLEST
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from app.households.queries import Wanted
    from app.households.rules.totals import Cell


def past_list() -> str | tuple[str, int]:
    """The list as it was at the end of a day (某日名册)."""
    text = request.args.get("as_of", "")
    wanted = wanted_from(request.args)
    day, wrong = read_past_day(text, clock.today())
    found = queries.past_listing(actor(), wanted, day, request.args.get("page"))
    more = url_for(".index", **_asked(wanted, day), page=found.next) if found.next else None
    page = render_template(
        "households/past.html", page=found, next_url=more, **_shared(wanted, day, text, wrong)
    )
    return (page, 422) if wrong else page


@bp.get("/households/totals")
@readers
def totals() -> str | tuple[str, int]:
    """How many households and people there were at the end of a day (某日汇总); today without a day."""
    text = request.args.get("as_of", "")
    wanted = wanted_from(request.args)
    day, wrong = read_past_day(text, clock.today())
    found = queries.totals(actor(), wanted, day)
    page = render_template(
        "households/totals.html",
        found=found,
        tables=_tables(found, wanted, day),
        smallest=SMALLEST,
        **_shared(wanted, day, text, wrong),
    )
    return (page, 422) if wrong else page


def _asked(wanted: Wanted, day: date) -> dict[str, Any]:
    return query(wanted) | {"as_of": day.isoformat()}


def _shared(wanted: Wanted, day: date, text: str, wrong: str) -> dict[str, Any]:
    return {
        "wanted": wanted,
        "day": day,
        "typed": text or day.isoformat(),
        "wrong": wrong,
        "query": query(wanted),
        "region_choices": places(),
        "category_choices": category_choices(),
        "tier_choices": tier_choices(),
        "state_choices": [(state.value, words) for state, words in STATE_WORDS.items()],
        "state_words": STATE_WORDS,
    }


def _tables(found: queries.Totals, wanted: Wanted, day: date) -> list[dict[str, Any]]:
    """Return the tables of figures; each figure leads to the list behind it."""
    tables: list[tuple[str, str, list[Cell], Callable[[str], str]]] = [
        ("按地方", "region", found.by_place, place_short),
        ("按类别", "category", found.by_category, lambda key: Category(key).label),
        ("按风险档", "tier", found.by_tier, lambda key: Tier(key).label),
        ("按档案状态", "state", found.by_state, lambda key: STATE_WORDS[key]),  # type: ignore[index]  # a StrEnum
    ]
    return [
        {
            "title": title,
            "rows": [
                {
                    "label": words(cell.key) if cell.key else "其余合在一起",
                    "cell": cell,
                    "href": url_for(".index", **(_asked(wanted, day) | {name: cell.key}))
                    if cell.key
                    else None,
                }
                for cell in cells
            ],
        }
        for title, name, cells, words in tables
    ]
