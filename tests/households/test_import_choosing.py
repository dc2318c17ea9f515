"""An import is chosen from, household by household, and a large one waits for a second person."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries
from app.households.jobs import import_workbooks
from app.households.models import Approval, Change, Household, ImportMapping
from app.households.rules import HouseholdState
from app.households.rules.approvals import ApprovalState
from app.households.rules.importing import BatchState
from app.households.services import approvals, choosing
from app.households.services.deciding import EFFECTS
from app.households.services.steps import step
from tests.factories import CITY, DALIANG, a_user, reload, sign_in
from tests.households.imports import (
    WHY,
    approved,
    count,
    decided,
    files,
    many,
    officer,
    sent,
    taken_in,
    the_batch,
    the_request,
)
from tests.households.ledgers import MAN_1986, a_member, a_row, another

KEYS = "second-submission"


def keys(kind: str) -> list[str]:
    return [each["key"] for each in queries.report(the_batch())[kind]]


def names() -> set[str]:
    return {queries.head(file).name for file in files().values()}


def test_everything_is_ticked_until_somebody_takes_a_tick_away(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), another())

    page = client.get(f"{where}/rows?kind=new").text

    assert page.count('name="keep"') == page.count("checked") == 2
    assert "霍*" in page
    assert "霍英" not in page


def test_a_household_left_out_stays_out_and_may_come_the_next_time(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), another())
    both = keys("new")

    client.post(f"{where}/rows", data={"kind": "new", "shown": both, "keep": both[:1]})
    assert "有 1 户你说了不要" in client.get(where).text
    client.post(f"{where}/confirm")

    assert names() == {"霍英"}
    assert the_batch().summary["counts"]["new"] == 1
    again = sent(client, a_row(), another(), key=KEYS)
    assert the_batch().summary["counts"] | {"gone": 0} == {
        "new": 1, "changed": 0, "unchanged": 1, "gone": 0, "rejected": 0
    }  # fmt: skip
    client.post(f"{again}/confirm")
    assert names() == {"霍英", "区兰"}


def test_a_change_left_out_leaves_the_file_as_it_is(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row(), another())
    where = sent(client, a_row(月人均收入=1.0), another(月人均收入=2.0), key=KEYS)
    first, _ = keys("changed")

    client.post(f"{where}/rows", data={"kind": "changed", "shown": [first]})
    client.post(f"{where}/confirm")

    assert sorted(file.income_fen for file in files().values()) == [200, 60205]


def test_what_is_shown_of_a_change_says_before_and_after(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row())
    where = sent(client, a_row(月人均收入=1.0), key=KEYS)

    page = client.get(f"{where}/rows?kind=changed").text

    assert "¥602.05" in page
    assert "¥1.00" in page


def test_nobody_moves_out_of_a_household_whose_change_was_left_out(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row(), a_member(), another())
    where = sent(client, a_row(), another(), a_member(序号="", 与户主关系="孙子"), key=KEYS)
    report = queries.report(the_batch())["changed"]
    old = next(each["key"] for each in report if any("离户" in what for what, *_ in each["told"]))

    client.post(f"{where}/rows", data={"kind": "changed", "shown": [old]})
    client.post(f"{where}/confirm")

    assert {file.member_count for file in files().values()} == {1, 2}
    holder = next(
        file
        for file in files().values()
        for one in queries.members(file)
        if queries.person(queries.box(file), one).get("id_number") == MAN_1986
    )
    assert queries.head(holder).name == "霍英"


def test_none_of_a_kind_and_then_one_of_them(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), another())
    both = keys("new")

    client.post(f"{where}/rows", data={"kind": "new", "all": "no"})
    assert "没有要入档的家庭" in client.get(where).text
    refused = client.post(f"{where}/confirm")
    client.post(f"{where}/rows", data={"kind": "new", "shown": both[:1], "keep": both[:1]})
    client.post(f"{where}/confirm")

    assert refused.status_code == 409
    assert names() == {"霍英"}


def test_pages_are_kept_one_by_one(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(60))
    all_keys = keys("new")

    first = client.get(f"{where}/rows?kind=new").text
    client.post(
        f"{where}/rows",
        data={
            "kind": "new",
            "page": "0",
            "shown": all_keys[:50],
            "keep": all_keys[5:50],
            "next": "1",
        },
    )
    client.post(
        f"{where}/rows", data={"kind": "new", "shown": all_keys[50:], "keep": all_keys[55:]}
    )

    assert first.count('name="keep"') == 50
    client.post(f"{where}/confirm")
    assert count(Household) == 50


def test_a_file_no_longer_named_is_closed_only_when_somebody_says_so(client: FlaskClient) -> None:
    officer(client, role=Role.SUPERVISOR)
    taken_in(
        client,
        a_row(),
        another(),
        a_row(序号=3.0, 家庭编号="H3", 户主姓名="冼好", 姓名="冼好", 公民身份号码=""),
    )
    where = sent(client, another(), key=KEYS)
    gone = queries.report(the_batch())["gone"]
    assert len(gone) == 2

    client.post(
        f"{where}/rows",
        data={"kind": "gone", "shown": gone, f"state-{gone[0]}": "closed", f"state-{gone[1]}": ""},
    )
    client.post(f"{where}/confirm")

    closed, untouched = files()[gone[0]], files()[gone[1]]
    assert (closed.state, untouched.state) == (HouseholdState.CLOSED, HouseholdState.ACTIVE)
    note = queries.changes(closed.id)[0]
    assert (note.kind, note.reason) == ("state", "不在新台账里")
    assert closed.next_visit_on is None


@pytest.mark.parametrize(
    "data", [{"kind": "nothing"}, {"kind": "gone", "shown": "X", "state-X": "erased"}]
)
def test_choices_that_do_not_exist_are_refused(client: FlaskClient, data: dict[str, str]) -> None:
    officer(client)
    where = sent(client, a_row())

    assert client.post(f"{where}/rows", data=data).status_code in (404, 409)


def test_nothing_is_chosen_once_it_has_gone_in(client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row())

    assert client.post(f"{where}/rows", data={"kind": "new", "all": "no"}).status_code in (404, 409)


@pytest.mark.usefixtures("app")
def test_another_persons_import_is_not_chosen_from_by_a_service(client: FlaskClient) -> None:
    officer(client)
    sent(client, a_row())
    stranger = a_user(Role.WORKER, DALIANG).actor

    with pytest.raises(Forbidden), transaction():
        choosing.choose_all(stranger, the_batch(), "new", take=False)  # type: ignore[arg-type]


# --- the second person -----------------------------------------------------------------------


def test_fifty_households_go_in_at_once_and_fifty_one_wait(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, *many(50))
    assert count(Household) == 50

    where = sent(client, *many(51, 月人均收入=1.0), key=KEYS)
    client.post(f"{where}/confirm", data=WHY)

    assert the_batch().state is BatchState.ASKED
    assert the_request().subject == the_batch().code
    assert the_request().region_code == "440606005002"
    assert count(Household) == 50


def test_a_large_import_without_a_reason_comes_back_with_what_was_typed(
    client: FlaskClient,
) -> None:
    officer(client)
    where = sent(client, *many(51))

    empty = client.post(f"{where}/confirm", data={"reason": "  "})
    long = client.post(f"{where}/confirm", data={"reason": "很长" * 150})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "请给审批的人写一句话" in empty.text
    assert "很长" * 150 in long.text
    assert count(Approval) == 0


def test_asked_twice_it_is_one_request(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(51))

    first = client.post(f"{where}/confirm", data=WHY)
    again = client.post(f"{where}/confirm", data=WHY)

    assert (first.status_code, again.status_code) == (303, 303)
    assert count(Approval) == 1


def test_agreed_to_it_goes_in_as_its_senders(client: FlaskClient) -> None:
    sender = officer(client)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)

    approved()

    assert count(Household) == 51
    assert {file.created_by_id for file in files().values()} == {sender.id}
    assert the_request().state is ApprovalState.USED
    assert "已入档" in client.get(where).text


def test_refused_it_can_be_chosen_anew_and_asked_again(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)

    decided(ApprovalState.REFUSED, "先和镇里核对收入")
    page = client.get(where).text
    client.post(f"{where}/reconsider")
    client.post(f"{where}/rows", data={"kind": "new", "shown": keys("new")[:1]})
    client.post(f"{where}/confirm")

    assert "先和镇里核对收入" in page
    assert "未同意" in page
    assert count(Household) == 50


def test_a_request_is_taken_back_with_the_import(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)

    client.post(f"{where}/cancel")

    assert the_request().state is ApprovalState.WITHDRAWN
    assert the_batch().state is BatchState.CANCELLED


def test_who_sent_it_does_not_agree_to_it(client: FlaskClient) -> None:
    sender = officer(client, role=Role.SUPERVISOR)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)

    with pytest.raises(Forbidden), transaction():
        approvals.decide(sender.actor, the_request(), ApprovalState.APPROVED, "", EFFECTS)

    assert count(Household) == 0


def test_an_old_answer_lets_no_newer_import_in(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)
    request = the_request()
    with transaction():
        step(the_batch(), {BatchState.ASKED}, BatchState.READY)

    supervisor = a_user(Role.SUPERVISOR, CITY).actor
    with pytest.raises(StalePage), transaction():
        approvals.decide(supervisor, request, ApprovalState.APPROVED, "", EFFECTS)

    assert reload(request).state is ApprovalState.ASKED
    assert count(Household) == 0


def test_what_changed_after_the_answer_is_shown_again(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row())
    where = sent(client, a_row(月人均收入=1.0), *many(51), key=KEYS)
    client.post(f"{where}/confirm", data=WHY)
    with transaction():
        db.session.execute(update(Household).values(version=9))

    approved()

    assert the_batch().state is BatchState.READY
    assert "已经重新对照过" in client.get(where).text
    assert count(Household) == 1


# --- remembered columns ----------------------------------------------------------------------


def test_how_columns_were_placed_is_shown_and_can_be_forgotten(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(备注="常年卧床"))
    report = queries.report(the_batch())
    letter = next(
        each["letter"] for each in report["sheets"][0]["columns"] if each["heading"] == "备注"
    )
    client.post(f"{where}/columns", data={f"c0-{letter}": "address"})
    db.session.rollback()
    [mapping] = db.session.scalars(select(ImportMapping)).all()

    page = client.get("/households/import/mappings").text
    missing = client.post("/households/import/mappings/forget", data={"signature": "none"})
    client.post("/households/import/mappings/forget", data={"signature": mapping.signature})

    assert "备注" in page
    assert missing.status_code == 404
    assert count(ImportMapping) == 0


def test_remembered_columns_are_used_for_the_next_workbook_of_the_same_sender(
    app: Flask, client: FlaskClient
) -> None:
    officer(client, DALIANG, Role.WORKER)
    where = sent(client, a_row(备注="仕版街38号"))
    report = queries.report(the_batch())
    letter = next(
        each["letter"] for each in report["sheets"][0]["columns"] if each["heading"] == "备注"
    )
    client.post(f"{where}/columns", data={f"c0-{letter}": "address"})
    client.post(f"{where}/cancel")

    colleague = sign_in(app.test_client(), a_user(Role.WORKER, DALIANG))
    taken_in(colleague, a_row(备注="仕版街38号"), key=KEYS)

    [file] = files().values()
    assert queries.head(file).door == "仕版街38号"


@pytest.mark.usefixtures("app")
def test_a_queue_that_is_asked_of_again_does_nothing_twice(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WHY)
    approved()

    import_workbooks(clock.today())

    assert count(Change) == 51
