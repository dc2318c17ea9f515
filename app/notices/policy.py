"""Who may read a message (消息权限): the person it was written to."""

from __future__ import annotations

from app.core.access import Actor
from app.notices.models import Message


def can_read(actor: Actor, message: Message) -> bool:
    """A message is its receiver's alone."""
    return actor.user_id is not None and actor.user_id == message.user_id
