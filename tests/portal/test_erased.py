"""An erased file: every page of it for everybody, the books, and a backup that brings nobody back (清除以后)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock, codes
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.storage import storage
from app.households import queries as files
from app.households.models import Erasure, Household, Member
from app.households.rules import HouseholdState
from app.households.services import erasure
from app.ledger.models import Posting
from app.media.models import Media
from app.portal.jobs import list_erasures
from app.portal.services import backup as keeping
from app.visits.jobs import remind_follow_ups
from app.visits.models import FollowUp, Visit
from tests.architecture.test_matrix import GETS, POSTS
from tests.architecture.town import DOOR, ID_NUMBER, NAME, PHONE, build
from tests.factories import a_household, a_user, reload, sign_in
from tests.households.test_consents import a_member

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

TOLD = (NAME, PHONE, DOOR, ID_NUMBER, "老伴去年走了", "带老花镜")


def erase_the_town(file_no: str) -> Household:
    household = files.by_file_no(file_no)
    with transaction():
        erasure.wipe(household)
    return reload(household)


def test_every_page_of_an_erased_file_stands_and_tells_nothing(app: Flask) -> None:
    town = build(app)
    erase_the_town(town.codes["file_no"])
    wrong = []
    for endpoint, lines in GETS.items():
        for line in lines:
            for person in town.people:
                answer = person.client.get(line.url.format(**town.codes))
                where = f"{endpoint} {line.url} for {person.words}"
                text = answer.data.decode("utf-8", "replace")
                if answer.status_code >= 500:
                    wrong.append(f"{where}: {answer.status_code}")
                wrong += [f"{where}: tells {secret}" for secret in TOLD if secret in text]

    assert not wrong, "\n".join(wrong)


def test_nothing_that_is_sent_to_an_erased_file_breaks(app: Flask) -> None:
    town = build(app)
    erase_the_town(town.codes["file_no"])
    wrong = []
    for endpoint, lines in POSTS.items():
        if endpoint.startswith("accounts."):
            continue
        for line in lines:
            data = {name: value.format(**town.codes) for name, value in line.data.items()}
            for person in town.people:
                answer = person.client.post(line.url.format(**town.codes), data=data)
                if answer.status_code >= 500:
                    wrong.append(f"{endpoint} {line.url} for {person.words}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def test_promises_to_an_erased_family_are_settled_and_its_visits_say_why(app: Flask) -> None:
    town = build(app)
    erase_the_town(town.codes["file_no"])

    remind_follow_ups(clock.today())

    db.session.rollback()
    assert db.session.scalars(select(FollowUp).where(FollowUp.done_at.is_(None))).all() == []
    supervisor = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    visit = supervisor.get(f"/visits/{town.codes['visit']}").text
    assert "个人信息已清除" in visit
    assert "/photos/" not in visit
    assert "已清除" in supervisor.get(f"/needs/{town.codes['need']}?story=1").text


def test_the_file_page_says_so_and_figures_and_books_stay(app: Flask) -> None:
    town = build(app)
    before = counts()

    household = erase_the_town(town.codes["file_no"])

    assert counts() == before
    supervisor = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    page = supervisor.get(f"/households/{household.file_no}").text
    assert "已清除" in page
    assert "改档案" not in page
    runner = app.test_cli_runner()
    for command in (["ledger", "verify"], ["audit", "verify"]):
        assert runner.invoke(args=command).exit_code == 0


def counts() -> list[int | None]:
    """Visits, postings and people: what figures are made of."""
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table))
        for table in (Visit, Posting, Member, Household)
    ]


# ── backups ───────────────────────────────────────────────────────────────────────


def test_a_restored_backup_brings_nobody_back(app: Flask, tmp_path: Path) -> None:
    gone, kept = a_household(), a_household(name="梁美玲")
    child = a_member(kept, "霍小红", "2001-02-03")
    key = storage().put(b"a sealed picture")
    with transaction():
        db.session.add(a_picture(gone, key))
    keeping.backup(db.engine, storage(), tmp_path / "kept")
    with transaction():
        erasure.wipe(gone)
        erasure.wipe_member(SYSTEM, reload_in(kept), child)
    db.session.remove()

    answer = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "kept"), "--yes"])

    assert answer.exit_code == 0, answer.output
    assert "erased again" in answer.output
    found = files.by_file_no(gone.file_no)
    assert found.state is HouseholdState.ERASED
    assert found.data_key is None
    assert not (app.config["SHANLIN"].instance / "media" / key).exists()
    other = files.by_file_no(kept.file_no)
    assert files.head(other).name == "梁美玲"
    assert child not in files.document(other)["members"]
    assert db.session.scalar(select(func.count()).select_from(Erasure)) == 2
    (app.config["SHANLIN"].instance / keeping.ERASURES).unlink()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_on_another_machine_the_list_outside_says_who_was_erased(
    app: Flask, tmp_path: Path
) -> None:
    gone = a_household()
    keeping.backup(db.engine, storage(), tmp_path / "kept")
    newest = tmp_path / "erasures.json"
    newest.write_text(json.dumps([[gone.file_no, ""]]))
    db.session.remove()
    said = ["restore", str(tmp_path / "kept"), "--yes", "--erasures", str(newest)]

    answer = app.test_cli_runner().invoke(args=said)

    assert answer.exit_code == 0, answer.output
    assert files.by_file_no(gone.file_no).data_key is None
    assert json.loads((app.config["SHANLIN"].instance / keeping.ERASURES).read_text()) == [
        [gone.file_no, ""]
    ]
    (app.config["SHANLIN"].instance / keeping.ERASURES).unlink()


def test_a_damaged_list_stops_the_restore_before_anything_changes(
    app: Flask, tmp_path: Path
) -> None:
    household = a_household()
    keeping.backup(db.engine, storage(), tmp_path / "kept")
    (tmp_path / "kept" / keeping.ERASURES).write_text("no list")
    with transaction():
        db.session.get_one(Household, household.id).visit_count = 9
    db.session.remove()

    answer = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "kept"), "--yes"])

    assert answer.exit_code == 1
    assert files.by_file_no(household.file_no).visit_count == 9


def test_the_list_outside_grows_with_each_erasure(app: Flask) -> None:
    path = app.config["SHANLIN"].instance / keeping.ERASURES
    path.unlink(missing_ok=True)
    household = a_household()
    with transaction():
        erasure.wipe(household)

    assert [list_erasures(clock.today()) for _ in range(2)] == [1, 0]
    assert json.loads(path.read_text()) == [[household.file_no, ""]]
    path.unlink()


def a_picture(household: Household, key: str) -> Media:
    return Media(
        code=codes.new("M"),
        kind="visit",
        household_id=household.id,
        storage_key=key,
        content_type="image/jpeg",
        width=1,
        height=1,
        size=1,
        look=b"look",
        stored_at=clock.now(),
    )


def reload_in(household: Household) -> Household:
    db.session.refresh(household)
    return household
