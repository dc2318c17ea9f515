"""The history of a file, place by place, and the file of a past day: covered, or open with a reason that is kept."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.households import queries as households
from app.households.models import Household
from app.households.rules import HouseholdState
from app.households.services.writing import write
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.plans import scans

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask.testing import FlaskClient

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
ID_NUMBER = "440623195603151820"
CLEAR = (
    "霍凤志",
    "霍凤芝",
    "13800005678",
    "13911112222",
    "仕版38号",
    "北街3号",
    ID_NUMBER,
    "爱喝早茶",
)


def change(file: Household, days: int, reason: str = "入户核实", **cover: Any) -> None:
    """Change a file's cover so many days after it was begun."""
    with clock.frozen(START + timedelta(days=days)):
        after = deepcopy(households.document(file))
        after["cover"] |= cover
        with transaction():
            write(SYSTEM, file, after, version=file.version, reason=reason)
        reload(file)


def a_past() -> Household:
    """A file with a moved householder, a member who came and left, and a change of category."""
    with clock.frozen(START):
        file = a_household(id_number=ID_NUMBER)
    change(file, 10, phone="13911112222", door="文秀社区北街3号")
    change(file, 20, name="霍凤芝", income_fen=120_600, reason="改名")
    with clock.frozen(START + timedelta(days=30)):
        after = deepcopy(households.document(file))
        after["members"]["NEWONE"] = {
            "name": "陈小文", "position": 1, "relationship_code": "2", "birth": "2015-05-01",
            "health": "healthy", "note": "爱喝早茶",
        }  # fmt: skip
        after["sections"] = {"support": {"note": "邻居叫陈大文", "score": 3}}
        with transaction():
            write(SYSTEM, file, after, version=file.version, reason="孙子搬来同住")
    return reload(file)


def test_a_change_opens_to_its_places_before_and_after_who_when_and_why(
    client: FlaskClient,
) -> None:
    file = a_past()
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}?tab=changes").text

    assert [words for words in CLEAR if words in page] == []
    for told in ("月人均收入", "¥0.00", "¥1,206.00", "138****5678", "139****2222", "文秀社区***", "改名",
                 "系统", "3月22日", "孙子搬来同住", "2015年", "子", "（4 字，已遮住）"):  # fmt: skip
        assert told in page, told


def test_one_fields_history_holds_that_field_alone(client: FlaskClient) -> None:
    file = a_past()
    sign_in(client, a_worker())
    url = f"/households/{file.file_no}?tab=changes&field="

    phone = client.get(url + "cover/phone").text
    people = client.get(url + "members").text
    nothing = client.get(url + "cover/cause").text

    assert "139****2222" in phone
    assert "¥1,206.00" not in phone
    assert "孙子搬来同住" not in phone
    assert "孙子搬来同住" in people
    assert "改名" not in people
    assert "这个字段还没有改过" in nothing


def test_a_long_history_comes_in_pages_of_one_field_or_all(client: FlaskClient) -> None:
    with clock.frozen(START):
        file = a_household()
    for number in range(1, 46):
        what: dict[str, Any] = (
            {"income_fen": number * 100} if number % 2 else {"aid_fen": number * 100}
        )
        change(file, number, **what)
    household = households.by_file_no(file.file_no)

    def pages(field: str) -> list[int]:
        found: list[int] = []
        cursor = None
        while True:
            page = households.history(household, field=field, cursor=cursor)
            found += [one.change.id for one in page.rows]
            cursor = page.next
            if cursor is None:
                return found

    everything, incomes = pages(""), pages("cover/income_fen")

    assert len(everything) == len(set(everything)) == 45
    assert everything == sorted(everything, reverse=True)
    assert incomes == everything[::2]  # 45, 43 …
    sign_in(client, a_worker())
    first = client.get(f"/households/{file.file_no}?tab=changes").text
    assert "下一页" in first
    assert "¥45.00" in first
    assert "¥10.00" not in first


@pytest.mark.parametrize("field", ["../x", "members/<script>", "x" * 300, "霍凤志"])
def test_a_strange_field_shows_all_changes(client: FlaskClient, field: str) -> None:
    file = a_past()
    sign_in(client, a_worker())

    answer = client.get(
        f"/households/{file.file_no}", query_string={"tab": "changes", "field": field}
    )

    assert answer.status_code == 200
    assert "改名" in answer.text


def test_changes_are_clear_in_the_unmasked_view_alone_which_is_written_down(
    client: FlaskClient,
) -> None:
    file = a_past()
    worker = a_worker()
    sign_in(client, worker)
    form = {"why": "check", "tab": "changes", "field": "cover/phone"}
    asked = client.get(f"/households/{file.file_no}/unmask?tab=changes&field=cover/phone").text

    answer = client.post(f"/households/{file.file_no}/unmask", data=form)

    assert 'name="field" value="cover/phone"' in asked
    assert answer.status_code == 200
    assert "13911112222" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "household.unmask")).one()
    assert (row.user_id, row.household_id, row.reason) == (worker.id, file.id, "核对档案资料")


def test_a_refused_reason_keeps_the_view_that_was_asked_for(client: FlaskClient) -> None:
    file = a_past()
    sign_in(client, a_worker())

    answer = client.post(f"/households/{file.file_no}/unmask", data={"day": "2026-03-15"})

    assert answer.status_code == 422
    assert 'name="day" value="2026-03-15"' in answer.text
    assert [words for words in CLEAR if words in answer.text] == []


@pytest.mark.parametrize(
    ("day", "there", "not_there"),
    [
        ("2026-03-02", ("138****5678", "¥0.00"), ("139****2222", "陈*文")),
        ("2026-03-11", ("138****5678",), ("139****2222",)),
        ("2026-03-12", ("139****2222", "¥0.00"), ("¥1,206.00",)),
        ("2026-03-31", ("¥1,206.00", "139****2222"), ("陈*文",)),
        ("2026-04-01", ("陈*文", "子", "***（6 字，已遮住）"), ()),
    ],
)
def test_a_file_of_a_past_day_says_what_it_said_then(
    client: FlaskClient, day: str, there: tuple[str, ...], not_there: tuple[str, ...]
) -> None:
    file = a_past()
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}/as-of?day={day}").text

    assert [words for words in CLEAR if words in page] == []
    for words in there:
        assert words in page, words
    for words in not_there:
        assert words not in page, words


def test_a_past_day_leads_to_the_days_of_change_beside_it(client: FlaskClient) -> None:
    file = a_past()
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}/as-of?day=2026-03-15").text
    on_it = client.get(f"/households/{file.file_no}/as-of?day=2026-03-22").text

    assert "as-of?day=2026-03-12" in page
    assert "as-of?day=2026-03-22" in page
    assert "这一天改了什么" not in page
    assert "改名" in on_it


def test_a_day_before_the_file_says_so(client: FlaskClient) -> None:
    file = a_past()  # its cover says that it was filed in January
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}/as-of?day=2026-02-01").text

    assert "这一天还没有这份档案" in page
    assert "那以前的情况这里没有记载" in page
    assert "as-of?day=2026-03-02" in page


@pytest.mark.parametrize("day", ["2999-01-01", "2026-02-30", "昨天", "1"])
def test_days_to_come_and_no_days_are_refused_and_kept(client: FlaskClient, day: str) -> None:
    file = a_past()
    sign_in(client, a_worker())

    answer = client.get(f"/households/{file.file_no}/as-of", query_string={"day": day})

    assert answer.status_code == 422
    assert f'value="{day}"' in answer.text
    assert "还没有到" in answer.text or "这样写" in answer.text
    assert "138****5678" not in answer.text


def test_a_past_day_in_clear_needs_a_reason_and_is_written_down(client: FlaskClient) -> None:
    file = a_past()
    sign_in(client, a_worker())

    answer = client.post(
        f"/households/{file.file_no}/unmask",
        data={"why": "check", "day": "2026-03-15", "urgent": "y"},
    )

    assert answer.status_code == 200
    assert "13911112222" in answer.text
    assert "北街3号" in answer.text
    assert "霍凤芝" not in answer.text  # called so later
    assert answer.headers["Cache-Control"] == "no-store"
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "household.unmask")).all()
    assert len(rows) == 1


def test_an_erased_file_has_no_past(client: FlaskClient) -> None:
    file = a_past()
    with transaction():
        db.session.execute(
            update(Household)
            .where(Household.id == file.id)
            .values(data_key=None, state=HouseholdState.ERASED)
        )
    sign_in(client, a_worker())

    page = client.get(f"/households/{file.file_no}/as-of?day=2026-03-15")
    changes = client.get(f"/households/{file.file_no}?tab=changes")

    assert page.status_code == 200
    assert "已经按要求清除" in page.text
    assert changes.status_code == 200
    assert "改名" in changes.text
    assert "¥1,206.00" not in changes.text


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        (Role.SUPERVISOR, SHUNDE, 200),
        (Role.OFFICER, "4406", 200),
        (Role.WORKER, "440606006", 404),
        (Role.VOLUNTEER, DALIANG, 403),
        (Role.AUDITOR, "4406", 403),
    ],
)
def test_a_past_day_opens_to_those_who_see_the_file_today(
    client: FlaskClient, role: Role, region: str, status: int
) -> None:
    file = a_past()
    sign_in(client, a_user(role, region))

    assert client.get(f"/households/{file.file_no}/as-of?day=2026-03-15").status_code == status


def test_history_and_past_days_ask_the_same_however_long_and_scan_nothing(
    client: FlaskClient,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    file = a_past()
    sign_in(client, a_worker())
    urls = [
        f"/households/{file.file_no}/as-of?day=2026-03-15",
        f"/households/{file.file_no}?tab=changes&field=cover/income_fen",
    ]
    asked = []
    for times in (1, 30):
        for number in range(times):
            change(file, 40 + number + times, income_fen=(number + times) * 100)
        counts = []
        for url in urls:
            with statements() as found:
                assert client.get(url).status_code == 200
            counts.append(len(found))
        asked.append(counts)

    with scans() as read_whole:
        for url in urls:
            client.get(url)

    assert asked[0] == asked[1]
    assert max(asked[0]) <= 12
    assert read_whole == []
