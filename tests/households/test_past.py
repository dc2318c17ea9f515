"""Lists and totals of a past day (某日名册与汇总): as files stood then, and nobody worked out from a small figure."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import Role
from app.core import clock
from app.core.access import Actor, Scope
from app.core.db import transaction
from app.households import queries
from app.households.queries import Wanted
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.days import read_past_day
from app.households.rules.totals import SMALLEST, Cell, put_together, summed, whole
from app.households.services.writing import write
from tests.factories import CITY, DALIANG, SHUNDE, WENXIU, a_household, a_user, reload, sign_in
from tests.households.test_list import statements
from tests.plans import scans

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.households.models import Household

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = clock.day_of(START)
RONGLI, LECONG, CHANCHENG = "440606006001", "440606103001", "440604001001"
RONGGUI = RONGLI[:9]
CELLS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 40)), max_size=12).map(
    lambda pairs: [Cell(f"k{number}", *pair) for number, pair in enumerate(pairs)]
)


def an_old_file(**facts: Any) -> Household:
    with clock.frozen(START):
        return a_household(**facts)


def change(file: Household, days: int, **cover: Any) -> None:
    with clock.frozen(START + timedelta(days=days)):
        after = deepcopy(queries.document(file))
        after["cover"] |= cover
        with transaction():
            write(Actor(is_system=True), file, after, version=file.version)
        reload(file)


def a_scope(role: Role, *regions: str) -> Actor:
    return Actor(1, tuple(Scope(role.value, region) for region in regions))


def listed(actor: Actor, wanted: Wanted, days: int) -> list[str]:
    page = queries.past_listing(actor, wanted, DAY + timedelta(days=days), None)
    return [line.household.file_no for line in page.rows]


@pytest.mark.usefixtures("app")
def test_a_past_list_holds_what_stood_in_it_then() -> None:
    file = an_old_file()
    change(file, 5, category="TK", tier="weekly", tier_rule="manual")
    change(file, 10, state="closed")
    worker = a_scope(Role.WORKER, DALIANG)

    assert listed(worker, Wanted(), -1) == []
    assert listed(worker, Wanted(category=Category.DB), 4) == [file.file_no]
    assert listed(worker, Wanted(category=Category.DB), 5) == []
    assert listed(worker, Wanted(category=Category.TK, tier=Tier.WEEKLY), 9) == [file.file_no]
    assert listed(worker, Wanted(), 10) == []
    assert listed(worker, Wanted(state=HouseholdState.CLOSED), 10) == [file.file_no]


@pytest.mark.usefixtures("app")
def test_a_file_stands_in_the_list_of_the_place_it_was_in_and_is_named_where_it_is_now() -> None:
    file = an_old_file(name="霍凤志")
    change(file, 5, region_code=RONGLI)
    before, after = a_scope(Role.WORKER, DALIANG), a_scope(Role.WORKER, RONGGUI)
    officer = a_scope(Role.OFFICER, SHUNDE)

    then = queries.past_listing(before, Wanted(), DAY, None).rows[0]

    assert (then.is_seen, then.name) == (False, "")
    assert listed(before, Wanted(), 5) == []
    assert listed(after, Wanted(), 4) == []
    assert listed(after, Wanted(), 5) == [file.file_no]
    assert queries.past_listing(officer, Wanted(region=WENXIU), DAY, None).rows[0].name == "霍**"
    assert listed(officer, Wanted(region=RONGGUI), 0) == []


@pytest.mark.usefixtures("app")
def test_a_past_list_names_the_householder_of_that_day() -> None:
    file = an_old_file(name="霍凤志")
    change(file, 5, name="陈大文")
    change(file, 9, phone="13911112222")
    worker = a_scope(Role.WORKER, DALIANG)

    names = [
        queries.past_listing(worker, Wanted(), DAY + timedelta(days=days), None).rows[0].name
        for days in (0, 4, 5, 9)
    ]

    assert names == ["霍**", "霍**", "陈**", "陈**"]


@pytest.mark.usefixtures("app")
def test_a_past_list_pages_through_every_file_once() -> None:
    made = [an_old_file() for _ in range(45)]
    for file in made[::3]:
        change(file, 3, income_fen=100)
    worker = a_scope(Role.WORKER, DALIANG)
    found: list[str] = []
    cursor = None
    while True:
        page = queries.past_listing(worker, Wanted(), DAY + timedelta(days=7), cursor)
        found += [line.household.file_no for line in page.rows]
        cursor = page.next
        if cursor is None:
            break

    assert found == [file.file_no for file in made]


@pytest.mark.usefixtures("app")
def test_totals_count_households_and_people_by_what_they_were() -> None:
    for _ in range(3):
        an_old_file(member_count=2)
    moved = an_old_file(category=Category.TK, tier=Tier.WEEKLY, member_count=1)
    change(moved, 5, state="paused")
    an_old_file(region=RONGLI)
    worker = a_scope(Role.WORKER, DALIANG)

    first = queries.totals(worker, Wanted(), DAY)
    later = queries.totals(worker, Wanted(), DAY + timedelta(days=5))

    assert first.whole == Cell("", 4, 7)
    assert first.by_place == [Cell(WENXIU, 4, 7)]
    assert first.by_category == [Cell("DB", 3, 6), Cell("TK", 1, 1)]
    assert first.by_tier == [Cell("monthly", 3, 6), Cell("weekly", 1, 1)]
    assert later.whole == Cell("", 3, 6)
    assert later.by_state == [Cell("active", 3, 6), Cell("paused", 1, 1)]
    assert queries.totals(worker, Wanted(), DAY - timedelta(days=1)).by_state == []


@pytest.mark.usefixtures("app")
def test_beyond_the_town_small_figures_are_put_together() -> None:
    for region, count in ((WENXIU, 7), (RONGLI, 2), (LECONG, 1), (CHANCHENG, 6)):
        for _ in range(count):
            an_old_file(region=region)
    supervisor = a_scope(Role.SUPERVISOR, SHUNDE)

    district = queries.totals(supervisor, Wanted(), DAY)
    city = queries.totals(a_scope(Role.OFFICER, CITY), Wanted(), DAY)
    town = queries.totals(a_scope(Role.WORKER, RONGGUI), Wanted(), DAY)

    # 2 + 1 would be three: the next larger town is put with them
    assert district.by_place == [Cell("", 10, 10)]
    assert city.by_place == [Cell(DALIANG, 7, 7), Cell("", 9, 9)]
    assert town.by_place == [Cell(RONGLI, 2, 2)]
    assert district.whole == Cell("", 10, 10)


@given(CELLS)
def test_no_figure_that_is_left_is_small_and_no_sum_changes(cells: list[Cell]) -> None:
    shown = put_together(cells)

    assert whole(shown) == whole(cells)
    together = [cell for cell in shown if not cell.key]
    assert all(cell.households >= SMALLEST for cell in shown if cell.key)
    assert len(together) <= 1
    if together and whole(cells).households >= SMALLEST:
        assert together[0].households >= SMALLEST
        named = {cell.key for cell in shown}
        hidden = [cell for cell in cells if cell.key not in named]
        assert len(hidden) > 1 or len(cells) == 1


@given(CELLS)
def test_summing_adds_equal_kinds(cells: list[Cell]) -> None:
    twice = summed([*((c.key, c.households, c.people) for c in cells)] * 2)

    assert {cell.key: (cell.households, cell.people) for cell in twice} == {
        cell.key: (2 * cell.households, 2 * cell.people) for cell in cells
    }


def test_only_days_that_are_over_or_today_can_be_asked_for() -> None:
    assert read_past_day("", DAY) == (DAY, "")
    assert read_past_day("2026-03-02", DAY) == (DAY, "")
    assert read_past_day("2026-03-01", DAY)[0].day == 1
    for text in ("2026-03-03", "2026-02-30", "昨天", "1e5"):
        assert read_past_day(text, DAY)[1]


def test_the_pages_of_a_past_day(client: FlaskClient) -> None:
    file = an_old_file(name="霍凤志", category=Category.TK)
    change(file, 5, category="DB")
    sign_in(client, a_user(Role.WORKER, DALIANG))

    page = client.get("/households?as_of=2026-03-02&category=TK").text
    totals = client.get("/households/totals?as_of=2026-03-02").text
    today = client.get("/households/totals").text

    assert f"/households/{file.file_no}/as-of?day=2026-03-02" in page
    assert "霍**" in page
    assert "霍凤志" not in page
    assert "特困人员" in totals
    assert "category=TK" in totals  # the figure leads to its list
    assert ("1 户" in totals, "1 人" in totals) == (True, True)
    assert "最低生活保障家庭" in today
    assert "今天这里没有" not in today


def test_a_few_households_beyond_the_town_are_not_told_apart(client: FlaskClient) -> None:
    an_old_file()
    sign_in(client, a_user(Role.OFFICER, SHUNDE))

    page = client.get("/households/totals").text

    assert "不足 5" in page
    assert "1 户" not in page.replace("不足 5 户", "")


@pytest.mark.parametrize("path", ["/households", "/households/totals"])
@pytest.mark.parametrize("day", ["2999-01-01", "2026-02-30", "昨天"])
def test_a_day_to_come_or_no_day_is_refused_and_kept(
    client: FlaskClient, path: str, day: str
) -> None:
    sign_in(client, a_user(Role.WORKER, DALIANG))

    answer = client.get(path, query_string={"as_of": day, "category": "TK"})

    assert answer.status_code == 422
    assert f'value="{day}"' in answer.text
    assert '<option value="TK" selected' in " ".join(answer.text.split())


def test_a_days_list_and_totals_need_as_many_statements_for_many_files_as_for_one(
    client: FlaskClient,
) -> None:
    sign_in(client, a_user(Role.OFFICER, CITY))
    urls = ["/households?as_of=2026-03-20", "/households/totals?as_of=2026-03-20"]
    an_old_file()
    for_one = [statements(client, "get", url, {}) for url in urls]
    for number in range(30):
        change(an_old_file(), number, income_fen=100)

    for_many = [statements(client, "get", url, {}) for url in urls]

    assert for_many == for_one
    assert max(for_many) <= 5


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "regions"),
    [
        (Role.WORKER, (DALIANG,)),
        (Role.WORKER, (DALIANG, RONGGUI)),
        (Role.WORKER, (WENXIU,)),
        (Role.SUPERVISOR, (SHUNDE,)),
        (Role.OFFICER, (CITY,)),
    ],
)
def test_no_plan_of_a_past_day_reads_a_big_table_from_end_to_end(
    role: Role, regions: tuple[str, ...]
) -> None:
    change(an_old_file(), 3, income_fen=100)
    actor = a_scope(role, *regions)

    with scans() as counted:
        queries.totals(actor, Wanted(), DAY)
        queries.totals(actor, Wanted(category=Category.DB), DAY)
    # a city's list follows the index of files, and stops after a page
    with scans(walks=regions == (CITY,)) as found:
        queries.past_listing(actor, Wanted(), DAY, None)
        queries.past_listing(actor, Wanted(tier=Tier.WEEKLY), DAY, "WzFd")

    assert counted == []
    assert found == []
