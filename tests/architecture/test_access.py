"""Every address of the site (每个网址): who may open it, how it is spelt, and what protects it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.accounts.rules import Role
from app.core import http
from tests.accounts.people import signed_in
from tests.factories import a_user, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule

PUBLIC = {  # what a stranger may open; a new line here is a decision
    "accounts.accept_invitation",
    "accounts.create_account",
    "accounts.invitation",
    "accounts.login",
    "accounts.privacy",
    "accounts.register",
    "accounts.sign_in",
    "portal.front",
    "portal.healthz",
    "portal.readyz",
}
READING = {"GET", "HEAD", "OPTIONS"}
NUMBERED = {"position"}  # numbers that mean nothing without the code before them
# arguments that are public codes; a kind is a word of the rules and nobody's
NAMED = {"code", "file_no", "token", "delivery", "kind"}
SEGMENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
SAMPLE = {
    "code": "X-NOBODY2345",
    "file_no": "XX-000000",
    "token": "0" * 64,
    "delivery": "X-NOBODY2345",
    "change": "move",
}
ROLES = [None, *Role]


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def url(app: Flask, rule: Rule) -> str:
    values = {name: SAMPLE.get(name, "1") for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, values, method=method_of(rule)))


def method_of(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def writing(app: Flask) -> list[Rule]:
    return [rule for rule in rules(app) if (rule.methods or set()) - READING]


@pytest.fixture
def any_app(sqlite_app: Flask) -> Flask:
    """The application; its addresses are the same on both databases."""
    return sqlite_app


@pytest.fixture
def guarded(app: Flask) -> Iterator[Flask]:
    """The application with its CSRF check on, as it runs outside the tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def test_every_page_declares_who_may_open_it(any_app: Flask) -> None:
    silent = [
        rule.endpoint
        for rule in rules(any_app)
        if not hasattr(any_app.view_functions[rule.endpoint], "access_words")
    ]

    assert silent == []


def test_what_strangers_may_open_is_written_down(any_app: Flask) -> None:
    found = {
        rule.endpoint
        for rule in rules(any_app)
        if getattr(any_app.view_functions[rule.endpoint], "access_words", "") == "everybody"
    }

    assert found - PUBLIC == set()


def test_an_address_is_spelt_in_small_letters_and_hyphens(any_app: Flask) -> None:
    odd = [
        rule.rule
        for rule in rules(any_app)
        for part in ARGUMENT.sub("", rule.rule).split("/")
        if part and not SEGMENT.fullmatch(part) and part not in {"service-worker.js", ".well-known"}
        and not re.fullmatch(r"[a-z-]+\.(?:js|json|csv|xlsx|pdf|txt|svg|webmanifest)", part)
    ]  # fmt: skip

    assert odd == []


def test_an_address_names_things_by_public_code(any_app: Flask) -> None:
    odd = [
        f"{rule.rule}: {name}"
        for rule in rules(any_app)
        for kind, name in ARGUMENT.findall(rule.rule)
        if (kind == "int") != (name in NUMBERED) or (name not in NAMED | NUMBERED and kind != "any")
    ]

    assert odd == []


def test_a_change_is_never_a_get(any_app: Flask) -> None:
    mixed = [
        rule.rule
        for rule in rules(any_app)
        if "GET" in (rule.methods or set()) and (rule.methods or set()) - READING
    ]

    assert mixed == []


def test_every_change_without_a_token_is_refused(guarded: Flask) -> None:
    for rule in writing(guarded):
        client, _ = signed_in(guarded, Role.ADMIN, "4406")

        answer = client.open(url(guarded, rule), method=method_of(rule), data={"a": "b"})

        assert answer.status_code == 400, rule.rule
        assert http.STALE_FORM in answer.text


def test_a_token_of_another_session_is_refused(guarded: Flask) -> None:
    theirs, mine = guarded.test_client(), guarded.test_client()
    token = token_on(theirs.get("/login").text)
    token_on(mine.get("/login").text)

    form = {"username": "a", "password": "b", "csrf_token": token}
    assert mine.post("/login", data=form).status_code == 400
    assert theirs.post("/login", data=form).status_code == 422


def test_the_token_is_a_new_one_after_signing_in(guarded: Flask) -> None:
    client = guarded.test_client()
    before = token_on(client.get("/login").text)
    sign_in(client, a_user(Role.VOLUNTEER))
    with client.session_transaction() as session:
        session.pop("csrf_token")  # what signing in does

    answer = client.post("/logout", data={"csrf_token": before})

    assert answer.status_code == 400


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_opens_a_page_of_another_role(app: Flask, role: Role | None) -> None:
    client = signed_in(app, role)[0] if role else app.test_client()
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        words = getattr(view, "access_words", "")
        allowed = words == "everybody" or (
            role is not None and (words == "signed in" or role.value in words.split(", "))
        )
        if allowed:
            continue

        answer = client.open(url(app, rule), method=method_of(rule))

        if role is None:
            assert answer.location.startswith("/login"), rule.rule
        else:
            assert answer.status_code == 403, rule.rule


def test_a_page_that_declares_nothing_is_refused(app: Flask) -> None:
    client, _ = signed_in(app, Role.ADMIN, "4406")
    kept = app.view_functions["portal.me"]
    app.view_functions["portal.me"] = lambda: "open to everybody by mistake"
    try:
        answers = [client.get("/me"), app.test_client().get("/me")]
    finally:
        app.view_functions["portal.me"] = kept

    assert [answer.status_code for answer in answers] == [403, 303]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_protected_and_works(app: Flask, role: Role | None) -> None:
    """No page of an empty city falls over, and none goes without the headers that protect it."""
    client = signed_in(app, role, "4406")[0] if role else app.test_client()
    for rule in rules(app):
        if "GET" in (rule.methods or set()):
            assert_protected(client, url(app, rule))


def assert_protected(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code < 500, path
    for name, value in http.HEADERS.items():
        assert answer.headers.get(name) == value, (path, name)
    assert answer.headers["Cache-Control"] == "no-store", path
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_secure_site_is_asked_for_again_only_securely(app: Flask) -> None:
    open_, secure = (
        app.test_client().get("/login", base_url=base)
        for base in ("http://localhost", "https://localhost")
    )

    assert "Strict-Transport-Security" not in open_.headers
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
