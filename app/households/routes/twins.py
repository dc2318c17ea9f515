"""Files that may be one (疑似重复): the list to work through, and two files side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.accounts import queries as accounts
from app.core.access import require
from app.core.db import transaction
from app.core.errors import NotHere
from app.core.http import actor, idempotency_key, see_other
from app.households import policy, queries
from app.households.forms import AskMergeForm, DifferentForm
from app.households.routes.blueprint import bp, readers, writers
from app.households.rules.twins import RULE_WORDS, STATE_WORDS, TwinState
from app.households.services import families, twins

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Twins


@bp.get("/households/twins")
@readers
def twins_list() -> str:
    """Pairs of files in which the same person seems to stand (疑似重复)."""
    wanted = request.args.get("state", "")
    state = TwinState(wanted) if wanted in set(TwinState) else TwinState.OPEN
    page = queries.twins(actor(), state, request.args.get("page"))
    chips = [
        {
            "label": STATE_WORDS[each],
            "href": url_for(".twins_list", state=each.value),
            "current": each is state,
        }
        for each in TwinState
    ]
    return render_template(
        "households/twins.html",
        page=page,
        state=state,
        chips=chips,
        rules=RULE_WORDS,
        next_url=url_for(".twins_list", state=state.value, page=page.next) if page.next else None,
    )


@bp.get("/households/twins/<code>")
@readers
def twins_show(code: str) -> str:
    """Two files side by side, covered, with what differs marked (并排对照)."""
    return _page(queries.twins_by_code(actor(), code), DifferentForm(), AskMergeForm())


@bp.post("/households/twins/<code>/different")
@writers
def twins_different(code: str) -> BaseResponse | tuple[str, int]:
    """Say that the two are not one; nobody asks about this pair again."""
    pair, form = _judged(code), DifferentForm()
    if not form.validate():
        return _page(pair, form, AskMergeForm(formdata=None)), 422
    with transaction():
        twins.declare_different(actor(), pair, form.reason.data or "")
    flash("记下了：不是同一家，以后不会再拿这一对来问", "good")
    return see_other(url_for(".twins_list"))


@bp.post("/households/twins/<code>/ask")
@writers
def twins_ask(code: str) -> BaseResponse | tuple[str, int]:
    """Ask a supervisor to merge two files, one of which another worker looks after (提请合并)."""
    pair, form = _judged(code), AskMergeForm()
    first, second = queries.files_of(pair)
    if not form.validate():
        return _page(pair, DifferentForm(formdata=None), form), 422
    mine, other = (first, second) if form.keep.data == "first" else (second, first)
    with transaction():
        families.ask_merge(
            actor(), mine, other, None, reason=form.why.data or "", key=idempotency_key()
        )
    flash("合并申请已经交给督导，同意后两份档案就合在一起", "good")
    return see_other(url_for(".twins_show", code=code))


def _judged(code: str) -> Twins:
    pair = queries.twins_by_code(actor(), code)
    require(policy.can_judge_twins, actor(), pair)
    return pair


def _page(pair: Twins, different: DifferentForm, ask: AskMergeForm) -> str:
    first, second = queries.files_of(pair)
    if first.data_key is None or second.data_key is None:
        raise NotHere
    sides = queries.side_by_side(actor(), first, second)
    workers = accounts.names_of([first.worker_id, second.worker_id, pair.decided_by_id])
    facts: dict[str, Any] = {
        name: [side.facts.get(name, "看不到") for side in sides]
        for name in (sides[0].facts | sides[1].facts)
    }
    return render_template(
        "households/twins_show.html",
        pair=pair,
        sides=sides,
        facts=facts,
        workers=workers,
        rules=RULE_WORDS,
        states=STATE_WORDS,
        different=different,
        ask=ask,
        may_judge=policy.can_judge_twins(actor(), pair) and pair.state is TwinState.OPEN,
        may_merge=policy.can_merge(actor(), first, second),
        asked=[one for file in (first, second) for one in queries.open_about(file.id)],
    )
