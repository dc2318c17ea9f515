"""The edge (网页边缘): refusals are pages, faults show a number and no stack, nothing typed is logged."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from flask import request

from app.core import http
from app.core.errors import BadInput, Forbidden, NotHere, StalePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

SECRET = "440606194910010017"


class TypedText(Exception):  # noqa: N818 - what a careless line of code would raise
    """An exception that holds what somebody typed."""


@pytest.fixture
def faulty(app: Flask) -> Iterator[Flask]:
    """The application as it runs outside tests, with a sign-in page that falls over what was typed."""

    def fall_over() -> str:
        raise TypedText(request.form.get("username", ""))

    fall_over.access = lambda _actor: True  # type: ignore[attr-defined]  # what @public does
    kept = app.view_functions["accounts.sign_in"]
    app.view_functions["accounts.sign_in"] = fall_over
    app.testing = False
    yield app
    app.testing = True
    app.view_functions["accounts.sign_in"] = kept


def test_a_fault_shows_a_number_that_stands_in_the_log_and_no_stack(
    faulty: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = faulty.test_client().post("/login", data={"username": SECRET})

    found = re.search(r"[0-9A-F]{8}", page.text.partition("reference")[2])
    assert page.status_code == 500
    assert found
    assert found[0] in caplog.text
    assert "TypedText" in caplog.text
    for hidden in (SECRET, "Traceback", ".py"):
        assert hidden not in page.text
    assert SECRET not in caplog.text


def test_nothing_typed_appears_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/login", data={"username": SECRET, "password": "p" + SECRET})
        client.get(f"/households?q={SECRET}")
        client.get(f"/{SECRET}")
        client.post("/register", data={"name": SECRET, "phone": SECRET})

    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("refusal", "status"), [(Forbidden, 403), (NotHere, 404), (StalePage, 409), (BadInput, 422)]
)
def test_a_refusal_is_a_page_with_its_sentence_and_a_way_on(
    app: Flask, refusal: type[Forbidden], status: int
) -> None:
    def refuse() -> str:
        raise refusal

    refuse.access = lambda _actor: True  # type: ignore[attr-defined]  # what @public does
    kept = app.view_functions["accounts.privacy"]
    app.view_functions["accounts.privacy"] = refuse
    try:
        page = app.test_client().get("/privacy", headers={"Referer": "http://localhost/login"})
    finally:
        app.view_functions["accounts.privacy"] = kept

    assert page.status_code == status
    assert refusal.message in page.text
    assert 'href="/login"' in page.text


@pytest.mark.parametrize(
    "referer", ["http://evil.example/x", "http://[", "javascript:alert(1)", "//evil.example"]
)
def test_the_way_back_leads_to_no_other_site(app: Flask, referer: str) -> None:
    with app.test_request_context("/tasks", headers={"Referer": referer}):
        assert http._back() == "/me"


def test_an_unknown_address_is_a_page_too(client: FlaskClient) -> None:
    page = client.get("/no-such-page")

    assert page.status_code == 404
    assert http.NO_PAGE in page.text
    assert page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_a_body_beyond_the_cap_is_not_read(client: FlaskClient, kind: str) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    body = part + b"x" * http.SMALL_BODY

    page = client.post("/login", data=body, content_type=kind)

    assert page.status_code == 413
    assert http.TOO_LARGE in page.text


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("/me", "/me"),
        ("/tasks?town=440606005&page=x", "/tasks?town=440606005&page=x"),
        ("/households/DL-000482#visits", "/households/DL-000482#visits"),
        ("/", "/"),
        ("/大良", "/大良"),
        ("", "/home"),
        ("//evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("/a\\b", "/home"),
        ("\\/evil.example", "/home"),
        ("/\t/evil.example", "/home"),
        ("/ /evil", "/home"),
        ("/\u00a0", "/home"),
        ("/\x7f", "/home"),
        ("https://evil.example", "/home"),
        ("https:/evil.example", "/home"),
        ("//[", "/home"),
        ("javascript:alert(1)", "/home"),
        ("evil.example", "/home"),
        ("?a=b", "/home"),
        ("/" + "a" * 1100, "/home"),
    ],
    ids=range(21),
)
def test_a_redirect_stays_on_this_site(app: Flask, wanted: str, found: str) -> None:
    with app.test_request_context("/login", query_string={"next": wanted}):
        assert http.safe_next("/home") == found


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a" * 16, True),
        ("A-b_9" * 8, True),
        ("a" * 15, False),
        ("a" * 41, False),
        ("é" * 20, False),
        ("a" * 16 + "\n", False),
    ],
    ids=range(6),
)
def test_an_idempotency_key_is_one_that_the_tables_hold(
    app: Flask, sent: str, *, kept: bool
) -> None:
    with app.test_request_context("/", method="POST", data={"idempotency_key": sent}):
        key = http.idempotency_key()

    assert (key == sent) is kept
    assert http.KEY_SHAPE.fullmatch(key)


def test_a_static_file_is_kept_for_a_year_under_its_fingerprint(client: FlaskClient) -> None:
    page = client.get("/login").text
    found = re.search(r'href="(/static/css/tokens\.css\?v=[0-9a-f]{12})"', page)
    assert found

    with client.get(found[1]) as versioned, client.get("/static/css/tokens.css") as plain:
        assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert plain.headers["Cache-Control"] == "public, max-age=3600"
