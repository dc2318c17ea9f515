"""Searching files (档案搜索): who finds what, in which order, and at what cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.core import clock, paging
from app.core.access import Actor, Scope
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households import queries
from app.households.models import Household, SearchToken
from app.households.queries import Wanted, searching
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.search import document_words
from tests.factories import CITY, DALIANG, SHUNDE, WENXIU, a_household, a_user, sign_in
from tests.plans import scans

if TYPE_CHECKING:
    from flask.testing import FlaskClient

RONGLI = "440606006001"
RONGGUI = RONGLI[:9]
CHANCHENG = "440604001001"
ID = "440623195603151820"


def a_findable(**facts: Any) -> Household:
    """A file that is found by all that it says."""
    file = a_household(**({"id_number": None, "phone": ""} | facts))
    with transaction():
        for word in document_words(queries.document(file)):
            db.session.add(
                SearchToken(
                    token=ring().token(word), region_code=file.region_code, household_id=file.id
                )
            )
    return file


def a_scope(role: Role, *regions: str) -> Actor:
    return Actor(1, tuple(Scope(role.value, region) for region in regions))


def pages(actor: Actor, wanted: Wanted) -> list[str]:
    """Return the file numbers of all pages in their order, and check that none comes twice."""
    numbers: list[str] = []
    cursor = None
    while True:
        page = queries.listing(actor, wanted, cursor)
        numbers += [line.household.file_no for line in page.rows]
        cursor = page.next
        if cursor is None:
            assert len(numbers) == len(set(numbers))
            return numbers


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "text", ["huofengzhi", "huof", "仕版", "仕版38号", "13800005678", "𠮷祥", "冼", "xian"]
)
def test_a_file_is_found_by_pinyin_door_phone_and_rare_characters(text: str) -> None:
    name = {"𠮷祥": "陈𠮷祥", "冼": "冼霍明", "xian": "冼霍明"}.get(text, "霍凤志")
    file = a_findable(name=name, phone="13800005678")
    a_findable(name="陈大文", door="文秀社区北街1号", phone="13911112222")

    assert pages(a_scope(Role.WORKER, DALIANG), Wanted(text=text)) == [file.file_no]
    assert pages(a_scope(Role.WORKER, RONGGUI), Wanted(text=text)) == []


@pytest.mark.usefixtures("app")
def test_a_few_hits_come_by_urgency_and_every_page_holds() -> None:
    today = clock.today()
    made = [
        a_findable(next_visit_on=today + timedelta(days=(number * 7) % 11 - 5), region=region)
        for number in range(24)
        for region in (WENXIU, RONGLI)
    ]
    closed = a_findable(state=HouseholdState.CLOSED, next_visit_on=None)

    shown = pages(a_scope(Role.OFFICER, SHUNDE), Wanted(text="霍凤志"))

    expected = sorted(made, key=lambda one: (one.next_visit_on or date.max, one.id))
    assert shown == [one.file_no for one in expected] + [closed.file_no]


@pytest.mark.usefixtures("app")
def test_many_hits_come_place_by_place_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FEW", 30)  # two hundred rows would test nothing else
    made = [
        a_findable(region=(WENXIU, RONGLI, CHANCHENG)[number % 3], name="霍凤志")
        for number in range(45)
    ]
    officer = a_scope(Role.OFFICER, CITY)

    first = queries.listing(officer, Wanted(text="霍凤"), None)
    shown = pages(officer, Wanted(text="霍凤"))

    assert first.is_many
    assert shown == [one.file_no for one in sorted(made, key=lambda one: (one.region_code, one.id))]
    assert not queries.listing(officer, Wanted(text="霍凤", region=RONGGUI), None).is_many


@pytest.mark.usefixtures("app")
def test_many_hits_in_two_places_of_ones_own_hold_every_file_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "FEW", 20)
    made = {a_findable(region=(WENXIU, RONGLI)[number % 2]).file_no for number in range(42)}
    a_findable(region=CHANCHENG)
    # one place within the other, and one beside it
    worker = a_scope(Role.WORKER, DALIANG, WENXIU, RONGGUI)

    assert set(pages(worker, Wanted(text="hfz"))) == made


@pytest.mark.usefixtures("app")
def test_filters_narrow_a_search() -> None:
    a_findable()
    weekly = a_findable(tier=Tier.WEEKLY)
    supported = a_findable(category=Category.TK, region=RONGLI)
    officer = a_scope(Role.OFFICER, SHUNDE)

    assert pages(officer, Wanted(text="霍", tier=Tier.WEEKLY)) == [weekly.file_no]
    assert pages(officer, Wanted(text="霍", category=Category.TK)) == [supported.file_no]
    assert pages(officer, Wanted(text="霍", region=RONGGUI)) == [supported.file_no]
    assert pages(officer, Wanted(text="霍", region=CHANCHENG)) == []


@pytest.mark.usefixtures("app")
def test_the_last_four_are_asked_for_within_a_town() -> None:
    here = a_findable(id_number=ID)
    a_findable(id_number="440606198607041820", region=RONGLI)
    officer = a_scope(Role.OFFICER, SHUNDE)

    anywhere = queries.listing(officer, Wanted(text="1820"), None)

    assert (list(anywhere.rows), anywhere.wants_town) == ([], True)
    assert pages(officer, Wanted(text="1820", region=DALIANG)) == [here.file_no]
    assert pages(officer, Wanted(text="1820", region=WENXIU)) == [here.file_no]
    assert pages(a_scope(Role.WORKER, DALIANG), Wanted(text="1820")) == [here.file_no]
    assert queries.listing(officer, Wanted(text="1820", region=SHUNDE), None).wants_town


@pytest.mark.usefixtures("app")
def test_a_word_older_than_a_move_shows_nothing_to_the_former_town() -> None:
    file = a_findable()
    with transaction():
        file.region_code, file.town_code = RONGLI, RONGGUI
        db.session.add(file)

    assert pages(a_scope(Role.WORKER, DALIANG), Wanted(text="霍凤志")) == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "cursor", ["u.rubbish", "p.W10", "p.", "x", "p.WyIxIiwxXQ", "u.WyIxIiwxXQ"]
)
def test_a_strange_cursor_shows_a_page(cursor: str) -> None:
    file = a_findable()

    page = queries.listing(a_scope(Role.WORKER, DALIANG), Wanted(text="霍"), cursor)

    assert page.next is None
    assert [line.household.file_no for line in page.rows] in ([file.file_no], [])


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "text",
    ["霍凤志", "凤志", "霍", "hfz", "huof", ID, "1820", "13800005678", "仕版38号", "凤山中", "独居",
     "欧阳震华明", "440606DB2026000001"],
)  # fmt: skip
@pytest.mark.parametrize("category", [None, Category.DB])
def test_no_search_reads_a_big_table_from_end_to_end(text: str, category: Category | None) -> None:
    a_findable(id_number=ID, phone="13800005678")
    actors = [
        a_scope(Role.OFFICER, CITY),
        a_scope(Role.WORKER, DALIANG),
        a_scope(Role.WORKER, DALIANG, RONGGUI),
    ]
    after = f"p.{paging.encode([WENXIU, 1])}"

    with scans() as found:
        for actor in actors:
            for cursor in (None, after):
                wanted = Wanted(
                    text=text, region=WENXIU if text == "1820" else "", category=category
                )
                queries.listing(actor, wanted, cursor)

    assert found == []


def test_the_page_says_how_it_is_put_in_order_and_what_can_be_typed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 20)
    sign_in(client, a_user(Role.OFFICER, SHUNDE))
    a_findable(region=RONGLI, name="陈大文", id_number=ID)
    for _ in range(21):
        a_findable(name="霍凤志")

    assert "先按村居排列" in client.post("/households/search", data={"q": "霍凤志"}).text
    assert "逾期的在前" in client.post("/households/search", data={"q": "陈大文"}).text
    assert "先选一个镇街或村居" in client.post("/households/search", data={"q": "1820"}).text
    assert "再打一个" in client.post("/households/search", data={"q": "h"}).text
    nobody = client.post("/households/search", data={"q": "查无此人"}).text
    assert "没有找到" in nobody
    assert "生僻字也行" in nobody
    in_town = client.post("/households/search", data={"q": "1820", "region": RONGGUI})
    assert "陈**" in in_town.text


def test_the_next_page_of_a_search_keeps_words_and_place_in_the_body(client: FlaskClient) -> None:
    sign_in(client, a_user(Role.OFFICER, SHUNDE))
    for number in range(23):
        a_findable(next_visit_on=clock.today() + timedelta(days=number))
    first = client.post("/households/search", data={"q": "霍凤志", "region": DALIANG}).text
    assert f'name="region" value="{DALIANG}"' in first
    cursor = first.split('name="page" value="')[1].split('"')[0]

    second = client.post(
        "/households/search", data={"q": "霍凤志", "region": DALIANG, "page": cursor}
    ).text

    assert second.count("霍**") == 3


@pytest.mark.usefixtures("app")
def test_a_table_read_from_end_to_end_is_noticed() -> None:
    with scans() as found:
        db.session.scalars(select(Household).where(Household.head == b"")).all()
        db.session.scalars(select(Household).where(Household.id == 1)).all()

    assert len(found) == 1
