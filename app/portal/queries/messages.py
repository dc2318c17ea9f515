"""How many messages wait (未读消息)."""

from __future__ import annotations

from sqlalchemy import func, select

from app.core.db import db
from app.notices.models import Message
from app.portal.rules import MANY


def unread_messages(user_id: int) -> int:
    """Return how many messages wait for somebody, a hundred at most."""
    waiting = (
        select(Message.id).where(Message.user_id == user_id, Message.read_at.is_(None)).limit(MANY)
    )
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
