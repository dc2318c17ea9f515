"""Resources of the old platform (历史资源): each row a gift that arrived, in the ledger to the fen, once."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core.db import db, transaction
from app.core.sheets import read_sheets
from app.ledger import queries as ledger
from app.ledger.models import Entry
from app.ledger.rules import Account, Dimension, Measure
from app.programmes.models import Donor
from app.resources import queries
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineKind, LineState, ValueBasis
from app.resources.rules.history import ERRORS, read_gift
from app.resources.services import history
from tests.factories import DALIANG, a_household, a_programme, a_user, a_worker, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

HEADINGS = [
    "登记编号", "档案号", "身份证号", "送达日期", "捐赠方", "项目名称", "资源类型", "品名", "数量", "单位",
    "金额（元）", "估值依据", "票据代码", "票据号码", "签收人",
]  # fmt: skip
HUO, OU = "440623195603151820", "440622194811021042"
TODAY = date(2026, 11, 20)


def a_row(**changes: Any) -> list[Any]:
    values: dict[str, Any] = {
        "no": "OLD-1", "file": "", "id": HUO, "day": "2024-03-05", "donor": "顺德某纺织厂", "programme": "",
        "kind": "实物", "item": "棉被", "quantity": 2.0, "unit": "床", "amount": 398.0, "basis": "发票",
        "code": "", "receipt": "", "who": "本人",
    }  # fmt: skip
    assert changes.keys() <= values.keys()
    return list((values | changes).values())


def money(**changes: Any) -> list[Any]:
    own = {
        "kind": "助学金",
        "item": "圆梦助学",
        "quantity": "",
        "unit": "",
        "amount": "1,206.05元",
        "basis": "",
    }
    return a_row(**(own | changes))


def a_workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (["链接资源登记"], HEADINGS, *rows):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def compared(worker: Any, *rows: list[Any]) -> history.History:
    return history.compare(worker.actor, read_sheets(a_workbook(*rows)))


def take_in(worker: Any, *rows: list[Any]) -> history.History:
    made = compared(worker, *rows)
    with transaction():
        history.take_in(worker.actor, made)
    return made


def ills() -> list[str]:
    return [*ledger.verify(), *queries.verify()]


# --- what a row says -----------------------------------------------------------------------


def said(**cells: Any) -> Any:
    row = {
        "id_number": HUO, "given_on": "2024-03-05", "kind": "实物", "item": "棉被", "donor": "某厂", "quantity": "2",
        "unit": "床", "amount": "398", "basis": "发票", "signatory": "本人",
    }  # fmt: skip
    return read_gift(row | cells, TODAY)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"id_number": ""}, "no_reference"),
        ({"given_on": "2024年"}, "day_unreadable"),
        ({"given_on": "2027-01-01"}, "day_not_yet"),
        ({"kind": "其他"}, "kind_unknown"),
        ({"kind": ""}, "kind_unknown"),
        ({"amount": "约400"}, "amount_unreadable"),
        ({"amount": -5.0}, "amount_unreadable"),
        ({"kind": "现金", "amount": ""}, "amount_unreadable"),
        ({"quantity": ""}, "quantity_unreadable"),
        ({"quantity": "1.5"}, "quantity_unreadable"),
        ({"quantity": "0"}, "quantity_unreadable"),
        ({"basis": ""}, "basis_missing"),
        ({"basis": "大概"}, "basis_missing"),
        ({"kind": "资金", "item": "低保金"}, "government_benefit"),
        ({"kind": "资金", "donor": "财政拨款"}, "government_benefit"),
    ],
)
def test_a_row_that_would_have_to_be_guessed_is_refused(cells: dict[str, Any], code: str) -> None:
    gift, remarks = said(**cells)

    assert gift is None
    assert [remark.code for remark in remarks] == [code]
    assert code in ERRORS


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, (LineKind.GOODS, 2, 39_800, ValueBasis.INVOICE)),
        ({"amount": "", "basis": ""}, (LineKind.GOODS, 2, 0, ValueBasis.UNVALUED)),
        ({"kind": "慰问金", "amount": "1.2万元"}, (LineKind.MONEY, 1_200_000, 1_200_000, None)),
        ({"kind": "服务", "quantity": "1.5", "unit": "小时"}, (LineKind.SERVICE, 90, 0, None)),
        ({"kind": "服务", "quantity": "45", "unit": "分钟"}, (LineKind.SERVICE, 45, 0, None)),
    ],
)
def test_money_goods_and_hours_are_three_things(cells: dict[str, Any], expected: Any) -> None:
    gift, _ = said(**cells)

    assert (gift.kind, gift.quantity, gift.value_fen, gift.basis) == expected


# --- taking in -----------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
def test_an_old_gift_stands_on_its_file_its_programme_and_in_the_ledger() -> None:
    worker, programme = a_worker(), a_programme(name="圆梦助学")
    file = a_household(id_number=HUO)

    take_in(worker, a_row(), money(no="OLD-2", programme="圆梦助学", code="4406", receipt="0001"))

    lines = db.session.scalars(select(ResourceLine).order_by(ResourceLine.id)).all()
    assert [(line.state, line.value_fen, line.delivered_fen) for line in lines] == [
        (LineState.DELIVERED, 39_800, 39_800),
        (LineState.DELIVERED, 120_605, 120_605),
    ]
    assert (lines[1].programme_id, lines[1].receipt_no) == (programme.id, "0001")
    delivered = ledger.balances(Dimension.HOUSEHOLD, file.id)[Account.DELIVERED]
    assert (delivered[Measure.MONEY], delivered[Measure.GOODS]) == (120_605, 39_800)
    of_programme = ledger.balances(Dimension.PROGRAMME, programme.id)[Account.DELIVERED]
    assert of_programme[Measure.MONEY] == 120_605
    assert ills() == []


@pytest.mark.usefixtures("app")
def test_the_same_workbook_again_changes_nothing() -> None:
    worker, other = a_worker(), a_user(Role.SUPERVISOR)
    a_household(id_number=HUO)
    rows = [a_row(), money(no=""), money(no="")]
    first = take_in(worker, *rows)

    again = take_in(other, *rows)

    assert (len(first.new), first.known) == (2, 1)
    assert (len(again.new), again.known) == (0, 3)
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 4
    assert ills() == []


@pytest.mark.usefixtures("app")
def test_totals_stand_before_and_after_each_measure_by_itself() -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    take_in(worker, a_row())

    hours = a_row(
        no="OLD-3", kind="服务", item="陪诊", quantity=2.0, unit="小时", amount="", basis=""
    )
    made = compared(worker, money(no="OLD-2"), hours, a_row(no="OLD-4", amount="", basis=""))
    before = history.totals(worker.actor)
    after = history.after(before, made)
    with transaction():
        history.take_in(worker.actor, made)

    assert before == {
        Measure.MONEY: 0,
        Measure.GOODS: 39_800,
        Measure.HOURS: 0,
        Measure.UNVALUED: 0,
    }
    assert after == {
        Measure.MONEY: 120_605, Measure.GOODS: 39_800, Measure.HOURS: 120, Measure.UNVALUED: 2,
    }  # fmt: skip
    assert history.totals(worker.actor) == after


@pytest.mark.usefixtures("app")
def test_one_donor_of_one_name_is_made_once_and_stays_anonymous() -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    take_in(worker, a_row())

    take_in(worker, a_row(no="OLD-2", day="2024-05-05"), money(no="OLD-3", donor=""))

    donors = db.session.scalars(select(Donor).order_by(Donor.id)).all()
    assert [(one.name, one.is_anonymous) for one in donors] == [
        ("顺德某纺织厂", True),
        ("热心街坊", True),
    ]


@pytest.mark.usefixtures("app")
def test_an_unknown_programme_and_an_unknown_household_stay_outside() -> None:
    worker = a_worker()
    a_household(id_number=HUO)

    made = compared(worker, a_row(programme="没有的项目"), a_row(no="OLD-2", id=OU))

    assert [(each.row, each.reason) for each in made.refused] == [
        (3, "programme_unknown"),
        (4, "unknown_household"),
    ]


def test_what_the_old_sheet_does_not_say_is_said_so_on_the_file(client: FlaskClient) -> None:
    worker = a_worker()
    file = a_household(id_number=HUO)
    take_in(worker, a_row(who=""))
    sign_in(client, worker)
    code = db.session.scalar(select(ResourceLine.code))

    pages = [
        client.get(f"/households/{file.file_no}?tab=timeline"),
        client.get(f"/households/{file.file_no}?tab=resources"),
        client.get(f"/resources/{code}"),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "旧平台没写谁签收" in pages[0].get_data(as_text=True)
    assert "unstated" not in "".join(page.get_data(as_text=True) for page in pages)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 50)), min_size=1, max_size=8))
def test_no_fen_is_lost_on_the_way_from_a_sheet(gifts: list[tuple[int, int]]) -> None:
    rows = [
        {"amount": f"{fen // 100}.{fen % 100:02d}", "quantity": str(pieces)}
        for fen, pieces in gifts
    ]

    read = [said(**row)[0] for row in rows]

    assert sum(gift.value_fen for gift in read) == sum(fen for fen, _ in gifts)


def test_the_command_shows_first_and_takes_in_when_told(app: Flask, tmp_path: Path) -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    file = tmp_path / "old.xlsx"
    file.write_bytes(a_workbook(a_row(), a_row(no="OLD-2", id=OU)))
    run = app.test_cli_runner().invoke

    shown = run(args=["resources", "import", str(file), "--as", worker.username, "--json"])
    none_yet = db.session.scalar(select(func.count()).select_from(Delivery))
    done = run(args=["resources", "import", str(file), "--as", worker.username, "--commit"])

    figures = json.loads(shown.stdout)
    assert (figures["before"]["goods"], figures["after"]["goods"]) == (0, 39_800)
    assert figures["rejected"] == [{"sheet": "Sheet", "row": 4, "reason": "unknown_household"}]
    assert none_yet == 0
    assert done.exit_code == 0
    assert "实物折价 ¥398.00" in done.output
    assert ledger.balances(Dimension.TOWN, DALIANG)[Account.DELIVERED][Measure.GOODS] == 39_800
