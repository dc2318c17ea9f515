"""What a worker changes in a file: facts, consents, its state; and who may look at it in clear."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.access import Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries, services
from app.households.errors import NoSuchConsent, ReasonMissing
from app.households.models import Change, Household
from app.households.rules import Purpose, Recipient
from app.households.services import states
from tests.factories import CITY, DALIANG, SHUNDE, a_household, a_user, reload, sign_in

RONGGUI = "440606006"


def a_worker() -> Actor:
    return a_user(Role.WORKER, DALIANG).actor


def audited() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


@pytest.mark.usefixtures("app")
def test_a_correction_keeps_what_was_there_before_sealed() -> None:
    file, worker = a_household(), a_worker()

    with transaction():
        changed = services.edit(
            worker,
            file,
            {"income_fen": 5000, "door": "文秀社区新路1号"},
            reason="入户核实",
            version=1,
        )

    note = queries.changes(file.id)[0]
    fields = queries.box(file).open_json(note.fields, f"change.fields:{file.file_no}")
    assert changed
    assert (reload(file).income_fen, file.version) == (5000, 2)
    assert queries.head(file).door == "文秀社区新路1号"
    assert fields["cover/income_fen"] == [0, 5000]
    assert "文秀社区" not in note.title
    assert note.reason == "入户核实"
    assert audited() == ["household.edit"]


@pytest.mark.usefixtures("app")
def test_a_correction_that_changes_nothing_leaves_no_trace() -> None:
    file, worker = a_household(), a_worker()

    with transaction():
        changed = services.edit(worker, file, {"income_fen": 0}, reason="看看", version=1)

    assert not changed
    assert audited() == []
    assert reload(file).version == 1


@pytest.mark.usefixtures("app")
def test_a_stale_page_writes_over_nobody() -> None:
    file, worker = a_household(), a_worker()
    with transaction():
        services.edit(worker, file, {"income_fen": 1}, reason="一", version=1)

    with pytest.raises(StalePage), transaction():
        services.edit(worker, file, {"income_fen": 2}, reason="二", version=1)

    assert reload(file).income_fen == 1


@pytest.mark.usefixtures("app")
def test_a_new_phone_is_found_and_the_old_one_no_longer() -> None:
    file, worker = a_household(phone=""), a_worker()
    with transaction():
        services.edit(worker, file, {"phone": "13911112222"}, reason="换号", version=1)
    with transaction():
        services.edit(worker, reload(file), {"phone": "13733334444"}, reason="又换号", version=2)

    assert len(queries.listing(worker, queries.Wanted(text="13733334444"), None).rows) == 1
    assert not queries.listing(worker, queries.Wanted(text="13911112222"), None)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.WORKER, RONGGUI), (Role.OFFICER, SHUNDE), (Role.ADMIN, CITY), (Role.VOLUNTEER, DALIANG)],
)
def test_only_who_works_there_writes(role: Role, region: str) -> None:
    file, actor = a_household(), a_user(role, region).actor
    later = clock.today() + timedelta(days=30)

    verbs: list[Any] = [
        lambda: services.edit(actor, file, {"income_fen": 1}, reason="改", version=1),
        lambda: states.pause(actor, file, later, reason="停", version=1),
        lambda: services.withdraw_consent(actor, file, Purpose.VISIT, Recipient.HELPERS),
        lambda: services.record_consent(
            actor,
            file,
            [Purpose.VISIT],
            Recipient.HELPERS,
            signatory="self",
            given_on=clock.today(),
            expires_on=later,
        ),
    ]
    for verb in verbs:
        with pytest.raises(Forbidden):
            verb()


@pytest.mark.usefixtures("app")
def test_a_look_in_clear_needs_a_reason_and_leaves_a_row() -> None:
    file, officer = a_household(), a_user(Role.OFFICER, SHUNDE).actor

    with pytest.raises(ReasonMissing):
        services.unmask(officer, file, "  ")
    with transaction():
        head = services.unmask(officer, file, "核对地址")

    assert head.name == "霍凤志"
    row = db.session.scalars(select(AuditRow)).one()
    assert (row.action, row.household_id, row.reason) == ("household.unmask", file.id, "核对地址")


@pytest.mark.usefixtures("app")
def test_a_consent_counts_from_its_day_to_its_end_and_not_after_withdrawal() -> None:
    file, worker, today = a_household(consents=()), a_worker(), clock.today()
    end = today + timedelta(days=100)
    with transaction():
        services.record_consent(
            worker,
            file,
            [Purpose.VISIT],
            Recipient.HELPERS,
            signatory="self",
            given_on=today,
            expires_on=end,
        )

    def living(on: date) -> bool:
        return queries.has_consent(file.id, Purpose.VISIT, on=on)

    assert [living(today - timedelta(days=1)), living(today), living(end), living(end + timedelta(days=1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not queries.has_consent(file.id, Purpose.PHOTO)
    assert not queries.has_consent(file.id, Purpose.VISIT, Recipient.CHARITY)
    with transaction():
        services.withdraw_consent(worker, file, Purpose.VISIT, Recipient.HELPERS)
    assert not living(today)
    with pytest.raises(NoSuchConsent), transaction():
        services.withdraw_consent(worker, file, Purpose.VISIT, Recipient.HELPERS)
    assert audited() == ["consent.record", "consent.withdraw"]


@pytest.mark.usefixtures("app")
def test_a_new_consent_replaces_the_old_one_for_the_same_purpose() -> None:
    file, worker, today = (
        a_household(consents=(Purpose.VISIT, Purpose.GOODS)),
        a_worker(),
        clock.today(),
    )

    with transaction():
        services.record_consent(
            worker, file, [Purpose.VISIT], Recipient.HELPERS, signatory="self", given_on=today,
            expires_on=today + timedelta(days=9),
        )  # fmt: skip

    living = [each.purpose for each in queries.consents(file.id) if each.withdrawn_at is None]
    assert sorted(living) == [Purpose.GOODS, Purpose.VISIT]


def worker_at(client: FlaskClient, region: str = DALIANG, role: Role = Role.WORKER) -> User:
    user = a_user(role, region)
    sign_in(client, user)
    return user


def edit_form(**changes: str) -> dict[str, str]:
    values = {
        "cause": "", "housing": "", "income": "1206.50", "phone": "13800005678",
        "door": "文秀社区仕版38号496", "reason": "入户核实", "version": "1",
    }  # fmt: skip
    return values | changes


def test_the_edit_page_opens_the_cover_with_an_audit_row(client: FlaskClient) -> None:
    worker_at(client)
    file = a_household()

    page = client.get(f"/households/{file.file_no}/edit")

    assert "文秀社区仕版38号496" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert audited() == ["household.unmask"]


def test_a_saved_correction_leads_back_to_the_file(client: FlaskClient) -> None:
    worker_at(client)
    file = a_household()

    first = client.post(f"/households/{file.file_no}/edit", data=edit_form())
    again = client.post(f"/households/{file.file_no}/edit", data=edit_form())

    assert first.status_code == 303
    assert first.location == f"/households/{file.file_no}"
    assert (
        again.status_code == 303
    )  # nothing is different any more: a double click changes nothing twice
    assert reload(file).income_fen == 120650
    assert file.version == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"income": "很少"}, "金额请只填数字"),
        ({"income": "-1"}, "收入不能是负数"),
        ({"income": ""}, "没有收入请填 0"),
        ({"reason": ""}, "请写一句为什么改"),
        ({"phone": "1" * 21}, "电话太长了"),
    ],
)
def test_a_refused_correction_keeps_what_was_typed(
    client: FlaskClient, changes: dict[str, str], words: str
) -> None:
    worker_at(client)
    file = a_household()

    answer = client.post(
        f"/households/{file.file_no}/edit", data=edit_form(door="新路 9 号", **changes)
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert "新路 9 号" in answer.text
    assert reload(file).version == 1


def test_a_reason_that_names_somebody_is_refused_with_everything_typed(client: FlaskClient) -> None:
    worker_at(client)
    file = a_household()

    answer = client.post(
        f"/households/{file.file_no}/edit",
        data=edit_form(income="900", reason="霍凤志自己说的"),
    )

    assert answer.status_code == 422
    assert "这里不写姓名" in answer.text
    assert "900" in answer.text
    assert db.session.scalars(select(Change)).all() == []


def test_an_outdated_edit_page_is_told_so(client: FlaskClient) -> None:
    worker_at(client)
    file = a_household(version=3)

    assert client.post(f"/households/{file.file_no}/edit", data=edit_form()).status_code == 409
    assert (
        client.post(f"/households/{file.file_no}/edit", data=edit_form(version="x")).status_code
        == 409
    )


def consent_form(**changes: Any) -> dict[str, Any]:
    today = clock.today()
    values = {
        "purposes": ["visit", "goods"], "recipient": "helpers", "signatory": "self", "given_on": today.isoformat(),
        "expires_on": (today + timedelta(days=300)).isoformat(),
    }  # fmt: skip
    return values | changes


def test_a_consent_is_recorded_and_withdrawn_on_the_page(client: FlaskClient) -> None:
    worker_at(client)
    file = a_household(consents=())
    where = f"/households/{file.file_no}/consents"
    assert "上门探访" in client.get(f"{where}/new").text

    assert client.post(where, data=consent_form()).status_code == 303

    given = queries.consents(file.id)
    assert {each.purpose for each in given} == {Purpose.VISIT, Purpose.GOODS}
    given_back = {"purpose": given[0].purpose.value, "recipient": given[0].recipient.value}
    assert client.post(f"{where}/withdraw", data=given_back).status_code == 303
    assert client.post(f"{where}/withdraw", data=given_back).status_code == 409


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"purposes": []}, "请至少选一项"),
        ({"given_on": "2999-01-01"}, "签字日期不能晚于今天"),
        ({"expires_on": "2000-01-01"}, "有效期要晚于签字日期"),
        ({"expires_on": "2999-01-01"}, "一次同意最长三年"),
        ({"given_on": ""}, "请填写签字日期"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    worker_at(client)
    file = a_household(consents=())

    answer = client.post(f"/households/{file.file_no}/consents", data=consent_form(**changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert queries.consents(file.id) == []


PAGES = ["/edit", "/consents/new", "/state"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_another_town_and_of_nobody_stay_shut(app: Flask, page: str) -> None:
    file = a_household()
    expected = {}
    for region, role in ((RONGGUI, Role.WORKER), (SHUNDE, Role.OFFICER), (DALIANG, Role.VOLUNTEER)):
        client = app.test_client()
        worker_at(client, region, role)
        expected[role] = [
            client.get(f"/households/{file.file_no}{page}").status_code,
            client.post(f"/households/{file.file_no}{page.removesuffix('/new')}").status_code,
        ]
        assert client.get(f"/households/440606DB2026999999{page}").status_code in {403, 404}

    # what another town's worker may not know of is not there; who may read but not write is told so
    assert expected == {
        Role.WORKER: [404, 404],
        Role.OFFICER: [403, 403],
        Role.VOLUNTEER: [403, 403],
    }
    assert app.test_client().get(f"/households/{file.file_no}{page}").status_code == 303
    assert audited() == []
    assert reload(file).version == db.session.scalar(select(Household.version))
