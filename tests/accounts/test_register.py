"""Registering (注册): volunteers and donors make their own account, once, and tell nobody their phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts import services
from app.accounts.models import User
from app.accounts.queries import by_username
from app.accounts.rules import CITY, PLEDGE, PLEDGE_VERSION, Role
from app.core import clock
from app.core.access import NOBODY
from app.core.db import db, transaction
from app.core.errors import Forbidden
from tests.accounts.people import a_person, is_in, log_in
from tests.factories import DALIANG

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

FORM = {
    "role": "volunteer",
    "name": "阿明",
    "username": "ming",
    "phone": "13812345678",
    "password": "lychee-and-longan",
    "home_region": DALIANG,
    "pledge": "y",
    "idempotency_key": "a-key-of-this-very-form",
}


def test_a_volunteer_registers_and_is_signed_in(client: FlaskClient) -> None:
    answer = client.post("/register", data=FORM)

    user = by_username("ming")
    assert user is not None
    assert answer.location == "/me"
    assert is_in(client)
    assert [(grant.role, grant.region_code) for grant in user.grants] == [(Role.VOLUNTEER, CITY)]
    assert user.home_region == DALIANG


def test_the_pledge_is_kept_with_its_version_and_moment(client: FlaskClient) -> None:
    client.post("/register", data=FORM)

    user = by_username("ming")
    assert user is not None
    assert user.pledge_version == PLEDGE_VERSION
    assert user.pledged_at is not None
    assert clock.day_of(user.pledged_at) == clock.today()


def test_the_form_shows_the_whole_pledge_and_all_towns(client: FlaskClient) -> None:
    page = client.get("/register").text

    assert all(sentence in page for sentence in PLEDGE)
    assert page.count("<option") == 1 + 32
    assert page.count("<optgroup") == 5


def test_a_donor_registers(client: FlaskClient) -> None:
    client.post("/register", data=FORM | {"role": "donor", "phone": ""})

    user = by_username("ming")
    assert user is not None
    assert user.roles == {Role.DONOR}
    assert user.phone is None


@pytest.mark.parametrize("role", ["worker", "admin", "auditor", "", "nonsense"])
def test_nobody_registers_as_staff(client: FlaskClient, role: str) -> None:
    assert client.post("/register", data=FORM | {"role": role}).status_code == 422
    assert by_username("ming") is None


def test_the_service_refuses_staff_too(app: Flask) -> None:
    with pytest.raises(Forbidden), transaction():
        services.register(
            NOBODY,
            role=Role.ADMIN,
            username="ming",
            name="阿明",
            phone="",
            password_hash="x",
            home_region="",
            key="k",
        )


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("username", "1ming", "用户名要用字母开头"),
        ("username", "13812345678", "用户名要用字母开头"),
        ("username", "mi", "3–32 位"),
        ("username", "阿明", "用户名要用字母开头"),
        ("username", "ming<script>", "用户名要用字母开头"),
        ("phone", "0757-22211111", "手机号是 11 位数字"),
        ("password", "short", "密码至少 10 位"),
        ("password", "1234567890123", "只有数字"),
        ("password", "ming-likes-tea", "密码里不要带用户名"),
        ("password", "shanlin-demo", "太常见"),
        ("home_region", "440699999", ""),
        ("home_region", "", "请选一个镇街"),
        ("pledge", "", "请先读一读保密承诺"),
        ("name", "", "请填写怎么称呼你"),
        ("name", "长" * 41, "40 个字以内"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    client: FlaskClient, field: str, typed: str, words: str
) -> None:
    page = client.post("/register", data=FORM | {field: typed})

    assert page.status_code == 422
    assert words in page.text
    assert 'value="阿明"' in page.text or field == "name"
    assert 'value="13812345678"' in page.text or field == "phone"
    assert FORM["password"] not in page.text
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_a_taken_user_name_is_told_beside_the_field(client: FlaskClient) -> None:
    user = a_person()

    page = client.post("/register", data=FORM | {"username": user.username.upper()})

    assert page.status_code == 422
    assert "这个用户名已经有人用了" in page.text


def test_the_same_form_sent_twice_makes_one_account_and_gives_the_same_answer(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()

    answers = [client.post("/register", data=FORM) for client in (first, second)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/me")}
    assert is_in(second)
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_a_stolen_key_without_the_password_opens_no_session(app: Flask) -> None:
    app.test_client().post("/register", data=FORM)
    thief = app.test_client()

    answer = thief.post("/register", data=FORM | {"password": "some-other-phrase"})

    assert answer.location == "/login"
    assert not is_in(thief)


def test_a_phone_that_somebody_has_is_not_betrayed(app: Flask) -> None:
    a_person(phone="13812345678")

    known = app.test_client().post("/register", data=FORM)
    fresh = app.test_client().post(
        "/register",
        data=FORM
        | {
            "username": "hua",
            "phone": "13912345678",
            "idempotency_key": "another-form-altogether",
        },
    )

    assert (known.status_code, known.location) == (fresh.status_code, fresh.location)
    by_phone = [
        log_in(app.test_client(), phone, FORM["password"]).status_code
        for phone in ("13812345678", "13912345678")
    ]
    assert by_phone == [303, 303]


def test_names_and_phones_lie_sealed_in_the_database(client: FlaskClient) -> None:
    client.post("/register", data=FORM)

    row = db.session.connection().exec_driver_sql('select name, phone from "user"').one()

    assert "阿明".encode() not in bytes(row[0])
    assert b"13812345678" not in bytes(row[1])


def test_the_privacy_notice_names_who_answers_for_it(client: FlaskClient, app: Flask) -> None:
    page = client.get("/privacy").text

    for asked in ("处理者", "怎样联系", "用来做什么", "保存多久", "更正", "删除", "撤回同意"):
        assert asked in page
