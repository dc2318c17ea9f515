"""The file page (档案页): who sees it, what is covered, and what a look at clear data leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.ledger.rules import Measure
from app.portal.rules import TABS
from app.visits.models import Visit
from app.visits.rules import VisitState
from tests.factories import (
    CITY,
    DALIANG,
    SHUNDE,
    a_household,
    a_need,
    a_user,
    a_volunteer,
    a_worker,
    an_organisation,
    sign_in,
)
from tests.portal.things import a_visit, delivered

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask.testing import FlaskClient

CEILING = 13
ID_NUMBER = "440623195603151820"
PHONE = "13800005678"
CLEAR = ("霍凤志", ID_NUMBER, PHONE, "仕版38号496")


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        (Role.WORKER, DALIANG, 200),
        (Role.SUPERVISOR, SHUNDE, 200),
        (Role.OFFICER, CITY, 200),
        (Role.WORKER, "440606006", 404),
        (Role.SUPERVISOR, "440605", 404),
        (Role.OFFICER, "440606102", 404),
        (Role.VOLUNTEER, DALIANG, 403),
        (Role.DONOR, DALIANG, 403),
        (Role.KEEPER, DALIANG, 403),
        (Role.LIAISON, DALIANG, 403),
        (Role.AUDITOR, CITY, 403),
        (Role.ADMIN, CITY, 403),
    ],
)
@pytest.mark.parametrize("page", ["", "/unmask"])
def test_a_file_opens_only_to_those_whose_scope_it_lies_in(
    client: FlaskClient, role: Role, region: str, status: int, page: str
) -> None:
    household = a_household()
    sign_in(client, a_user(role, region))

    assert client.get(f"/households/{household.file_no}{page}").status_code == status


def test_a_foundation_sees_no_file(client: FlaskClient) -> None:
    household = a_household()
    sign_in(client, a_user(Role.FOUNDATION, "", an_organisation()))

    assert client.get(f"/households/{household.file_no}").status_code == 403


def test_a_visitor_is_sent_to_sign_in(client: FlaskClient) -> None:
    household = a_household()

    answer = client.get(f"/households/{household.file_no}")

    assert answer.status_code == 303
    assert "/login" in answer.location


@pytest.mark.parametrize(
    "file_no",
    [
        "440606DB2026999999",
        "x" * 400,
        "%27%20OR%201=1--",
        "..%2F..%2Fetc",
        "%00",
        "４４０６０６DB2026000001",
        "%F0%9F%8F%A0",
    ],
)
def test_a_number_that_is_none_leads_nowhere(client: FlaskClient, file_no: str) -> None:
    sign_in(client, a_worker())

    assert client.get(f"/households/{file_no}").status_code == 404
    assert client.post(f"/households/{file_no}/unmask", data={"why": "visit"}).status_code == 404


@pytest.mark.parametrize("tab", list(TABS))
def test_no_view_of_a_file_shows_anything_in_clear(client: FlaskClient, tab: str) -> None:
    household = a_household(id_number=ID_NUMBER)
    sign_in(client, a_worker())

    page = client.get(f"/households/{household.file_no}?tab={tab}").text

    assert [words for words in CLEAR if words in page] == []
    for covered in ("霍*志", "138****5678", "4406**********1820"):
        assert covered in page


@pytest.mark.parametrize("tab", list(TABS))
def test_a_file_asks_the_same_however_long_its_history(
    client: FlaskClient,
    tab: str,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    worker = a_worker()
    household, volunteer = a_household(worker=worker), a_volunteer()
    sign_in(client, worker)
    url = f"/households/{household.file_no}?tab={tab}"
    asked = []
    for times in (1, 12):
        for _ in range(times):
            a_visit(household, volunteer)
            a_need(household)
            delivered(household, Measure.GOODS, 100)
            client.post(f"/households/{household.file_no}/unmask", data={"why": "visit"})
        with statements() as found:
            assert client.get(url).status_code == 200
        asked.append(len(found))

    assert asked[0] == asked[1] <= CEILING


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请选一个原因"),
        ({"why": "curious"}, "请选一个原因"),
        ({"why": "other"}, "请写一句是什么事"),
        ({"why": "visit", "words": "长" * 81}, "80 个字以内"),
    ],
)
def test_a_look_at_clear_data_needs_a_reason(
    client: FlaskClient, data: dict[str, str], words: str
) -> None:
    household = a_household(id_number=ID_NUMBER)
    sign_in(client, a_worker())

    answer = client.post(f"/households/{household.file_no}/unmask", data=data)

    assert answer.status_code == 422
    assert words in answer.text
    assert data.get("words", "") in answer.text
    assert [clear for clear in CLEAR if clear in answer.text] == []
    assert (
        db.session.scalars(select(AuditRow).where(AuditRow.action == "household.unmask")).all()
        == []
    )


def test_a_reason_opens_the_file_once_is_written_down_and_shown_to_its_worker(
    client: FlaskClient,
) -> None:
    worker, supervisor = a_worker(), a_user(Role.SUPERVISOR, SHUNDE)
    household = a_household(id_number=ID_NUMBER, worker=worker)
    sign_in(client, supervisor)

    answer = client.post(
        f"/households/{household.file_no}/unmask", data={"why": "other", "words": "家属来电核对"}
    )

    assert answer.status_code == 200
    assert [words for words in CLEAR if words not in answer.text] == []
    assert answer.headers["Cache-Control"] == "no-store"
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "household.unmask")).one()
    assert (row.user_id, row.household_id, row.reason) == (
        supervisor.id,
        household.id,
        "其他：家属来电核对",
    )
    sign_in(client, worker)
    page = client.get(f"/households/{household.file_no}?tab=changes").text
    assert "其他：家属来电核对" in page
    assert "查看了明文资料" in page
    assert "13800005678" not in page


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.ADMIN])
def test_nobody_else_opens_a_file_in_clear(client: FlaskClient, role: Role) -> None:
    household = a_household()
    sign_in(client, a_user(role, DALIANG))

    answer = client.post(f"/households/{household.file_no}/unmask", data={"why": "visit"})

    assert answer.status_code == 403
    assert PHONE not in answer.text


def test_each_figure_of_the_year_is_the_sum_of_the_list_behind_it(client: FlaskClient) -> None:
    household = a_household()
    delivered(household, Measure.GOODS, 39_800)
    delivered(household, Measure.GOODS, 80_800)
    delivered(
        household, Measure.GOODS, 700_000, on=clock.today().replace(year=clock.today().year - 2)
    )
    delivered(household, Measure.HOURS, 1110)
    sign_in(client, a_worker())

    page = client.get(f"/households/{household.file_no}?tab=resources&measure=goods").text

    assert page.count("¥1,206.00") == 2  # beside the name, and under the list
    assert "¥398.00" in page
    assert "¥808.00" in page
    assert "¥7,000.00" not in page
    assert "18.5 小时" in page


def test_an_officer_reads_and_writes_nothing(client: FlaskClient) -> None:
    household = a_household()
    sign_in(client, a_user(Role.OFFICER, CITY))

    page = client.get(f"/households/{household.file_no}").text

    assert "记一次探访" not in page
    assert "发布需求" not in page


def test_a_draft_of_a_visit_is_its_writers_own(client: FlaskClient) -> None:
    household, volunteer = a_household(), a_volunteer()
    draft: Visit = a_visit(household, volunteer, state=VisitState.DRAFT)
    sign_in(client, a_worker())

    assert draft.code not in client.get(f"/households/{household.file_no}?tab=visits").text


def test_an_unknown_view_is_the_timeline(client: FlaskClient) -> None:
    household = a_household()
    sign_in(client, a_worker())

    assert "建立档案" in client.get(f"/households/{household.file_no}?tab=<script>").text
