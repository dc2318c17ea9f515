"""What is held about one person, records of provision, and the pages of requests (个人信息副本与合规页面)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.households import queries
from app.households.models import ImpactAssessment, RetentionPeriod, SubjectRequest
from app.households.rules.requests import RequestState
from tests.factories import (
    CITY,
    a_claim,
    a_household,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    reload,
    sign_in,
)
from tests.households.test_consents import a_member

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

pytestmark = pytest.mark.usefixtures("app")
WHY = "本人到站里，看过身份证"


def worker_at(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), a_worker())


def test_a_person_gets_everything_that_is_held_about_them(app: Flask) -> None:
    household = a_household()
    claim = a_claim(a_task(household), holder := a_volunteer())
    assert "霍凤志" in sign_in(app.test_client(), holder).get(f"/claims/{claim.code}").text
    client, [member] = worker_at(app), queries.members(household)
    where = f"/households/{household.file_no}/data-subject"

    form = client.get(where).text
    page = client.post(where, data={"member": member.code, "reason": WHY})

    assert "霍凤志" not in form
    for words in ("霍凤志", "13800005678", "1949年8月15日", "上门探访", "认领后查看了联系方式"):
        assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    [row] = db.session.scalars(
        select(AuditRow).where(AuditRow.action == "household.export_subject")
    )
    assert (row.reason, row.detail["member"]) == (WHY, member.code)


def test_the_same_as_json(app: Flask) -> None:
    household = a_household()
    [member] = queries.members(household)

    answer = worker_at(app).post(
        f"/households/{household.file_no}/data-subject",
        data={"member": member.code, "reason": WHY, "as": "json"},
    )

    said = json.loads(answer.data)
    assert said["本人"]["姓名"] == "霍凤志"
    assert said["家庭"]["住址"] == "文秀社区仕版38号496"
    assert [one["给谁"] for one in said["同意书"]]
    assert said["给过谁"] == []
    assert "霍" not in answer.headers["Content-Disposition"]


def test_it_holds_one_members_facts_and_nobody_elses(app: Flask) -> None:
    household = a_household()
    code = a_member(household, "霍大文", "1975-03-04")

    answer = worker_at(app).post(
        f"/households/{household.file_no}/data-subject",
        data={"member": code, "reason": WHY, "as": "json"},
    )

    person = json.loads(answer.data)["本人"]
    assert (person["姓名"], person["出生日期"]) == ("霍大文", "1975年3月4日")
    assert "1949" not in str(person)


@pytest.mark.parametrize("data", [{}, {"member": "nobody", "reason": WHY}, {"reason": WHY}])
def test_without_a_person_and_a_reason_nothing_opens(app: Flask, data: dict[str, str]) -> None:
    household = a_household()

    answer = worker_at(app).post(f"/households/{household.file_no}/data-subject", data=data)

    assert answer.status_code == 422
    assert "13800005678" not in answer.text


def test_a_childs_copy_is_the_supervisors_matter(app: Flask) -> None:
    household = a_household()
    code = a_member(household, "霍小明", f"{clock.today().year - 9}-02-03")
    data = {"member": code, "reason": WHY}
    where = f"/households/{household.file_no}/data-subject"

    refused = worker_at(app).post(where, data=data)
    shown = sign_in(app.test_client(), a_user(Role.SUPERVISOR)).post(where, data=data)

    assert refused.status_code == 403
    assert "督导" in refused.text
    assert "霍小明" in shown.text


def test_a_correction_is_noted_and_answered_in_time(app: Flask) -> None:
    household, client = a_household(), worker_at(app)
    where = f"/households/{household.file_no}/data-subject/correction"

    assert client.post(where, data={"words": ""}).status_code == 422
    sent = client.post(where, data={"words": "出生年份写错了，是 1948"})

    assert sent.status_code == 303
    [request] = db.session.scalars(select(SubjectRequest))
    assert request.kind == "correct"
    shown = client.get(sent.headers["Location"])
    assert "1948" not in shown.text
    assert "1948" in client.get(sent.headers["Location"] + "?words=1").text
    done = client.post(f"/records/requests/{request.code}/done", data={"answer": "改好了"})
    assert done.status_code == 303
    assert reload(request).state is RequestState.DONE
    again = client.post(f"/records/requests/{request.code}/done", data={"answer": "改好了"})
    assert again.status_code == 409


def test_what_was_provided_names_the_consent_it_stood_on(app: Flask) -> None:
    household = a_household()
    holder = a_volunteer()
    claim = a_claim(a_task(household), holder)
    sign_in(app.test_client(), holder).get(f"/claims/{claim.code}")
    officer = sign_in(app.test_client(), a_user(Role.OFFICER))
    elsewhere = sign_in(app.test_client(), a_user(Role.OFFICER, "440604"))

    page = officer.get("/records/provisions").text

    assert household.file_no in page
    assert f"{clock.today().isoformat()} 签，2026-1" in page
    assert household.file_no not in elsewhere.get("/records/provisions").text
    tab = worker_at(app).get(f"/households/{household.file_no}?tab=consents").text
    assert "看过 1 次" in tab


# ── requests on the pages ─────────────────────────────────────────────────────────


def a_form(**changes: Any) -> dict[str, Any]:
    said = {
        "kind": "erase",
        "member": "",
        "asker": "subject",
        "ground": "withdrawn",
        "words": "本人到站里说不要了",
        "received_on": clock.today().isoformat(),
        "idempotency_key": "k" * 20,
    }
    return said | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ground": ""}, "要求清除时，请选理由"),
        ({"ground": "deceased"}, "由近亲属提出"),
        ({"asker": "kin"}, "由近亲属提出"),
        ({"words": ""}, "请写下是谁提的"),
        ({"received_on": (clock.today() + timedelta(days=1)).isoformat()}, "不能晚于今天"),
    ],
)
def test_a_request_that_does_not_fit_comes_back(
    app: Flask, changes: dict[str, Any], words: str
) -> None:
    household, client = a_household(), worker_at(app)

    answer = client.post(f"/households/{household.file_no}/requests", data=a_form(**changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.scalars(select(SubjectRequest)).all() == []


def test_a_request_is_written_down_asked_and_shown(app: Flask) -> None:
    household, client = a_household(), worker_at(app)
    where = f"/households/{household.file_no}/requests"

    sent = [client.post(where, data=a_form()) for _ in range(2)]

    assert [one.status_code for one in sent] == [303, 303]
    [request] = db.session.scalars(select(SubjectRequest))
    page = f"/records/requests/{request.code}"
    assert household.file_no in client.get("/records").text
    barred = client.post(f"{page}/ask", data={"duties": ["aid"], "answer": "核对过"})
    assert barred.status_code == 409
    assert "必须保留的理由" in barred.text
    assert client.post(f"{page}/ask", data={"answer": ""}).status_code == 422
    assert client.post(f"{page}/ask", data={"answer": "核对过"}).status_code == 303
    assert "等第二个人审批" in client.get(page).text


# ── periods and impact assessments ────────────────────────────────────────────────


def test_the_citys_officer_sets_a_period(app: Flask) -> None:
    client = sign_in(app.test_client(), a_user(Role.OFFICER, CITY))
    said = {"kind": "provision", "months": "48", "valid_from": "2026-01-01", "basis": "市局通知"}

    short = client.post("/records/retention", data=said | {"months": "12"})
    missing = client.post("/records/retention", data=said | {"basis": ""})
    done = [client.post("/records/retention", data=said) for _ in range(2)]
    town = sign_in(app.test_client(), a_user(Role.OFFICER)).post("/records/retention", data=said)

    assert (short.status_code, missing.status_code, town.status_code) == (422, 422, 403)
    assert "不能少于 36 个月" in short.text
    assert [one.status_code for one in done] == [303, 303]
    assert len(db.session.scalars(select(RetentionPeriod)).all()) == 1
    assert "市局通知" in client.get("/records/retention").text


def test_an_impact_assessment_is_kept_and_printed(app: Flask) -> None:
    officer = a_user(Role.OFFICER, "440606")
    client = sign_in(app.test_client(), officer)
    said = {
        "region": "440606",
        "title": "把探访名单提供给志愿者",
        "purpose": "有人上门看望",
        "risk": "住址外泄",
        "measures": "认领后才看得到",
        "conclusion": "go",
        "assessors": "陈科、李工",
        "assessed_on": "2026-09-01",
        "idempotency_key": "k" * 20,
    }

    missing = client.post("/records/assessments", data=said | {"risk": ""})
    sent = [client.post("/records/assessments", data=said) for _ in range(2)]

    assert missing.status_code == 422
    assert [one.status_code for one in sent] == [303, 303]
    [kept] = db.session.scalars(select(ImpactAssessment))
    sheet = client.get(f"/records/assessments/{kept.code}").text
    assert "至少保存到 2029-09-01" in sheet
    assert "住址外泄" in sheet
    town = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    assert town.get(f"/records/assessments/{kept.code}").status_code == 200
    forged = client.post("/records/assessments", data=said | {"region": "440604"})
    assert forged.status_code == 422
