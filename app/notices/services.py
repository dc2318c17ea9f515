"""What writes, reads and delivers messages (发消息)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import User
from app.core import clock
from app.core.access import Actor, require
from app.core.db import db, write_with_commit
from app.notices import policy, queries
from app.notices.models import Message
from app.notices.rules import MAX_TRIES, MessageState, wait_before

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
LEASE = timedelta(minutes=10)  # a batch that is not noted by then belonged to a process that died


def queue(
    user_id: int | None, kind: str, title: str, link: str = "", *, once_key: str | None = None
) -> None:
    """Put a message into the outbox in the caller's transaction; nobody to tell means nothing to do.

    `once_key` makes a repeated call write nothing: a reminder that a job finds due twice is sent once.
    """
    if user_id is None:
        return
    now = clock.now()
    values = {
        "user_id": user_id,
        "kind": kind,
        "title": title,
        "link": link,
        "created_at": now,
        "next_try_at": now,
    }
    if once_key is None:
        write_with_commit(Message.__table__, **values)
        return
    insert = INSERT[db.engine.dialect.name]
    once = insert(Message).values(**values, once_key=once_key)
    db.session.execute(once.on_conflict_do_nothing(index_elements=["once_key"]))


def mark_read(actor: Actor, message: Message) -> None:
    """Note that a message was read (已读); the first time counts."""
    require(policy.can_read, actor, message)
    db.session.execute(
        update(Message)
        .where(Message.id == message.id, Message.read_at.is_(None))
        .values(read_at=clock.now())
    )


def mark_all_read(actor: Actor) -> None:
    """Note that all of one's own messages were read (全部已读)."""
    db.session.execute(
        update(Message)
        .where(Message.user_id == actor.user_id, Message.read_at.is_(None))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def settle_in_app(now: datetime, *, mail_is_on: bool) -> int:
    """Mark as sent what only goes to the inbox, where it already is; returns how many. One statement."""
    statement = update(Message).where(
        Message.state == MessageState.QUEUED, Message.next_try_at <= now
    )
    if mail_is_on:
        without = select(User.id).where(User.email.is_(None))
        statement = statement.where(Message.user_id.in_(without))
    done = statement.values(state=MessageState.SENT).execution_options(synchronize_session=False)
    return db.session.execute(done).rowcount  # type: ignore[attr-defined,no-any-return]  # a cursor's result


def lease(now: datetime, limit: int) -> Sequence[int]:
    """Take a batch for sending and return its numbers: of several schedulers one gets each message.

    The try is counted here, before the letter leaves, so that one which kills its process is not tried for ever.
    """
    ids = queries.due(now, limit)
    taken = (
        update(Message)
        .where(
            Message.id.in_(ids), Message.state == MessageState.QUEUED, Message.next_try_at <= now
        )
        .values(tries=Message.tries + 1, next_try_at=now + LEASE)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(db.session.scalars(taken))


def note_sent(message_id: int) -> None:
    """Note that a letter left."""
    _note(message_id, state=MessageState.SENT)


def note_failed(message_id: int, tries: int, now: datetime, *, for_good: bool) -> None:
    """Note that a letter did not leave: wait longer each time, and give up after the last try."""
    if for_good or tries >= MAX_TRIES:
        _note(message_id, state=MessageState.FAILED)
    else:
        _note(message_id, next_try_at=now + wait_before(tries))


def _note(message_id: int, **values: object) -> None:
    db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.QUEUED)
        .values(**values)
    )
