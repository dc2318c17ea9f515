"""The way a workbook comes in, in the browser and on the command line."""

import io
import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.storage import storage
from app.households import queries
from app.households.jobs import import_workbooks, sweep_imports
from app.households.models import Change, Household, ImportBatch, ImportMapping, Member
from app.households.rules.importing import BatchState
from app.households.services import batches
from tests.factories import CITY, DALIANG, SHUNDE, a_household, reload
from tests.households.imports import KEY, WHY, approved, count, officer, send, sent, the_batch
from tests.households.ledgers import (
    HEADINGS,
    MAN_1986,
    a_member,
    a_row,
    a_workbook,
    another,
)

SAMPLE = Path(__file__).parents[1] / "data" / "ledger-sample.xlsx"
ANSWERS = json.loads((SAMPLE.parent / "ledger-sample.answers.json").read_text(encoding="utf-8"))


def kept_files(app: Flask) -> int:
    return sum(
        1 for path in (app.config["SHANLIN"].instance / "media").rglob("*") if path.is_file()
    )


def test_the_sample_goes_in_through_the_browser(client: FlaskClient) -> None:
    officer(client)

    preview = client.get(send(client, SAMPLE.read_bytes()).location).text
    assert "383 户" in preview
    assert "17 户" in preview
    assert count(Household) == 0
    asked = client.post(f"/households/import/{the_batch().code}/confirm", data=WHY)
    assert "等第二个人同意" in client.get(asked.location).text
    assert count(Household) == 0
    approved()
    done = client.get(asked.location).text

    assert "已入档" in done
    assert (count(Household), count(Member)) == (383, 880)
    for each in ANSWERS["rejected_households"]:
        assert f"{each['sheet']} 第 {each['row']} 行起" in done


def test_pressed_twice_it_goes_in_once(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), another())

    first = client.post(f"{where}/confirm")
    again = client.post(f"{where}/confirm")

    assert first.location == again.location == where
    assert (count(Household), count(Change)) == (2, 2)


def test_a_workbook_sent_twice_is_one_import(client: FlaskClient) -> None:
    officer(client)

    assert sent(client, a_row()) == sent(client, a_row())
    assert count(ImportBatch) == 1


def test_the_same_workbook_later_has_nothing_to_take_in(client: FlaskClient) -> None:
    officer(client)
    client.post(f"{sent(client, a_row())}/confirm")

    where = sent(client, a_row(), key="another-submission-key")

    assert "没有新的或改动过的家庭" in client.get(where).text
    refused = client.post(f"{where}/confirm")
    assert refused.status_code == 409
    assert "不用再导入" in refused.text


def test_a_changed_workbook_shows_before_and_after_covered(client: FlaskClient) -> None:
    officer(client)
    client.post(f"{sent(client, a_row(), another())}/confirm")

    page = client.get(
        sent(client, a_row(月人均收入=700.0, 联系电话="13900001111"), key="another-submission-key")
    ).text

    assert "¥602.05" in page
    assert "¥700.00" in page
    assert "138****5678" in page
    assert "139****1111" in page
    assert "13900001111" not in page
    assert "这次表里没有的 1 户" in page


def test_what_changed_between_preview_and_confirmation_is_shown_again(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), a_member(), another())
    a_household(id_number=MAN_1986)

    client.post(f"{where}/confirm")

    page = client.get(where).text
    assert "刚才有人改动了同样的档案" in page
    assert "有人已在另一户" in page
    assert count(Household) == 1
    client.post(f"{where}/confirm")
    assert count(Household) == 2


def test_columns_put_right_are_remembered_for_the_next_workbook(client: FlaskClient) -> None:
    officer(client)
    odd = oddly_headed("公民身份号码", "证照编码")

    first = send(client, odd)
    asked = client.get(first.location)
    assert asked.location == f"{first.location}/columns"
    page = client.get(asked.location).text
    assert "证照编码" in page
    assert "没认出" in page
    letter = chr(ord("A") + HEADINGS.index("公民身份号码"))
    client.post(asked.location, data={f"c0-{letter}": "id_number"})
    assert "1 户" in client.get(first.location).text
    client.post(f"{first.location}/confirm")
    assert count(ImportMapping) == 1

    second = client.get(send(client, odd, key="another-submission-key").location)

    assert second.status_code == 200
    assert the_batch().summary["counts"]["unchanged"] == 1


def oddly_headed(known: str, odd: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(a_workbook(a_row())))
    for cell in book.worksheets[0][3]:
        if cell.value == known:
            cell.value = odd
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_two_columns_cannot_be_the_same_thing(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row())

    answer = client.post(f"{where}/columns", data={"c0-A": "name", "c0-F": "name"})

    assert answer.status_code == 422
    assert "有两列选了同一个意思" in answer.text


def test_samples_of_columns_name_nobody(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(), a_member())

    page = client.get(f"{where}/columns").text

    assert "霍*" in page
    assert "138****5678" in page
    for secret in ("霍英", "霍明", MAN_1986, "13812345678"):
        assert secret not in page


def test_the_workbook_comes_back_with_its_remarks(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(月人均收入="五百左右"), another(联系电话="138-1234-5678"))

    answer = client.get(f"{where}/remarks.xlsx")

    page = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    bad = page.cell(4, HEADINGS.index("月人均收入（元）") + 1)
    untidy = page.cell(5, HEADINGS.index("联系电话") + 1)
    assert "不是确定的数" in str(bad.comment)
    assert bad.fill.start_color.rgb == "FFF4B6B0"
    assert "横线" in str(untidy.comment)
    assert untidy.fill.start_color.rgb == "FFFFE8A3"
    assert page.cell(5, 1).comment is None
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search("霍|区兰", answer.headers["Content-Disposition"])


def test_every_problem_is_listed_with_its_cell(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row(月人均收入="五百左右"), another(联系电话="138-1234-5678"))

    everything = client.get(f"{where}/problems").text
    errors = client.get(f"{where}/problems?only=error").text

    assert "顺德区 N4" in everything
    assert "顺德区 K5" in everything
    assert "顺德区 N4" in errors
    assert "顺德区 K5" not in errors


def test_a_cancelled_import_leaves_nothing(app: Flask, client: FlaskClient) -> None:
    officer(client)
    before = kept_files(app)
    where = sent(client, a_row(), another(公民身份号码="123"))
    assert kept_files(app) > before

    client.post(f"{where}/cancel")
    client.post(f"{where}/cancel")

    assert kept_files(app) == before
    assert (count(Household), the_batch().state) == (0, BatchState.CANCELLED)
    assert client.post(f"{where}/confirm").status_code == 409


def test_the_workbook_is_deleted_once_it_is_in_and_its_remarks_after_a_week(
    app: Flask, client: FlaskClient
) -> None:
    officer(client)
    before = kept_files(app)
    where = sent(client, a_row(), another(公民身份号码="123"))
    client.post(f"{where}/confirm")

    batch = the_batch()
    assert batch.storage_key is None
    assert client.get(f"{where}/remarks.xlsx").status_code == 200
    assert sweep_imports(clock.today()) == 0
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert sweep_imports(clock.today()) == 1
        assert sweep_imports(clock.today()) == 0

    assert kept_files(app) == before
    assert client.get(f"{where}/remarks.xlsx").status_code == 404
    assert client.get(where).status_code == 200


def test_an_abandoned_import_is_given_up_after_a_week(app: Flask, client: FlaskClient) -> None:
    officer(client)
    before = kept_files(app)
    sent(client, a_row())

    with clock.frozen(clock.now() + timedelta(days=8)):
        sweep_imports(clock.today())

    assert the_batch().state is BatchState.CANCELLED
    assert kept_files(app) == before


def test_what_is_kept_meanwhile_is_sealed(client: FlaskClient) -> None:
    officer(client)
    data = a_workbook(a_row(), another())
    send(client, data)

    batch = the_batch()
    sealed = storage().get(batch.storage_key or "")
    report = storage().get(batch.report_key or "")
    assert data not in sealed
    assert not sealed.startswith(b"PK")
    assert "顺德区".encode() not in report
    assert queries.workbook(batch) == data


def test_a_large_workbook_waits_for_the_scheduler(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SMALL", 10)
    officer(client)
    where = sent(client, a_row())
    assert "排队中" in client.get(where).text

    assert import_workbooks(clock.today()) == 1
    assert "看一看再入档" in client.get(where).text
    client.post(f"{where}/confirm")
    assert count(Household) == 0
    assert import_workbooks(clock.today()) == 1
    assert import_workbooks(clock.today()) == 0

    assert count(Household) == 1


def test_an_import_whose_process_died_is_taken_up_again(client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row())
    stuck = {"state": BatchState.COMMITTING, "updated_at": clock.now() - timedelta(minutes=11)}
    with transaction():
        db.session.execute(update(ImportBatch).values(**stuck))

    assert import_workbooks(clock.today()) == 1

    assert count(Household) == 1
    assert "已入档" in client.get(where).text


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("ledger.pdf", b"%PDF-1.7", "这里只收表格"),
        ("ledger.xlsx", b"PK\x03\x04 and then nothing", "另存为 .xlsx 后再上传"),
        ("ledger.xlsx", b"", "文件是空的"),
        ("ledger.csv", b"\x00\x01\x02", "这不是表格文件"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_beside_its_field(
    client: FlaskClient, name: str, data: bytes, words: str
) -> None:
    officer(client)

    answer = send(client, data, name)

    assert answer.status_code == 422
    assert words in answer.text
    assert count(ImportBatch) == 0


def test_a_workbook_without_a_header_is_told_so(client: FlaskClient) -> None:
    officer(client)

    page = client.get(send(client, "一,二\n三,四\n".encode(), "notes.csv").location).text

    assert "没有找到表头" in page
    assert "什么都没有入档" in page


def test_a_form_without_a_file_comes_back(client: FlaskClient) -> None:
    officer(client)

    answer = client.post("/households/import", data={"idempotency_key": KEY})

    assert answer.status_code == 422
    assert "请先选一份表格" in answer.text


def test_a_workbook_beyond_the_cap_is_not_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer(client)
    view = client.application.view_functions["households.import_upload"]
    monkeypatch.setattr(view, "body_cap", 1_000)

    answer = send(client, a_workbook(a_row()))

    assert answer.status_code == 413
    assert "文件太大了" in answer.text
    assert count(ImportBatch) == 0


def test_a_worker_takes_in_their_own_town_only(client: FlaskClient) -> None:
    officer(client, DALIANG, Role.WORKER)
    where = sent(client, a_row(), another(镇="容桂街道", 村="容里社区居委会"))

    page = client.get(where).text
    client.post(f"{where}/confirm")

    assert "不在你负责的地方" in page
    assert db.session.scalars(select(Household.town_code)).all() == [DALIANG]


@pytest.mark.parametrize(
    "role", [Role.VOLUNTEER, Role.DONOR, Role.ADMIN, Role.AUDITOR, Role.FOUNDATION, None]
)
def test_who_does_not_work_with_files_cannot_send_any(
    client: FlaskClient, role: Role | None
) -> None:
    if role:
        officer(client, CITY, role)

    answers = [client.get("/households/import"), send(client, a_workbook(a_row()))]

    assert [each.status_code for each in answers] == ([403, 403] if role else [303, 303])
    assert count(ImportBatch) == 0


def test_an_import_is_its_senders_alone(app: Flask, client: FlaskClient) -> None:
    officer(client)
    where = sent(client, a_row())
    stranger = app.test_client()
    officer(stranger)

    asked = [
        stranger.get(where),
        stranger.get(f"{where}/columns"),
        stranger.get(f"{where}/problems"),
    ]
    asked += [stranger.get(f"{where}/remarks.xlsx"), stranger.post(f"{where}/confirm")]
    asked += [stranger.post(f"{where}/columns"), stranger.post(f"{where}/cancel")]

    assert {each.status_code for each in asked} == {404}
    assert the_batch().state is BatchState.READY


def test_nothing_personal_is_logged_or_stands_in_an_address(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    officer(client, SHUNDE)
    where = sent(client, a_row(), a_member(), another(公民身份号码="123"))
    client.post(f"{where}/confirm")
    import_workbooks(clock.today())
    found = client.post("/households/search", data={"q": "霍英"})

    said = caplog.text + where
    assert "霍**" in found.text or "霍*" in found.text
    for secret in ("霍英", "霍明", "区兰", MAN_1986, "13812345678"):
        assert secret not in said


def test_the_database_file_holds_no_name_number_phone_or_door(
    app: Flask, client: FlaskClient
) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    officer(client)
    client.post(f"{send(client, SAMPLE.read_bytes()).location}/confirm", data=WHY)
    approved()
    assert count(Household) == 383
    people = [
        (
            queries.head(file),
            [queries.person(queries.box(file), one) for one in queries.members(file)],
        )
        for file in db.session.scalars(select(Household))
    ]
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.execute(text("pragma wal_checkpoint(truncate)"))

    raw = (app.config["SHANLIN"].instance / "test.sqlite3").read_bytes()

    for head, members in people:
        for member in members:
            for secret in (member["name"], member.get("id_number"), member.get("phone")):
                assert not secret or len(secret) < 2 or secret.encode() not in raw
        assert not head.door or head.door.encode() not in raw
    assert ANSWERS["households"] == len(people)


def test_the_command_prints_the_figures_and_changes_nothing(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["households", "import", str(SAMPLE), "--json"])

    figures = json.loads(done.stdout)
    assert done.exit_code == 0
    for name in (
        "households",
        "persons",
        "by_category",
        "by_district",
        "income_fen_sum",
        "aid_fen_sum",
    ):
        assert figures[name] == ANSWERS[name]
    assert as_set(figures["rejected"]) == as_set(ANSWERS["rejected_households"])
    assert count(Household) == 0


def as_set(rejected: list[dict[str, Any]]) -> set[tuple[str, int, str]]:
    return {(each["sheet"], each["row"], each["reason"]) for each in rejected}


def test_the_command_takes_the_good_households_in_once(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    errors = tmp_path / "errors.xlsx"

    first = run(args=["households", "import", str(SAMPLE), "--commit", "--errors", str(errors)])
    again = run(args=["households", "import", str(SAMPLE), "--commit", "--json"])

    assert "新建 383 户" in first.stdout
    assert first.stdout.count("退回  ") == 17
    assert json.loads(again.stdout)["households"] == 383
    assert (count(Household), count(Change)) == (383, 383)
    assert "顺德区" in openpyxl.load_workbook(errors).sheetnames


def test_the_command_says_in_a_sentence_why_it_cannot_read(app: Flask, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04")

    for path in (broken, tmp_path / "missing.xlsx"):
        done = app.test_cli_runner().invoke(args=["households", "import", str(path), "--json"])
        assert done.exit_code == 1
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1


def test_an_exported_list_names_nobody(app: Flask, tmp_path: Path) -> None:
    a_household()
    out = tmp_path / "list.xlsx"

    done = app.test_cli_runner().invoke(args=["households", "export", "--out", str(out)])

    rows = list(openpyxl.load_workbook(out).worksheets[0].values)
    assert done.exit_code == 0
    assert rows[1][1:5] == ("霍**", "顺德区", "大良街道", "文秀社区")
    assert "霍凤志" not in str(rows)


def test_keys_are_wrapped_anew_and_open_what_they_opened(app: Flask, client: FlaskClient) -> None:
    officer(client)
    sent(client, a_row())
    file = a_household()
    ring = app.extensions["keyring"]
    app.extensions["keyring"] = type(ring)(
        "2:" + "QUJD" * 10 + "QUI=," + app.config["SHANLIN"].data_keys
    )
    try:
        done = app.test_cli_runner().invoke(args=["keys", "rotate"])
        assert done.exit_code == 0, done.output
        assert (reload(file).data_key or b"")[:1] == b"\x02"
        assert queries.head(file).name == "霍凤志"
        assert queries.workbook(the_batch())
    finally:
        app.extensions["keyring"] = ring
