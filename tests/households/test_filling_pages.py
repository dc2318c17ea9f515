"""The pages by which a file is opened, filled in and kept up: what comes back, and with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core.db import db
from app.households import queries
from app.households.models import Change, Household
from app.households.rules import HouseholdState
from app.households.rules.sections import SECTIONS
from tests.factories import DALIANG, SHUNDE, WENXIU, a_household, a_user, reload, sign_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

RONGGUI = "440606006"
MAN, WOMAN = "440606198607040017", "440623195603151820"
KEY = "the-same-form-sent-twice"
NEW = {"region_code": WENXIU, "category": "DB", "name": "霍凤志", "idempotency_key": KEY}
MEMBER = {
    "name": "霍子浩",
    "relationship_code": "2",
    "version": "1",
    "reason": "补登",
    "idempotency_key": KEY,
}


@pytest.fixture
def worker(client: FlaskClient) -> FlaskClient:
    """A worker of 大良, signed in."""
    return sign_in(client, a_user(Role.WORKER, DALIANG))


def url(file: Household, rest: str) -> str:
    return f"/households/{file.file_no}/{rest}"


def fill(client: FlaskClient, file: Household, kind: str, **said: Any) -> TestResponse:
    data = {"version": "1", "reason": "入户核实"} | said
    return client.post(url(file, f"sections/{kind}/edit"), data=data)


def sections(file: Household) -> dict[str, Any]:
    return dict(queries.document(reload(file)).get("sections", {}))


def the_file() -> Household:
    db.session.rollback()
    return db.session.scalars(select(Household)).one()


@pytest.mark.parametrize("kind", list(SECTIONS))
def test_every_section_has_a_form_and_an_empty_one_is_kept_if_nothing_is_needed(
    worker: FlaskClient, kind: str
) -> None:
    file = a_household()

    page = worker.get(url(file, f"sections/{kind}/edit"))
    answer = fill(worker, file, kind, **({"on": "2026-01-05"} if kind == "assessment" else {}))

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert all(one.label in page.text for one in SECTIONS[kind].questions)
    assert answer.status_code == 303
    assert answer.location.endswith("tab=record")


def test_a_section_saved_is_read_on_the_file_and_its_words_stay_covered(
    worker: FlaskClient,
) -> None:
    file = a_household()
    rows = {"helpers-0-who": "child", "helpers-0-name": "阿强", "helpers-0-often": "weekly"}

    assert fill(worker, file, "support", ties="few", note="和弟弟吵过", **rows).status_code == 303

    page = worker.get(url(file, "")[:-1] + "?tab=record").text
    assert "很少来往" in page
    assert "每周" in page
    assert "吵过" not in page
    assert "阿强" not in page
    opened = worker.post(url(file, "unmask?tab=record"), data={"why": "visit"}).text
    assert "吵过" in opened
    assert "阿强" in opened


@pytest.mark.parametrize("rest", ["sections/housing/edit", "members/new"])
def test_why_names_nobody(worker: FlaskClient, rest: str) -> None:
    file = a_household()
    said = MEMBER | {"area": "60", "version": "1", "reason": "霍凤志说的"}

    answer = worker.post(url(file, rest), data=said)

    assert answer.status_code == 422
    assert "这里不写姓名" in answer.text
    assert reload(file).version == 1


def test_a_double_click_fills_in_once(worker: FlaskClient) -> None:
    file = a_household()

    answers = [fill(worker, file, "housing", area="60").status_code for _ in range(2)]

    assert answers == [303, 303]
    assert reload(file).version == 2
    assert db.session.scalar(select(func.count()).select_from(Change)) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"helpers-0-name": "阿强", "helpers-0-who": ""}, "第 1 行，是谁：请选一下"),
        ({"helpers-0-who": "child", "helpers-0-name": "阿强", "reason": ""}, "请写一句为什么改"),
        ({"helpers-0-name": "阿强", "note": "长" * 1001}, "1000 字以内"),
    ],
)
def test_a_refused_section_keeps_everything_that_was_typed(
    worker: FlaskClient, said: dict[str, str], words: str
) -> None:
    file = a_household()

    answer = fill(worker, file, "support", **({"helpers-1-phone": "看门口的牌子"} | said))

    assert answer.status_code == 422
    assert words in answer.text
    assert "阿强" in answer.text
    assert "看门口的牌子" in answer.text
    assert sections(file) == {}


def test_one_more_row_is_given_without_scripts_and_nothing_is_lost(worker: FlaskClient) -> None:
    file = a_household()

    answer = fill(
        worker, file, "support", more="helpers", note="有话", **{"helpers-0-name": "阿强"}
    )

    assert answer.status_code == 200
    assert "阿强" in answer.text
    assert "有话" in answer.text
    assert "helpers-1-name" in answer.text
    assert fill(worker, file, "support", more="version").status_code == 200
    assert sections(file) == {}


@pytest.mark.parametrize("version", ["1", "x"])
def test_an_outdated_section_page_keeps_what_was_typed_and_can_be_sent_again(
    worker: FlaskClient, version: str
) -> None:
    file = a_household()
    fill(worker, file, "housing", area="60")

    stale = fill(worker, file, "housing", area="72", version=version)

    assert stale.status_code == 409
    assert "刚才有人先改了" in stale.text
    assert "和现在档案里不一样的：面积" in stale.text
    assert 'value="72"' in stale.text
    assert 'name="version" value="2"' in stale.text
    assert fill(worker, file, "housing", area="72", version="2").status_code == 303
    assert sections(file)["housing"] == {"area": 72}


def test_the_income_page_proposes_and_the_file_tells_a_difference(worker: FlaskClient) -> None:
    file = a_household(income_fen=120_000)

    assert "¥1,200.00" in worker.get(url(file, "sections/income/edit")).text
    fill(worker, file, "income", wage="900")
    told = worker.get(url(file, "")[:-1] + "?tab=record").text
    fill(worker, file, "income", wage="900", adopt="y", version="2")

    assert "月人均收入对不上" in told
    assert reload(file).income_fen == 90_000
    assert "对不上" not in worker.get(url(file, "")[:-1] + "?tab=record").text


def test_a_section_that_is_none_is_not_there(worker: FlaskClient) -> None:
    file = a_household()

    assert worker.get(url(file, "sections/dreams/edit")).status_code == 404
    assert fill(worker, file, "dreams").status_code == 404


@pytest.mark.parametrize("page", ["sections/income/edit", "members/new", "intake"])
def test_a_closed_file_is_not_written_in(worker: FlaskClient, page: str) -> None:
    file = a_household(state=HouseholdState.CLOSED)

    assert worker.get(url(file, page)).status_code == 409
    assert worker.post(url(file, page), data=NEW | MEMBER).status_code == 409


@pytest.mark.parametrize(
    "page",
    ["sections/income/edit", "members/new", "members/{code}/edit", "members/{code}/leave", "members/{code}/move"],
)  # fmt: skip
def test_pages_of_another_town_and_of_nobody_stay_shut(app: Flask, page: str) -> None:
    file = a_household()
    where = url(file, page.format(code=queries.members(file)[0].code))
    found = []
    for region, role in ((RONGGUI, Role.WORKER), (SHUNDE, Role.OFFICER), (DALIANG, Role.VOLUNTEER)):
        found.append(sign_in(app.test_client(), a_user(role, region)).post(where).status_code)

    assert found == [404, 403, 403]
    assert app.test_client().post(where).status_code == 303
    assert reload(file).version == 1


def test_a_member_is_added_once_and_shown_masked(worker: FlaskClient) -> None:
    file = a_household()
    assert "汉族" in worker.get(url(file, "members/new")).text

    answers = [
        worker.post(url(file, "members/new"), data=MEMBER | {"id_number": MAN}).status_code
        for _ in range(2)
    ]

    page = worker.get(url(file, "")[:-1] + "?tab=members").text
    assert answers == [303, 303]
    assert reload(file).member_count == 2
    assert "霍*浩" in page
    assert MAN not in page


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"name": ""}, 422, "请写姓名"),
        ({"reason": ""}, 422, "请写一句为什么改"),
        ({"id_number": MAN[:17] + "8"}, 422, "校验位有误"),
        ({"id_number": MAN, "birth": "1986-07-05"}, 422, "和证件号上的 1986-07-04 不一样"),
        ({"id_number": WOMAN}, 422, "已在档案"),
        ({"relationship_code": "0", "version": "7"}, 409, "刚才有人先改了"),
    ],
)
def test_a_refused_member_keeps_what_was_typed(
    worker: FlaskClient, said: dict[str, str], status: int, words: str
) -> None:
    file = a_household()
    a_household(id_number=WOMAN, name="冼英")

    answer = worker.post(url(file, "members/new"), data=MEMBER | {"note": "白天在榕树下"} | said)

    assert answer.status_code == status
    assert words in answer.text
    assert "白天在榕树下" in answer.text
    assert reload(file).member_count == 1


def test_what_differs_from_the_papers_is_kept_when_somebody_looked(worker: FlaskClient) -> None:
    file = a_household()
    odd = MEMBER | {"id_number": MAN, "birth": "1986-07-05"}

    asked = worker.post(url(file, "members/new"), data=odd)
    kept = worker.post(url(file, "members/new"), data=odd | {"confirmed": "y"})

    assert "我核对过原件" in asked.text
    assert kept.status_code == 303
    births = {one.get("birth") for one in queries.document(reload(file))["members"].values()}
    assert "1986-07-05" in births


def test_a_member_is_changed_moved_and_leaves_on_the_pages(worker: FlaskClient) -> None:
    file = a_household()
    for number in (1, 2):
        key = {"idempotency_key": f"{KEY}-{number}", "version": str(number)}
        worker.post(url(file, "members/new"), data=MEMBER | key)
    code = queries.members(reload(file))[2].code
    there = url(file, f"members/{code}")

    changed = worker.post(f"{there}/edit", data=MEMBER | {"name": "霍子豪", "version": "3"})
    moved = worker.post(f"{there}/move", data={"to": "up", "version": "4"})
    refused = [
        worker.post(f"{there}/leave", data={"version": "5", "left_on": "2026-01-05"} | more)
        for more in ({"why": "fate"}, {"why": "away", "left_on": "2999-01-01"}, {"why": "away", "left_on": "x"})
    ]  # fmt: skip
    stale = worker.post(
        f"{there}/leave", data={"version": "4", "left_on": "2026-01-05", "why": "away"}
    )
    left = worker.post(
        f"{there}/leave", data={"version": "5", "left_on": "2026-01-05", "why": "away"}
    )

    assert (changed.status_code, moved.status_code, left.status_code) == (303, 303, 303)
    assert [each.status_code for each in refused] == [422, 422, 422]
    assert stale.status_code == 409
    assert worker.post(f"{there}/move", data={"to": "up", "version": "x"}).status_code == 409
    assert worker.get(f"{there}/edit").status_code == 404
    page = worker.get(url(file, "")[:-1] + "?tab=members").text
    assert "迁出" in page.partition("不在这一户的家人")[2]
    assert reload(file).member_count == 2


def test_the_householder_is_not_sent_away_by_the_page(worker: FlaskClient) -> None:
    file = a_household()
    worker.post(url(file, "members/new"), data=MEMBER)
    code = queries.members(reload(file))[0].code

    data = {"version": "2", "left_on": "2026-01-05", "why": "away"}
    answer = worker.post(url(file, f"members/{code}/leave"), data=data)

    assert answer.status_code == 409
    assert "户主离户前" in answer.text
