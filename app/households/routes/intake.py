"""Opening a file on the page (建档): a draft that is gone on with until it can be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.accounts.rules import Role
from app.core import clock
from app.core.db import transaction
from app.core.errors import StalePage
from app.core.http import actor, idempotency_key, see_other
from app.households import queries, services
from app.households.errors import AlreadyOnFile, NotInState
from app.households.forms import IntakeForm
from app.households.forms.intake import SPARE_ROWS
from app.households.routes.blueprint import bp, writers
from app.households.routes.desk import Answer, opened, record_tab, refreshed, writable
from app.households.rules.sections import yuan
from app.households.services.intake import UNFINISHED
from app.regions.queries import index as divisions
from app.regions.queries import place_short
from app.regions.rules import Level

if TYPE_CHECKING:
    from app.households.models import Household


@bp.get("/households/new")
@writers
def new_page() -> str:
    """The form that opens a file (建档)."""
    form = IntakeForm(_places(), data={"people": [{}] * SPARE_ROWS})
    return _page(form)[0]


@bp.post("/households/new")
@writers
def open_file() -> Answer:
    """Open a file as a draft."""
    form = IntakeForm(_places())

    def keep(cover: dict[str, Any], people: list[dict[str, Any]]) -> Household:
        return services.open_file(actor(), cover, people, key=idempotency_key())

    return _kept(form, keep, "草稿已经存好，随时可以接着填")


@bp.get("/households/<file_no>/intake")
@writers
def intake_page(file_no: str) -> str:
    """The same form again, to go on with a draft (接着填)."""
    household = _draft(file_no)
    opened(household, "草稿")
    document = queries.document(household)
    return _page(IntakeForm(_places(), data=_typed(document, household.version)), household)[0]


@bp.post("/households/<file_no>/intake")
@writers
def intake(file_no: str) -> Answer:
    """Go on with a draft."""
    household, form = _draft(file_no), IntakeForm(_places())

    def keep(cover: dict[str, Any], people: list[dict[str, Any]]) -> Household:
        services.go_on(actor(), household, cover, people, version=form.seen_version())
        return household

    return _kept(form, keep, "记下了", household)


def _kept(form: IntakeForm, keep: Any, words: str, household: Household | None = None) -> Answer:
    if "more" in request.form:
        form.people.append_entry()
        return _page(form, household)
    found = form.read(clock.today())
    if found is None:
        return _page(form, household, 422)
    try:
        with transaction():
            kept = keep(found.cover, found.people)
    except AlreadyOnFile as refusal:
        form.refuse({form.where(refusal.number): refusal.message})
        return _page(form, household, refusal.status)
    except StalePage as refusal:
        if household is None:
            raise
        refreshed(form, household)
        return _page(form, household, refusal.status)
    flash(words, "good")
    return see_other(record_tab(kept))


def _page(
    form: IntakeForm, household: Household | None = None, status: int = 200
) -> tuple[str, int]:
    here = url_for(".intake", file_no=household.file_no) if household else url_for(".open_file")
    key = request.form.get("idempotency_key")
    page = render_template(
        "households/intake.html", form=form, household=household, here=here, key=key
    )
    return page, status


def _draft(file_no: str) -> Household:
    household = writable(file_no)
    if household.state not in UNFINISHED:
        raise NotInState
    return household


def _typed(document: dict[str, Any], version: int) -> dict[str, Any]:
    """Return a draft as the form shows it: the householder above, the others in rows."""
    cover = document["cover"]
    people = sorted(
        ({"code": code} | one for code, one in document.get("members", {}).items()),
        key=lambda one: int(one.get("position", 0)),
    )
    head, others = (people[0], people[1:]) if people else ({}, [])
    income = cover.get("income_fen")
    shown: dict[str, Any] = (
        cover
        | {name: value for name, value in head.items() if name != "position"}
        | {"income": yuan(income) if income is not None else "", "people": [*others, {}]}
        | {"version": str(version)}
    )
    return shown


def _places() -> dict[str, list[tuple[str, str]]]:
    """Return the communities in which this person may open files, town by town."""
    prefixes = actor().regions(Role.WORKER, Role.SUPERVISOR)
    found: dict[str, list[tuple[str, str]]] = {}
    for division in divisions():
        if division.level == Level.COMMUNITY and division.code.startswith(prefixes):
            town = place_short(division.code[:9])
            found.setdefault(town, []).append((division.code, place_short(division.code)))
    return found
