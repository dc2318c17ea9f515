"""Pages of a file's life (档案流转): its next step, and the reviewer's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core.access import require
from app.core.db import transaction
from app.core.http import actor, see_other
from app.households import policy, queries
from app.households.errors import Wrong
from app.households.forms import ReviewForm, StateForm, chosen
from app.households.routes.blueprint import bp, readers, reviewers, to_file, writable, writers
from app.households.rules import NEXT, STATE_WORDS, HouseholdState
from app.households.rules.closing import Closing, Leaving, Wanting
from app.households.services import states

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Household

_S = HouseholdState
PRESSED = frozenset({_S.UNDER_REVIEW, _S.ACTIVE, _S.PAUSED, _S.CLOSED, _S.ARCHIVED})
VERBS = {
    _S.UNDER_REVIEW: ("送审", "请督导或民政干部审核；写档案和送审的人不能自己批"),
    _S.PAUSED: ("暂停", "住院、外出或暂时不方便：到期前提醒你，这段时间不安排探访"),
    _S.CLOSED: ("结案", "不再照看这一家：没人认领的任务会收起来，以后可以重新开档"),
    _S.ARCHIVED: ("归档", "资料封存，只能看，不能再改"),
}
BACK = {
    _S.PAUSED: ("恢复在档", "从今天起重新安排探访"),
    _S.CLOSED: ("重新开档", "这一家又需要照看了，从今天起重新安排探访"),
}
DONE = {
    _S.UNDER_REVIEW: "送审了，审核的结果会告诉你",
    _S.ACTIVE: "办好了，从今天起重新安排探访",
    _S.PAUSED: "先暂停了，到期前三天会提醒你",
    _S.CLOSED: "已经结案，这一家以后有事还可以重新开档",
    _S.ARCHIVED: "已经归档",
}


@bp.get("/households/<file_no>/state")
@writers
def state_form(file_no: str) -> str:
    """The next steps of a file, or the form of the one that was chosen."""
    household = writable(file_no)
    form = StateForm(formdata=None, version=str(household.version))
    form.state.data = request.args.get("to", "")
    return _state_page(household, form)


@bp.post("/households/<file_no>/state")
@writers
def state(file_no: str) -> BaseResponse | tuple[str, int]:
    """Take a file to its next state."""
    household, form = writable(file_no), StateForm()
    wanted = chosen_step(form)
    if not form.validate() or wanted is None:
        return _state_page(household, form), 422
    try:
        with transaction():
            _take(household, form, wanted)
    except Wrong as refusal:
        form.say(refusal)
        return _state_page(household, form), 422
    flash(DONE[wanted], "good")
    return to_file(file_no)


def chosen_step(form: StateForm) -> HouseholdState | None:
    """Return the step that was pressed; approving and erasing are not pressed here."""
    value = form.state.data
    return HouseholdState(value) if value in PRESSED else None


def _take(household: Household, form: StateForm, wanted: HouseholdState) -> None:
    said: dict[str, Any] = {"reason": form.reason.data or "", "version": form.at_version}
    if wanted is _S.UNDER_REVIEW:
        states.submit(actor(), household, **said)
    elif wanted is _S.PAUSED:
        states.pause(actor(), household, form.until.data, **said)
    elif wanted is _S.CLOSED:
        closing = chosen(Closing, form.closing.data)
        states.close(actor(), household, closing, chosen(Leaving, form.leaving.data), **said)
    elif wanted is _S.ARCHIVED:
        states.archive(actor(), household, **said)
    elif household.state is _S.CLOSED:
        states.reopen(actor(), household, **said)
    else:
        states.resume(actor(), household, **said)


def _state_page(household: Household, form: StateForm) -> str:
    steps = {
        step: BACK[household.state] if step is _S.ACTIVE else VERBS[step]
        for step in PRESSED
        if step in NEXT[household.state] and (step is not _S.ACTIVE or household.state in BACK)
    }
    wanted = chosen_step(form)
    return render_template(
        "households/state.html",
        form=form,
        household=household,
        steps=dict(sorted(steps.items())),
        wanted=wanted if wanted in steps else None,
        astray=request.method == "POST",
        now=STATE_WORDS[household.state],
        gaps=queries.sheet(household).gaps if wanted is _S.UNDER_REVIEW else [],
    )


@bp.get("/households/<file_no>/review")
@readers
def review_form(file_no: str) -> str:
    """The whole file, covered, with what is missing, before the reviewer (审核)."""
    household = queries.seen_by(actor(), file_no)
    return _review_page(household, ReviewForm(formdata=None, version=str(household.version)))


@bp.post("/households/<file_no>/review")
@reviewers
def review(file_no: str) -> BaseResponse | tuple[str, int]:
    """Approve a file, or send it back with what is wanting."""
    household, form = queries.seen_by(actor(), file_no), ReviewForm()
    require(policy.can_review, actor(), household)
    if not form.validate():
        return _review_page(household, form), 422
    approving = "approve" in request.form
    try:
        with transaction():
            _judge(household, form, approving=approving)
    except Wrong as refusal:
        form.say(refusal)
        return _review_page(household, form), 422
    flash("通过了，从今天起按节律探访" if approving else "退回去了，原因会告诉写档案的同事", "good")
    return see_other(url_for(".index", state="under_review"))


def _judge(household: Household, form: ReviewForm, *, approving: bool) -> None:
    if approving:
        states.approve(actor(), household, version=form.at_version)
        return
    points = [Wanting(one) for one in form.points.data or []]
    states.return_(actor(), household, points, form.note.data or "", version=form.at_version)


def _review_page(household: Household, form: ReviewForm) -> str:
    return render_template(
        "households/review.html",
        form=form,
        household=household,
        sheet=queries.sheet(household) if household.data_key else None,
        now=STATE_WORDS[household.state],
        names=queries.names({household.submitted_by_id, household.created_by_id}),
        may_review=policy.can_review(actor(), household),
        is_author=actor().user_id in states.authors(household),
        kin_waits=states.kin_waits(household),
    )
