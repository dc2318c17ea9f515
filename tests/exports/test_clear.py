"""Files in clear (明文导出): a reason, a second person, once, marked, and on record with every household."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.crypto import ring
from app.core.db import db, transaction
from app.exports import jobs, routes
from app.exports.models import Export
from app.exports.rules import ExportState
from app.exports.services import asking
from app.households.models import Approval, Consent, Household, Member
from app.households.rules import Category, Purpose, Recipient
from app.households.rules.approvals import ApprovalState
from app.households.services import approvals
from tests.exports.lists import download, sheets, the_export
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, keep, sign_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from app.accounts.models import User

REASON = "给民政办核对今年的低保名册，用完删除"
NAME, PHONE, DOOR = "霍凤志", "13800005678", "文秀社区仕版38号496"
CHILD, CHILD_NUMBER = "霍小满", "440606201805200018"


def asked(
    client: FlaskClient, query: str = "", reason: str = REASON, to: str = "office"
) -> Approval:
    answer = client.post(f"/exports/clear?{query}", data={"to": to, "reason": reason})
    assert answer.status_code == 303, answer.text
    db.session.rollback()
    return db.session.scalars(select(Approval).order_by(Approval.id.desc()).limit(1)).one()


def decided(approval: Approval, by: User, state: ApprovalState = ApprovalState.APPROVED) -> None:
    with transaction():
        approvals.decide(by.actor, db.session.merge(approval), state, "可以", {})


def a_child(household: Household) -> None:
    box = ring().box(household.data_key or b"", household.file_no)
    person = {"name": CHILD, "id_number": CHILD_NUMBER, "phone": "13900001111"}
    keep(
        Member(
            code="CHILD22222",
            household_id=household.id,
            position=1,
            relationship_code="2",
            sex="1",
            person=box.seal_json(person, "member.person:CHILD22222"),
        )
    )


def rows(action: str) -> list[AuditRow]:
    db.session.rollback()
    return list(
        db.session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))
    )


def made(client: FlaskClient, approval: Approval) -> str:
    answer = client.post(f"/exports/clear/{approval.code}/make")
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1]


def test_files_in_clear_go_out_once_marked_and_on_record(client: FlaskClient) -> None:
    worker, supervisor = a_worker(), a_user(Role.SUPERVISOR, DALIANG)
    files = [a_household(id_number="440623195603151820"), a_household(name="冼妙嫦")]
    a_household(category=Category.TK, name="不在内")
    a_child(files[0])
    sign_in(client, worker)
    approval = asked(client, "category=DB")
    decided(approval, supervisor)

    code = made(client, approval)
    page = client.get(f"/exports/{code}").text
    first, second = download(client, code), download(client, code)
    book = sheets(first.data)

    assert "只能下载一次" in page
    assert (first.status_code, second.status_code) == (200, 409)
    assert "只能下载一次" in second.text
    families = book["家庭"]
    assert [row[:3] for row in families[1:]] == [
        [files[0].file_no, NAME, PHONE],
        [files[1].file_no, "冼妙嫦", PHONE],
    ]
    assert families[1][6] == DOOR
    for row in [*families[1:], *book["成员"][1:]]:
        assert worker.name in row[-1]
        assert code in row[-1]
    cover = dict(book["说明"])
    assert REASON in cover["为什么"]
    assert approval.code in cover["谁同意"]
    assert "不在内" not in str(book)


def test_children_stay_covered_in_a_list_in_clear(client: FlaskClient) -> None:
    household = a_household()
    a_child(household)
    sign_in(client, a_worker())
    approval = asked(client)
    decided(approval, a_user(Role.OFFICER, SHUNDE))

    book = sheets(download(client, made(client, approval)).data)

    told = str(book)
    assert NAME in told
    assert not [words for words in (CHILD, CHILD_NUMBER, "13900001111") if words in told]
    assert "霍*满" in told


def test_every_household_can_see_that_it_was_taken_out(client: FlaskClient) -> None:
    worker = a_worker()
    files = [a_household() for _ in range(3)]
    sign_in(client, worker)
    approval = asked(client)
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))

    code = made(client, approval)

    found = rows("household.export")
    assert [row.household_id for row in found] == [one.id for one in files]
    assert {(row.user_id, row.region_code) for row in found} == {(worker.id, files[0].region_code)}
    assert {row.reason for row in found} == {f"明文导出，审批单 {approval.code}"}
    page = client.get(f"/households/{files[0].file_no}?tab=changes").text
    assert "导出了明文资料" in page
    download(client, code)
    assert [row.detail for row in rows("export.download")] == [{"clear": True}]


def test_nothing_in_clear_is_left_lying_about(client: FlaskClient, app: Flask) -> None:
    a_household()
    sign_in(client, a_worker())
    approval = asked(client)
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))
    folder = app.config["SHANLIN"].instance / "media"
    before = set(folder.rglob("*"))
    code = made(client, approval)
    lying = [path for path in folder.rglob("*") if path.is_file() and path not in before]

    assert lying
    assert not [path for path in lying if NAME.encode() in path.read_bytes()]
    download(client, code)
    assert not [path for path in lying if path.exists()]
    assert the_export().key is None
    assert the_export().state is ExportState.TAKEN


def test_who_asks_does_not_decide_and_without_a_decision_nothing_is_made(
    client: FlaskClient,
) -> None:
    a_household()
    supervisor = a_user(Role.SUPERVISOR, DALIANG)
    sign_in(client, supervisor)
    approval = asked(client)

    answer = client.post(f"/exports/clear/{approval.code}/make")

    assert answer.status_code == 409
    assert "还没有批下来" in answer.text
    assert "生成文件" not in client.get("/exports").text
    assert db.session.scalar(select(func.count()).select_from(Export)) == 0


@pytest.mark.parametrize("state", [ApprovalState.REFUSED, ApprovalState.WITHDRAWN])
def test_what_was_not_agreed_to_is_not_made(client: FlaskClient, state: ApprovalState) -> None:
    a_household()
    worker = a_worker()
    sign_in(client, worker)
    approval = asked(client)
    if state is ApprovalState.REFUSED:
        decided(approval, a_user(Role.SUPERVISOR, DALIANG), state)
    else:
        with transaction():
            approvals.withdraw(worker.actor, db.session.merge(approval))

    assert client.post(f"/exports/clear/{approval.code}/make").status_code == 409


def test_an_approval_makes_one_file_however_often_it_is_pressed(client: FlaskClient) -> None:
    a_household()
    sign_in(client, a_worker())
    approval = asked(client)
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))

    assert made(client, approval) == made(client, approval)
    assert len(rows("household.export")) == 1
    assert db.session.scalar(select(func.count()).select_from(Export)) == 1


def test_an_approval_is_used_within_a_week(client: FlaskClient) -> None:
    a_household()
    worker = a_worker()
    sign_in(client, worker)
    approval = asked(client)
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))

    with clock.frozen(clock.now() + timedelta(days=8)):
        sign_in(client, worker)
        assert client.post(f"/exports/clear/{approval.code}/make").status_code == 409


def test_an_approval_is_nobody_elses(client: FlaskClient, app: Flask) -> None:
    a_household()
    sign_in(client, a_worker())
    approval = asked(client)
    supervisor = a_user(Role.SUPERVISOR, DALIANG)
    decided(approval, supervisor)

    for other in (a_worker(), supervisor):
        browser = sign_in(app.test_client(), other)
        assert browser.post(f"/exports/clear/{approval.code}/make").status_code == 404
    assert client.post("/exports/clear/A-2222222222/make").status_code == 404


@pytest.mark.parametrize(
    ("query", "reason", "words"),
    [
        ("", "", "请写明用来做什么"),
        ("", "查", "6 到 200 个字"),
        ("category=KJ", REASON, "没有一条记录"),
    ],
)
def test_a_request_that_says_too_little_comes_back(
    client: FlaskClient, query: str, reason: str, words: str
) -> None:
    a_household()
    sign_in(client, a_worker())

    answer = client.post(f"/exports/clear?{query}", data={"to": "office", "reason": reason})

    assert answer.status_code == 422
    assert words in answer.text
    assert reason in answer.text


def test_to_a_charity_go_only_those_who_agree_to_it_today(client: FlaskClient) -> None:
    agreed, withdrew, never = a_household(), a_household(), a_household()
    kept = [
        keep(
            Consent(
                household_id=household.id,
                purpose=Purpose.MONEY,
                recipient=Recipient.CHARITY,
                wording="2026-1",
                signatory="self",
                given_on=clock.today(),
                expires_on=clock.today() + timedelta(days=9),
            )
        )
        for household in (agreed, withdrew)
    ]
    sign_in(client, a_worker())
    approval = asked(client, to="charity")
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))
    with transaction():
        kept[1].withdrawn_at = clock.now()
        db.session.add(kept[1])

    book = sheets(download(client, made(client, approval)).data)

    assert [row[0] for row in book["家庭"][1:]] == [agreed.file_no]
    assert dict(book["说明"])["给谁用"] == "交给慈善组织"
    assert never.file_no not in str(book)


def test_too_many_at_a_time_are_not_asked_for(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_household()
    a_household()
    sign_in(client, a_worker())
    monkeypatch.setattr(asking, "MOST_CLEAR", 1)

    answer = client.post("/exports/clear", data={"to": "office", "reason": REASON})

    assert answer.status_code == 422
    assert "明文一次最多 1 户" in answer.text


def test_a_worker_who_lost_their_region_gets_nothing_by_an_old_approval(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_household()
    worker = a_worker()
    sign_in(client, worker)
    approval = asked(client)
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))
    monkeypatch.setattr(routes, "SMALL", -1)
    made(client, approval)
    grant: Any = worker.grants[0]
    with transaction():
        grant.ended_at = clock.now()
        db.session.add(grant)
    db.session.expire_all()

    jobs.make_exports(clock.today())

    assert the_export().state is ExportState.FAILED
    assert rows("household.export") == []
