"""The page of the audit log (审计日志).

It stands here and not in `audit`, because it says who did things by name, and accounts are above audit.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import render_template, request

from app.accounts import queries
from app.accounts.routes.base import bp
from app.accounts.rules import Role
from app.audit import queries as audit
from app.audit.rules import PHRASES, is_reading, words
from app.core import clock
from app.core.access import roles
from app.core.http import actor

if TYPE_CHECKING:
    from app.audit.models import AuditRow
    from app.core.paging import Page

NOBODY = 0  # no user has this number: a name nobody has finds nothing


@bp.get("/audit")
@roles(Role.AUDITOR)
def audit_log() -> str:
    """Who saw and changed what (审计日志), in the auditor's own region."""
    asked = {
        name: request.args.get(name, "").strip() for name in ("action", "person", "file", "day")
    }
    page = audit.log(actor(), _filters(asked), request.args.get("page"))
    return render_template(
        "accounts/audit_log.html",
        page=page,
        asked=asked,
        names=queries.names_of(row.user_id for row in page.rows),
        words=words,
        is_reading=is_reading,
        actions=_actions(page, asked["action"]),
        seal=audit.last_seal(),
        today=clock.today(),
    )


def _filters(asked: dict[str, str]) -> audit.Filters:
    person = queries.by_username(asked["person"]) if asked["person"] else None
    try:
        day = date.fromisoformat(asked["day"])
    except ValueError:
        day = None
    return audit.Filters(
        action=asked["action"],
        user_id=(person.id if person else NOBODY) if asked["person"] else None,
        subject=asked["file"].upper(),
        day=day,
    )


def _actions(page: Page[AuditRow], chosen: str) -> list[tuple[str, str]]:
    """Return the kinds to choose from: those everybody asks for, and those that stand on the page."""
    known = dict.fromkeys(
        [*PHRASES, *(row.action for row in page.rows), *([chosen] if chosen else [])]
    )
    return [("", "全部"), *sorted(((one, words(one)) for one in known), key=lambda pair: pair[1])]
