"""Choosing among an import's households, asking a second person, taking it back (挑选、审批、撤回)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core.db import transaction
from app.core.errors import NotHere, StalePage
from app.core.http import actor, idempotency_key, see_other
from app.households import queries
from app.households.errors import BuiltOn, ReasonMissing
from app.households.forms import WhyForm
from app.households.routes.blueprint import bp, readers
from app.households.routes.imports import go_on
from app.households.rules import LABELS, STATE_WORDS, Field, HouseholdState
from app.households.rules.importing import (
    APPROVED_FROM,
    KIND_TABS,
    PUT_AWAY,
    BatchState,
    Choice,
    Kind,
)
from app.households.services import batches, choosing, undoing
from app.regions.queries import place_short

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import ImportBatch

ROWS_A_PAGE = 50


@bp.get("/households/import/<code>/rows")
@readers
def import_rows(code: str) -> str | BaseResponse:
    """The households of an import one by one (逐户挑选)."""
    batch = queries.batch_by_code(actor(), code)
    if batch.state is not BatchState.READY:
        return see_other(url_for(".import_show", code=code))
    kind, place, start = _where()
    rows = queries.report(batch)[kind]
    places = Counter(each["place"] for each in rows) if kind is not Kind.GONE else Counter[str]()
    found = [each for each in rows if not place or each["place"] == place]
    following = start + ROWS_A_PAGE
    return render_template(
        "households/import_rows.html",
        batch=batch,
        kind=kind,
        place=place,
        start=start,
        rows=found[start:following],
        choice=Choice.of(batch.choice),
        put_away=[("", "不动"), *((state.value, STATE_WORDS[state]) for state in PUT_AWAY)],
        places=[("", "全部村居"), *sorted((one, place_short(one)) for one in places)],
        tabs=_tabs(batch, kind),
        listed=len(rows),
        more=len(found) > following,
        back=_rows_url(batch, kind, place, start - ROWS_A_PAGE) if start else None,
    )


@bp.post("/households/import/<code>/rows")
@readers
def import_choose(code: str) -> BaseResponse:
    """Keep what was ticked on one page, and go to the next or back to the whole."""
    batch = queries.batch_by_code(actor(), code)
    kind, place, start = _where()
    shown = request.form.getlist("shown")
    with transaction():
        if "all" in request.form:
            choosing.choose_all(actor(), batch, kind, take=request.form["all"] == "yes")
        elif kind is Kind.GONE:
            choosing.put_away(actor(), batch, shown, _states(shown))
        else:
            choosing.choose(actor(), batch, kind, shown, request.form.getlist("keep"))
    if "next" in request.form:
        return see_other(_rows_url(batch, kind, place, start + ROWS_A_PAGE))
    if "all" in request.form:
        return see_other(_rows_url(batch, kind, place, 0))
    return see_other(url_for(".import_show", code=code))


@bp.post("/households/import/<code>/reconsider")
@readers
def import_reconsider(code: str) -> BaseResponse:
    """Take the question back, or take note of a refusal, and choose anew."""
    batch = queries.batch_by_code(actor(), code)
    with transaction():
        batches.reconsider(actor(), batch)
    return see_other(url_for(".import_show", code=code))


@bp.get("/households/import/<code>/undo")
@readers
def import_undo_form(code: str) -> str | BaseResponse:
    """Whether an import can be taken back, and why it should be (撤回导入)."""
    batch = queries.batch_by_code(actor(), code)
    if batch.state is not BatchState.DONE:
        return see_other(url_for(".import_show", code=code))
    return _undo(batch, WhyForm(formdata=None), undoing.in_the_way(batch))


@bp.post("/households/import/<code>/undo")
@readers
def import_undo(code: str) -> BaseResponse | tuple[str, int]:
    """Take an import back, or ask a second person to let it."""
    batch, form = queries.batch_by_code(actor(), code), WhyForm()
    if not form.validate():
        return _undo(batch, form, []), 422
    try:
        with transaction():
            batches.undo(actor(), batch, reason=form.reason.data or "", key=idempotency_key())
    except ReasonMissing as refusal:
        form.reason.errors = [refusal.message]
        return _undo(batch, form, []), 422
    except BuiltOn as refusal:
        return _undo(batch, form, refusal.in_the_way), 409
    return go_on(batch)


@bp.get("/households/import/mappings")
@readers
def import_mappings() -> str:
    """How columns were placed before (记住的列)."""
    return render_template(
        "households/import_mappings.html",
        mappings=queries.mappings(actor(), batches.sender_of(actor())),
        labels={field.value: LABELS[field] for field in Field},
    )


@bp.post("/households/import/mappings/forget")
@readers
def import_forget() -> BaseResponse:
    """Forget one of them (忘掉)."""
    with transaction():
        choosing.forget_mapping(actor(), request.form.get("signature", ""))
    flash("忘掉了，下次传这样的表会重新认一遍", "good")
    return see_other(url_for(".import_mappings"))


def _undo(batch: ImportBatch, form: WhyForm, in_the_way: Any) -> str:
    files = undoing.count(batch)
    return render_template(
        "households/import_undo.html",
        batch=batch,
        form=form,
        files=files,
        in_the_way=in_the_way,
        needs_second=files >= APPROVED_FROM,
    )


def _where() -> tuple[Kind, str, int]:
    """Read which page of which kind is meant; NotHere for a kind that does not exist."""
    try:
        kind = Kind(request.values.get("kind", Kind.NEW))
    except ValueError:
        raise NotHere from None
    start = request.values.get("page", 0, type=int)
    return kind, request.values.get("place", ""), max(start, 0)


def _rows_url(batch: ImportBatch, kind: Kind, place: str, start: int) -> str:
    return url_for(
        ".import_rows", code=batch.code, kind=kind.value, place=place or None, page=start or None
    )


def _states(shown: list[str]) -> dict[str, HouseholdState]:
    wanted = {file_no: request.form.get(f"state-{file_no}", "") for file_no in shown}
    known = {state.value: state for state in PUT_AWAY}
    if any(value and value not in known for value in wanted.values()):
        raise StalePage
    return {file_no: known[value] for file_no, value in wanted.items() if value}


def _tabs(batch: ImportBatch, kind: Kind) -> list[dict[str, Any]]:
    counts = batch.summary["counts"]
    return [
        {
            "label": words,
            "href": _rows_url(batch, each, "", 0),
            "current": each is kind,
            "count": counts[each],
        }
        for each, words in KIND_TABS.items()
    ]
