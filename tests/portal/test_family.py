"""Pages of a family change: choose, say, look, confirm; refused with everything kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, transaction
from app.households.models import Approval, Household
from app.households.rules import HouseholdState
from app.households.rules.families import Choices
from app.portal.services import family
from tests.factories import (
    a_household,
    a_worker,
    reload,
    sign_in,
)
from tests.households.families import CHEN, HUO, a_family, code_of, names

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

GUIZHOU, RONGGUI = "440606006001", "440606006"
WHY = "入户核实"
SAID = {"reason": WHY}


def page(file: Household, change: str = "") -> str:
    return f"/households/{file.file_no}/family" + (f"/{change}" if change else "")


def send(client: FlaskClient, file: Household, change: str, **data: Any) -> TestResponse:
    known = {"version": str(file.version), "on": clock.today().isoformat(), **SAID}
    return client.post(page(file, change), data=known | data)


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A worker of 大良, signed in."""
    return sign_in(client, a_worker())


def test_a_marriage_is_looked_at_and_then_done(desk: FlaskClient) -> None:
    huo, chen = a_family(*HUO), a_family(*CHEN)
    said = {
        "who": code_of(huo, "霍健豪"),
        "to": chen.file_no,
        "why": "married",
        "other_version": str(chen.version),
    }

    looked = send(desk, huo, "join", go="preview", **said)
    unchanged = names(huo)
    done = send(desk, huo, "join", **said)

    assert looked.status_code == 200
    assert all(words in looked.text for words in ("离开", "新来", WHY, "霍*豪"))
    assert "霍健豪" not in looked.text
    assert unchanged == ["霍凤志", "梁桂芳", "霍健豪"]
    assert done.status_code == 303
    assert names(chen) == ["陈惠珍", "陈丽燕", "霍健豪"]
    members = desk.get(f"/households/{huo.file_no}?tab=members").text
    assert "不在这一户的家人" in members


def test_pressed_twice_it_happens_once(desk: FlaskClient) -> None:
    huo, chen = a_family(*HUO), a_family(*CHEN)
    said = {
        "who": code_of(huo, "霍健豪"),
        "to": chen.file_no,
        "why": "moved",
        "version": str(huo.version),
        "other_version": str(chen.version),
        "on": clock.today().isoformat(),
        **SAID,
    }

    answers = [desk.post(page(huo, "join"), data=said).status_code for _ in range(2)]

    assert answers == [303, 422]  # whom one meant is not there any more
    assert names(chen) == ["陈惠珍", "陈丽燕", "霍健豪"]


@pytest.mark.parametrize(
    ("change", "said", "words"),
    [
        ("join", {"to": "440606DB2026999999"}, "请选要转过去的家人"),
        ("split", {"who": "NOBODY"}, "请选要分出去的家人"),
        ("death", {}, "请选一位家人"),
        ("move", {"town": "440606999"}, "请选要搬去的镇街"),
        ("merge", {"to": "440606DB2026999999"}, "没有找到这个档案号"),
    ],
)
def test_what_was_not_chosen_is_asked_again(
    desk: FlaskClient, change: str, said: dict[str, str], words: str
) -> None:
    huo = a_family(*HUO)

    answer = send(desk, huo, change, **said)

    assert answer.status_code == 422
    assert words in answer.text


def test_what_is_missing_is_said_beside_its_field_and_everything_typed_is_kept(
    desk: FlaskClient,
) -> None:
    huo = a_family(*HUO)

    answer = send(
        desk,
        huo,
        "death",
        who=code_of(huo, "霍凤志"),
        door="文秀社区新路9号",
        phone="13911112222",
        reason="家属报告",
    )

    assert answer.status_code == 422
    assert "户主不在了，请选一位新户主" in answer.text
    assert all(kept in answer.text for kept in ("文秀社区新路9号", "13911112222", "家属报告"))
    assert names(huo) == ["霍凤志", "梁桂芳", "霍健豪"]


def test_without_a_reason_nothing_is_done(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    answer = send(
        desk, huo, "move", town=RONGGUI, region_code=GUIZHOU, door="桂洲社区木棉里", reason=""
    )

    assert answer.status_code == 422
    assert "请写一句原因" in answer.text
    assert reload(huo).region_code != GUIZHOU


def test_a_stale_page_changes_nothing(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    for version in ("1", "none"):
        answer = send(
            desk,
            huo,
            "move",
            town=RONGGUI,
            region_code=GUIZHOU,
            door="桂洲社区木棉里",
            version=version,
        )
        assert answer.status_code == 409
    assert reload(huo).region_code != GUIZHOU


def test_a_change_that_does_not_exist_is_not_here(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    assert desk.get(page(huo, "party")).status_code == 404
    assert send(desk, huo, "party").status_code == 404


def test_a_file_under_review_waits(desk: FlaskClient) -> None:
    huo = a_family(*HUO, state=HouseholdState.UNDER_REVIEW)

    assert "待审核" in desk.get(page(huo)).text
    answer = send(desk, huo, "split", who=code_of(huo, "霍健豪"), new_head="", new_door="木棉里")
    assert answer.status_code in {409, 422}
    assert names(huo) == ["霍凤志", "梁桂芳", "霍健豪"]


def test_a_split_leads_to_the_new_file_that_waits_for_review(desk: FlaskClient) -> None:
    huo = a_family(*HUO)
    son = code_of(huo, "霍健豪")

    answer = send(desk, huo, "split", who=son, new_head=son, new_door="文秀社区榕荫巷3号")

    db.session.rollback()  # what the request wrote
    new = db.session.scalars(select(Household).where(Household.source == "split")).one()
    assert answer.location.startswith(f"/households/{new.file_no}")
    assert new.state is HouseholdState.UNDER_REVIEW
    assert names(huo) == ["霍凤志", "梁桂芳"]


def test_who_moved_out_of_reach_is_left_at_the_list(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    answer = send(desk, huo, "move", town=RONGGUI, region_code=GUIZHOU, door="桂洲社区木棉里")

    assert answer.location == "/households"
    assert reload(huo).region_code == GUIZHOU
    assert desk.get(f"/households/{huo.file_no}").status_code == 404


def merge(worker: Any, mine: Household, other: Household) -> None:
    with transaction():
        family.merge(
            worker.actor,
            reload(mine),
            reload(other),
            Choices(),
            reason=WHY,
            version=mine.version,
            other_version=other.version,
        )


def test_an_old_number_leads_to_the_file_that_carries_it_on(desk: FlaskClient) -> None:
    mine, other = a_family(*HUO), a_family(*CHEN)
    merge(a_worker(), mine, other)

    led = desk.get(f"/households/{other.file_no}")
    own = desk.get(f"/households/{other.file_no}?own=1")
    survivor = desk.get(f"/households/{mine.file_no}?tab=members")

    assert led.location == f"/households/{mine.file_no}"
    assert f"档案 {mine.file_no} 接着记" in own.text
    assert other.file_no in survivor.text


def test_a_merge_of_two_workers_files_is_asked_for(client: FlaskClient) -> None:
    worker = a_worker()
    mine, other = a_family(*HUO, worker=worker), a_family(*CHEN, worker=a_worker())
    said = {"to": other.file_no, "other_version": str(other.version)}
    sign_in(client, worker)

    looked = send(client, mine, "merge", go="preview", **said)
    asked = send(client, mine, "merge", idempotency_key="key-of-this-page-000001", **said)
    again = send(client, mine, "merge", idempotency_key="key-of-this-page-000001", **said)

    assert "提请督导合并" in looked.text
    assert (asked.status_code, again.status_code) == (303, 303)
    assert db.session.scalar(select(func.count()).select_from(Approval)) == 1
    assert reload(other).merged_into_id is None


def test_a_wrong_merge_is_taken_back_by_its_page(desk: FlaskClient) -> None:
    mine, other = a_family(*HUO), a_family(*CHEN)
    merge(a_worker(), mine, other)
    url = f"/households/{other.file_no}/separate"
    said = {"version": str(reload(mine).version), "other_version": str(reload(other).version)}

    refused = desk.post(url, data=said)
    done = desk.post(url, data=said | SAID)
    again = desk.post(url, data=said | SAID)

    assert (refused.status_code, done.status_code, again.status_code) == (422, 303, 404)
    assert (names(mine), names(other)) == (
        ["霍凤志", "梁桂芳", "霍健豪"],
        ["陈惠珍", "陈丽燕"],
    )


def test_strangers_are_led_to_the_door(client: FlaskClient) -> None:
    huo = a_household()

    for url in (page(huo, "move"), f"/households/{huo.file_no}/separate"):
        assert client.post(url, data=SAID).status_code == 303
