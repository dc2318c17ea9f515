"""Bringing search words up (重建检索词): after a release that knows more, every file is found by all it says."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.audit.models import AuditRow
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.households import queries
from app.households.models import Household, SearchToken
from app.households.queries import Wanted
from app.households.rules import HouseholdState
from app.households.services import indexing
from tests.factories import WENXIU, a_household, reload


def words() -> set[tuple[int, str, int]]:
    db.session.rollback()
    rows = db.session.scalars(select(SearchToken))
    return {(row.token, row.region_code, row.household_id) for row in rows}


def found(text: str) -> list[str]:
    page = queries.listing(SYSTEM, Wanted(text=text), None)
    return [line.household.file_no for line in page.rows]


def test_files_without_words_are_found_afterwards_and_a_second_run_changes_nothing(
    app: Flask,
) -> None:
    file = a_household()
    run = app.test_cli_runner()

    first = run.invoke(args=["households", "reindex"])
    known = words()
    second = run.invoke(args=["households", "reindex"])

    assert "1 户" in first.output
    assert found("huofengzhi") == found("仕版38号") == [file.file_no]
    assert words() == known
    assert "添了 0 个检索词，去掉 0 个" in second.output


@pytest.mark.usefixtures("app")
def test_words_of_another_place_and_of_what_is_no_longer_said_go() -> None:
    file, erased = a_household(), a_household()
    with transaction():
        stale = [(1, WENXIU, file.id), (2, "440606006001", file.id), (3, WENXIU, erased.id)]
        for token, region, owner in stale:
            db.session.add(SearchToken(token=token, region_code=region, household_id=owner))
        db.session.execute(
            update(Household)
            .where(Household.id == erased.id)
            .values(data_key=None, state=HouseholdState.ERASED)
        )
    db.session.expire_all()

    with transaction():
        made = indexing.reindex(SYSTEM)

    assert made.removed == 3
    assert {row[2] for row in words()} == {file.id}
    assert {row[1] for row in words()} == {WENXIU}


@pytest.mark.usefixtures("app")
def test_it_goes_on_where_it_was_stopped() -> None:
    files = [a_household() for _ in range(5)]

    with transaction():
        first = indexing.reindex(SYSTEM, limit=2)
    assert first.last is not None
    assert {row[2] for row in words()} == {files[0].id, files[1].id}
    with transaction():
        rest = indexing.reindex(SYSTEM, reload(first.last).id, limit=10)

    assert (first.files, rest.files) == (2, 3)
    assert {row[2] for row in words()} == {file.id for file in files}


def test_the_command_goes_on_behind_a_file_and_refuses_an_unknown_one(app: Flask) -> None:
    files = [a_household() for _ in range(3)]
    run = app.test_cli_runner()

    done = run.invoke(args=["households", "reindex", "--after", files[1].file_no])
    unknown = run.invoke(args=["households", "reindex", "--after", "440606DB2026999999"])

    assert done.exit_code == 0
    assert {row[2] for row in words()} == {files[2].id}
    assert unknown.exit_code == 1
    assert "没有 440606DB2026999999 这份档案" in unknown.output


@pytest.mark.usefixtures("app")
def test_reading_sealed_files_for_it_is_written_down() -> None:
    a_household(created_at=clock.now())

    with transaction():
        made = indexing.reindex(SYSTEM)

    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "households.reindex")).one()
    assert row.detail == {"files": 1, "added": made.added, "removed": 0}
    assert made.added == db.session.scalar(select(func.count()).select_from(SearchToken))
