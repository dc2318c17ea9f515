"""What a thief of the database finds, and what a new master key leaves behind (失窃与换钥)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.core.crypto import KeyRing, SealedText, Secret, ring
from app.core.db import db
from app.households.models import Household, ImportBatch
from app.resources.models import ResourceLine
from tests.architecture.town import DOOR, ID_NUMBER, NAME, PHONE, build
from tests.conftest import DATA_KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

NEW = "2:" + base64.b64encode(b"a new master key of thirty-two b").decode()
SAID = (
    NAME,
    NAME[1:],
    PHONE,
    DOOR,
    DOOR[3:],
    ID_NUMBER,
    "带老花镜",
    "老伴去年走了",
    "新同事",
    "霍英",
)
OWNERS = (
    (Household, Household.file_no),
    (ImportBatch, ImportBatch.code),
    (ResourceLine, ResourceLine.code),
)


def files_of(folder: Path) -> list[Path]:
    """Every file of an installation."""
    return [path for path in folder.rglob("*") if path.is_file() and "template" not in path.name]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_files_of_an_installation_name_nobody(app: Flask) -> None:
    build(app)
    folder = app.config["SHANLIN"].instance
    assert any(path.suffix == ".sqlite3-wal" for path in files_of(folder))

    everything = b"".join(path.read_bytes() for path in files_of(folder))
    assert (
        "上门陪伴".encode() in everything
    )  # what a card says is no secret, and so we look in the right place

    found = [
        f"{word}"
        for word in SAID
        for coding in ("utf-8", "utf-16-le", "gb18030", "unicode-escape")
        if word.encode(coding) in everything
    ]

    assert found == []


def test_after_a_rotation_the_old_master_key_may_go(app: Flask) -> None:
    build(app)
    kept = app.extensions["keyring"]
    try:
        app.extensions["keyring"] = KeyRing(f"{NEW},{DATA_KEYS}")
        for _ in range(2):
            assert app.test_cli_runner().invoke(args=["keys", "rotate"]).exit_code == 0
        app.extensions["keyring"] = KeyRing(NEW)
        db.session.rollback()

        assert everything_opens() > 20
    finally:
        app.extensions["keyring"] = kept


def everything_opens() -> int:
    """Open every value that lies under a master key; returns how many there are."""
    count = 0
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText):
                count += len(db.session.scalars(select(column).where(column.is_not(None))).all())
    for model, owner in OWNERS:
        rows = db.session.execute(select(model.data_key, owner).where(model.data_key.is_not(None)))
        for key, name in rows:
            ring().box(key or b"", name)
            count += 1
    for secret in db.session.scalars(select(Secret)):
        ring().unwrap(secret.wrapped, f"secret:{secret.name}")
        count += 1
    return count


def test_every_key_of_its_own_is_known_to_the_rotation(sqlite_app: Flask) -> None:
    tables = sqlite_app.extensions["sqlalchemy"].metadata.sorted_tables
    named = {table.name for table in tables if "data_key" in table.columns}

    assert named == {model.__tablename__ for model, _ in OWNERS}
