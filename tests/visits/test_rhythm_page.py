"""The page of the rhythm: everybody in the offices reads it, the city's officer sets it, and what was typed stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.accounts.rules import Role
from app.core import clock
from app.households.rules import Tier
from app.visits import queries
from tests.factories import CITY, SHUNDE, a_user, a_worker, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TOMORROW = clock.today() + timedelta(days=1)


def said(**other: str) -> dict[str, str]:
    return {"tier": "monthly", "days": "21", "valid_from": TOMORROW.isoformat()} | other


def test_the_citys_officer_sets_it_from_a_day_on(client: FlaskClient) -> None:
    sign_in(client, a_user(Role.OFFICER, CITY))

    answer = client.post("/visits/rhythm", data=said(), follow_redirects=True)

    assert answer.status_code == 200
    assert "起每 21 天" in answer.get_data(as_text=True)
    assert queries.rhythm(clock.today())[Tier.MONTHLY] == 30
    assert queries.rhythm(TOMORROW)[Tier.MONTHLY] == 21


def test_sent_twice_it_is_one_rhythm(client: FlaskClient) -> None:
    sign_in(client, a_user(Role.OFFICER, CITY))

    for _ in range(2):
        client.post("/visits/rhythm", data=said())

    assert len(queries.rhythms()) == 1


def test_a_district_officer_reads_it_and_does_not_set_it(client: FlaskClient) -> None:
    sign_in(client, a_user(Role.OFFICER, SHUNDE))

    page = client.get("/visits/rhythm").get_data(as_text=True)
    answer = client.post("/visits/rhythm", data=said())

    assert "由市民政局统一定" in page
    assert answer.status_code == 403
    assert not queries.rhythms()


def test_a_worker_reads_it(client: FlaskClient) -> None:
    page = sign_in(client, a_worker()).get("/visits/rhythm").get_data(as_text=True)

    assert "每 30 天" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"days": "0"}, "1 到 366 天"),
        ({"days": "两周"}, "只填数字"),
        ({"tier": ""}, "请选一档"),
        ({"valid_from": "2020-01-01"}, "从今天或以后开始"),
        ({"valid_from": "明天"}, "日子没有看懂"),
    ],
)
def test_a_wrong_answer_is_said_beside_its_field_and_keeps_the_rest(
    client: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    sign_in(client, a_user(Role.OFFICER, CITY))

    answer = client.post("/visits/rhythm", data=said(**wrong))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{said(**wrong)["days"]}"' in page
    assert not queries.rhythms()
