"""Messages (消息) as rows: the inbox and the outbox in one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Code40, Key, PrimaryKey, Short
from app.notices.rules import MessageState

_UNREAD = text("read_at IS NULL")


class Message(Base):
    """A message to one person (消息); never carries a name, a door or a phone of a household."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index("ix_message_unread", "user_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index(None, "state", "next_try_at"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[Key] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[Code40] = mapped_column(comment="thing.verb, such as claim.made")
    title: Mapped[Short]
    link: Mapped[Short] = mapped_column(default="", comment="a path of this site")
    once_key: Mapped[Code40 | None] = mapped_column(
        unique=True, comment="the same key is written once"
    )
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
