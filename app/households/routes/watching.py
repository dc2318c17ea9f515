"""Pages of unusual reading (异常查阅): what was found, the looks behind it, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request, url_for

from app.accounts.queries import names_of
from app.accounts.rules import Role
from app.audit.rules import words
from app.core import clock
from app.core.access import roles
from app.core.db import transaction
from app.core.http import actor, see_other
from app.households import queries, services
from app.households.errors import ReasonMissing
from app.households.forms import NoteForm
from app.households.routes.blueprint import bp
from app.households.rules.watching import RULE_NOTES, RULE_WORDS

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from app.households.models import ReadingAlert

watchers = roles(Role.SUPERVISOR, Role.AUDITOR)


@bp.get("/audit/alerts")
@watchers
def alerts() -> str:
    """What should be looked into (查阅提醒): what waits, or everything."""
    waiting = "all" not in request.args
    page = queries.alerts(actor(), waiting=waiting, cursor=request.args.get("page"))
    people = [one.user_id for one in page.rows] + [one.acknowledged_by_id for one in page.rows]
    return render_template(
        "households/alerts.html",
        page=page,
        waiting=waiting,
        chips=[
            {"label": "等你看看", "href": url_for(".alerts"), "current": waiting},
            {"label": "全部", "href": url_for(".alerts", all=1), "current": not waiting},
        ],
        names=names_of(people),
        rule_words=RULE_WORDS,
        said={one.id: RULE_NOTES[one.rule].format(count=one.count) for one in page.rows},
        next_url=url_for(".alerts", all=None if waiting else 1, page=page.next)
        if page.next
        else None,
    )


@bp.get("/audit/alerts/<code>")
@watchers
def alert(code: str) -> str:
    """One alert with the looks behind it."""
    return _alert(queries.alert_by_code(actor(), code), NoteForm())


@bp.post("/audit/alerts/<code>")
@watchers
def acknowledge_alert(code: str) -> BaseResponse | tuple[str, int]:
    """Write down what came of it (核查)."""
    found, form = queries.alert_by_code(actor(), code), NoteForm()
    if not form.validate():
        return _alert(found, form), 422
    try:
        with transaction():
            services.acknowledge(actor(), found, form.note.data or "")
    except ReasonMissing as refusal:
        form.note.errors = [refusal.message]
        return _alert(found, form), 422
    flash("已经记下核查结果", "good")
    return see_other(url_for(".alerts"))


def _alert(found: ReadingAlert, form: NoteForm) -> str:
    return render_template(
        "households/alert.html",
        alert=found,
        form=form,
        rows=queries.evidence(found),
        names=names_of([found.user_id, found.acknowledged_by_id]),
        words=words,
        rule_words=RULE_WORDS,
        said=RULE_NOTES[found.rule].format(count=found.count),
        opens_files=actor().has(Role.SUPERVISOR),
        today=clock.today(),
    )
