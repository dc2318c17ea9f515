"""The history of a file (变更记录), and the whole file as it stood at the end of a past day (某日档案)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for

from app.core import clock
from app.core.http import actor
from app.households import queries as households
from app.households.rules.days import read_past_day
from app.households.rules.labels import COVER_WORDS, MEMBERS, PAPERS, SECTIONS
from app.households.rules.states import HouseholdState
from app.households.rules.wording import (
    PERSON,
    cover_facts,
    paper_facts,
    person_lines,
    said,
    section_facts,
)
from app.portal import queries
from app.portal.routes.blueprint import bp, readers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.households.models import Household

FIELDS = [
    ("", "全部字段"),
    *((f"cover/{name}", words) for name, words in COVER_WORDS.items()),
    ("members", MEMBERS),
    ("sections", SECTIONS),
    ("papers", PAPERS),
]
ASKED = ("tab", "field", "page", "day")  # what a look at clear data carries along; nothing personal


def asked() -> dict[str, str]:
    """Return which view of a file somebody asks to see in clear; without a word, its members."""
    given = {name: request.values.get(name, "")[:200] for name in ASKED}
    found = {name: value for name, value in given.items() if value}
    return found if "day" in found or found.get("tab") in {"changes", "record"} else {}


def changes(household: Household, *, clear: bool) -> dict[str, Any]:
    """Return what the tab of changes shows: of every field, or of one."""
    field, cursor = request.values.get("field", ""), request.values.get("page")
    looks = queries.people_looking(household.id)
    page = households.history(household, field=field, cursor=cursor, clear=clear)
    here: dict[str, Any] = {"file_no": household.file_no, "tab": "changes", "field": field or None}
    return {
        "looks": looks,
        "told": page.rows,
        "wanted_field": field,
        "fields": FIELDS if field in dict(FIELDS) else [*FIELDS, (field, "这一个字段")],
        "more_url": url_for("portal.file", **here, page=page.next) if page.next else None,
        "look": url_for("portal.unmask_form", **here, page=cursor or None),
        "people": {one.user_id for one in looks} | _named_in(page.rows),
    }


def _named_in(rows: Iterable[households.Told]) -> set[int | None]:
    """Return who changed something, and the members of staff whom a change names."""
    named = [place for one in rows for place in one.places if place.kind == PERSON]
    workers = {one for place in named for one in (place.before, place.after) if one}
    return {one.change.user_id for one in rows} | workers


@bp.get("/households/<file_no>/as-of")
@readers
def as_of(file_no: str) -> str | tuple[str, int]:
    """A household's file as it stood at the end of a day, its personal data covered."""
    return past(queries.cover(actor(), file_no), request.args.get("day", ""))


def past(
    household: Household, text: str, head: households.Head | None = None
) -> str | tuple[str, int]:
    """Fill the page of a past day; `head` is there when somebody said why they look."""
    day, wrong = read_past_day(text, clock.today())
    clear = head is not None
    is_erased = household.state is HouseholdState.ERASED
    document = {} if is_erased or wrong else households.as_of(household, day)
    cover = cover_facts(document, clear=clear)
    made = households.changes_on(household, day)
    workers = {one.said for one in cover if one.kind == PERSON}
    page = render_template(
        "portal/as_of.html",
        household=household,
        day=day,
        typed=text or day.isoformat(),
        wrong=wrong,
        clear=clear,
        is_erased=is_erased,
        since=clock.day_of(household.created_at),
        document=document,
        name=said("cover/name", document.get("cover", {}).get("name"), clear=clear),
        cover=cover,
        persons=person_lines(document, day, clear=clear),
        sections=section_facts(document, clear=clear),
        papers=paper_facts(document, clear=clear),
        made=made,
        around=households.around(household, day),
        names=queries.names_of(workers | {one.user_id for one in made}),
    )
    return (page, 422) if wrong else page
