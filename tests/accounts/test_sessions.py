"""Sessions (会话): new at every sign-in, dead everywhere after signing out, ended by silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts import jobs, services
from app.accounts.models import SignIn
from app.accounts.queries import token_hash
from app.accounts.rules import Role, UserState
from app.core import clock
from app.core.db import db
from tests.accounts.people import a_person, is_in, log_in, signed_in
from tests.factories import keep, reload

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

MORNING = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("shanlin")
    assert cookie is not None
    return str(cookie.value)


def with_cookie(app: Flask, value: str) -> FlaskClient:
    """Another browser that holds a copied cookie."""
    thief = app.test_client()
    thief.set_cookie("shanlin", value)
    return thief


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(app: Flask) -> None:
    user, client = a_person(), app.test_client()
    log_in(client, user.username)
    old = cookie_of(client)

    log_in(client, user.username)

    assert cookie_of(client) != old
    assert is_in(client)
    assert not is_in(with_cookie(app, old))


def test_a_planted_session_does_not_survive_the_sign_in(app: Flask) -> None:
    user, client = a_person(), app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "chosen by somebody else"
        session["csrf_token"] = "known to somebody else"
        session["planted"] = "yes"

    log_in(client, user.username)

    with client.session_transaction() as session:
        assert session["_user_id"] != "chosen by somebody else"
        assert session.get("csrf_token") != "known to somebody else"
        assert "planted" not in session


def test_only_a_hash_of_the_token_is_kept(app: Flask) -> None:
    user, client = a_person(), app.test_client()
    log_in(client, user.username)

    with client.session_transaction() as session:
        token = session["_user_id"]

    [kept] = db.session.scalars(select(SignIn)).all()
    assert kept.token_hash == token_hash(token)
    assert token.encode() not in kept.token_hash


def test_signing_out_kills_every_copy_of_the_cookie(app: Flask) -> None:
    user, client = a_person(), app.test_client()
    log_in(client, user.username)
    copy = cookie_of(client)

    answer = client.post("/logout")

    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(client)
    assert not is_in(with_cookie(app, copy))


def test_signing_out_here_leaves_the_other_devices_alone(app: Flask) -> None:
    user, phone, desk = a_person(), app.test_client(), app.test_client()
    log_in(phone, user.username)
    log_in(desk, user.username)

    desk.post("/logout")

    assert is_in(phone)
    assert not is_in(desk)


def test_signing_out_everywhere_ends_all_of_ones_own_sessions_and_nobody_elses(app: Flask) -> None:
    user, other = a_person(), a_person()
    phone, desk, theirs = (app.test_client() for _ in range(3))
    log_in(phone, user.username)
    log_in(desk, user.username)
    log_in(theirs, other.username)

    phone.post("/logout/everywhere")

    assert [is_in(phone), is_in(desk), is_in(theirs)] == [False, False, True]


def test_signing_out_needs_a_post_and_a_session(client: FlaskClient) -> None:
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").location.startswith("/login")


@pytest.mark.parametrize(
    ("role", "silence", "alive"),
    [
        (Role.WORKER, timedelta(minutes=29), True),
        (Role.WORKER, timedelta(minutes=31), False),
        (Role.ADMIN, timedelta(minutes=31), False),
        (Role.VOLUNTEER, timedelta(days=13), True),
        (Role.VOLUNTEER, timedelta(days=15), False),
        (Role.DONOR, timedelta(hours=5), True),
    ],
)
def test_a_silent_session_ends_sooner_in_an_office_than_on_a_phone(
    app: Flask, role: Role, silence: timedelta, *, alive: bool
) -> None:
    with clock.frozen(MORNING):
        client, _ = signed_in(app, role)

    with clock.frozen(MORNING + silence):
        assert is_in(client) is alive


def test_an_office_that_works_all_day_stays_signed_in(app: Flask) -> None:
    with clock.frozen(MORNING):
        client, _ = signed_in(app, Role.WORKER)

    for minutes in range(20, 481, 20):
        with clock.frozen(MORNING + timedelta(minutes=minutes)):
            assert is_in(client)


def test_the_last_use_is_written_at_most_every_five_minutes(app: Flask) -> None:
    with clock.frozen(MORNING):
        client, _ = signed_in(app, Role.WORKER)
    row = db.session.scalars(select(SignIn)).one()

    written = []
    for minutes in (1, 4, 6, 8, 10, 12):
        with clock.frozen(MORNING + timedelta(minutes=minutes)):
            client.get("/me/settings")
        written.append((reload(row).seen_at - MORNING) // timedelta(minutes=1))

    assert written == [0, 0, 6, 6, 6, 12]


def test_a_closed_account_is_out_at_the_next_click(app: Flask) -> None:
    client, user = signed_in(app, Role.WORKER)
    user.state = UserState.DISABLED
    keep(user)

    assert not is_in(client)


def test_an_office_cookie_ends_with_the_browser_and_a_helpers_stays(app: Flask) -> None:
    worker, volunteer = a_person(Role.WORKER), a_person(Role.VOLUNTEER)

    office = log_in(app.test_client(), worker.username).headers["Set-Cookie"]
    phone = log_in(app.test_client(), volunteer.username).headers["Set-Cookie"]

    assert "Expires" not in office
    assert "Expires" in phone
    assert all("HttpOnly" in one and "SameSite=Lax" in one for one in (office, phone))


def test_a_helpers_cookie_is_sent_anew_only_when_its_use_is_written(app: Flask) -> None:
    with clock.frozen(MORNING):
        client, _ = signed_in(app, Role.VOLUNTEER)
        client.get("/me")  # the first page puts the forms' token into it

    sent = []
    for minutes in (1, 4, 6, 8):
        with clock.frozen(MORNING + timedelta(minutes=minutes)):
            sent.append("Set-Cookie" in client.get("/me").headers)

    assert sent == [False, False, True, False]


def test_the_night_ends_forgotten_sessions_and_the_second_run_changes_nothing(app: Flask) -> None:
    with clock.frozen(MORNING):
        signed_in(app, Role.VOLUNTEER)
    with clock.frozen(MORNING + timedelta(days=19)):
        signed_in(app, Role.VOLUNTEER)
    day = clock.day_of(MORNING + timedelta(days=20))

    assert [jobs.tidy_sessions(day), jobs.tidy_sessions(day)] == [1, 0]
    ended = db.session.scalars(select(SignIn.ended_at).order_by(SignIn.id)).all()
    assert [one is not None for one in ended] == [True, False]


def test_sessions_of_half_a_year_ago_are_forgotten(app: Flask) -> None:
    with clock.frozen(MORNING):
        client, _ = signed_in(app, Role.VOLUNTEER)
        client.post("/logout")

    services.tidy(MORNING + timedelta(days=181))

    assert db.session.scalars(select(SignIn)).all() == []
