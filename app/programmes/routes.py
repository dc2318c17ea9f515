"""Pages of programmes (项目页面)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, render_template, request, url_for

from app.accounts.rules import Role
from app.core import clock
from app.core.access import require, roles, signed_in
from app.core.db import transaction
from app.core.errors import StalePage
from app.core.http import actor, idempotency_key, see_other
from app.ledger.rules import FIGURE_WORDS, MEASURE_WORDS, EntryKind, Figure, Measure
from app.programmes import policy, queries, services
from app.programmes.forms import ProgrammeForm
from app.programmes.rules import STATE_WORDS, ProgrammeState
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from enum import StrEnum

    from werkzeug.wrappers import Response as BaseResponse

    from app.programmes.models import Programme

bp = Blueprint("programmes", __name__)
keepers = roles(Role.FOUNDATION)
ENTRY_WORDS = {
    EntryKind.PLEDGE: "认捐",
    EntryKind.RECEIVE: "收到",
    EntryKind.DELIVER: "送达",
    EntryKind.SERVE: "服务",
    EntryKind.REVERSAL: "冲正",
}


@bp.get("/programmes")
@signed_in
def index() -> str:
    """The list of programmes (项目列表) with the figures of each."""
    state = _choice(ProgrammeState, request.args.get("state"))
    page = queries.visible_to(actor(), state, request.args.get("page"))
    return render_template(
        "programmes/index.html",
        page=page,
        figures=queries.figures_of(page.rows),
        chips=_state_chips(state),
        state=state,
        state_words=STATE_WORDS,
        can_create=policy.can_create(actor()),
        next_url=url_for(".index", state=state, page=page.next) if page.next else None,
    )


@bp.get("/programmes/<code>")
@signed_in
def show(code: str) -> str:
    """A programme (项目): what came in, what went out, what is left, and the list behind each figure."""
    programme = queries.seen_by(actor(), code)
    figure = _choice(Figure, request.args.get("figure")) or Figure.RECEIVED
    measure = _choice(Measure, request.args.get("measure")) or Measure.MONEY
    may_account = policy.can_account(actor(), programme)
    steps = (
        queries.behind(programme, figure, measure, request.args.get("page"))
        if may_account
        else None
    )
    return render_template(
        "programmes/show.html",
        programme=programme,
        figures=queries.figures_of([programme])[programme.id],
        figure=figure,
        measure=measure,
        steps=steps,
        figure_words=FIGURE_WORDS,
        measure_words=MEASURE_WORDS,
        entry_words=ENTRY_WORDS,
        state_words=STATE_WORDS,
        can_edit=policy.can_edit(actor(), programme),
        can_give=actor().has(Role.DONOR, Role.VOLUNTEER),
        may_account=may_account,
        links=_links(code) if may_account else {one: {} for one in Figure},
        measures=[
            {
                "label": MEASURE_WORDS[one],
                "href": url_for(".show", code=code, figure=figure, measure=one, _anchor="list"),
                "current": one is measure,
            }
            for one in Measure
        ],
        next_url=url_for(".show", code=code, figure=figure, measure=measure, page=steps.next)
        if steps and steps.next
        else None,
    )


@bp.get("/programmes/new")
@keepers
def new() -> str:
    """The form for a new programme (设立项目)."""
    return render_template("programmes/edit.html", form=_form(), programme=None)


@bp.post("/programmes")
@keepers
def create() -> BaseResponse | tuple[str, int]:
    """Start a programme."""
    form = _form()
    if not form.validate():
        return render_template("programmes/edit.html", form=form, programme=None), 422
    with transaction():
        programme = services.create(
            actor(), int(form.foundation.data), _facts(form), idempotency_key()
        )
    flash("项目设立好了，社工发布资助需求时可以选它", "good")
    return see_other(url_for(".show", code=programme.code))


@bp.get("/programmes/<code>/edit")
@keepers
def edit_form(code: str) -> str:
    """The form by which a foundation changes what a programme says of itself."""
    programme = _writable(code)
    return render_template("programmes/edit.html", form=_form(programme), programme=programme)


@bp.post("/programmes/<code>/edit")
@keepers
def edit(code: str) -> BaseResponse | tuple[str, int]:
    """Keep the changed facts."""
    programme = _writable(code)
    form = _form(programme)
    if not form.validate():
        return render_template("programmes/edit.html", form=form, programme=programme), 422
    if not (form.version.data or "").isdecimal():
        raise StalePage
    with transaction():
        services.edit(
            actor(),
            programme,
            _facts(form),
            ProgrammeState(form.state.data),
            int(form.version.data or "0"),
        )
    flash("改好了", "good")
    return see_other(url_for(".show", code=code))


def _links(code: str) -> dict[Figure, dict[str, str]]:
    """Where the list behind each figure is."""
    return {
        figure: {
            measure.value: url_for(
                ".show", code=code, figure=figure, measure=measure, _anchor="list"
            )
            for measure in Measure
        }
        for figure in Figure
    }


def _writable(code: str) -> Programme:
    programme = queries.seen_by(actor(), code)
    require(policy.can_edit, actor(), programme)
    return programme


def _facts(form: ProgrammeForm) -> services.Facts:
    return services.Facts(
        name=form.name.data or "",
        purpose=form.purpose.data or "",
        region_code=form.region.data or "",
        charity_id=int(form.charity.data),
        starts_on=form.starts_on.data or clock.today(),
        ends_on=form.ends_on.data,
    )


def _form(programme: Programme | None = None) -> ProgrammeForm:
    known: dict[str, Any] = {}
    mine = actor().organisations(Role.FOUNDATION)
    charities = [(str(o.id), o.name) for o in queries.qualified()]
    if programme is not None:
        known = {
            "name": programme.name,
            "purpose": programme.purpose,
            "foundation": str(programme.foundation_id),
            "charity": str(programme.charity_id),
            "region": programme.region_code,
            "starts_on": programme.starts_on,
            "ends_on": programme.ends_on,
            "state": programme.state.value,
            "version": str(programme.version),
        }
    return ProgrammeForm(
        [pair for pair in charities if int(pair[0]) in mine], charities, _regions(), **known
    )


def _regions() -> list[tuple[str, str]]:
    found = [("", "佛山全市")]
    for district in divisions().children("4406"):
        found.append((district, place_short(district)))
        found += [
            (town, f"{place_short(district)} · {place_short(town)}")
            for town in divisions().children(district)
        ]
    return found


def _state_chips(current: ProgrammeState | None) -> list[dict[str, Any]]:
    options = [(None, "全部"), *STATE_WORDS.items()]
    return [
        {"label": words, "href": url_for(".index", state=state), "current": state is current}
        for state, words in options
    ]


def _choice(kind: type[StrEnum], text: str | None) -> Any:
    return next((member for member in kind if member.value == text), None)
