"""What pages ask about messages (消息查询)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, bindparam, case, func, select, type_coerce

from app.accounts.models import User
from app.core.db import db
from app.core.paging import Page, fetch
from app.notices.models import Message
from app.notices.rules import MessageState

MANY = 100  # nobody counts further than this

UNREAD = type_coerce(case((Message.read_at.is_(None), 1), else_=0), Integer)


def inbox(user_id: int, cursor: str | None = None) -> Page[Message]:
    """Return a person's messages: unread ones first, in each part the newest first."""
    return fetch(
        db.session,
        select(Message).where(Message.user_id == user_id),
        [(UNREAD, True), (Message.id, True)],
        cursor,
        key=lambda message: [int(message.read_at is None), message.id],
    )


def unread_count(user_id: int) -> int:
    """Return how many messages wait to be read, at most a hundred."""
    return db.session.connection().scalar(_unread(), {"user": user_id}) or 0


@cache
def _unread() -> Select[int]:
    """Nearly every page shows this figure, so its statement is put together once."""
    waiting = (
        select(Message.id)
        .where(Message.user_id == bindparam("user"), Message.read_at.is_(None))
        .limit(MANY)
    )
    return select(func.count()).select_from(waiting.subquery())


def by_id(message_id: int) -> Message | None:
    """Return a message."""
    return db.session.get(Message, message_id)


def due(now: datetime, limit: int) -> Sequence[int]:
    """Return the numbers of messages whose time to leave has come."""
    return db.session.scalars(
        select(Message.id)
        .where(Message.state == MessageState.QUEUED, Message.next_try_at <= now)
        .order_by(Message.next_try_at, Message.id)
        .limit(limit)
    ).all()


def with_addresses(message_ids: Sequence[int]) -> list[tuple[Message, str | None]]:
    """Return messages with the e-mail address of their receiver, if there is one."""
    found = db.session.execute(
        select(Message, User.email)
        .join(User, User.id == Message.user_id)
        .where(Message.id.in_(message_ids))
        .order_by(Message.id)
    )
    return [(message, email) for message, email in found]
