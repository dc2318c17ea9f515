"""One's own account (账号设置): changed by its owner alone; a new password ends every other session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts import services
from app.accounts.models import SignIn
from app.accounts.rules import Role
from app.core.db import db, transaction
from app.core.errors import Forbidden
from tests.accounts.people import PASSWORD, a_person, is_in, log_in, signed_in
from tests.factories import DALIANG, a_user, reload

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

FORM = {
    "name": "欧阳小明",
    "phone": "138 1234 5678",
    "email": "ming@example.org",
    "home_region": DALIANG,
    "theme": "dark",
    "print_size": "large",
}
NEW = "a-quite-different-phrase"


def test_name_phone_and_looks_are_changed(app: Flask) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)

    answer = client.post("/me/settings", data=FORM)
    page = client.get("/me/settings").text

    assert answer.status_code == 303
    assert reload(user).name == "欧阳小明"
    assert user.phone == "13812345678"
    assert user.email == "ming@example.org"
    assert 'data-theme="dark"' in page
    assert 'data-print="large"' in page


def test_a_phone_taken_out_no_longer_signs_in(app: Flask) -> None:
    user, client = a_person(phone="13812345678"), app.test_client()
    log_in(client, "13812345678")

    client.post("/me/settings", data=FORM | {"phone": ""})

    assert log_in(app.test_client(), "13812345678").status_code == 422
    assert reload(user).phone is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "12"),
        ("email", "not an address"),
        ("email", "a@b.cn\nBcc: c@d.cn"),
        ("name", ""),
        ("theme", "pink"),
        ("print_size", ""),
        ("home_region", "110000"),
    ],
)
def test_a_refused_form_changes_nothing_and_keeps_what_was_typed(
    app: Flask, field: str, typed: str
) -> None:
    client, user = signed_in(app, Role.VOLUNTEER)
    before = user.name

    page = client.post("/me/settings", data=FORM | {field: typed})

    assert page.status_code == 422
    assert "欧阳小明" in page.text or field == "name"
    assert reload(user).name == before


def test_a_new_password_ends_every_other_session_and_renews_this_one(app: Flask) -> None:
    user, here, there = a_person(), app.test_client(), app.test_client()
    log_in(here, user.username)
    log_in(there, user.username)
    cookie = here.get_cookie("shanlin")
    assert cookie is not None

    answer = here.post("/me/settings/password", data={"current": PASSWORD, "password": NEW})

    copy = app.test_client()
    copy.set_cookie("shanlin", cookie.value)
    assert answer.status_code == 303
    assert [is_in(here), is_in(there), is_in(copy)] == [True, False, False]
    assert log_in(app.test_client(), user.username, NEW).status_code == 303
    assert log_in(app.test_client(), user.username, PASSWORD).status_code == 422


@pytest.mark.parametrize(
    ("current", "password", "words"),
    [
        ("wrong-password", NEW, "现在的密码不对"),
        (PASSWORD, "short", "密码至少 10 位"),
        (PASSWORD, "password123", "太常见"),
        ("", NEW, "请填写现在的密码"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(
    client: FlaskClient, current: str, password: str, words: str
) -> None:
    user = a_person()
    log_in(client, user.username)

    page = client.post("/me/settings/password", data={"current": current, "password": password})

    assert page.status_code == 422
    assert words in page.text
    assert log_in(client, user.username).status_code == 303


def test_guessing_the_old_password_is_slowed_down_like_signing_in(client: FlaskClient) -> None:
    user = a_person()
    log_in(client, user.username)

    for _ in range(3):
        client.post("/me/settings/password", data={"current": "wrong", "password": NEW})
    page = client.post("/me/settings/password", data={"current": PASSWORD, "password": NEW})

    assert "试得太频繁了" in page.text
    assert is_in(client)


def test_ones_own_sessions_are_listed_and_one_is_ended(app: Flask) -> None:
    user, desk = a_person(), app.test_client()
    log_in(desk, user.username)
    phone = app.test_client()
    phone.post(
        "/login",
        data={"username": user.username, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 9) Chrome/80 MicroMessenger/8.0"},
    )

    page = desk.get("/me/settings").text
    [other] = db.session.scalars(select(SignIn).where(SignIn.device == "安卓手机 · 微信")).all()
    desk.post("/me/settings/sessions/end", data={"session": other.id})

    assert "安卓手机 · 微信" in page
    assert "这台设备" in page
    assert [is_in(desk), is_in(phone)] == [True, False]


def test_a_session_of_somebody_else_cannot_be_ended(app: Flask) -> None:
    mine, _ = signed_in(app, Role.VOLUNTEER)
    theirs, other = signed_in(app, Role.VOLUNTEER)
    [row] = db.session.scalars(select(SignIn).where(SignIn.user_id == other.id)).all()

    mine.post("/me/settings/sessions/end", data={"session": row.id})
    mine.post("/me/settings/sessions/end", data={"session": "not a number"})

    assert is_in(theirs)


def test_nobody_changes_somebody_elses_account(app: Flask) -> None:
    user, other = a_user(Role.ADMIN, ""), a_user(Role.VOLUNTEER)

    with pytest.raises(Forbidden), transaction():
        services.change_settings(user.actor, other, **FORM)
    with pytest.raises(Forbidden), transaction():
        services.change_password(user.actor, other, password_hash="x")


def test_the_page_needs_a_session(client: FlaskClient) -> None:
    assert client.get("/me/settings").location == "/login?next=/me/settings"
    assert client.post("/me/settings", data=FORM).location == "/login?next=/me"
