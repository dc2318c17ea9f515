"""Delivery (投递): letters leave once, wait longer after each failure, and hold no names."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.mail import Mailer
from app.notices import jobs, services
from app.notices.models import Message
from app.notices.rules import MAX_TRIES, MessageState, wait_before
from tests.factories import a_user, keep
from tests.notices.peer import MailServer, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from app.accounts.models import User

NOON = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)
TODAY = clock.day_of(NOON)
TITLE = "你认领的探访后天到期"


@pytest.fixture
def mail(app: Flask) -> Iterator[MailServer]:
    """A mail server which the application is told of."""
    settings = app.config["SHANLIN"]
    with mail_server() as server:
        app.config["SHANLIN"] = dataclasses.replace(settings, smtp_url=server.url)
        yield server
        app.config["SHANLIN"] = settings


def a_reader(address: str | None = "ming@example.org") -> User:
    user = a_user(Role.VOLUNTEER)
    user.email = address
    return keep(user)


def write(user: User, title: str = TITLE, link: str = "/me/tasks", **more: str) -> None:
    with transaction():
        services.queue(user.id, "claim.due", title, link, **more)


def deliver(minutes: float = 0) -> int:
    with clock.frozen(NOON + timedelta(minutes=minutes)):
        return jobs.deliver_messages(TODAY)


def states() -> list[tuple[MessageState, int]]:
    db.session.rollback()
    rows = db.session.execute(select(Message.state, Message.tries).order_by(Message.id))
    return [(state, tries) for state, tries in rows]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_without_a_mail_server_a_message_is_in_the_inbox_and_done(app: Flask) -> None:
    write(a_reader())

    assert [deliver(), deliver()] == [1, 0]
    assert states() == [(MessageState.SENT, 0)]


def test_a_letter_leaves_once(mail: MailServer) -> None:
    write(a_reader())

    assert [deliver(), deliver(1), deliver(60)] == [1, 0, 0]
    [letter] = mail.letters
    assert letter["To"] == "ming@example.org"
    assert letter["From"] == "shanlin@example.org"
    assert letter["Subject"] == f"善邻：{TITLE}"
    assert "http://localhost/me/tasks" in letter.get_content()


def test_a_letter_holds_no_name_not_even_its_readers(mail: MailServer) -> None:
    user = a_reader()
    write(user)
    deliver()

    [letter] = mail.letters
    assert user.name not in letter.as_string()
    assert user.name not in letter.get_content()
    assert user.username not in letter.get_content()


def test_who_gave_no_address_reads_in_the_inbox_alone(mail: MailServer) -> None:
    write(a_reader(None))

    assert deliver() == 1
    assert states() == [(MessageState.SENT, 0)]
    assert mail.letters == []


def test_a_batch_shares_one_connection(mail: MailServer) -> None:
    user = a_reader()
    for _ in range(5):
        write(user)

    assert deliver() == 5
    assert (len(mail.letters), mail.connections) == (5, 1)


def test_many_messages_leave_batch_by_batch(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    user = a_reader()
    for _ in range(5):
        write(user)

    assert deliver() == 5
    assert len({letter["Message-ID"] for letter in mail.letters}) == 5


def test_an_address_refused_for_now_is_tried_again_after_longer_and_longer_waits(
    mail: MailServer,
) -> None:
    mail.refuse["ming@example.org"] = "451 mailbox busy"
    write(a_reader())

    minutes = 0.0
    for tries in range(1, MAX_TRIES):
        assert deliver(minutes) == 0
        assert states() == [(MessageState.QUEUED, tries)]
        wait = wait_before(tries) / timedelta(minutes=1)
        assert deliver(minutes + wait - 0.1) == 0
        assert states() == [(MessageState.QUEUED, tries)]
        minutes += wait
    deliver(minutes)

    assert states() == [(MessageState.FAILED, MAX_TRIES)]


def test_an_address_that_does_not_exist_is_not_tried_again(mail: MailServer) -> None:
    mail.refuse["ming@example.org"] = "550 no such user"
    user, other = a_reader(), a_reader("hua@example.org")
    write(user)
    write(other)

    assert deliver() == 1
    assert states() == [(MessageState.FAILED, 1), (MessageState.SENT, 1)]


@pytest.mark.parametrize("trouble", ["hangs up", "is away"])
def test_a_mail_server_that_fails_delays_and_loses_nothing(
    app: Flask, mail: MailServer, trouble: str
) -> None:
    write(a_reader())
    settings = app.config["SHANLIN"]
    if trouble == "hangs up":
        mail.hang_up = True
    else:
        app.config["SHANLIN"] = dataclasses.replace(
            settings, smtp_url="smtp://127.0.0.1:1/?from=a@b.cn"
        )

    assert deliver() == 0
    assert states() == [(MessageState.QUEUED, 1)]

    mail.hang_up, app.config["SHANLIN"] = False, settings
    assert deliver(1) == 1
    assert len(mail.letters) == 1


def test_what_a_dead_scheduler_took_is_sent_by_the_next_one_under_the_same_number(
    app: Flask, mail: MailServer
) -> None:
    write(a_reader())
    with transaction():
        taken = services.lease(NOON, 10)
    number = jobs._letter(db.session.get_one(Message, taken[0]), "", "").number

    assert deliver(5) == 0
    assert deliver(11) == 1
    assert number in str(mail.letters[0]["Message-ID"])


def test_of_several_schedulers_one_sends_each_message(app: Flask, mail: MailServer) -> None:
    user = a_reader()
    for _ in range(20):
        write(user)
    db.session.remove()

    def schedule() -> None:
        with app.app_context():
            jobs.deliver_messages(TODAY)

    threads = [threading.Thread(target=schedule) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail.letters) == 20
    assert len({letter["Message-ID"] for letter in mail.letters}) == 20
    assert set(states()) == {(MessageState.SENT, 1)}


def test_a_title_with_a_line_break_cannot_add_a_header(mail: MailServer) -> None:
    write(a_reader(), title="提醒\r\nBcc: everybody@example.org")

    assert deliver() == 1
    [letter] = mail.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "善邻：提醒 Bcc: everybody@example.org"


def test_a_reminder_with_the_same_key_is_written_once(app: Flask) -> None:
    user = a_reader()

    write(user, once_key="claim-due:C-1")
    write(user, once_key="claim-due:C-1")
    with transaction():
        services.queue(user.id, "claim.due", TITLE, once_key="claim-due:C-2")
        services.queue(user.id, "claim.due", TITLE, once_key="claim-due:C-2")
        services.queue(None, "claim.due", TITLE)

    assert db.session.scalar(select(func.count(Message.id))) == 2


@pytest.mark.parametrize(
    ("url", "mailer"),
    [
        ("smtp://h/?from=a@b.cn", Mailer("h", 25, "a@b.cn")),
        ("smtp://u%40x:p%3Aw@h/?from=a@b.cn&starttls=1", Mailer("h", 587, "a@b.cn", "u@x", "p:w", "starttls")),
        ("smtps://h:1465/?from=a@b.cn", Mailer("h", 1465, "a@b.cn", tls="smtps")),
        ("", None),
    ],
)  # fmt: skip
def test_a_mail_setting_is_read(url: str, mailer: Mailer | None) -> None:
    assert Mailer.from_url(url) == mailer
