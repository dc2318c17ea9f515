"""Erasing: two people, the key dropped, what it sealed emptied, figures kept; the calendar (清除)."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere
from app.households import queries, services
from app.households.errors import (
    NotErasable,
    RequestSettled,
    StillHouseholder,
)
from app.households.models import (
    Approval,
    Change,
    Consent,
    Erasure,
    Household,
    Member,
    SearchToken,
    Section,
    Span,
    SubjectRequest,
)
from app.households.queries import records
from app.households.rules import HouseholdState, Purpose, Recipient
from app.households.rules.approvals import ApprovalState
from app.households.rules.requests import Asker, Ground, RequestKind, RequestState
from app.households.services import approvals, deciding, erasure, requests
from app.households.services.writing import write
from app.media.models import Media
from app.notices.models import Message
from tests.factories import SHUNDE, a_household, a_user, a_worker, reload
from tests.households.test_consents import a_member, give
from tests.visits.stories import a_photo

if TYPE_CHECKING:
    from flask import Flask

pytestmark = pytest.mark.usefixtures("app")


def key() -> str:
    return secrets.token_urlsafe(18)


def a_request(household: Household, **facts: Any) -> SubjectRequest:
    """A rightful request to erase a whole file, received today."""
    worker = a_worker()
    said: dict[str, Any] = {
        "kind": RequestKind.ERASE,
        "asker": Asker.SUBJECT,
        "ground": Ground.WITHDRAWN,
        "words": "霍女士本人到站里提出",
        "received_on": clock.today(),
        "key": key(),
    } | facts
    with transaction():
        return requests.receive(worker.actor, household, **said)


def ask(request: SubjectRequest, **facts: Any) -> Approval:
    worker = a_worker()
    said: dict[str, Any] = {"duties": [], "reason": "核对过，没有要保留的", "key": key()} | facts
    with transaction():
        return requests.ask(worker.actor, request, **said)


def approve(approval: Approval, decider: Any = None) -> None:
    who = decider or a_user(Role.OFFICER, SHUNDE)
    with transaction():
        approvals.decide(who.actor, approval, ApprovalState.APPROVED, "", deciding.EFFECTS)
    db.session.rollback()


def erased(household: Household, **facts: Any) -> Household:
    approve(ask(a_request(household, **facts)))
    return reload(household)


# ── a whole file ──────────────────────────────────────────────────────────────────


def a_full_file() -> Household:
    """A file with a section, a change, a consent with its page, search words."""
    household, worker = a_household(id_number="440623194908150017"), a_worker()
    give(household, worker, scan=a_photo(), own_wish=True)
    with transaction():
        after = queries.document(household)
        after["sections"] = {"plan": {"goal": "每周有人来"}}
        after["cover"]["door"] = "文秀社区新址九号"
        write(worker.actor, household, after, version=household.version, reason="搬了家")
    return household


def test_the_key_is_dropped_what_it_sealed_is_emptied_and_the_figures_stay() -> None:
    household = a_full_file()
    income, number = household.income_fen, household.id

    erased(household)

    assert household.state is HouseholdState.ERASED
    assert household.data_key is None
    assert (household.head, household.papers) == (b"", b"")
    assert (household.income_fen, household.member_count) == (income, 1)
    [member] = db.session.scalars(select(Member).where(Member.household_id == number))
    assert (member.person, member.id_index, member.alike) == (b"", None, None)
    for table in (SearchToken, Section):
        assert not db.session.scalars(select(table).where(table.household_id == number)).all()
    for change in db.session.scalars(select(Change).where(Change.household_id == number)):
        assert (change.fields, change.reason) == (None, "")
    for consent in db.session.scalars(select(Consent).where(Consent.household_id == number)):
        assert consent.withdrawn_at is not None
        assert (consent.terms, consent.scan_id) == (None, None)
    assert not queries.has_consent(number, Purpose.VISIT)
    [span] = db.session.scalars(
        select(Span).where(Span.household_id == number, Span.until_on.is_(None))
    )
    assert (span.state, span.member_count) == (HouseholdState.ERASED, 1)
    [line] = db.session.scalars(select(Erasure))
    assert (line.file_no, line.member_code) == (household.file_no, "")
    assert db.session.scalar(
        select(func.count()).select_from(AuditRow).where(AuditRow.action == "household.erase")
    )


def test_a_file_that_was_merged_into_it_is_erased_with_it() -> None:
    household, other = a_full_file(), a_household()
    with transaction():
        db.session.execute(
            update(Household).where(Household.id == other.id).values(merged_into_id=household.id)
        )

    erased(household)

    other = reload(other)
    assert (other.state, other.data_key, other.head) == (HouseholdState.ERASED, None, b"")
    assert {file_no for file_no, _ in erasure.erased()} == {household.file_no, other.file_no}


def test_its_pictures_are_deleted_from_the_storage(app: Flask) -> None:
    household = a_full_file()
    folder = app.config["SHANLIN"].instance / "media"
    [page] = db.session.scalars(select(Media))
    paths = [folder / page.storage_key, folder / str(page.thumb_key)]
    assert all(path.exists() for path in paths)

    erased(household)

    assert not any(path.exists() for path in paths)
    assert reload(page).gone_at is not None


def test_nothing_is_deleted_when_the_decision_is_rolled_back(app: Flask) -> None:
    household = a_full_file()
    approval = ask(a_request(household))
    officer = a_user(Role.OFFICER, SHUNDE)
    [page] = db.session.scalars(select(Media))

    def fail() -> None:
        with transaction():
            approvals.decide(officer.actor, approval, ApprovalState.APPROVED, "", deciding.EFFECTS)
            message = "the machine stops"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="stops"):
        fail()

    assert (app.config["SHANLIN"].instance / "media" / page.storage_key).exists()
    assert reload(household).data_key is not None


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_byte_of_the_key_or_of_what_it_sealed_is_left_in_any_file(app: Flask) -> None:
    household = a_full_file()
    number = household.id
    member = db.session.scalars(select(Member).where(Member.household_id == number)).one()
    fields = db.session.scalars(
        select(Change.fields).where(Change.household_id == number, Change.fields.is_not(None))
    ).all()
    facts = db.session.scalars(select(Section.facts).where(Section.household_id == number)).all()
    [page] = db.session.scalars(select(Media))
    folder = app.config["SHANLIN"].instance
    picture = (folder / "media" / page.storage_key).read_bytes()
    secret_bytes = {
        "key": bytes(household.data_key or b""),
        "head": bytes(household.head),
        "papers": bytes(household.papers),
        "person": bytes(member.person),
        "index": bytes(member.id_index or b""),
        "picture": picture[:64],
        **{f"fields {place}": bytes(one or b"") for place, one in enumerate(fields)},
        **{f"facts {place}": bytes(one) for place, one in enumerate(facts)},
    }
    assert len(secret_bytes) > 7

    def found() -> set[str]:
        everything = b"".join(
            path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and "template" not in path.name
        )
        return {name for name, value in secret_bytes.items() if value in everything}

    assert found() == set(secret_bytes)  # we look in the right place
    erased(household)

    assert found() == set()


# ── who may, and from where ───────────────────────────────────────────────────────


def test_whoever_asks_does_not_decide_and_nothing_is_erased_twice() -> None:
    household = a_household()
    supervisor = a_user(Role.SUPERVISOR)
    request = a_request(household)
    with transaction():
        approval = requests.ask(supervisor.actor, request, duties=[], reason="核对过", key=key())

    with pytest.raises(Forbidden):
        approve(approval, supervisor)
    with pytest.raises(Forbidden):
        approve(approval, a_worker())
    approve(approval)

    assert reload(request).state is RequestState.DONE
    assert request.words is None
    with pytest.raises(NotHere):
        a_request(household)


def test_the_calendar_takes_only_what_is_closed_and_a_person_may_ask_any_time() -> None:
    active = a_household()
    proposed = a_request(active, asker=Asker.RETENTION, ground=Ground.PERIOD)

    with pytest.raises(NotErasable):
        ask(proposed)
    erased(active, asker=Asker.KIN, ground=Ground.DECEASED)

    assert active.state is HouseholdState.ERASED


def test_a_file_that_came_back_into_use_meanwhile_is_not_erased() -> None:
    household = a_household(state=HouseholdState.CLOSED, next_visit_on=None)
    approval = ask(a_request(household, asker=Asker.RETENTION, ground=Ground.PERIOD))
    with transaction():
        db.session.execute(
            update(Household).where(Household.id == household.id).values(state="active")
        )

    with pytest.raises(NotErasable):
        approve(approval)

    assert reload(household).data_key is not None


def test_a_duty_to_keep_stands_against_it_and_is_told_with_the_reason() -> None:
    request = a_request(a_household())

    with pytest.raises(NotErasable, match="必须保留"):
        ask(request, duties=["aid"])
    worker = a_worker()
    with transaction():
        requests.refuse(worker.actor, request, duties=["aid", "made up"], answer="还在领低保")

    assert reload(request).state is RequestState.REFUSED
    assert request.duties == ["aid"]
    with pytest.raises(RequestSettled):
        ask(request)


def test_a_refused_approval_lets_one_ask_again() -> None:
    request, officer = a_request(a_household()), a_user(Role.OFFICER, SHUNDE)
    first = ask(request)
    with transaction():
        approvals.decide(
            officer.actor, first, ApprovalState.REFUSED, "缺身份核验", deciding.EFFECTS
        )
    assert not records.waits_for_approval(reload(request))

    second = ask(request)

    assert second.code != first.code
    assert records.waits_for_approval(reload(request))


def test_a_request_is_due_in_fifteen_working_days_and_one_submission_makes_one() -> None:
    household, worker = a_household(worker=a_worker()), a_worker()
    said: dict[str, Any] = {
        "kind": RequestKind.CORRECT,
        "asker": Asker.SUBJECT,
        "ground": Ground.NONE,
        "words": "出生日期写错了",
        "received_on": date(2026, 9, 1),
        "key": key(),
    }

    with transaction():
        first = requests.receive(worker.actor, household, **said)
        second = requests.receive(worker.actor, household, **said)

    assert first.id == second.id
    # September 2026: the 20th is worked, the 25th to 27th are free for mid-autumn
    assert first.due_on == date(2026, 9, 21)
    [message] = db.session.scalars(select(Message))
    assert message.user_id == household.worker_id
    assert "出生" not in message.title


# ── one member ────────────────────────────────────────────────────────────────────


def test_one_member_leaves_the_document_and_the_history() -> None:
    household, worker = a_household(), a_worker()
    code = a_member(household, "霍小红", "2001-02-03")
    with transaction():
        after = queries.document(household)
        after["members"][code]["phone"] = "13911112222"
        write(worker.actor, household, after, version=household.version, reason="补电话")
    before = clock.today()

    erased(household, member_code=code)

    assert household.data_key is not None
    document = queries.document(household)
    assert code not in document["members"]
    assert code not in queries.as_of(household, before - timedelta(days=1)).get("members", {})
    its_box = queries.box(household)
    sealed = db.session.scalars(select(Change.fields).where(Change.fields.is_not(None))).all()
    history = [its_box.open_json(one, f"change.fields:{household.file_no}") for one in sealed]
    assert "霍小红" not in str(history)
    assert "13911112222" not in str(history)
    [line] = db.session.scalars(select(Erasure))
    assert line.member_code == code


def test_the_householder_is_not_taken_out_alone() -> None:
    household = a_household()
    [head] = queries.members(household)

    with pytest.raises(StillHouseholder):
        erased(household, member_code=head.code)


# ── after a restore ───────────────────────────────────────────────────────────────


def test_erasing_again_what_came_back_changes_nothing_the_second_time() -> None:
    household = a_household()

    for expected in (1, 0):
        with transaction():
            assert erasure.repeat([(household.file_no, "")]) == expected

    assert reload(household).state is HouseholdState.ERASED
    with pytest.raises(NotHere), transaction():
        services.record_consent(
            SYSTEM,
            household,
            [Purpose.VISIT],
            Recipient.HELPERS,
            signatory="self",
            given_on=clock.today(),
            expires_on=clock.today() + timedelta(days=2),
        )
