"""The migrations build what the models say, on both databases, and leave nothing behind (迁移)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app import APPEND_ONLY, create_app
from app.core.db import db
from tests.conftest import settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has no table yet."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_there_is_one_head(app: Flask) -> None:
    directory = app.extensions["migrate"].directory

    heads = ScriptDirectory(directory).get_heads()

    assert len(heads) == 1


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(empty_app: Flask) -> None:
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_upgrading_twice_changes_nothing(empty_app: Flask) -> None:
    upgrade()
    before = sorted(inspect(db.engine).get_table_names())

    upgrade()

    assert sorted(inspect(db.engine).get_table_names()) == before


def test_downgrading_leaves_no_table_but_alembics_own(empty_app: Flask) -> None:
    upgrade()

    downgrade(revision="base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_a_migrated_database_refuses_to_change_its_logs(empty_app: Flask) -> None:
    upgrade()
    wanted = {
        statement.split()[2]
        for dialect, statement in APPEND_ONLY
        if dialect == db.engine.dialect.name
    }
    wanted -= {"REPLACE", "OR"}  # the function that PostgreSQL's trigger calls
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with db.engine.connect() as connection:
        assert set(connection.scalars(text(catalogue))) == wanted


def test_a_posted_entry_cannot_be_deleted_after_migration(empty_app: Flask) -> None:
    upgrade()
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO entry (code, kind, happened_on, recorded_at, subject, memo) "
                "VALUES ('E-1', 'pledge', '2026-01-01', '2026-01-01 00:00:00', 'R-1', '')"
            )
        )

    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM entry"))
