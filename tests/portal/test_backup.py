"""Backups (备份与恢复): whole or not at all, and never opened with the wrong keys."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.models import SignIn
from app.core.crypto import KeyRing, ring
from app.core.db import db, transaction
from app.core.storage import storage
from app.households import queries as households
from app.households.models import Household
from app.portal.errors import CannotKeep
from app.portal.services import backup as keeping
from tests.factories import a_household, a_worker, reload, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

OTHER_KEYS = "1:" + base64.b64encode(b"another another another keys 32!").decode()


def test_what_was_kept_comes_back_with_its_files(app: Flask, tmp_path: Path) -> None:
    household = a_household(name="霍凤志")
    key = storage().put(b"a sealed picture")
    keeping.backup(db.engine, storage(), tmp_path / "kept")
    with transaction():
        db.session.get_one(Household, household.id).worker_id = None
        db.session.get_one(Household, household.id).visit_count = 99
    storage().delete(key)
    db.session.remove()

    keeping.restore(db.engine, storage(), tmp_path / "kept", ring())

    found = households.by_file_no(household.file_no)
    assert reload(found).visit_count == 0
    assert households.head(found).name == "霍凤志"
    assert storage().get(key) == b"a sealed picture"


def test_a_backup_holds_no_name_in_clear(app: Flask, tmp_path: Path) -> None:
    a_household(name="霍凤志")
    keeping.backup(db.engine, storage(), tmp_path / "kept")

    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]

    assert len(kept) >= 2
    assert [path.name for path in kept if "霍凤志".encode() in path.read_bytes()] == []


def test_a_folder_that_is_there_is_not_written_over(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()

    with pytest.raises(CannotKeep, match="there already"):
        keeping.backup(db.engine, storage(), tmp_path / "kept")


def test_what_is_no_backup_is_refused(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(CannotKeep, match="not a backup"):
        keeping.restore(db.engine, storage(), tmp_path, ring())


def test_a_backup_of_the_other_database_is_refused(app: Flask, tmp_path: Path) -> None:
    kind = "postgresql" if db.engine.dialect.name == "sqlite" else "sqlite"
    (tmp_path / keeping.MANIFEST).write_text(f'{{"database": "{kind}"}}')

    with pytest.raises(CannotKeep, match=kind):
        keeping.restore(db.engine, storage(), tmp_path, ring())


def test_other_keys_are_refused_before_anything_changes(sqlite_app: Flask, tmp_path: Path) -> None:
    with sqlite_app.app_context():
        keeping.backup(db.engine, storage(), tmp_path / "kept")

        with pytest.raises(CannotKeep, match="keys"):
            keeping.restore(db.engine, storage(), tmp_path / "kept", KeyRing(OTHER_KEYS))


def test_a_damaged_backup_is_refused(sqlite_app: Flask, tmp_path: Path) -> None:
    with sqlite_app.app_context():
        keeping.backup(db.engine, storage(), tmp_path / "kept")
        file = tmp_path / "kept" / keeping.SQLITE_FILE
        file.write_bytes(file.read_bytes()[:5000])

        with pytest.raises(CannotKeep, match="damaged"):
            keeping.restore(db.engine, storage(), tmp_path / "kept", ring())


def test_who_signed_out_since_the_backup_stays_signed_out(app: Flask, tmp_path: Path) -> None:
    worker = a_worker()
    client = sign_in(app.test_client(), worker)
    keeping.backup(db.engine, storage(), tmp_path / "kept")
    client.post("/logout")
    db.session.remove()

    done = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "kept"), "--yes"])

    assert done.exit_code == 0, done.output
    assert db.session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all() == []
