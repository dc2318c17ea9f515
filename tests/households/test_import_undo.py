"""A whole import is taken back as long as nothing was built on it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.access import SYSTEM
from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.households import queries, services
from app.households.models import Change, Household, ImportBatch, Member, SearchToken, Span
from app.households.rules import HouseholdState, Purpose, Recipient
from app.households.rules.approvals import ApprovalState
from app.households.rules.importing import BatchState
from app.households.services import batches
from tests.factories import DALIANG, a_household, a_need, a_user, reload, sign_in
from tests.households.imports import (
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
from tests.households.ledgers import MAN_1986, WOMAN_1956, a_member, a_row, another

LATER = "second-submission"
WRONG = {"reason": "传错了，是去年的表"}


def file_of(name: str) -> Household:
    return next(
        file
        for file in files().values()
        if file.data_key is not None and queries.head(file).name == name
    )


def undo(client: FlaskClient, where: str) -> int:
    return client.post(f"{where}/undo", data=WRONG).status_code


def test_new_files_say_nothing_any_more_and_their_numbers_stay_taken(client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row(), a_member())
    number = file_of("霍英").file_no

    assert undo(client, where) == 303

    file = files()[number]
    assert (file.state, file.data_key, file.source_key) == (HouseholdState.ERASED, None, None)
    assert (count(Member), count(SearchToken)) == (0, 0)
    assert [note.title for note in queries.changes(file.id)] == ["撤回导入，档案作废", "从台账建档"]
    assert queries.listing(SYSTEM, queries.Wanted(text="霍英"), None).rows == []
    assert the_batch().state is BatchState.UNDONE
    assert "已经整次撤回" in client.get(where).text


def test_the_same_workbook_may_come_again_after_it_was_taken_back(client: FlaskClient) -> None:
    officer(client)
    undo(client, taken_in(client, a_row(), a_member()))

    taken_in(client, a_row(), a_member(), key=LATER)

    assert queries.head(file_of("霍英")).phone == "13812345678"
    assert len(files()) == 2


def test_changed_files_go_back_to_what_they_said(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row(), a_member())
    before = queries.document(file_of("霍英"))
    where = taken_in(client, a_row(月人均收入=1.0, 联系电话="13900001111"), another(), key=LATER)
    assert queries.document(file_of("霍英")) != before

    assert undo(client, where) == 303

    file = file_of("霍英")
    assert queries.document(file) == before
    assert [note.kind for note in queries.changes(file.id)] == [
        "import_undone", "imported", "imported"
    ]  # fmt: skip
    assert {each.file_no for each in queries_found("13812345678")} == {file.file_no}
    assert queries_found("13900001111") == []
    member = db.session.scalars(
        select(Member).where(Member.id_index == ring().index("id", MAN_1986))
    ).one()
    assert member.household_id == file.id


def queries_found(text: str) -> list[Household]:
    page = queries.listing(SYSTEM, queries.Wanted(text=text), None)
    return [line.household for line in page.rows]


def test_a_person_who_moved_by_the_import_moves_back(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row(), a_member(), another())
    where = taken_in(client, a_row(), another(), a_member(序号="", 与户主关系="孙子"), key=LATER)
    assert file_of("区兰").member_count == 2

    assert undo(client, where) == 303

    assert (file_of("霍英").member_count, file_of("区兰").member_count) == (2, 1)


def test_the_same_change_sent_again_is_seen_again(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row())
    undo(client, taken_in(client, a_row(月人均收入=1.0), key=LATER))

    sent(client, a_row(月人均收入=1.0), key="third-submission")

    assert the_batch().summary["counts"]["changed"] == 1


def test_a_file_that_was_closed_by_the_import_is_in_force_again(client: FlaskClient) -> None:
    officer(client, role=Role.SUPERVISOR)
    taken_in(client, a_row(), another())
    where = sent(client, another(月人均收入=1.0), key=LATER)
    [gone] = queries.report(the_batch())["gone"]
    client.post(f"{where}/rows", data={"kind": "gone", "shown": gone, f"state-{gone}": "closed"})
    client.post(f"{where}/confirm")
    assert files()[gone].state is HouseholdState.CLOSED

    assert undo(client, where) == 303

    assert files()[gone].state is HouseholdState.ACTIVE


def test_spans_of_the_day_go_and_earlier_ones_end(client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row(), another())
    past = clock.today() - timedelta(days=3)
    older = file_of("霍英").id
    with transaction():
        db.session.execute(update(Span).where(Span.household_id == older).values(from_on=past))

    undo(client, where)

    [span] = db.session.scalars(select(Span)).all()
    assert (span.household_id, span.from_on, span.until_on) == (older, past, clock.today())


def test_it_is_one_line_in_the_log_with_its_reason(client: FlaskClient) -> None:
    sender = officer(client)
    undo(client, taken_in(client, a_row(), another()))

    rows = db.session.scalars(select(AuditRow).where(AuditRow.action.like("%undo%"))).all()
    assert [row.action for row in rows] == ["import.undo", "households.import_undone"]
    assert rows[0].reason == WRONG["reason"]
    assert rows[1].detail == {"new": 2, "changed": 0}
    assert {row.user_id for row in rows} == {sender.id}


def test_what_was_there_before_the_import_is_not_in_its_way(client: FlaskClient) -> None:
    officer(client)
    file = a_household(id_number=WOMAN_1956)
    a_need(file)
    where = taken_in(client, a_row(月人均收入=1.0))

    assert undo(client, where) == 303
    assert reload(file).income_fen == 0


@pytest.mark.parametrize("what", ["edit", "consent", "need"])
def test_what_was_built_on_a_file_is_in_the_way_and_is_named(
    client: FlaskClient, what: str
) -> None:
    officer(client)
    where = taken_in(client, a_row(), another())
    file, worker = file_of("霍英"), a_user(Role.WORKER, DALIANG).actor
    if what == "edit":
        with transaction():
            services.edit(worker, file, {"income_fen": 5}, reason="核对", version=1)
    elif what == "consent":
        with transaction():
            services.record_consent(
                worker,
                file,
                purposes=[Purpose.VISIT],
                recipient=Recipient.HELPERS,
                signatory="self",
                given_on=clock.today(),
                expires_on=clock.today() + timedelta(days=30),
            )
    else:
        a_need(file)

    shown = client.get(f"{where}/undo").text
    answer = client.post(f"{where}/undo", data=WRONG)

    assert answer.status_code == 409
    for page in (shown, answer.text):
        assert file.file_no in page
        assert file_of("区兰").file_no not in page
        assert "霍英" not in page
    assert the_batch().state is BatchState.DONE
    assert count(Member) == 2


def test_something_built_while_it_waits_stops_it(client: FlaskClient) -> None:
    officer(client)
    where = taken_in_large(client)
    client.post(f"{where}/undo", data=WRONG)
    a_need(next(iter(files().values())))

    approved()

    assert the_batch().state is BatchState.DONE
    assert "不能整次撤回" in client.get(where).text
    assert count(Member) == 51


def taken_in_large(client: FlaskClient) -> str:
    where = sent(client, *many(51))
    client.post(f"{where}/confirm", data=WRONG)
    approved()
    return where


def test_a_large_one_needs_a_second_person_to_go_back_too(client: FlaskClient) -> None:
    officer(client)
    where = taken_in_large(client)

    assert undo(client, where) == 303
    assert the_batch().state is BatchState.UNDO_ASKED
    assert "等第二个人同意撤回" in client.get(where).text
    assert count(Member) == 51
    approved()

    assert the_batch().state is BatchState.UNDONE
    assert count(Member) == 0
    assert the_request().state is ApprovalState.USED


def test_refused_it_stays_in(client: FlaskClient) -> None:
    officer(client)
    where = taken_in_large(client)
    undo(client, where)

    decided(ApprovalState.REFUSED, "没有错")
    assert "没有错" in client.get(where).text
    client.post(f"{where}/reconsider")

    assert the_batch().state is BatchState.DONE
    assert count(Member) == 51


def test_without_a_reason_nothing_is_taken_back(client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row())

    answer = client.post(f"{where}/undo", data={"reason": " "})

    assert answer.status_code == 422
    assert "请写明为什么撤回" in answer.text
    assert count(Member) == 1


def test_pressed_twice_it_is_taken_back_once(client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row())

    assert (undo(client, where), undo(client, where)) == (303, 303)
    assert count(Change) == 2


def test_what_never_went_in_cannot_be_taken_back(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row())

    assert undo(client, where) == 409


def test_only_its_sender_takes_it_back(app: Flask, client: FlaskClient) -> None:
    officer(client)
    where = taken_in(client, a_row())
    stranger = sign_in(app.test_client(), a_user(Role.WORKER, DALIANG))

    assert undo(stranger, where) == 404
    batch, colleague = the_batch(), a_user(Role.WORKER, DALIANG).actor
    with pytest.raises(Forbidden), transaction():
        batches.undo(colleague, batch, reason="x", key="k" * 20)
    assert count(Member) == 1


@pytest.mark.usefixtures("app")
def test_a_process_that_died_while_taking_back_is_begun_again(client: FlaskClient) -> None:
    officer(client)
    taken_in(client, a_row())
    long_ago = clock.now() - timedelta(hours=1)
    with transaction():
        db.session.execute(
            update(ImportBatch).values(state=BatchState.UNDOING, updated_at=long_ago)
        )

    with transaction():
        assert batches.free_stalled() == 1
    assert batches.advance(the_batch().code, transaction)

    assert the_batch().state is BatchState.UNDONE
