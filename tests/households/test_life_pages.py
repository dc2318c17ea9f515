"""Pages of a file's life: each step one form, each refusal beside its field, the reviewer's word, requests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.households.rules import Category, HouseholdState
from app.households.rules.approvals import ApprovalState
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.households.life import RONGGUI, anew, asked_class

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

S = HouseholdState
SOON = {"until": (clock.today() + timedelta(days=30)).isoformat()}


def state_form(state: str, **more: str) -> dict[str, str]:
    return {"state": state, "version": "1", "reason": "情况有变"} | more


@pytest.mark.parametrize(
    ("before", "form", "after"),
    [
        (S.DRAFT, state_form("under_review", reason=""), S.UNDER_REVIEW),
        (S.RETURNED, state_form("under_review"), S.UNDER_REVIEW),
        (S.ACTIVE, state_form("paused", **SOON), S.PAUSED),
        (S.PAUSED, state_form("active"), S.ACTIVE),
        (S.ACTIVE, state_form("closed", closing="moved"), S.CLOSED),
        (S.PAUSED, state_form("closed", closing="left", leaving="own_wish"), S.CLOSED),
        (S.CLOSED, state_form("active"), S.ACTIVE),
        (S.CLOSED, state_form("archived"), S.ARCHIVED),
    ],
)
def test_each_step_is_one_form_and_a_double_click_takes_it_once(
    client: FlaskClient, before: HouseholdState, form: dict[str, str], after: HouseholdState
) -> None:
    file = a_household(state=before)
    sign_in(client, a_worker())
    where = f"/households/{file.file_no}/state"
    offered = client.get(where).text
    assert f"?to={form['state']}" in offered
    assert 'name="reason"' in client.get(f"{where}?to={form['state']}").text

    answers = [client.post(where, data=form).status_code for _ in range(2)]

    assert answers == [303, 409]
    assert reload(file).state is after


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (state_form("paused", **SOON) | {"reason": ""}, "请写明原因"),
        (state_form("paused"), "请填暂停到哪一天"),
        (state_form("paused", until="2020-01-01"), "请填暂停到哪一天"),
        (state_form("paused", until="2999-01-01"), "一次最长暂停一年"),
        (state_form("closed"), "请选是怎么结束的"),
        (state_form("closed", closing="left"), "请选退出的原因"),
        (state_form("closed", closing="moved") | {"reason": "霍凤志搬走了"}, "这里不写姓名"),
        (state_form("closed", closing="moved") | {"reason": "长" * 121}, "原因请在 120 字以内"),
        (state_form("x"), "请选下面的一步"),
        (state_form("returned"), "请选下面的一步"),
        (state_form("erased"), "请选下面的一步"),
    ],
)
def test_a_refused_step_keeps_what_was_typed(
    client: FlaskClient, form: dict[str, str], words: str
) -> None:
    file = a_household()
    sign_in(client, a_worker())

    answer = client.post(f"/households/{file.file_no}/state", data=form)

    assert answer.status_code == 422
    assert words in answer.text
    assert form["state"] in {"x", "returned", "erased"} or form["reason"] in answer.text
    assert reload(file).state is S.ACTIVE


def test_an_outdated_step_is_told_so(client: FlaskClient) -> None:
    file = a_household(version=4)
    sign_in(client, a_worker())

    for version in ("1", "x", ""):
        form = state_form("paused", **SOON) | {"version": version}
        assert client.post(f"/households/{file.file_no}/state", data=form).status_code == 409


def test_what_is_missing_is_said_before_a_file_is_sent(client: FlaskClient) -> None:
    file = a_household(state=S.DRAFT, phone="")
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}/state?to=under_review").text

    assert "没有联系电话" in page
    assert "1 位成员没有证件号" in page


def test_the_reviewer_sees_the_whole_file_covered_and_decides(client: FlaskClient) -> None:
    worker = a_worker()
    file = a_household(
        state=S.UNDER_REVIEW,
        submitted_by_id=worker.id,
        id_number="440623195603151820",
        next_visit_on=None,
    )
    sign_in(client, a_user(Role.SUPERVISOR, SHUNDE))
    where = f"/households/{file.file_no}/review"
    assert file.file_no in client.get("/households?state=under_review").text
    assert "待审核的档案" in client.get("/me").text

    page = client.get(where).text
    assert "霍*志" in page
    for secret in ("霍凤志", "440623195603151820", "13800005678", "仕版38号"):
        assert secret not in page
    form = {"version": "1", "return": "1", "points": ["door"], "note": "补门牌"}
    changes: list[dict[str, Any]] = [
        {"points": []},
        {"points": ["x"]},
        {"points": ["other"], "note": ""},
        {},
        {},
    ]
    answers = [client.post(where, data=form | more).status_code for more in changes]

    assert answers == [422, 422, 422, 303, 409]
    assert reload(file).state is S.RETURNED
    sign_in(client, worker)
    seen = client.get(f"/households/{file.file_no}").text
    assert "住址或电话不全" in seen
    assert "补门牌" in seen
    assert "退回来的档案" in client.get("/me").text


def test_a_reviewer_approves_once(client: FlaskClient) -> None:
    file = a_household(state=S.UNDER_REVIEW)
    sign_in(client, a_user(Role.OFFICER, SHUNDE))
    where = f"/households/{file.file_no}/review"

    answers = [
        client.post(where, data={"version": version, "approve": "1"}).status_code
        for version in ("x", "1", "1")
    ]

    assert answers == [409, 303, 409]
    assert reload(file).state is S.ACTIVE


def test_an_author_is_not_offered_to_approve(client: FlaskClient) -> None:
    author = a_user(Role.SUPERVISOR, SHUNDE)
    file = a_household(state=S.UNDER_REVIEW, submitted_by_id=author.id)
    sign_in(client, author)
    where = f"/households/{file.file_no}/review"

    page = client.get(where).text
    answer = client.post(where, data={"version": "1", "approve": "1"})

    assert "请另一位同事来审" in page
    assert 'name="approve"' not in page
    assert answer.status_code == 409
    assert reload(file).state is S.UNDER_REVIEW


def doors(app: Flask, urls: dict[str, dict[str, Any] | None]) -> dict[Any, list[int]]:
    """Knock as several people: None is a page, anything else a form that is sent."""
    answers: dict[Any, list[int]] = {}
    people = [
        (Role.WORKER, DALIANG), (Role.WORKER, RONGGUI), (Role.SUPERVISOR, SHUNDE),
        (Role.OFFICER, SHUNDE), (Role.VOLUNTEER, DALIANG), None,
    ]  # fmt: skip
    for person in people:
        client = app.test_client()
        if person:
            sign_in(client, a_user(*person))
        answers[person] = [
            (client.get(url) if data is None else client.post(url, data=data)).status_code
            for url, data in urls.items()
        ]
    return answers


def test_the_doors_of_states_and_reviews(app: Flask) -> None:
    file = a_household()
    here = f"/households/{file.file_no}"
    nothing: dict[str, Any] = {}

    answers = doors(
        app,
        {
            f"{here}/state": None,
            f"{here}/review": None,
            f"{here}/class": None,
            f"{here}/case": None,
            f"{here}/kin": None,
            f"{here}/tier": nothing,
            f"{here}/labels": nothing,
            f"{here}/documents": nothing,
        },
    )

    assert answers == {
        (Role.WORKER, DALIANG): [200, 200, 200, 200, 200, 422, 409, 422],
        (Role.WORKER, RONGGUI): [404] * 8,
        (Role.SUPERVISOR, SHUNDE): [200, 200, 200, 200, 200, 422, 409, 422],
        (Role.OFFICER, SHUNDE): [403, 200, 403, 200, 200, 403, 403, 403],
        (Role.VOLUNTEER, DALIANG): [403] * 8,
        None: [303] * 8,
    }


def test_a_request_is_decided_on_its_page_by_somebody_else(client: FlaskClient) -> None:
    worker, file = a_worker(), a_household()
    asked = asked_class(file, worker.actor)
    where = f"/approvals/{asked.code}"
    sign_in(client, worker)
    assert "在等另一位同事" in client.get(where).text
    assert client.post(f"{where}/decide", data={"approve": "1"}).status_code == 403
    supervisor = a_user(Role.SUPERVISOR, SHUNDE)
    sign_in(client, supervisor)
    assert asked.code in client.get("/approvals").text
    assert "等你审批" in client.get("/me").text

    page = client.get(where).text
    assert "看病花了很多钱" in page
    assert "支出型困难家庭" in page
    answers = [
        client.post(f"{where}/decide", data=data).status_code
        for data in (
            {"refuse": "1", "answer": " "},
            {"refuse": "1", "answer": "长" * 501},
            {"approve": "1"},
            {"approve": "1"},
        )
    ]

    assert answers == [422, 422, 303, 409]
    assert reload(file).category is Category.GX
    read = db.session.scalars(select(AuditRow.user_id).where(AuditRow.action == "approval.read"))
    assert set(read) == {worker.id, supervisor.id}
    assert asked.code not in client.get("/approvals").text
    assert asked.code in client.get("/approvals?view=done&kind=class_change").text


def test_the_asker_withdraws_once_and_nobody_else(client: FlaskClient) -> None:
    worker, file = a_worker(), a_household()
    asked = asked_class(file, worker.actor)
    where = f"/approvals/{asked.code}/withdraw"

    sign_in(client, a_user(Role.SUPERVISOR, SHUNDE))
    assert client.post(where).status_code == 403
    sign_in(client, worker)
    assert [client.post(where).status_code for _ in range(2)] == [303, 409]
    assert anew(asked).state is ApprovalState.WITHDRAWN
    assert asked.code in client.get("/approvals?view=mine").text


def test_the_doors_of_requests(app: Flask) -> None:
    asked = asked_class(a_household(), a_worker().actor)
    here = f"/approvals/{asked.code}"

    answers = doors(
        app,
        {
            "/approvals": None,
            here: None,
            "/approvals/A-NOTHERE": None,
            f"{here}/decide": {"refuse": "1"},
            f"{here}/withdraw": {},
        },
    )

    assert answers == {
        (Role.WORKER, DALIANG): [200, 404, 404, 404, 404],
        (Role.WORKER, RONGGUI): [200, 404, 404, 404, 404],
        (Role.SUPERVISOR, SHUNDE): [200, 200, 404, 422, 403],
        (Role.OFFICER, SHUNDE): [200, 200, 404, 422, 403],
        (Role.VOLUNTEER, DALIANG): [403] * 5,
        None: [303] * 5,
    }


def test_a_late_request_is_not_offered_any_more(client: FlaskClient) -> None:
    asked = asked_class(a_household(), a_worker().actor)
    supervisor = a_user(Role.SUPERVISOR, SHUNDE)
    sign_in(client, supervisor)

    with clock.frozen(clock.now() + timedelta(days=31)):
        sign_in(client, supervisor)
        page = client.get(f"/approvals/{asked.code}").text
        answer = client.post(f"/approvals/{asked.code}/decide", data={"approve": "1"})

    assert "过期未审批" in page
    assert 'name="approve"' not in page
    assert answer.status_code == 409
