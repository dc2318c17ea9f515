"""The file on paper (打印档案): what it says, to whom, and what it leaves behind."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.audit.rules import is_reading
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.households import queries as households
from app.households.services.writing import write
from app.ledger.rules import Measure
from tests.factories import (
    DALIANG,
    a_household,
    a_need,
    a_user,
    a_volunteer,
    a_worker,
    reload,
    sign_in,
)
from tests.households.test_minors import CLEAR_CHILD, a_family
from tests.portal.things import a_visit, delivered

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.households.models import Household

ID_NUMBER = "440623195603151820"
CLEAR = ("霍凤志", ID_NUMBER, "13800005678", "仕版38号496")


def text_of(data: bytes) -> str:
    # pypdf reads a glyph's number as two characters, the first of them nothing
    pages = PdfReader(io.BytesIO(data)).pages
    return "\n".join(page.extract_text().replace("\x00", "") for page in pages)


def rows(action: str) -> list[AuditRow]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditRow).where(AuditRow.action == action)))


def test_the_whole_file_stands_on_paper_covered(client: FlaskClient) -> None:
    worker = a_worker()
    household = a_household(id_number=ID_NUMBER, worker=worker, income_fen=120_650)
    a_visit(household, a_volunteer())
    a_need(household)
    delivered(household, Measure.GOODS, 39_800)
    sign_in(client, worker)

    answer = client.get(f"/households/{household.file_no}/print.pdf")
    told = text_of(answer.data)

    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"].startswith("no-")
    assert not [words for words in CLEAR if words in told]
    for words in (
        "困难家庭档案",
        household.file_no,
        "霍*志",
        "138****5678",
        "4406**********1820",
        "文秀社区***",
        "¥1,206.50",
        worker.name,
        "上门探访",
        "见到本人",
        "¥398.00",
        "打码件",
        "没有人看过",
        "第 1 页",
    ):
        assert words in told, words
    assert not is_reading(rows("household.print")[0].action)
    assert rows("household.unmask") == []


def with_sections(household: Household) -> Household:
    """The same file, with a rent and a word about the neighbours in it."""
    after = deepcopy(households.document(household))
    after["sections"] = {
        "housing": {"rent": 45_000, "area": 38},
        "support": {"ties": "few", "note": "和弟弟吵过"},
    }
    with transaction():
        write(SYSTEM, household, after, version=household.version, reason="入户核实")
    return reload(household)


def test_what_the_file_holds_stands_on_paper_and_words_only_in_clear(client: FlaskClient) -> None:
    household = with_sections(a_household())
    url = f"/households/{household.file_no}/print"
    sign_in(client, a_worker())

    covered = text_of(client.get(f"{url}.pdf").data)
    clear = text_of(client.post(url, data={"why": "visit"}).data)

    for words in ("住房", "¥450.00", "38 平方米", "很少来往"):
        assert words in covered, words
        assert words in clear, words
    assert "吵过" not in covered
    assert "吵过" in clear


def test_words_about_a_family_with_a_shut_child_stay_off_the_paper(client: FlaskClient) -> None:
    household = with_sections(a_family())
    sign_in(client, a_worker())

    told = text_of(
        client.post(f"/households/{household.file_no}/print", data={"why": "visit"}).data
    )

    assert "很少来往" in told
    assert "吵过" not in told


def test_a_paper_in_clear_is_marked_and_on_record(client: FlaskClient) -> None:
    worker, household = a_worker(), a_household(id_number=ID_NUMBER)
    sign_in(client, worker)

    answer = client.post(f"/households/{household.file_no}/print", data={"why": "policy"})
    told = text_of(answer.data)

    assert not [words for words in CLEAR if words not in told]
    assert f"{worker.name} " in told
    assert "用后销毁" in told
    [row] = rows("household.unmask")
    assert (row.user_id, row.household_id, row.reason) == (worker.id, household.id, "办理救助手续")
    assert row.detail == {"paper": True}
    assert "霍凤志" not in answer.headers["Content-Disposition"]


def test_without_a_reason_nothing_is_printed_in_clear(client: FlaskClient) -> None:
    household = a_household()
    sign_in(client, a_worker())

    answer = client.post(f"/households/{household.file_no}/print", data={})

    assert answer.status_code == 422
    assert "请选一个原因" in answer.text
    assert rows("household.unmask") == []


@pytest.mark.parametrize(
    ("role", "more", "told"),
    [
        (Role.WORKER, {}, False),
        (Role.WORKER, {"urgent": "y"}, True),
        (Role.SUPERVISOR, {}, True),
    ],
)
def test_children_are_on_paper_as_they_are_on_the_page(
    client: FlaskClient, role: Role, more: dict[str, str], *, told: bool
) -> None:
    household = a_family()
    sign_in(client, a_user(role, DALIANG))

    form = client.get(f"/households/{household.file_no}/print").text
    answer = client.post(f"/households/{household.file_no}/print", data={"why": "check"} | more)

    assert ("情况紧急" in form) is (role is Role.WORKER)
    assert all((words in text_of(answer.data)) is told for words in CLEAR_CHILD)


def test_an_erased_file_still_prints_its_figures(client: FlaskClient) -> None:
    household = a_household(state="erased", data_key=None, next_visit_on=None)
    sign_in(client, a_worker())

    told = text_of(client.get(f"/households/{household.file_no}/print.pdf").data)

    assert "已清除" in told
    assert household.file_no in told
