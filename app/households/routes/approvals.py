"""Pages of requests (审批): what waits for me, what I asked for, one request and the word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request, url_for

from app.core import clock
from app.core.db import transaction
from app.core.errors import NotHere
from app.core.http import actor, see_other
from app.households import policy, queries
from app.households.errors import ReasonMissing
from app.households.forms import DecideForm
from app.households.queries import View
from app.households.routes.blueprint import bp, readers
from app.households.rules.approvals import (
    KIND_WORDS,
    STATE_LABELS,
    ApprovalKind,
    ApprovalState,
    standing,
)
from app.households.services import approvals, deciding

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import Approval

VIEW_WORDS = {View.WAITING: "等我审批", View.MINE: "我提请的", View.DONE: "有结果的"}


@bp.get("/approvals")
@readers
def approval_list() -> str:
    """The requests (审批单): those that wait for me first."""
    view = View(request.args["view"]) if request.args.get("view") in set(View) else View.WAITING
    wanted = request.args.get("kind", "")
    kind = ApprovalKind(wanted) if wanted in set(ApprovalKind) else None
    page = queries.approvals(actor(), view, kind, request.args.get("page"))
    query: dict[str, Any] = {"view": view.value} | ({"kind": kind.value} if kind else {})
    return render_template(
        "households/approvals.html",
        page=page,
        view=view,
        kind=kind,
        view_words=VIEW_WORDS,
        kinds=[("", "全部事项"), *((one.value, words) for one, words in KIND_WORDS.items())],
        names=queries.names(row.asked_by_id for row in page.rows),
        standing=standing,
        next_url=url_for(".approval_list", **query, page=page.next) if page.next else None,
        **_words(),
    )


@bp.get("/approvals/<code>")
@readers
def approval(code: str) -> str:
    """One request: what is asked, by whom, why, and the word on it."""
    found = queries.approval_by_code(actor(), code)
    with transaction():
        deciding.read(actor(), found)
    return _page(found, DecideForm(formdata=None))


@bp.post("/approvals/<code>/decide")
@readers
def approval_decide(code: str) -> BaseResponse | tuple[str, int]:
    """Approve or refuse it (同意、不同意)."""
    found, form = queries.approval_by_code(actor(), code), DecideForm()
    state = ApprovalState.APPROVED if "approve" in request.form else ApprovalState.REFUSED
    try:
        if not form.validate():
            return _page(found, form), 422
        with transaction():
            deciding.decide(actor(), found, state, form.answer.data or "")
    except ReasonMissing as refusal:
        form.answer.errors = [refusal.message]
        return _page(found, form), 422
    flash(
        "同意了，已经生效" if state is ApprovalState.APPROVED else "记下了，提请的人会看到原因",
        "good",
    )
    return see_other(url_for(".approval_list"))


@bp.post("/approvals/<code>/withdraw")
@readers
def approval_withdraw(code: str) -> BaseResponse:
    """Take back what one asked for (撤回)."""
    found = queries.approval_by_code(actor(), code)
    with transaction():
        approvals.withdraw(actor(), found)
    flash("撤回了，要的时候可以再提", "good")
    return see_other(url_for(".approval_list", view="mine"))


def _page(found: Approval, form: DecideForm) -> str:
    wanted = approvals.wanted(found)
    return render_template(
        "households/approval.html",
        approval=found,
        form=form,
        lines=queries.lines(found, wanted),
        evidence=wanted.get("after", {}).get("evidence") if found.household_id else None,
        file_no=_file_no(found),
        names=queries.names({found.asked_by_id, found.decided_by_id}),
        state=standing(found.state, found.ends_on, clock.today()),
        may_decide=policy.can_decide(actor(), found),
        is_mine=policy.asked(actor(), found),
        **_words(),
    )


def _file_no(found: Approval) -> str | None:
    """Return the file it is about, to lead there whoever may see it."""
    if found.household_id is None:
        return None
    try:
        return queries.seen_by(actor(), found.subject).file_no
    except NotHere:
        return None


def _words() -> dict[str, Any]:
    return {"kind_words": KIND_WORDS, "state_labels": STATE_LABELS}
