"""Pages of needs (需求页面): written, changed, given back; the page of one need with its tasks is the tasks'."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.rules import Role
from app.core.access import require, roles
from app.core.clock import today
from app.core.db import transaction
from app.core.errors import BadInput
from app.core.http import actor, idempotency_key, see_other
from app.households import queries as households
from app.households.models import Household
from app.needs import policy, queries, services
from app.needs.errors import AskedBefore, FactsWrong, NoConsent, WordingTellsTooMuch
from app.needs.forms import NeedForm, ReasonForm, typed
from app.needs.models import Need
from app.needs.queries import Filters
from app.needs.rules import KIND_WORDS, STATE_WORDS, URGENCY_WORDS, NeedState
from app.regions.queries import index as divisions
from app.regions.queries import place_short
from app.regions.rules import Level

bp = Blueprint("needs", __name__)
readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
writers = roles(Role.WORKER, Role.SUPERVISOR)
E = TypeVar("E", bound=StrEnum)
Answer = BaseResponse | tuple[str, int]


@bp.get("/needs")
@readers
def index() -> str:
    """The list of needs (需求列表): newest first, within one's scope."""
    require(policy.can_list, actor())
    filters = _filters()
    page = queries.visible(actor(), filters, request.args.get("page"))
    query = _query(filters)
    return render_template(
        "needs/index.html",
        page=page,
        filters=filters,
        query=query,
        chips=_state_chips(query),
        towns=_towns(),
        kinds=[("", "全部类型"), *((kind.value, words) for kind, words in KIND_WORDS.items())],
        urgencies=[("", "急缓不限"), *((u.value, words) for u, words in URGENCY_WORDS.items())],
        next_url=url_for(".index", **query, page=page.next) if page.next else None,
        **_words(),
    )


@bp.get("/households/<file_no>/needs/new")
@writers
def new(file_no: str) -> str:
    """The form for a new need (发布需求)."""
    household = _writable(file_no)
    return render_template("needs/edit.html", **_page(_form(household), household))


@bp.post("/households/<file_no>/needs/new")
@writers
def post(file_no: str) -> Answer:
    """Keep a new need as a draft, and ask for its review if that was the button."""
    household = _writable(file_no)
    form = _form(household)

    def keep() -> Need:
        key, seen = idempotency_key(), bool(form.seen_before.data)
        return services.post(actor(), household, form.facts(), key=key, seen_before=seen)

    return _keep(form, household, keep)


@bp.get("/needs/<code>/edit")
@writers
def edit(code: str) -> str:
    """The form for a draft or a returned need (修改需求)."""
    need = queries.by_code(code)
    require(policy.can_edit, actor(), need)
    with transaction():
        story = services.read_story(actor(), need)
    form = _form(need.household, **typed(queries.facts_of(need), story))
    return render_template("needs/edit.html", **_page(form, need.household, need))


@bp.post("/needs/<code>/edit")
@writers
def change(code: str) -> Answer:
    """Keep the changed need."""
    need = queries.by_code(code)
    require(policy.can_edit, actor(), need)
    form = _form(need.household)

    def keep() -> Need:
        services.edit(actor(), need, form.facts(), seen_before=bool(form.seen_before.data))
        return need

    return _keep(form, need.household, keep, need)


@bp.post("/needs/<code>/submit")
@writers
def submit(code: str) -> BaseResponse:
    """Ask a supervisor to review (提交审核)."""
    return _submitted(queries.by_code(code))


@bp.post("/needs/<code>/return")
@roles(Role.SUPERVISOR)
def return_(code: str) -> BaseResponse:
    """Give a need back to its writer (退回)."""
    need, form = queries.by_code(code), ReasonForm()
    if not form.validate():
        raise BadInput(form.reason.errors[0] if form.reason.errors else None)
    with transaction():
        services.return_(actor(), need, form.reason.data or "")
    flash("已经退回给写的人，原因也一起发过去了", "good")
    return see_other(_link(need))


@bp.app_errorhandler(NoConsent)
def show_no_consent(refusal: NoConsent) -> tuple[str, int]:
    """Say whose consent is missing, and lead to where it is recorded."""
    return render_template("needs/no_consent.html", refusal=refusal), refusal.status


def _keep(
    form: NeedForm, household: Household, keep: Callable[[], Need], need: Need | None = None
) -> Answer:
    """Run the one verb that keeps a need; whatever it finds wrong comes back beside its field."""
    duplicates: list[Need] = []
    if form.validate():
        try:
            with transaction():
                kept = keep()
        except WordingTellsTooMuch as refusal:
            form.show(refusal.found)
        except FactsWrong as refusal:
            form.show({name: [words] for name, words in refusal.wrong.items()})
        except AskedBefore as refusal:
            form.show({"seen_before": [refusal.message]})
            duplicates = queries.met_before(
                household.id, form.facts().kind, today(), need.id if need else None
            )
        else:
            return _next(kept)
    return render_template("needs/edit.html", **_page(form, household, need, duplicates)), 422


def _next(need: Need) -> BaseResponse:
    if request.form.get("then") == "submit" and need.state in services.WRITABLE:
        return _submitted(need)
    flash("草稿已经存好，随时可以接着写", "good")
    return see_other(_link(need))


def _submitted(need: Need) -> BaseResponse:
    with transaction():
        services.submit(actor(), queries.by_code(need.code))
    flash("已经交给督导审核，通过后就会发布", "good")
    return see_other(_link(need))


def _link(need: Need) -> str:
    return services.link(need)  # the page of a need stands above us, with its tasks


def _writable(file_no: str) -> Household:
    household = households.seen_by(actor(), file_no)
    require(policy.can_post, actor(), household)
    return household


def _form(household: Household, **values: object) -> NeedForm:
    programmes = queries.open_programmes(household.region_code)
    return NeedForm(
        [(str(p.id), f"{p.name}（{p.charity.name}收款）") for p in programmes], **values
    )


def _page(
    form: NeedForm,
    household: Household,
    need: Need | None = None,
    duplicates: list[Need] | None = None,
) -> dict[str, object]:
    action = (
        url_for(".change", code=need.code) if need else url_for(".post", file_no=household.file_no)
    )
    return {
        "form": form,
        "household": household,
        "need": need,
        "duplicates": duplicates or [],
        "action": action,
        "key": request.form.get("idempotency_key"),
        **_words(),
    }


def _words() -> dict[str, object]:
    return {
        "state_words": STATE_WORDS,
        "kind_words": KIND_WORDS,
        "urgency_words": URGENCY_WORDS,
    }


def _filters() -> Filters:
    return queries.filters_from(request.args)


def _query(filters: Filters) -> dict[str, Any]:
    values = {
        "state": filters.state,
        "town": filters.town,
        "kind": filters.kind,
        "urgency": filters.urgency,
    }
    return {name: str(value) for name, value in values.items() if value}


def _state_chips(query: dict[str, Any]) -> list[dict[str, object]]:
    rest = {name: value for name, value in query.items() if name != "state"}
    shown = (
        NeedState.UNDER_REVIEW,
        NeedState.PUBLISHED,
        NeedState.IN_PROGRESS,
        NeedState.RETURNED,
        NeedState.DRAFT,
        NeedState.PARTLY_MET,
        NeedState.MET,
        NeedState.EXPIRED,
    )
    now = query.get("state")
    chips = [{"label": "全部", "href": url_for(".index", **rest), "current": now is None}]
    return chips + [
        {
            "label": STATE_WORDS[state],
            "href": url_for(".index", **rest, state=state.value),
            "current": now == state.value,
        }
        for state in shown
    ]


def _towns() -> list[tuple[str, str]]:
    """Return the towns inside one's own scope, for the filter."""
    prefixes = actor().regions(*policy.READERS)
    towns = [division.code for division in divisions() if division.level == Level.TOWN]
    own = [
        code for code in towns if any(code.startswith(p) or p.startswith(code) for p in prefixes)
    ]
    return [("", "全部镇街"), *((code, place_short(code)) for code in own)]
