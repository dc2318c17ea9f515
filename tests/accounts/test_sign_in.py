"""Signing in (登录): by user name or phone, slowed down by wrong passwords, telling strangers nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from app.accounts import services
from app.accounts.errors import TooManyTries, WrongSignIn
from app.accounts.models import SignIn, SignInThrottle, User
from app.accounts.rules import Role, UserState
from app.audit.models import AuditRow
from app.core import clock, passwords
from app.core.db import db, transaction
from tests.accounts.people import PASSWORD, a_person, is_in, log_in
from tests.factories import a_user, keep, reload

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

NOON = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)
WRONG = "not-the-password"
CSRF = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.mark.parametrize(
    "typed", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８"]
)
def test_a_phone_signs_in_however_it_is_typed(client: FlaskClient, typed: str) -> None:
    a_person(phone="13812345678")

    assert log_in(client, typed).status_code == 303
    assert is_in(client)


def test_a_user_name_signs_in_in_any_case_and_width(client: FlaskClient) -> None:
    user = a_person()

    assert log_in(client, f" {user.username.upper()} ").status_code == 303
    assert is_in(client)


def test_a_family_that_shares_a_phone_signs_in_each_with_their_own_password(app: Flask) -> None:
    mother = a_person(phone="13812345678", password="mother-of-the-house")
    son = a_person(phone="13812345678", password="son-of-the-house-two")
    hers, his = app.test_client(), app.test_client()

    log_in(hers, "13812345678", "mother-of-the-house")
    log_in(his, "13812345678", "son-of-the-house-two")

    assert mother.username in hers.get("/me/settings").text
    assert son.username in his.get("/me/settings").text


def test_the_answer_is_the_same_for_nobody_a_wrong_password_and_a_closed_account(
    app: Flask,
) -> None:
    known, closed = a_person(), a_person()
    closed.state = UserState.DISABLED
    keep(closed)

    answers = {
        (answer.status_code, CSRF.sub("", answer.text).replace(name, "NAME"))
        for name, password in (
            (known.username, WRONG),
            (closed.username, PASSWORD),
            ("nobody", WRONG),
        )
        for answer in [log_in(app.test_client(), name, password)]
    }

    assert len(answers) == 1
    assert answers.pop()[0] == 422


@pytest.mark.parametrize(
    ("typed", "checks"), [("nobody", 1), ("somebody", 1), ("13912345678", 3), ("13812345678", 3)]
)
def test_as_many_passwords_are_checked_whether_or_not_there_is_an_account(
    app: Flask, monkeypatch: pytest.MonkeyPatch, typed: str, checks: int
) -> None:
    user = a_person(phone="13812345678")
    user.username = "somebody"
    keep(user)
    seen = []
    real = passwords.matches

    def watched(known: str | None, said: str) -> bool:
        seen.append(known)
        return real(known, said)

    monkeypatch.setattr(passwords, "matches", watched)

    services.prove(typed, WRONG)

    assert len(seen) == checks


def test_an_account_without_a_password_lets_nobody_in(client: FlaskClient) -> None:
    user = a_user(Role.WORKER)

    assert log_in(client, user.username, "none").status_code == 422


def test_wrong_passwords_slow_down_and_then_lock_for_half_an_hour(client: FlaskClient) -> None:
    user = a_person()
    at = NOON

    def send(password: str) -> int:
        with clock.frozen(at):
            return log_in(client, user.username, password).status_code

    assert [send(WRONG) for _ in range(3)] == [422, 422, 422]
    assert send(PASSWORD) == 429
    at += timedelta(seconds=5)
    assert send(WRONG) == 422
    at += timedelta(seconds=5)
    assert send(PASSWORD) == 429
    at += timedelta(seconds=5)
    assert send(WRONG) == 422
    at += timedelta(minutes=29)
    assert send(PASSWORD) == 429
    at += timedelta(minutes=2)
    assert send(PASSWORD) == 303


def test_a_name_nobody_has_is_locked_just_the_same(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        answers = [log_in(client, "nobody", WRONG).status_code for _ in range(4)]

    assert answers == [422, 422, 422, 429]


def test_the_right_password_gives_the_tries_back(client: FlaskClient) -> None:
    user = a_person()
    with clock.frozen(NOON):
        log_in(client, user.username, WRONG)
        log_in(client, user.username)

    assert db.session.scalars(select(SignInThrottle)).all() == []


def test_tries_of_an_hour_ago_are_forgotten(app: Flask) -> None:
    for minutes in (0, 0, 0, 61):
        with clock.frozen(NOON + timedelta(minutes=minutes)), transaction():
            services.take_try("nobody")

    assert db.session.scalars(select(SignInThrottle.failures)).one() == 1


def test_a_try_is_counted_before_the_password_is_looked_at(app: Flask) -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            with transaction():
                services.take_try("someone")

        with pytest.raises(TooManyTries), transaction():
            services.take_try("someone")


def test_what_was_typed_as_a_name_is_kept_nowhere(client: FlaskClient) -> None:
    log_in(client, "my-secret-password", WRONG)

    [row] = db.session.scalars(select(AuditRow)).all()
    [throttle] = db.session.scalars(select(SignInThrottle)).all()
    assert (row.action, row.subject) == ("session.refuse", "")
    assert b"my-secret-password" not in throttle.subject


def test_every_try_is_on_record(client: FlaskClient) -> None:
    user = a_person()

    log_in(client, user.username, WRONG)
    log_in(client, user.username)

    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("session.refuse", user.code),
        ("session.open", user.code),
    ]
    assert rows[1].user_id == user.id


def test_a_hash_of_weaker_days_is_renewed_at_sign_in(client: FlaskClient) -> None:
    user = a_person()
    old = PasswordHasher(time_cost=2, memory_cost=32, parallelism=1).hash(PASSWORD)
    user.password_hash = old
    keep(user)

    log_in(client, user.username)

    assert reload(user).password_hash != old
    assert passwords.matches(user.password_hash, PASSWORD)
    assert not passwords.is_outdated(user.password_hash)


def test_the_hash_of_an_installation_is_argon2id_and_dear(app: Flask) -> None:
    made = passwords._hasher(cheap=False)

    assert made.type.name == "ID"
    assert made.memory_cost >= 19 * 1024
    assert made.time_cost >= 2


def test_signing_in_leads_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    user = a_person()

    asked = client.get("/me/settings")
    page = client.get(asked.location)
    answer = client.post(
        "/login",
        data={"username": user.username, "password": PASSWORD, "next": "/me/settings"},
    )

    assert asked.location == "/login?next=/me/settings"
    assert 'value="/me/settings"' in page.text
    assert answer.location == "/me/settings"


@pytest.mark.parametrize(
    "hostile",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "//[",
        "http:evil.example",
        "/ok\r\nSet-Cookie: a=b",
        " /me",
        "me",
        "/me\\..\\",
        "/\ud800".encode("utf-8", "replace").decode() + "\x00",
    ],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, hostile: str) -> None:
    user = a_person()

    page = client.get(f"/login?next={quote(hostile)}")
    answer = client.post(
        "/login", data={"username": user.username, "password": PASSWORD, "next": hostile}
    )

    assert 'name="next"' not in page.text
    assert answer.location == "/me"


def test_who_is_signed_in_is_led_on(app: Flask, client: FlaskClient) -> None:
    user = a_person()
    log_in(client, user.username)

    assert client.get("/login?next=/me/settings").location == "/me/settings"
    assert client.get("/register").location == "/me"


def test_a_refused_form_keeps_the_name_and_never_the_password(client: FlaskClient) -> None:
    page = log_in(client, "somebody", WRONG)

    assert 'value="somebody"' in page.text
    assert WRONG not in page.text


@pytest.mark.parametrize("data", [{}, {"username": "a" * 65, "password": "x"}, {"username": "a"}])
def test_an_incomplete_form_comes_back(client: FlaskClient, data: dict[str, str]) -> None:
    assert client.post("/login", data=data).status_code == 422


def test_a_password_changed_meanwhile_opens_no_session(app: Flask) -> None:
    user = a_person()
    proof = services.prove(user.username, PASSWORD)
    assert proof is not None
    with transaction():
        db.session.execute(
            update(User)
            .values(password_hash=passwords.hash_password("another one"))
            .execution_options(synchronize_session=False)
        )

    with pytest.raises(WrongSignIn), transaction():
        services.open_session(proof)

    assert db.session.scalars(select(SignIn)).all() == []
