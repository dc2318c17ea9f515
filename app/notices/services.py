"""What writes messages (发消息)."""

from __future__ import annotations

from app.core import clock
from app.core.db import db
from app.notices.models import Message


def queue(
    user_id: int | None, kind: str, title: str, link: str = "", *, once_key: str | None = None
) -> None:
    """Put a message into the outbox in the caller's transaction; nobody to tell means nothing to do."""
    if user_id is None:
        return
    now = clock.now()
    db.session.add(
        Message(
            user_id=user_id,
            kind=kind,
            title=title,
            link=link,
            once_key=once_key,
            created_at=now,
            next_try_at=now,
        )
    )
