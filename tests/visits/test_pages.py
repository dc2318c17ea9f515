"""The pages of visits: who may open them, what a refused form keeps, what a photo's answer forbids."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from app.core import clock
from app.core.db import db
from app.visits.models import Visit
from app.visits.rules import Promise, Result, VisitState
from tests.factories import WENXIU, a_household, a_user, a_volunteer, a_worker, reload, sign_in
from tests.visits.stories import KEY, a_held_claim, a_photo, confirm, facts, give_back, hand_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from app.accounts.models import User
    from app.tasks.models import Claim


def typed(**said: Any) -> dict[str, Any]:
    return {
        "result": "met",
        "manner": "home",
        "visited_on": clock.today().isoformat(),
        "minutes": "50",
        "text": "老人家胃口好",
        "idempotency_key": KEY,
    } | said


def send(client: FlaskClient, claim: Claim, **said: Any) -> Any:
    url = f"/visits/new?claim={claim.code}"
    return client.post(url, data=typed(**said), content_type="multipart/form-data")


def photo(name: str = "霍婆婆家.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(a_photo()), name


@pytest.fixture
def holder(client: FlaskClient) -> tuple[FlaskClient, Claim]:
    claim = a_held_claim()
    return sign_in(client, claim.user), claim


def test_a_volunteer_records_a_visit_with_a_photo(holder: tuple[FlaskClient, Claim]) -> None:
    client, claim = holder
    page = client.get(f"/visits/new?claim={claim.code}").get_data(as_text=True)
    assert "这次见到谁了" in page
    assert "霍凤志" not in page

    answer = send(client, claim, photos=[photo()], asked_for_photos="y")

    assert answer.status_code == 303
    shown = client.get(answer.location).get_data(as_text=True)
    assert "待确认" in shown
    assert "老人家胃口好" in shown
    image = client.get(answer.location + "/photos/1?size=thumb")
    assert image.mimetype == "image/jpeg"
    assert image.headers["Cache-Control"] == "private, no-store"
    assert "霍" not in image.headers["Content-Disposition"]


def test_a_double_click_shows_the_same_record(holder: tuple[FlaskClient, Claim]) -> None:
    client, claim = holder

    first, second = send(client, claim), send(client, claim)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"result": ""}, "请先选一项"),
        ({"minutes": "很久"}, "请只填数字"),
        ({"minutes": ""}, "1 到 720 分钟"),
        ({"visited_on": "2026年"}, "日子没有看懂"),
        ({"starts": "10:00", "ends": "09:00"}, "结束时间要晚于开始时间"),
        ({"starts": "25:61"}, "时间没有看懂"),
        ({"companions": "99"}, "0 到 20"),
        ({"photos": [photo()]}, "他们点了头"),
        ({"photos": [(io.BytesIO(b"<svg/>"), "x.jpg")], "asked_for_photos": "y"}, "不是照片"),
    ],
    ids=["result", "word", "minutes", "day", "times", "clock", "companions", "nod", "svg"],
)
def test_a_refused_form_says_where_and_keeps_what_was_typed(
    holder: tuple[FlaskClient, Claim], said: dict[str, Any], sentence: str
) -> None:
    client, claim = holder
    if "photos" in said:
        name = said["photos"][0][1]
        data = b"<svg/>" if name == "x.jpg" else a_photo()
        said = said | {"photos": [(io.BytesIO(data), name)]}

    answer = send(client, claim, **said)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "老人家胃口好" in page
    assert db.session.scalars(select(Visit)).all() == []


def test_nobody_met_needs_no_minutes(holder: tuple[FlaskClient, Claim]) -> None:
    client, claim = holder

    assert send(client, claim, result="nobody", minutes="").status_code == 303


def test_a_draft_may_lack_everything_and_comes_back_as_it_was_left(
    holder: tuple[FlaskClient, Claim],
) -> None:
    client, claim = holder

    answer = send(client, claim, result="", minutes="", draft="1", promise_1="带老花镜")

    assert answer.status_code == 303
    visit = db.session.scalars(select(Visit)).one()
    assert visit.state is VisitState.DRAFT
    page = client.get(f"/visits/new?claim={claim.code}").get_data(as_text=True)
    assert "老人家胃口好" in page
    assert "带老花镜" in page
    assert not re.search(r'name="result"[^>]*checked', page)
    assert "接着写" in client.get(answer.location).get_data(as_text=True)


def test_a_household_that_wants_no_photos_is_not_asked_for_any(client: FlaskClient) -> None:
    claim = a_held_claim(household=a_household(consents=()))
    sign_in(client, claim.user)

    page = client.get(f"/visits/new?claim={claim.code}").get_data(as_text=True)

    assert "没有同意拍照" in page
    assert 'type="file"' not in page
    answer = send(client, claim, photos=[photo()], asked_for_photos="y")
    assert answer.status_code == 422


PAGES = [
    ("get", "/visits/new?claim={claim}"),
    ("post", "/visits/new?claim={claim}"),
    ("get", "/visits/new?household={file}"),
    ("post", "/visits/new?household={file}"),
    ("get", "/visits/{visit}"),
    ("post", "/visits/{visit}/confirm"),
    ("post", "/visits/{visit}/return"),
    ("get", "/visits/{visit}/amend"),
    ("post", "/visits/{visit}/amend"),
    ("get", "/visits/{visit}/photos/1"),
    ("post", "/follow-ups/{follow_up}/done"),
]


@pytest.mark.parametrize(("verb", "url"), PAGES)
def test_pages_are_closed_to_visitors_strangers_and_unknown_codes(
    app: Flask, verb: str, url: str
) -> None:
    claim = a_held_claim()
    said = facts(promises=(Promise("带药", clock.today()),), asked_for_photos=True)
    visit = hand_in(claim, said, photos=[a_photo()])
    names = {
        "claim": claim.code,
        "file": visit.household.file_no,
        "visit": visit.code,
        "follow_up": visit.follow_ups[0].code,
    }
    nothing = dict.fromkeys(names, "X-2222222222")

    def status(user: User | None, values: dict[str, str]) -> int:
        client = app.test_client()
        if user is not None:
            sign_in(client, user)
        return int(getattr(client, verb)(url.format(**values)).status_code)

    assert status(None, names) == 303
    for stranger in (a_volunteer(), a_user("donor"), a_worker("440605011"), a_user("admin")):
        # a file number can be tried out, so it is answered as if there were none
        assert status(stranger, names) == (404 if "{file}" in url else 403)
    assert status(a_worker(), nothing) == 404


def test_the_worker_confirms_and_a_second_tab_is_told(app: Flask) -> None:
    visit = hand_in(a_held_claim())
    client = sign_in(app.test_client(), a_worker())
    page = client.get(f"/visits/{visit.code}").get_data(as_text=True)
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    version = found[1]

    first = client.post(f"/visits/{visit.code}/confirm", data={"version": version})
    second = client.post(f"/visits/{visit.code}/confirm", data={"version": version})

    assert (first.status_code, second.status_code) == (303, 409)
    assert reload(visit).state is VisitState.CONFIRMED


def test_a_return_without_a_reason_is_asked_again(app: Flask) -> None:
    visit = hand_in(a_held_claim())
    client = sign_in(app.test_client(), a_worker())
    url = f"/visits/{visit.code}/return"

    empty = client.post(url, data={"version": visit.version, "reason": " "})
    told = client.post(url, data={"version": visit.version, "reason": "写清楚用药"})

    assert empty.status_code == 422
    assert "请写一句原因" in empty.get_data(as_text=True)
    assert told.status_code == 303
    assert reload(visit).return_reason == "写清楚用药"


def test_the_volunteer_of_a_returned_record_finds_the_reason_in_the_form(app: Flask) -> None:
    claim = a_held_claim()
    give_back(hand_in(claim), "写清楚用药")
    client = sign_in(app.test_client(), claim.user)

    page = client.get(f"/visits/new?claim={claim.code}").get_data(as_text=True)

    assert "写清楚用药" in page
    assert send(client, claim, idempotency_key=KEY + "2").status_code == 303


def test_a_confirmed_record_closes_to_its_volunteer_but_does_not_vanish(app: Flask) -> None:
    claim = a_held_claim()
    said = facts(notes={"text": "老人家胃口好"}, asked_for_photos=True)
    visit = confirm(hand_in(claim, said, photos=[a_photo()]))
    client = sign_in(app.test_client(), claim.user)

    answer = client.get(f"/visits/{visit.code}")

    assert answer.status_code == 200
    assert "老人家胃口好" not in answer.get_data(as_text=True)
    assert client.get(f"/visits/{visit.code}/photos/1?size=thumb").status_code == 403


def test_a_form_for_a_claim_that_is_over_says_so(app: Flask) -> None:
    claim = a_held_claim()
    hand_in(claim)
    client = sign_in(app.test_client(), claim.user)

    answer = client.get(f"/visits/new?claim={claim.code}")

    assert answer.status_code == 409
    assert "不用再记一次" in answer.get_data(as_text=True)


def test_an_amendment_is_written_beside_the_old_version(app: Flask) -> None:
    visit = confirm(hand_in(a_held_claim()))
    client = sign_in(app.test_client(), a_worker())
    url = f"/visits/{visit.code}/amend"
    assert 'value="50"' in client.get(url).get_data(as_text=True)

    refused = client.post(url, data=typed(minutes="30", reason=""))
    answer = client.post(url, data=typed(minutes="30", reason="时间记多了"))

    assert refused.status_code == 422
    assert answer.status_code == 303
    assert "时间记多了" in client.get(answer.location).get_data(as_text=True)
    assert "已经有更正" in client.get(f"/visits/{visit.code}").get_data(as_text=True)


def test_a_worker_records_a_visit_of_their_own_from_the_file(app: Flask) -> None:
    worker = a_worker()
    household = a_household(worker=worker)
    client = sign_in(app.test_client(), worker)
    url = f"/visits/new?household={household.file_no}"
    assert "不计志愿时" in client.get(url).get_data(as_text=True)

    answer = client.post(url, data=typed())

    assert answer.status_code == 303
    assert "/confirm" not in client.get(answer.location).get_data(as_text=True)


def test_the_list_shows_a_region_by_filters_and_page_by_page(app: Flask) -> None:
    for number in range(25):
        said = facts(Result.NOBODY if number < 3 else Result.MET)
        hand_in(a_held_claim(), said, key=f"{KEY}{number}")
    elsewhere = a_household(region="440605011" + "001")
    hand_in(a_held_claim(household=elsewhere, worker=a_worker("440605011")))
    client = sign_in(app.test_client(), a_worker())

    def rows(query: str) -> tuple[set[str], str]:
        page = client.get(f"/visits{query}").get_data(as_text=True)
        link = re.search(r'href="(/visits\?[^"]*page=[^"]+)"', page)
        return set(re.findall(r"/visits/(V-\w+)", page)), link[1] if link else ""

    first, onward = rows("")
    second, end = rows(onward.replace("&amp;", "&").removeprefix("/visits"))
    assert (len(first), len(second), end) == (20, 5, "")
    assert not first & second
    assert len(rows("?result=nobody")[0]) == 3
    assert len(rows("?state=confirmed")[0]) == 0
    assert len(rows(f"?town={WENXIU[:9]}")[0]) == 20
    assert len(rows("?town=440605011")[0]) == 0
    assert len(rows("?state=nonsense&page=%%%")[0]) == 20


def test_a_helper_sees_only_their_own_records(app: Flask) -> None:
    claim = a_held_claim()
    mine = hand_in(claim)
    hand_in(a_held_claim(), key=KEY + "2")

    page = sign_in(app.test_client(), claim.user).get("/visits").get_data(as_text=True)

    assert re.findall(r"/visits/(V-\w+)", page) == [mine.code]
    assert mine.household.file_no not in page


def test_the_list_costs_the_same_for_one_record_and_for_twenty(app: Flask) -> None:
    client = sign_in(app.test_client(), a_worker())
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    def cost() -> int:
        asked.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        client.get("/visits")
        event.remove(db.engine, "before_cursor_execute", note)
        return len([sql for sql in asked if sql.lstrip().upper().startswith("SELECT")])

    hand_in(a_held_claim())
    one = cost()
    for number in range(19):
        hand_in(a_held_claim(), key=f"{KEY}{number}")

    assert cost() == one


def test_a_follow_up_is_ticked_off_from_the_record(app: Flask) -> None:
    worker = a_worker()
    due = clock.today() + timedelta(days=2)
    visit = hand_in(a_held_claim(worker=worker), facts(promises=(Promise("带药", due),)))
    client = sign_in(app.test_client(), worker)
    assert "带药" in client.get(f"/visits/{visit.code}").get_data(as_text=True)

    answer = client.post(f"/follow-ups/{visit.follow_ups[0].code}/done")

    assert answer.status_code == 303
    assert "/done" not in client.get(answer.location).get_data(as_text=True)
    assert client.post(f"/follow-ups/{visit.follow_ups[0].code}/done").status_code == 409
