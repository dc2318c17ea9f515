"""Pages of files that may be one: the list, the two side by side, told apart or asked to be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households import jobs
from app.households.models import Approval, Household, Twins
from app.households.rules.twins import TwinState
from tests.factories import SHUNDE, a_user, a_worker, reload, sign_in
from tests.households.families import HUO, One, a_family

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HEARD = One("霍凤枝", "0", "", "1956-03-15")
CLEAR = ("霍凤志", "霍凤枝", "440623195603151820", "13800005678", "仕版38号")
GUIZHOU = "440606006001"
KEY = "key-of-this-page-000001"


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A worker of 大良, signed in."""
    return sign_in(client, a_worker())


def a_pair() -> Twins:
    a_family(*HUO)
    a_family(HEARD)
    jobs.find_twins(clock.today())
    return db.session.scalars(select(Twins)).one()


def page(pair: Twins, verb: str = "") -> str:
    return f"/households/twins/{pair.code}" + (f"/{verb}" if verb else "")


def test_the_list_leads_to_two_files_side_by_side_and_names_nobody(desk: FlaskClient) -> None:
    pair = a_pair()

    listed, shown = desk.get("/households/twins"), desk.get(page(pair))

    assert pair.code in listed.text
    assert "霍*志" in shown.text
    assert "像同一个人" in shown.text
    assert not [words for words in CLEAR if words in listed.text + shown.text]


def test_told_apart_once_it_is_off_the_list(desk: FlaskClient) -> None:
    pair = a_pair()
    url, said = page(pair, "different"), {"reason": "同名的两个人"}

    answers = [desk.post(url, data=data).status_code for data in ({}, said, said)]

    assert answers == [422, 303, 409]
    assert (reload(pair).state, pair.reason) == (TwinState.DIFFERENT, "同名的两个人")
    assert pair.code not in desk.get("/households/twins").text
    assert pair.code in desk.get("/households/twins?state=different").text
    assert "同名的两个人" in desk.get(page(pair)).text


def test_what_was_typed_comes_back_with_the_refusal(desk: FlaskClient) -> None:
    pair = a_pair()

    answer = desk.post(page(pair, "ask"), data={"why": "核过户口本"})

    assert answer.status_code == 422
    assert "请选保留哪一份" in answer.text
    assert "核过户口本" in answer.text


def test_asked_twice_with_one_key_it_is_asked_once(desk: FlaskClient) -> None:
    pair = a_pair()
    said = {"keep": "second", "why": "核过户口本", "idempotency_key": KEY}

    answers = [desk.post(page(pair, "ask"), data=said).status_code for _ in range(2)]

    db.session.rollback()
    assert answers == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Approval)) == 1
    assert "正在等督导审批" in desk.get(page(pair)).text


@pytest.mark.parametrize(
    ("role", "region", "answer"),
    [
        (Role.WORKER, "440606102", 404),
        (Role.SUPERVISOR, "440605", 404),
        (Role.OFFICER, SHUNDE, 403),
        (Role.VOLUNTEER, "440606005", 403),
    ],
)
def test_only_who_works_with_either_file_decides(
    client: FlaskClient, role: Role, region: str, answer: int
) -> None:
    pair = a_pair()
    sign_in(client, a_user(role, region))

    for verb, said in (("different", {"reason": "x"}), ("ask", {"keep": "first", "why": "x"})):
        assert client.post(page(pair, verb), data=said).status_code == answer
    assert reload(pair).state is TwinState.OPEN


def test_strangers_are_led_to_the_door_and_an_unknown_pair_is_not_here(desk: FlaskClient) -> None:
    pair = a_pair()

    assert desk.get("/households/twins/W-NOBODY2345").status_code == 404
    assert desk.post("/households/twins/W-NOBODY2345/different", data={}).status_code == 404
    stranger = desk.application.test_client()
    assert stranger.post(page(pair, "different"), data={"reason": "x"}).status_code == 303


def test_of_a_file_elsewhere_a_worker_sees_surname_and_town(client: FlaskClient) -> None:
    pair = a_pair()
    pair.second_region_code = GUIZHOU  # as the move of the second file would leave it
    second = pair.second_id
    with transaction():
        file = db.session.get_one(Household, second)
        file.region_code, file.town_code = GUIZHOU, GUIZHOU[:9]
        db.session.add(pair)
    sign_in(client, a_worker())

    shown = client.get(page(pair)).text

    assert "霍**一家" in shown
    assert file.file_no not in shown
    assert "容桂街道" in shown
    assert "提请督导合并" in shown
