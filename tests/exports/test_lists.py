"""Lists as files (导出): what is in them, for whom, and what never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.exports import jobs, routes
from app.exports.queries import steps
from app.exports.queries.lists import LISTS
from app.exports.rules import LIVES, MOST, ExportState
from app.exports.services import making, starting
from app.households.rules import Category, HouseholdState
from app.ledger.rules import Measure
from tests.exports.lists import csv_of, download, key_in, rows_of, taken, the_export
from tests.factories import (
    CITY,
    DALIANG,
    SHUNDE,
    a_claim,
    a_household,
    a_need,
    a_programme,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    an_organisation,
    sign_in,
)
from tests.portal.things import a_gift, a_visit
from tests.resources.gifts import pledged, quilts, received

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

CLEAR = ("霍凤志", "13800005678", "仕版38号496", "440623195603151820")
LECONG = "440606102001"


def test_a_list_of_files_goes_out_as_its_page_shows_it(client: FlaskClient) -> None:
    a_household(category=Category.TK, id_number=CLEAR[3], income_fen=120_650)
    a_household(category=Category.DB, region="440606005003")
    a_household(category=Category.TK, state=HouseholdState.CLOSED, next_visit_on=None)
    a_household(category=Category.TK, region=LECONG)
    sign_in(client, a_worker())

    [row] = rows_of(client, "list=households&category=TK")

    assert (row["户主"], row["镇街"], row["村居"]) == ("霍**", "大良街道", "文秀社区")
    assert (row["类别"], row["状态"], row["月人均收入（元）"]) == (
        Category.TK.label,
        "在档",
        1206.5,
    )
    assert row["建档日期"] == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("query", "count"),
    [("overdue=1", 1), ("never=1", 2), ("tier=weekly", 0), ("state=closed", 1), ("", 3)],
)
def test_each_filter_of_the_list_narrows_the_file(
    client: FlaskClient, query: str, count: int
) -> None:
    a_household(next_visit_on=date(2026, 1, 1), last_visit_on=date(2025, 12, 1))
    a_household()
    a_household()
    a_household(state=HouseholdState.CLOSED, next_visit_on=None)
    sign_in(client, a_worker())
    page = client.get(f"/exports/new?list=households&{query}").text

    assert f"{count} 条" in page
    if count:
        assert len(rows_of(client, f"list=households&{query}")) == count


def test_every_list_goes_out_and_none_of_them_names_anybody(
    client: FlaskClient, app: Flask
) -> None:
    household, volunteer, worker = a_household(id_number=CLEAR[3]), a_volunteer(), a_worker()
    a_need(household)
    a_visit(household, volunteer)
    a_claim(a_task(household), volunteer)
    a_gift(household)
    sign_in(client, worker)

    found = {
        name: csv_of(client, f"list={name}")
        for name in ("households", "needs", "visits", "claims", "resources")
    }

    for name, rows in found.items():
        assert len(rows) == 2, name
        assert rows[0] == [column.heading for column in LISTS[name].columns]
        assert not [words for words in CLEAR if words in str(rows)], name
    assert "老伴去年走了" not in str(found["needs"])
    assert household.file_no in found["claims"][1]


def test_a_programme_and_what_stands_behind_its_figures(client: FlaskClient) -> None:
    foundation = an_organisation()
    programme = a_programme(foundation_id=foundation.id)
    line = received(pledged(quilts(4), programme=programme))
    sign_in(client, a_user(Role.FOUNDATION, "", foundation))

    [row] = rows_of(client, "list=programmes")
    behind = rows_of(
        client, f"list=postings&code={programme.code}&figure=received&measure={Measure.GOODS}"
    )

    assert row["项目"] == programme.name
    assert row["已收到 · 实物（元）"] == line.value_fen / 100
    assert [one["登记编号"] for one in behind] == [line.code]
    assert sum(one["金额（元）"] for one in behind) == line.value_fen / 100


def test_the_log_goes_out_to_auditors_within_their_region(client: FlaskClient) -> None:
    worker, household = a_worker(), a_household()
    sign_in(client, worker)
    client.post(f"/households/{household.file_no}/unmask", data={"why": "visit"})
    sign_in(client, a_user(Role.AUDITOR, SHUNDE))

    [row] = rows_of(client, f"list=audit&person={worker.username}&action=household.unmask")

    assert (row["谁"], row["对象"], row["理由"]) == (worker.name, household.file_no, "上门前联系")
    assert row["看了个人信息"] == "是"
    sign_in(client, a_user(Role.AUDITOR, "440604"))
    assert "0 条" in client.get("/exports/new?list=audit&action=household.unmask").text


def test_what_is_taken_out_is_written_down_once_with_its_filter(client: FlaskClient) -> None:
    for _ in range(3):
        a_household()
    worker = a_worker()
    sign_in(client, worker)

    code = taken(client, f"list=households&region={DALIANG}")

    made = db.session.scalars(select(AuditRow).where(AuditRow.action == "export.make")).all()
    assert [(row.user_id, row.subject, row.region_code) for row in made] == [
        (worker.id, code, DALIANG)
    ]
    assert made[0].detail == {
        "list": "households",
        "filters": {"region": DALIANG},
        "rows": 3,
        "form": "xlsx",
        "clear": False,
    }


def test_the_name_of_a_file_says_what_it_is_and_nobody(client: FlaskClient) -> None:
    a_household()
    sign_in(client, a_worker())

    answer = download(client, taken(client, "list=households"))

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%E6%A1%A3%E6%A1%88%E5%90%8D%E5%86%8C" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"].startswith("no-")
    assert not [words for words in CLEAR if words in str(answer.headers)]


def test_two_presses_are_one_export(client: FlaskClient) -> None:
    a_household()
    sign_in(client, a_worker())
    key = key_in(client.get("/exports/new?list=households").text)

    assert taken(client, "list=households", key=key) == taken(client, "list=households", key=key)
    assert the_export().state is ExportState.READY


@pytest.mark.parametrize(
    "query",
    [
        "town=" + "9" * 60,
        "town=%00",
        "state=nothing",
        "kind=%F0%9F%8F%A0",
        "region=4406%27--",
        "page=x&list=audit",
    ],
)
@pytest.mark.parametrize("name", ["households", "needs", "visits", "claims"])
def test_a_filter_that_is_none_breaks_nothing(client: FlaskClient, name: str, query: str) -> None:
    household = a_household()
    a_need(household)
    sign_in(client, a_worker())

    shown = client.get(f"/exports/new?list={name}&{query}")
    answer = client.post(f"/exports?list={name}&{query}", data={"form": "csv"})

    assert shown.status_code == 200
    assert answer.status_code in {303, 422}


@pytest.mark.parametrize(
    ("query", "data", "words"),
    [
        ("list=households", {"form": "exe"}, "请选一种文件"),
        ("list=households&category=KJ", {"form": "csv"}, "没有一条记录"),
    ],
)
def test_what_cannot_be_taken_out_is_said_and_keeps_what_was_chosen(
    client: FlaskClient, query: str, data: dict[str, str], words: str
) -> None:
    a_household()
    sign_in(client, a_worker())

    answer = client.post(f"/exports?{query}", data=data)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_list_that_is_too_long_is_narrowed_first(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        a_household()
    sign_in(client, a_worker())
    monkeypatch.setattr(starting, "MOST", 2)

    answer = client.post("/exports?list=households", data={"form": "xlsx"})

    assert answer.status_code == 422
    assert "一份最多 2 条" in answer.text


def test_a_long_list_is_written_by_the_scheduler_and_may_be_stopped(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        a_household()
    sign_in(client, a_worker())
    monkeypatch.setattr(routes, "SMALL", 2)

    code = taken(client, "list=households")
    waiting = client.get(f"/exports/{code}")

    assert "等待生成" in waiting.text
    assert download(client, code).status_code == 409
    assert jobs.make_exports(clock.today()) == 1
    assert "可以下载" in client.get(f"/exports/{code}").text
    second = taken(client, "list=households")
    assert client.post(f"/exports/{second}/stop").status_code == 303
    assert jobs.make_exports(clock.today()) == 0
    assert client.post(f"/exports/{second}/stop").status_code == 303
    assert download(client, second).status_code == 409


def test_what_is_stopped_half_way_leaves_nothing(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        a_household()
    sign_in(client, a_worker())
    monkeypatch.setattr(routes, "SMALL", 0)
    monkeypatch.setattr(steps, "CHUNK", 1)
    monkeypatch.setattr(making, "BEAT", 1)
    code = taken(client, "list=households")
    before = files_in(app)
    walk = LISTS["households"].walk
    served = []

    def stopping(actor: Any, asked: Any) -> Any:
        class Walk:
            def count(self) -> int:
                return walk(actor, asked).count()

            def chunks(self) -> Any:
                for number, chunk in enumerate(walk(actor, asked).chunks()):
                    if number == 2:
                        served.append(client.post(f"/exports/{code}/stop").status_code)
                    yield chunk

        return Walk()

    monkeypatch.setitem(LISTS, "households", _like(LISTS["households"], walk=stopping))
    jobs.make_exports(clock.today())

    assert served == [303]
    assert the_export().state is ExportState.STOPPED
    assert files_in(app) == before
    assert the_export().key is None


def _like(listed: Any, **changed: Any) -> Any:
    return replace(listed, **changed)


def files_in(app: Flask) -> set[Path]:
    return {path for path in app.config["SHANLIN"].instance.rglob("*") if "media" in path.parts}


def test_a_file_is_sealed_while_it_lies_there_and_gone_after_a_day(
    client: FlaskClient, app: Flask
) -> None:
    household, worker = a_household(), a_worker()
    sign_in(client, worker)
    before = files_in(app)
    code = taken(client, "list=households")
    made = the_export().created_at
    [kept] = [path for path in files_in(app) - before if path.is_file()]

    assert household.file_no.encode() not in kept.read_bytes()
    assert not kept.read_bytes().startswith(b"PK")
    assert jobs.sweep_exports(clock.today()) == 0
    with clock.frozen(made + LIVES):
        sign_in(client, worker)
        assert download(client, code).status_code == 409
        assert jobs.sweep_exports(clock.today()) == 0
    with clock.frozen(made + LIVES * 2):
        assert jobs.sweep_exports(clock.today()) == 1
        assert not kept.exists()
        assert the_export().state is ExportState.ENDED
        assert jobs.sweep_exports(clock.today()) == 0


def test_nobody_reaches_somebody_elses_file(client: FlaskClient, app: Flask) -> None:
    a_household()
    sign_in(client, a_worker())
    code = taken(client, "list=households")
    for role, region in ((Role.WORKER, DALIANG), (Role.SUPERVISOR, SHUNDE), (Role.OFFICER, CITY)):
        other = sign_in(app.test_client(), a_user(role, region))

        answers = [
            other.get(f"/exports/{code}").status_code,
            *(
                other.post(f"/exports/{code}/{verb}").status_code
                for verb in ("download", "stop", "again")
            ),
        ]

        assert answers == [404] * 4
    assert client.get("/exports/X-2222222222").status_code == 404
    assert download(client, code).status_code == 200


def test_a_process_that_died_over_an_export_costs_it_ten_minutes(client: FlaskClient) -> None:
    a_household()
    sign_in(client, a_worker())
    code = taken(client, "list=households")
    with transaction():
        export = the_export()
        export.state, export.updated_at = ExportState.MAKING, clock.now() - timedelta(minutes=9)
        db.session.add(export)

    assert jobs.make_exports(clock.today()) == 0
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert jobs.make_exports(clock.today()) == 1
    assert download(client, code).status_code == 200


def test_what_failed_may_be_tried_again(client: FlaskClient) -> None:
    a_household()
    sign_in(client, a_worker())
    code = taken(client, "list=households")
    ready = client.post(f"/exports/{code}/again").status_code
    with transaction():
        export = the_export()
        export.state, export.error = ExportState.FAILED, "做到一半出了问题"
        db.session.add(export)

    page = client.get(f"/exports/{code}").text
    answer = client.post(f"/exports/{code}/again")

    assert ready == 409
    assert "再试一次" in page
    assert answer.status_code == 303
    assert download(client, code).status_code == 200


def test_a_role_that_ended_meanwhile_takes_nothing_out(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_household()
    worker = a_worker()
    sign_in(client, worker)
    monkeypatch.setattr(routes, "SMALL", 0)
    taken(client, "list=households")
    with transaction():
        worker.grants[0].ended_at = clock.now()
        db.session.add(worker.grants[0])
    db.session.expire_all()

    jobs.make_exports(clock.today())

    assert the_export().state is ExportState.FAILED
    assert the_export().storage_key is None


def test_the_limits_leave_room_for_a_city() -> None:
    assert MOST > 76_511
