"""Jobs of notices: the outbox is emptied after the change it tells of is certain, and outside any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from smtplib import SMTP

from flask import current_app

from app.core import clock
from app.core.db import db, transaction
from app.core.jobs import Job
from app.core.mail import Letter, Mailer, NotSent
from app.notices import queries, services
from app.notices.models import Message

BATCH = 100
LETTER = """你好：

{title}

{link}

这封信由善邻自动发出，信里不写任何人的姓名和住址。不想再收，请在账号设置里删去邮箱。
"""


def deliver_messages(_day: date) -> int:
    """Deliver what is due: in the inbox it already is, by e-mail where a server and an address are set."""
    settings = current_app.config["SHANLIN"]
    mailer = Mailer.from_url(settings.smtp_url)
    with transaction():
        done = services.settle_in_app(clock.now(), mail_is_on=mailer is not None)
    while mailer is not None:
        with transaction():
            taken = services.lease(clock.now(), BATCH)
        done += _send(mailer, settings.base_url, taken)
        if len(taken) < BATCH:
            break
    return done


def _send(mailer: Mailer, base_url: str, taken: Sequence[int]) -> int:
    """Send a batch over one connection; returns how many letters left."""
    batch = [
        (message.id, message.tries, _letter(message, to, base_url))
        for message, to in queries.with_addresses(taken)
        if to
    ]
    db.session.rollback()  # nothing is held open while a mail server takes its time
    if not batch:
        return 0
    try:
        with mailer.open() as server:
            return sum(_send_one(mailer, server, *one) for one in batch)
    except NotSent:
        for message_id, tries, _ in batch:
            _note_failed(message_id, tries, for_good=False)
        return 0


def _send_one(mailer: Mailer, server: SMTP, message_id: int, tries: int, letter: Letter) -> int:
    try:
        mailer.send(server, letter)
    except NotSent as failure:
        _note_failed(message_id, tries, for_good=failure.for_good)
        return 0
    with transaction():
        services.note_sent(message_id)
    return 1


def _note_failed(message_id: int, tries: int, *, for_good: bool) -> None:
    with transaction():
        services.note_failed(message_id, tries, clock.now(), for_good=for_good)


def _letter(message: Message, to: str, base_url: str) -> Letter:
    text = LETTER.format(title=message.title, link=base_url + (message.link or "/me/messages"))
    number = f"message-{message.id}-{message.created_at:%Y%m%d%H%M%S%f}"
    return Letter(number, to, f"善邻：{message.title}", text)


JOBS: tuple[Job, ...] = (
    Job("deliver-messages", "投递消息", "* * * * *", deliver_messages, every_day=False),
)
