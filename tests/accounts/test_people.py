"""What other features ask about people, and what a password must not be."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest

from app.accounts import queries, services
from app.accounts.rules import Role, UserState, masked_name, password_trouble, plain_phone
from app.core.access import SYSTEM
from app.core.crypto import CannotOpen, KeyRing, rewrap_texts
from app.core.db import db, transaction
from app.core.errors import NotHere
from tests.accounts.people import a_person
from tests.conftest import DATA_KEYS
from tests.factories import DALIANG, SHUNDE, WENXIU, a_user, keep, reload

if TYPE_CHECKING:
    from flask import Flask


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("陈小明", "陈**"),
        ("陈明", "陈*"),
        ("欧阳小明", "欧***"),
        ("明", "明"),
        ("Ming", "Ming"),
        ("热心的街坊", "热心的街坊"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_other_people_see_a_masked_name(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_staff_are_shown_by_name_and_helpers_masked(app: Flask) -> None:
    worker, volunteer = a_user(Role.WORKER), a_user(Role.VOLUNTEER)
    worker.name = volunteer.name = "陈小明"

    assert queries.display_name(worker) == "陈小明"
    assert queries.display_name(volunteer) == "陈**"


def test_names_of_many_people_are_asked_for_at_once(app: Flask) -> None:
    worker = a_user(Role.WORKER)

    assert queries.names_of([worker.id, None, 999_999]) == {worker.id: worker.name}
    assert queries.names_of([None]) == {}


def test_the_workers_of_a_community_come_nearest_first(app: Flask) -> None:
    district, town, elsewhere = (a_user(Role.WORKER, one) for one in (SHUNDE, DALIANG, "440604"))
    closed = a_user(Role.WORKER, DALIANG)
    closed.state = UserState.DISABLED
    keep(closed)
    ended = a_user(Role.WORKER, DALIANG)
    with transaction():
        services.end_grant(SYSTEM, ended, ended.grants[0].id)
    a_user(Role.SUPERVISOR, DALIANG)

    assert queries.workers_of(WENXIU) == [town, district]
    assert queries.workers_of("440604012") == [elsewhere]
    assert queries.workers_of("") == []


def test_a_person_is_found_by_public_code(app: Flask) -> None:
    user = a_user(Role.WORKER)

    assert queries.by_code(user.code) is user
    with pytest.raises(NotHere):
        queries.by_code("U-NOBODY")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0086-138-1234-5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("12812345678", None),
        ("1381234567", None),
        ("138123456789", None),
        ("user13812345678", None),
        ("", None),
    ],
)
def test_a_phone_is_read_as_people_type_it(typed: str, number: str | None) -> None:
    assert plain_phone(typed) == number


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password123",
        "Password!!!1",
        "qwertyuiop",
        "1234567890",
        "19491001000",
        "aaaaaaaaaaaa",
        "abababababab",
        "1qaz2wsx3edc",
        "woaini1314520",
        "shanlin-demo",
        "ＳＨＡＮＬＩＮ２０２６",
        "foshan@2026",
        "chenxiaoming-2026",
        "x" * 129,
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    assert password_trouble(password, "chenxiaoming", "陈小明", "13812345678")


@pytest.mark.parametrize(
    "password",
    ["banyan-shade-river", "荔枝和龙眼都在七月熟了", "k7#mQ2vX9p!", "correct horse battery"],
)
def test_a_good_password_passes(password: str) -> None:
    assert password_trouble(password, "chenxiaoming", "陈小明", "13812345678") is None


def test_rotating_the_master_key_seals_every_name_anew(app: Flask) -> None:
    user = a_person(phone="13812345678")
    user.email = "ming@example.org"
    keep(user)
    with transaction():
        services.invite(SYSTEM, role=Role.ADMIN, name="李管理", key="k")
    name = user.name
    old, fresh = app.extensions["keyring"], base64.b64encode(os.urandom(32)).decode()
    try:
        app.extensions["keyring"] = KeyRing(f"2:{fresh},{DATA_KEYS}")

        with transaction():
            counts = [rewrap_texts(), rewrap_texts()]

        app.extensions["keyring"] = KeyRing(f"2:{fresh}")
        assert counts == [4, 0]
        assert (reload(user).name, user.phone) == (name, "13812345678")
        app.extensions["keyring"] = old
        with pytest.raises(CannotOpen):
            reload(user)
    finally:
        app.extensions["keyring"] = old
        db.session.rollback()
