"""Pages of notices (消息)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, url_for

from app.core import clock
from app.core.access import signed_in
from app.core.db import transaction
from app.core.errors import NotHere
from app.core.http import INSIDE, actor, see_other
from app.notices import policy, queries, services

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

bp = Blueprint("notices", __name__)


@bp.get("/me/messages")
@signed_in
def inbox() -> str:
    """One's own messages (消息), unread ones first."""
    user_id = actor().user_id or 0
    page = queries.inbox(user_id, request.args.get("page"))
    return render_template(
        "notices/inbox.html", page=page, unread=queries.unread_count(user_id), today=clock.today()
    )


@bp.post("/me/messages/read")
@signed_in
def read() -> BaseResponse:
    """Note a message as read and go where it leads; of other people's messages nobody learns."""
    message = queries.by_id(request.form.get("message", 0, int))
    if message is None or not policy.can_read(actor(), message):
        raise NotHere
    with transaction():
        services.mark_read(actor(), message)
    onward = message.link if INSIDE.fullmatch(message.link) else url_for("notices.inbox")
    return see_other(onward)


@bp.post("/me/messages/read-all")
@signed_in
def read_all() -> BaseResponse:
    """Note all messages as read (全部已读)."""
    with transaction():
        services.mark_all_read(actor())
    return see_other(url_for("notices.inbox"))
