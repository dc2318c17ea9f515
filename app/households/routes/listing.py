"""Pages of the list (档案列表): what is urgent, what was searched for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for

from app.accounts.rules import Role
from app.core.http import actor, see_other
from app.households import queries
from app.households.queries import Wanted, wanted_from
from app.households.routes.blueprint import bp, readers
from app.households.routes.choices import category_choices, places, query, tier_choices
from app.households.routes.past import past_list
from app.households.rules import STATE_WORDS, HouseholdState

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@bp.get("/households")
@readers
def index() -> str | tuple[str, int]:
    """The list of files (档案列表): what is urgent first; with a day, as it was then."""
    if "as_of" in request.args:
        return past_list()
    return _list(wanted_from(request.args, request.args.get("q", "")), request.args.get("page"))


@bp.get("/households/search")
@readers
def search_again() -> BaseResponse:
    """Lead back to the list: whoever reloads or bookmarks a search has sent no words along."""
    return see_other(url_for(".index"))


@bp.post("/households/search")
@readers
def search() -> str:
    """Search by name, number, phone, door or label; sent in the body, so that no name stands in an address or a log."""
    wanted = wanted_from(request.values, request.form.get("q", ""))
    return _list(wanted, request.form.get("page"))


def _list(wanted: Wanted, cursor: str | None) -> str:
    page = queries.listing(actor(), wanted, cursor)
    return render_template(
        "households/index.html",
        page=page,
        wanted=wanted,
        chips=_chips(wanted),
        region_choices=places(),
        category_choices=category_choices(),
        tier_choices=tier_choices(),
        state_words=STATE_WORDS,
        may_open=bool(actor().regions(Role.WORKER, Role.SUPERVISOR)),
        query=query(wanted),
        few=queries.FEW,
        next_url=url_for(".index", **query(wanted), page=page.next) if page.next else None,
    )


def _chips(wanted: Wanted) -> list[dict[str, Any]]:
    base = Wanted(region=wanted.region, category=wanted.category, tier=wanted.tier)
    choices = [
        ("最急的在前", base),
        ("逾期未访", replace(base, overdue=True)),
        ("从没去过", replace(base, never=True)),
        ("类别过期", replace(base, expired=True)),
        ("待区里入户", replace(base, kin=True)),
        *(
            (STATE_WORDS[state], replace(base, state=state))
            for state in (
                HouseholdState.DRAFT,
                HouseholdState.UNDER_REVIEW,
                HouseholdState.RETURNED,
                HouseholdState.PAUSED,
                HouseholdState.CLOSED,
            )
        ),
    ]
    return [
        {
            "label": label,
            "href": url_for(".index", **query(choice)),
            "current": choice == wanted,
        }
        for label, choice in choices
    ]
