"""What every page knows about its reader (页面公用)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.accounts.rules import Role
from app.portal import rules
from tests.factories import a_user, a_volunteer, a_worker, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_a_visitor_is_shown_the_way_in(client: FlaskClient) -> None:
    page = client.get("/").text

    assert 'data-shell="public"' in page
    assert "登录" in page


def test_a_volunteer_holds_a_phone_with_four_places(client: FlaskClient) -> None:
    sign_in(client, a_volunteer())

    page = client.get("/me").text

    assert 'data-shell="phone"' in page
    for word in ("找任务", "我的任务", "记录"):
        assert f"<span>{word}</span>" in page


def test_a_worker_sits_at_a_desk_and_is_called_by_name_place_and_role(client: FlaskClient) -> None:
    worker = a_worker()
    sign_in(client, worker)

    page = client.get("/me").text

    assert 'data-shell="desk"' in page
    assert worker.name in page
    assert "双百社工 · 大良街道" in page


def test_who_has_no_role_sees_no_place(client: FlaskClient) -> None:
    sign_in(client, a_user())

    assert 'data-shell="public"' in client.get("/me").text


def test_a_wrong_address_is_answered_with_a_page_for_everybody(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    sign_in(client, a_worker())
    assert client.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/me", "/me"),
        ("/me/settings", "/me/settings"),
        ("/households/440606DB2026000001", "/households"),
        ("/elsewhere", ""),
    ],
)
def test_the_place_of_a_page_is_the_longest_that_fits(path: str, here: str) -> None:
    assert rules.current(path, rules.places_for({Role.WORKER})) == here


def test_two_roles_meet_in_one_navigation_without_repeating() -> None:
    hrefs = [place.href for place in rules.places_for({Role.WORKER, Role.OFFICER})]

    assert len(hrefs) == len(set(hrefs))


def test_the_watchman_gets_an_answer(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").status_code == 200
