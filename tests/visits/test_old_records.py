"""Visits of the old platform (历史探访): linked by file number or ID, taken in once, counted before and after."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core.db import db, transaction
from app.core.sheets import read_sheets
from app.households import queries as households
from app.households.rules.references import read_reference
from app.visits.models import Visit
from app.visits.rules import Manner, Result
from app.visits.rules.history import ERRORS, read_visit
from app.visits.services import history
from tests.factories import a_household, a_user, a_worker, reload, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

HEADINGS = [
    "记录编号",
    "档案号",
    "身份证号",
    "探访日期",
    "探访方式",
    "探访结果",
    "探访人",
    "时长（分）",
    "内容",
]
HUO, OU = "440623195603151820", "440622194811021042"
TODAY = date(2026, 11, 20)


def a_row(**changes: Any) -> list[Any]:
    values: dict[str, Any] = {
        "no": "OLD-1", "file": "", "id": HUO, "day": "2024-03-05", "manner": "入户", "result": "见到本人",
        "who": "陈社工", "minutes": 40.0, "text": "老人家精神不错",
    }  # fmt: skip
    assert changes.keys() <= values.keys()
    return list((values | changes).values())


def a_workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (["大良街道探访记录"], HEADINGS, *rows):
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


def records() -> int:
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


# --- what a row says -----------------------------------------------------------------------


def said(**cells: Any) -> Any:
    row = {"id_number": HUO, "visited_on": "2024.3.5"} | cells
    return read_visit(row, TODAY)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"id_number": ""}, "no_reference"),
        ({"id_number": "440623195603151821"}, "id_checksum"),
        ({"id_number": 4.4062319560315e17}, "id_lost_to_number"),
        ({"visited_on": "去年春天"}, "day_unreadable"),
        ({"visited_on": "2024年3月"}, "day_unreadable"),
        ({"visited_on": "2026-11-21"}, "day_not_yet"),
        ({"result": "还行"}, "word_unknown"),
        ({"manner": "托梦"}, "word_unknown"),
    ],
)
def test_a_row_that_would_have_to_be_guessed_is_refused(cells: dict[str, Any], code: str) -> None:
    visit, remarks = said(**cells)

    assert visit is None
    assert code in {remark.code for remark in remarks}
    assert code in ERRORS


def test_what_is_left_out_is_assumed_and_said() -> None:
    visit, remarks = said()

    assert (visit.manner, visit.result, visit.minutes) == (Manner.HOME, Result.MET, 0)
    assert {remark.code for remark in remarks} == {"manner_assumed", "result_assumed"}


@pytest.mark.parametrize(
    ("word", "minutes"),
    [
        ("40", 40),
        (40.0, 40),
        ("1小时", 60),
        ("1.5小时", 90),
        ("30分钟", 30),
        ("", 0),
        ("一上午", 0),
        ("9999", 0),
    ],
)
def test_a_duration_is_read_in_minutes(word: object, minutes: int) -> None:
    visit, remarks = said(minutes=word, manner="电话", result="家属")

    assert visit.minutes == minutes
    assert bool(remarks) == (word in ("一上午", "9999"))


def test_an_old_number_of_fifteen_places_is_the_same_person() -> None:
    reference, wrong = read_reference({"id_number": "440623560315182"})

    assert (reference.id_number, wrong) == (HUO, None)


# --- comparing -----------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
def test_a_record_finds_its_file_by_number_or_by_anybodys_id() -> None:
    worker = a_worker()
    huo, ou = a_household(id_number=HUO), a_household(id_number=OU)

    made = compared(worker, a_row(), a_row(no="OLD-2", id="", file=ou.file_no))

    assert [file.file_no for _, file, _ in made.new] == [huo.file_no, ou.file_no]
    assert made.refused == []


@pytest.mark.usefixtures("app")
def test_two_numbers_that_lead_to_two_files_are_refused() -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    other = a_household(id_number=OU)

    made = compared(worker, a_row(file=other.file_no))

    assert [(each.row, each.reason) for each in made.refused] == [(3, "references_differ")]


@pytest.mark.usefixtures("app")
def test_a_file_elsewhere_is_a_file_that_is_not_there() -> None:
    a_household(id_number=HUO)
    stranger = a_worker("440605011")

    made = compared(stranger, a_row(), a_row(no="OLD-2", id=OU))

    assert [each.reason for each in made.refused] == ["unknown_household"] * 2


@pytest.mark.usefixtures("app")
def test_totals_stand_before_and_after() -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    a_household(id_number=OU)
    take_in(worker, a_row())

    made = compared(worker, a_row(no="OLD-2", day="2024-04-05"), a_row(no="OLD-3", id=OU), a_row())

    before = history.totals(worker.actor)
    assert (before, history.after(before, made)) == ((1, 1), (3, 2))
    assert (len(made.new), made.known) == (2, 1)


# --- taking in -----------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
def test_an_old_visit_counts_on_its_file_and_earns_nobody_hours() -> None:
    worker = a_worker()
    file = a_household(id_number=HUO)

    take_in(worker, a_row(), a_row(no="OLD-2", day="2024-06-01", result="无人"))

    visits = db.session.scalars(select(Visit).order_by(Visit.visited_on)).all()
    assert [(v.visited_on, v.result, v.minutes) for v in visits] == [
        (date(2024, 3, 5), Result.MET, 40),
        (date(2024, 6, 1), Result.NOBODY, 40),
    ]
    assert not any(v.counts_hours for v in visits)
    assert (reload(file).visit_count, file.last_visit_on) == (2, date(2024, 3, 5))
    assert file.next_visit_on == date(2024, 3, 5) + timedelta(days=30)


@pytest.mark.usefixtures("app")
def test_the_same_workbook_again_changes_nothing() -> None:
    worker, other = a_worker(), a_user(Role.SUPERVISOR)
    a_household(id_number=HUO)
    rows = [a_row(), a_row(no="", day="2024-06-01"), a_row(no="", day="2024-06-01")]
    first = take_in(worker, *rows)

    again = take_in(other, *rows)

    assert (len(first.new), first.known) == (2, 1)
    assert (len(again.new), again.known, records()) == (0, 3, 2)


@pytest.mark.usefixtures("app")
def test_who_went_and_what_was_seen_is_sealed() -> None:
    worker = a_worker()
    file = a_household(id_number=HUO)

    take_in(worker, a_row())

    visit = db.session.scalars(select(Visit)).one()
    notes = households.box(file).open_json(visit.notes, f"visit.notes:{visit.code}")
    assert notes == {"visitor": "陈社工", "text": "老人家精神不错", "record_no": "OLD-1"}
    assert "陈社工".encode() not in visit.notes


def test_the_record_says_where_it_comes_from(client: FlaskClient) -> None:
    worker = a_worker()
    file = a_household(id_number=HUO)
    take_in(worker, a_row())
    code = db.session.scalar(select(Visit.code))
    sign_in(client, worker)

    page = client.get(f"/visits/{code}").get_data(as_text=True)
    listed = client.get("/visits").get_data(as_text=True)
    tab = client.get(f"/households/{file.file_no}?tab=visits").get_data(as_text=True)

    assert "陈社工" in page
    assert all("旧平台" in each for each in (page, listed, tab))
    assert "没有看到隐患" not in page


# --- the command ---------------------------------------------------------------------------


def test_the_command_shows_first_and_takes_in_when_told(app: Flask, tmp_path: Path) -> None:
    worker = a_worker()
    a_household(id_number=HUO)
    file, back = tmp_path / "old.xlsx", tmp_path / "back.xlsx"
    file.write_bytes(a_workbook(a_row(), a_row(no="OLD-2", id=OU)))
    run = app.test_cli_runner().invoke

    shown = run(
        args=[
            "visits",
            "import",
            str(file),
            "--as",
            worker.username,
            "--json",
            "--errors",
            str(back),
        ]
    )
    before = records()
    done = run(args=["visits", "import", str(file), "--as", worker.username, "--commit"])

    figures = json.loads(shown.stdout)
    assert (figures["new"], figures["before"]["records"], figures["after"]["records"]) == (1, 0, 1)
    assert figures["rejected"] == [{"sheet": "Sheet", "row": 4, "reason": "unknown_household"}]
    assert before == 0
    assert done.exit_code == 0
    assert records() == 1
    assert back.exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (a_workbook, "没有找到表头"),
        (lambda: b"PK\x03\x04" + b"x" * 100, "文件已损坏"),
    ],
)
def test_the_command_says_why_a_file_is_not_taken(
    app: Flask, tmp_path: Path, make: Any, words: str
) -> None:
    file = tmp_path / "old.xlsx"
    file.write_bytes(make())
    worker = a_worker()

    done = app.test_cli_runner().invoke(
        args=["visits", "import", str(file), "--as", worker.username]
    )

    assert done.exit_code == 1
    assert words in done.stderr


def test_the_command_needs_somebody_to_answer_for_it(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "old.xlsx"
    file.write_bytes(a_workbook(a_row()))

    done = app.test_cli_runner().invoke(args=["visits", "import", str(file), "--as", "nobody"])

    assert done.exit_code == 1
    assert "没有 nobody 这个账号" in done.stderr
    assert records() == 0
