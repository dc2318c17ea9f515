"""Children's data (未成年人网络保护条例 §36): covered until the supervisor agreed, or open at once and reviewed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households import queries
from app.households.models import Approval, Household, Member, ReadingAlert
from app.households.queries import View
from app.households.rules.approvals import ApprovalKind, ApprovalState
from app.households.rules.minors import covered, is_minor
from app.households.rules.watching import ReadingRule
from app.households.services import approvals
from app.notices.models import Message
from tests.factories import (
    DALIANG,
    SHUNDE,
    a_household,
    a_user,
    a_worker,
    keep,
    sign_in,
)

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.accounts.models import User

TODAY = date(2026, 11, 27)
CHILD, NUMBER, PHONE = "霍小满", "440606201805200018", "13900001111"
CLEAR_CHILD = (CHILD, NUMBER, PHONE)


def a_family(*, householder_born: str = "1949-08-15") -> Household:
    """A grandmother and a child of eight."""
    household = a_household()
    box = ring().box(household.data_key or b"", household.file_no)
    person = {"name": CHILD, "id_number": NUMBER, "phone": PHONE, "birth": "2018-05-20"}
    keep(
        Member(
            code="CHILD22222",
            household_id=household.id,
            position=1,
            relationship_code="4",
            sex="1",
            person=box.seal_json(person, "member.person:CHILD22222"),
        )
    )
    return household


def opened(client: FlaskClient, household: Household, **more: str) -> str:
    answer = client.post(f"/households/{household.file_no}/unmask", data={"why": "check"} | more)
    assert answer.status_code == 200
    return answer.text


def asked(client: FlaskClient, household: Household, **more: Any) -> Approval:
    answer = client.post(
        f"/households/{household.file_no}/minors", data={"reason": "办理孤儿补贴"} | more
    )
    assert answer.status_code == 303
    db.session.rollback()
    return db.session.scalars(select(Approval).order_by(Approval.id.desc()).limit(1)).one()


def decided(approval: Approval, by: User, state: ApprovalState = ApprovalState.APPROVED) -> None:
    with transaction():
        approvals.decide(by.actor, db.session.merge(approval), state, "办完就关", {})


def children_told(page: str) -> list[str]:
    return [words for words in CLEAR_CHILD if words in page]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({"birth": "2018-05-20"}, True),
        ({"birth": "2008-11-28"}, True),
        ({"birth": "2008-11-27"}, False),
        ({"birth": "1949-08-15"}, False),
        ({"id_number": "440606201805200018"}, True),
        ({"id_number": "440623195603151820"}, False),
        ({"id_number": "440623560315182"}, False),
        ({"id_number": "E12345678"}, False),
        ({}, False),
        ({"birth": "不详", "id_number": "440606201805200018"}, True),
    ],
)
def test_who_counts_as_a_child(person: dict[str, str], *, expected: bool) -> None:
    assert is_minor(person, TODAY) is expected


def test_what_is_left_of_a_child_names_nobody_whatever_a_file_holds() -> None:
    facts = {"name": CHILD, "id_number": NUMBER, "phone": PHONE, "birth": "2018-05-20"}
    more = {"school": "大良实验小学二（3）班", "note": "父母在外", "account": "6228480402564890018"}

    left = covered(facts | more | {"sex": "1", "relationship": "孙子"}, TODAY)

    told = str(left)
    assert not [words for words in (*CLEAR_CHILD, *more.values(), "05-20") if words in told]
    assert (left["name"], left["birth"], left["age"]) == ("霍*满", "2018", 8)


def test_children_stay_covered_when_a_file_is_opened(client: FlaskClient) -> None:
    household = a_family()
    sign_in(client, a_worker())

    form = client.get(f"/households/{household.file_no}/unmask").text
    page = opened(client, household)

    assert "孩子的资料要督导同意后才打开" in form
    assert "霍凤志" in page
    assert "13800005678" in page
    assert children_told(page) == []
    assert "霍*满" in page


def test_a_supervisor_opens_them_at_once_and_an_officer_asks(client: FlaskClient) -> None:
    household = a_family()
    for user, told in (
        (a_user(Role.SUPERVISOR, SHUNDE), list(CLEAR_CHILD)),
        (a_user(Role.OFFICER, SHUNDE), []),
    ):
        sign_in(client, user)

        assert children_told(opened(client, household)) == told


def test_they_open_for_a_week_once_the_supervisor_agreed(client: FlaskClient) -> None:
    household, worker = a_family(), a_worker()
    sign_in(client, worker)
    approval = asked(client, household)

    assert children_told(opened(client, household)) == []
    decided(approval, a_user(Role.SUPERVISOR, DALIANG))
    assert children_told(opened(client, household)) == list(CLEAR_CHILD)
    assert children_told(opened(client, household)) == list(CLEAR_CHILD)
    with clock.frozen(clock.now() + timedelta(days=7)):
        assert not queries.minors_open(worker.actor, household)


def test_the_request_says_why_goes_to_the_supervisor_and_is_sent_once(client: FlaskClient) -> None:
    household, supervisor = a_family(), a_user(Role.SUPERVISOR, DALIANG)
    officer = a_user(Role.OFFICER, SHUNDE)
    sign_in(client, a_worker())

    first = asked(client, household, idempotency_key="a-key-of-sixteen-letters")
    second = asked(client, household, idempotency_key="a-key-of-sixteen-letters")
    without = client.post(f"/households/{household.file_no}/minors", data={"reason": ""})

    assert first.id == second.id
    assert (first.kind, first.subject) == (ApprovalKind.MINOR, household.file_no)
    assert without.status_code == 422
    assert "请写明为什么需要" in without.text
    assert queries.approval_by_code(supervisor.actor, first.code).id == first.id
    assert first.code not in {
        one.code for one in queries.approvals(officer.actor, View.WAITING, None, None).rows
    }


@pytest.mark.parametrize("state", [ApprovalState.REFUSED])
def test_a_refusal_opens_nothing(client: FlaskClient, state: ApprovalState) -> None:
    household = a_family()
    sign_in(client, a_worker())
    decided(asked(client, household), a_user(Role.SUPERVISOR, DALIANG), state)

    assert children_told(opened(client, household)) == []


def test_an_approval_for_one_file_or_person_opens_no_other(client: FlaskClient) -> None:
    household, worker = a_family(), a_worker()
    other = a_household()
    sign_in(client, worker)
    decided(asked(client, other), a_user(Role.SUPERVISOR, DALIANG))

    assert children_told(opened(client, household)) == []
    sign_in(client, a_worker())
    assert children_told(opened(client, household)) == []


def test_in_an_emergency_they_open_at_once_and_the_supervisor_hears_of_it(
    client: FlaskClient,
) -> None:
    household, worker, supervisor = a_family(), a_worker(), a_user(Role.SUPERVISOR, DALIANG)
    sign_in(client, worker)

    page = opened(client, household, urgent="y")

    db.session.rollback()
    alert = db.session.scalars(select(ReadingAlert)).one()
    message = db.session.scalars(select(Message).where(Message.user_id == supervisor.id)).one()
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "household.unmask")).one()
    assert children_told(page) == list(CLEAR_CHILD)
    assert (alert.rule, alert.subject, alert.user_id) == (
        ReadingRule.URGENT,
        household.file_no,
        worker.id,
    )
    assert message.link == f"/audit/alerts/{alert.code}"
    assert row.detail == {"children": "urgent"}
    assert [one.id for one in queries.evidence(alert)] == [row.id]
    assert not [words for words in CLEAR_CHILD if words in message.title]
    assert children_told(opened(client, household)) == []


def test_a_child_who_heads_a_household_is_covered_on_the_cover_too(client: FlaskClient) -> None:
    household = a_household(name=CHILD, phone=PHONE)
    member = db.session.scalars(select(Member).where(Member.household_id == household.id)).one()
    box = ring().box(household.data_key or b"", household.file_no)
    facts = {"name": CHILD, "id_number": NUMBER, "phone": PHONE, "birth": "2018-05-20"}
    with transaction():
        member.person = box.seal_json(facts, f"member.person:{member.code}")
        db.session.add(member)
    sign_in(client, a_worker())

    page = opened(client, household)

    assert children_told(page) == []
    assert "文秀社区仕版38号496" in page
