"""Pages of gifts: what each person sees and sends, what is kept, and how many statements it takes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from app.core import clock
from app.core.db import db
from app.ledger import queries as ledger
from app.ledger.rules import Dimension, Figure, Measure
from app.resources import queries
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineState
from app.tasks.rules import TaskKind
from tests.factories import (
    a_donor,
    a_household,
    a_programme,
    a_user,
    sign_in,
)
from tests.resources.gifts import (
    a_gift_claim,
    a_picture,
    delivered,
    key,
    money,
    pledged,
    quilts,
    received,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def photo() -> tuple[io.BytesIO, str]:
    return io.BytesIO(a_picture()), "p.jpg"


def lines() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(ResourceLine)) or 0


GOODS_FORM = {
    "item": "棉被",
    "quantity": "4",
    "unit": "床",
    "worth": "800",
    "unrelated": "y",
    "no_strings": "y",
}


def test_a_donor_promises_quilts_for_a_claim_on_the_phone(client: FlaskClient) -> None:
    claim = a_gift_claim()
    sign_in(client, claim.user)

    shown = client.get(f"/resources/pledge?claim={claim.code}")
    sent = client.post(
        f"/resources?claim={claim.code}", data=GOODS_FORM | {"idempotency_key": key()}
    )
    page = client.get(sent.location)

    assert shown.status_code == 200
    assert sent.status_code == 303
    assert "棉被 4\N{NO-BREAK SPACE}床" in page.text
    assert "已认捐" in page.text
    assert "13800005678" not in page.text


def test_the_same_form_sent_twice_makes_one_gift(client: FlaskClient) -> None:
    claim, same = a_gift_claim(), key()
    sign_in(client, claim.user)

    answers = [
        client.post(f"/resources?claim={claim.code}", data=GOODS_FORM | {"idempotency_key": same})
        for _ in range(2)
    ]

    assert answers[0].location == answers[1].location
    assert lines() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("no_strings", None, "捐赠不能附带条件"),
        ("unrelated", None, "不能指定亲友"),
        ("quantity", "四床", "数量请填整数"),
        ("quantity", "-1", "数量请填整数"),
        ("quantity", "5", "比认领的还多了"),
        ("worth", "一千", "金额请只填数字"),
        ("item", "八月低保金", "政府待遇不算社会捐赠"),
    ],
)
def test_a_refused_promise_comes_back_with_everything_typed_and_the_reason(
    client: FlaskClient, field: str, value: str | None, sentence: str
) -> None:
    claim = a_gift_claim()
    sign_in(client, claim.user)
    form = {name: typed for name, typed in (GOODS_FORM | {field: value}).items() if typed}

    answer = client.post(f"/resources?claim={claim.code}", data=form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{form["item"]}"' in answer.text
    assert lines() == 0


def test_money_for_a_programme_shows_the_charity_and_that_nothing_is_paid_here(
    client: FlaskClient,
) -> None:
    programme = a_programme()
    sign_in(client, a_user("donor"))

    page = client.get(f"/resources/pledge?programme={programme.code}")
    sent = client.post(
        f"/resources?programme={programme.code}&kind=money",
        data={"quantity": "500.50", "no_strings": "y"},
    )

    assert "善邻不经手钱款" in page.text
    assert "对公账户 测试" in page.text
    assert "顺德慈善会" in page.text
    assert sent.status_code == 303
    assert db.session.scalars(select(ResourceLine.quantity)).all() == [50_050]


def test_a_keeper_receives_goods_with_their_evidence(client: FlaskClient) -> None:
    line = pledged(claim=a_gift_claim())
    sign_in(client, a_user("keeper"))
    form = {
        "quantity": "3",
        "received_on": clock.today().isoformat(),
        "basis": "invoice",
        "value": "450.01",
    }

    refused = client.post(f"/resources/{line.code}/receive", data=form)
    taken = client.post(f"/resources/{line.code}/receive", data=form | {"evidence": photo()})
    page = client.get(f"/resources/{line.code}")
    evidence = client.get(f"/resources/{line.code}/evidence")

    assert refused.status_code == 422
    assert "请附一张依据的照片" in refused.text
    assert 'value="450.01"' in refused.text
    assert taken.status_code == 303
    assert "¥450.01" in page.text
    assert evidence.mimetype == "image/jpeg"
    assert evidence.headers["Cache-Control"] == "no-store"


def test_something_that_is_no_picture_is_refused_beside_the_form(client: FlaskClient) -> None:
    line = pledged(claim=a_gift_claim())
    sign_in(client, a_user("keeper"))

    answer = client.post(
        f"/resources/{line.code}/receive",
        data={
            "quantity": "4",
            "received_on": clock.today().isoformat(),
            "basis": "donor",
            "value": "100",
            "evidence": (io.BytesIO(b"<svg/>"), "x.svg"),
        },
    )

    assert answer.status_code == 422
    assert "不是照片" in answer.text
    assert queries.by_code(line.code).state is LineState.PLEDGED


def test_the_charity_receives_money_against_code_and_number(client: FlaskClient) -> None:
    line = pledged(money())
    sign_in(client, a_user("foundation", region="", organisation=line.charity))
    form = {"quantity": "500", "received_on": clock.today().isoformat()}

    refused = client.post(f"/resources/{line.code}/receive", data=form)
    taken = client.post(
        f"/resources/{line.code}/receive",
        data=form | {"receipt_code": "44060125", "receipt_no": "0000000123"},
    )

    assert refused.status_code == 422
    assert "请填写捐赠票据的号码" in refused.text
    assert taken.status_code == 303
    assert "44060125 / 0000000123" in client.get(f"/resources/{line.code}").text


DELIVERY = {"quantity": "2", "signatory": "self", "proof_kind": "signature"}


def test_a_worker_hands_over_part_against_a_signature(client: FlaskClient) -> None:
    household = a_household()
    line = received(pledged(quilts(4)))
    sign_in(client, a_user("worker"))
    form = DELIVERY | {
        "file_no": household.file_no,
        "delivered_on": clock.today().isoformat(),
        "idempotency_key": key(),
    }

    shown = client.get(f"/resources/{line.code}/deliver")
    without = client.post(f"/resources/{line.code}/deliver", data=form)
    done = client.post(f"/resources/{line.code}/deliver", data=form | {"proof": photo()})
    client.post(f"/resources/{line.code}/deliver", data=form | {"proof": photo()})
    page = client.get(f"/resources/{line.code}")
    db.session.rollback()
    delivery = queries.by_code(line.code).deliveries[0]
    proof = client.get(f"/resources/{line.code}/deliveries/{delivery.code}/proof")

    assert shown.status_code == 200
    assert without.status_code == 422
    assert "没有凭据不能登记送达" in without.text
    assert done.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1
    assert "已送达 2 床，还有 2 床" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert proof.mimetype == "image/jpeg"


def test_more_than_is_left_and_an_unknown_file_are_refused(client: FlaskClient) -> None:
    line = received(pledged(quilts(4)))
    sign_in(client, a_user("worker"))
    form = DELIVERY | {
        "delivered_on": clock.today().isoformat(),
        "file_no": "440606DB2026999999",
    }

    too_many = client.post(
        f"/resources/{line.code}/deliver", data=form | {"quantity": "5", "proof": photo()}
    )
    nobody = client.post(f"/resources/{line.code}/deliver", data=form | {"proof": photo()})

    assert too_many.status_code == 422
    assert "最多可以填 4" in too_many.text
    assert nobody.status_code == 404


def test_a_household_without_consent_is_refused_in_plain_words(client: FlaskClient) -> None:
    household = a_household(consents=())
    line = received(pledged(quilts(4)))
    sign_in(client, a_user("worker"))

    answer = client.post(
        f"/resources/{line.code}/deliver",
        data=DELIVERY
        | {
            "file_no": household.file_no,
            "delivered_on": clock.today().isoformat(),
            "proof": photo(),
        },
    )

    assert answer.status_code == 409
    assert "没有同意接受这类帮助" in answer.text


def test_a_delivery_and_a_whole_gift_are_taken_back_with_a_reason(client: FlaskClient) -> None:
    line = received(pledged(claim=a_gift_claim()))
    delivered(line, 1)
    delivery = queries.by_code(line.code).deliveries[0]
    sign_in(client, a_user("worker"))

    without = client.post(f"/resources/{line.code}/deliveries/{delivery.code}/reverse")
    one = client.post(
        f"/resources/{line.code}/deliveries/{delivery.code}/reverse", data={"reason": "送错了"}
    )
    whole = client.post(f"/resources/{line.code}/reverse", data={"reason": "重复登记"})
    page = client.get(f"/resources/{line.code}")

    assert without.status_code == 422
    assert (one.status_code, whole.status_code) == (303, 303)
    assert "已冲正" in page.text
    assert "重复登记" in page.text


def test_a_donor_sees_village_and_month_and_neither_a_name_nor_a_file(client: FlaskClient) -> None:
    household = a_household(name="霍凤志")
    claim = a_gift_claim(household=household)
    line = received(pledged(claim=claim))
    delivered(line, 4)
    sign_in(client, claim.user)

    page = client.get(f"/resources/{line.code}").text
    mine = client.get("/me/gifts").text

    assert "文秀" in page
    assert "月 · 本人" in page
    for secret in ("霍", household.file_no, "13800005678", "仕版", "proof", "冲正这次"):
        assert secret not in page
    assert line.code in mine
    assert "¥400.01" in mine


def test_a_gift_is_hidden_from_those_it_does_not_concern(client: FlaskClient) -> None:
    line = pledged(claim=a_gift_claim())
    sign_in(client, a_user("donor"))

    assert client.get(f"/resources/{line.code}").status_code == 404
    assert client.get("/resources").status_code == 403
    assert client.post(f"/resources/{line.code}/reverse", data={"reason": "x"}).status_code == 404


WRITES = [
    "/resources?programme=P-1",
    "/resources/R-1/receive",
    "/resources/R-1/deliver",
    "/resources/R-1/reverse",
    "/resources/R-1/deliveries/S-1/reverse",
]


@pytest.mark.parametrize("path", WRITES)
def test_every_change_asks_who_you_are_and_knows_no_gift_that_is_not_there(
    client: FlaskClient, path: str
) -> None:
    away = client.post(path)
    sign_in(client, a_user("donor"))
    missing = client.post(path)

    assert away.status_code == 303
    assert "/login" in away.location
    assert missing.status_code == 404


@pytest.mark.parametrize("step", ["receive", "deliver"])
def test_who_may_see_a_gift_may_not_therefore_move_it(client: FlaskClient, step: str) -> None:
    line = received(pledged(claim=a_gift_claim()))
    sign_in(client, a_user("officer"))

    assert client.get(f"/resources/{line.code}").status_code == 200
    assert client.get(f"/resources/{line.code}/{step}").status_code == 403
    assert client.post(f"/resources/{line.code}/{step}").status_code == 403


def statements(client: FlaskClient, path: str) -> int:
    """Count what a page asks of the database."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("path", ["/resources", "/me/gifts", "/programmes", "/resources/towns"])
def test_a_list_asks_the_same_few_statements_for_one_row_and_for_many(
    client: FlaskClient, path: str
) -> None:
    donor = a_user("donor")
    a_donor(donor)
    sign_in(client, donor if path == "/me/gifts" else a_user("worker"))
    household = a_household()
    delivered(received(pledged(donor=donor)), 1, household)
    one = statements(client, path)
    for _ in range(4):
        delivered(received(pledged(donor=donor)), 1, household)

    many = statements(client, path)

    assert one == many
    assert many <= 5


def test_the_programme_page_shows_what_its_postings_add_up_to(client: FlaskClient) -> None:
    programme, household = a_programme(), a_household()
    line = received(pledged(money(123_456), programme=programme))
    delivered(line, 23_456, household, actor=a_user("worker").actor)
    pledged(money(100), programme=programme)
    sign_in(client, a_user("foundation", region="", organisation=programme.foundation))

    shown = {
        "pledged": "¥1.00",
        "received": "¥1,234.56",
        "delivered": "¥234.56",
        "remaining": "¥1,000.00",
    }
    for figure, words in shown.items():
        page = client.get(f"/programmes/{programme.code}?figure={figure}&measure=money")

        total = ledger.sum_behind(Figure(figure), Dimension.PROGRAMME, programme.id, Measure.MONEY)
        assert f"合计 {words}" in page.text
        assert f"¥{total / 100:,.2f}" == words
        assert household.file_no not in page.text
        assert "霍" not in page.text
    assert "文秀" in client.get(f"/programmes/{programme.code}?figure=delivered").text


def test_the_towns_page_shows_each_town_with_its_parts(client: FlaskClient) -> None:
    household = a_household()
    delivered(received(pledged(quilts(4))), 4, household)
    claim = a_gift_claim(TaskKind.MONEY, 50_000, household, programme=a_programme())
    delivered(received(pledged(money(50_000), claim=claim)), 50_000)
    sign_in(client, a_user("officer", "440606"))

    page = client.get("/resources/towns").text

    assert "¥900.01" in page
    assert "资金 ¥500.00" in page
    assert "实物 ¥400.01" in page
    assert "大良" in page


def test_empty_pages_say_what_to_do_next(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_user("worker"))

    assert "还没有人认捐" in client.get("/resources").text
    assert "看全部" in client.get("/resources?state=reversed").text
    assert "还没有资源送到" in client.get("/resources/towns").text
    assert "还没有登记过捐赠" in client.get("/me/gifts").text
