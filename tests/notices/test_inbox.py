"""The inbox (消息): one's own messages, unread ones first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.accounts.rules import Role
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.notices import queries, services
from app.notices.models import Message
from tests.accounts.people import signed_in
from tests.factories import a_user, reload

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from app.accounts.models import User


def write(user: User, *titles: str, link: str = "/me/tasks") -> list[Message]:
    with transaction():
        for title in titles:
            services.queue(user.id, "claim.due", title, link)
    return list(queries.inbox(user.id).rows)


def test_unread_messages_come_first_and_the_newest_of_them_on_top(app: Flask) -> None:
    user = a_user(Role.VOLUNTEER)
    for message in write(user, "一", "二", "三", "四"):
        if message.title in "二四":
            with transaction():
                services.mark_read(user.actor, message)

    assert [message.title for message in queries.inbox(user.id).rows] == ["三", "一", "四", "二"]
    assert queries.unread_count(user.id) == 2


def test_reading_a_message_leads_to_what_it_is_about(app: Flask) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)
    [message] = write(user, "后天到期")

    answer = client.post("/me/messages/read", data={"message": message.id})

    assert (answer.status_code, answer.location) == (303, "/me/tasks")
    first = reload(message).read_at
    client.post("/me/messages/read", data={"message": message.id})
    assert reload(message).read_at == first is not None


@pytest.mark.parametrize("link", ["", "//evil.example", "https://evil.example"])
def test_a_message_leads_to_no_other_site(app: Flask, link: str) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)
    [message] = write(user, "提醒", link=link)

    answer = client.post("/me/messages/read", data={"message": message.id})

    assert answer.location == "/me/messages"


def test_all_messages_are_marked_at_once_and_nobody_elses(app: Flask) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)
    other = a_user(Role.VOLUNTEER)
    write(user, "一", "二")
    write(other, "三")

    client.post("/me/messages/read-all")

    db.session.rollback()
    assert (queries.unread_count(user.id), queries.unread_count(other.id)) == (0, 1)


@pytest.mark.parametrize("number", ["theirs", "0", "nonsense", "999999"])
def test_of_other_peoples_messages_nobody_learns(app: Flask, number: str) -> None:
    client, _ = signed_in(app, Role.VOLUNTEER)
    [theirs] = write(a_user(Role.VOLUNTEER), "别人的")

    wanted = str(theirs.id) if number == "theirs" else number
    answer = client.post("/me/messages/read", data={"message": wanted})

    assert answer.status_code == 404
    assert reload(theirs).read_at is None
    assert "别人的" not in client.get("/me/messages").text


def test_the_service_refuses_somebody_elses_message_too(app: Flask) -> None:
    [theirs] = write(a_user(Role.VOLUNTEER), "别人的")
    admin = a_user(Role.ADMIN).actor

    with pytest.raises(Forbidden), transaction():
        services.mark_read(admin, theirs)


def test_an_empty_inbox_is_friendly(app: Flask) -> None:
    client, _ = signed_in(app, Role.VOLUNTEER)

    assert "这里还很安静" in client.get("/me/messages").text


def test_a_visitor_has_no_inbox(client: FlaskClient) -> None:
    assert client.get("/me/messages").location == "/login?next=/me/messages"


def test_every_message_is_met_once_while_paging(app: Flask) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)
    write(user, *(f"消息{number:02}号" for number in range(45)))
    for message in list(queries.inbox(user.id).rows)[:7]:
        with transaction():
            services.mark_read(user.actor, message)
    db.session.remove()

    seen, url = [], "/me/messages"
    while url:
        page = client.get(url).text
        seen += re.findall(r"消息(\d\d)号", page.partition("<main")[2])
        onward = re.search(r'href="(/me/messages\?page=[^"]+)"', page)
        url = onward[1] if onward else ""

    assert sorted(set(seen)) == [f"{number:02}" for number in range(45)]
    assert len(dict.fromkeys(seen)) == 45
