"""Seals (封存): whatever is altered, taken out or slipped in behind the program's back is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app.audit import jobs, services
from app.audit.models import AuditRow, AuditSeal
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import APPEND_ONLY, db, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

TODAY = clock.today()
TABLES = ("audit_row", "audit_seal")


def write(count: int = 3) -> None:
    with transaction():
        for number in range(count):
            services.record(
                SYSTEM, "visit.confirm", f"V-{number}", detail={"seats": number, "词": "好"}
            )


def ills() -> list[str]:
    db.session.rollback()
    return list(services.verify())


@pytest.fixture
def sealed(app: Flask) -> Flask:
    """Five rows under two seals."""
    write(3)
    jobs.seal_audit(TODAY)
    write(2)
    jobs.seal_audit(TODAY)
    return app


@pytest.fixture
def intruder(sealed: Flask) -> Iterator[Flask]:
    """Somebody who owns the database file and takes the triggers away first; they are put back afterwards."""
    dialect = db.engine.dialect.name
    with transaction():
        for table in TABLES:
            if dialect == "sqlite":
                db.session.execute(text(f"DROP TRIGGER {table}_no_update"))
                db.session.execute(text(f"DROP TRIGGER {table}_no_delete"))
            else:
                db.session.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
    yield sealed
    db.session.rollback()
    with transaction():
        for name, statement in APPEND_ONLY:
            ours = any(f"TRIGGER {table}_" in statement for table in TABLES)
            if name == dialect and ours:
                db.session.execute(text(statement))


def meddle(statement: str) -> None:
    with transaction():
        db.session.execute(text(statement))


def test_a_log_nobody_touched_is_whole(sealed: Flask) -> None:
    assert ills() == []
    assert [seal.rows for seal in db.session.scalars(select(AuditSeal).order_by(AuditSeal.id))] == [3, 2]  # fmt: skip


def test_sealing_twice_finds_nothing_to_do_the_second_time(app: Flask) -> None:
    write()

    assert [jobs.seal_audit(TODAY), jobs.seal_audit(TODAY)] == [3, 0]


def test_a_long_night_is_sealed_batch_by_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 4)
    write(10)

    assert jobs.seal_audit(TODAY) == 10
    assert db.session.scalars(select(AuditSeal.rows).order_by(AuditSeal.id)).all() == [4, 4, 2]
    assert ills() == []


def test_a_row_that_comes_late_with_a_low_number_is_sealed_in_the_next_batch(app: Flask) -> None:
    write(1)
    with transaction():
        late = AuditRow(id=50, at=clock.now(), action="a.b", subject="", detail={})
        db.session.add(late)
    jobs.seal_audit(TODAY)
    with transaction():
        db.session.add(AuditRow(id=40, at=clock.now(), action="a.b", subject="", detail={}))
    jobs.seal_audit(TODAY)

    assert ills() == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_row SET subject = 'V-9' WHERE id = 2", "row 2 was altered"),
        ("UPDATE audit_row SET reason = 'x' WHERE id = 2", "row 2 was altered"),
        ("UPDATE audit_row SET user_id = NULL, detail = '{}' WHERE id = 2", "row 2 was altered"),
        ("DELETE FROM audit_row WHERE id = 5", "row 5 is missing"),
        ("UPDATE audit_row SET seal_id = NULL WHERE id = 1", "row 1 was taken out of seal 1"),
        ("UPDATE audit_row SET seal_id = 2 WHERE id = 1", "row 1 was added to seal 2"),
        (
            (
                "INSERT INTO audit_row (id, at, action, subject, region_code, detail, seal_id) "
                "SELECT 99, at, action, subject, region_code, detail, seal_id FROM audit_row WHERE id = 1"
            ),
            "row 99 was added to seal 1",
        ),
        ("UPDATE audit_seal SET rows = 2 WHERE id = 1", "seal 1 speaks of 2 rows and holds 3"),
        ("UPDATE audit_seal SET leaves = previous WHERE id = 2", "seal 2 is broken"),
        ("UPDATE audit_seal SET digest = previous WHERE id = 1", "seal 1 is broken"),
        (
            "UPDATE audit_seal SET previous = digest WHERE id = 2",
            "seal 2 does not follow the seal before it",
        ),
    ],
)
def test_what_an_intruder_did_is_named(intruder: Flask, statement: str, words: str) -> None:
    meddle(statement)

    assert words in ills()
    answer = intruder.test_cli_runner().invoke(args=["audit", "verify"])
    assert answer.exit_code == 1
    assert words in answer.output


def test_a_seal_taken_out_whole_is_missed(intruder: Flask) -> None:
    meddle("DELETE FROM audit_row WHERE seal_id = 1")
    meddle("DELETE FROM audit_seal WHERE id = 1")

    assert ills()[:2] == ["seal 1 is missing", "seal 2 does not follow the seal before it"]


def test_a_new_seal_cannot_be_made_without_the_key(intruder: Flask) -> None:
    """Who can write to the database alone may compute every digest but the keyed one."""
    meddle("UPDATE audit_row SET subject = 'V-9' WHERE id = 2")
    seal = db.session.get(AuditSeal, 1)
    assert seal is not None
    forged = services.digest(1, seal.previous, seal.leaves)
    keyring = intruder.extensions["keyring"]
    kept, keyring._index_key = keyring._index_key, b"another key, thirty-two bytes!!!"
    try:
        assert services.digest(1, seal.previous, seal.leaves) != forged
    finally:
        keyring._index_key = kept


def test_the_command_says_a_line_to_keep_elsewhere(sealed: Flask) -> None:
    answer = sealed.test_cli_runner().invoke(args=["audit", "verify"])

    last = db.session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc())).first()
    assert last is not None
    assert answer.exit_code == 0
    assert last.digest.hex() in answer.output


def test_an_empty_log_is_whole(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert (answer.exit_code, answer.output) == (0, "nothing is sealed yet\n")


def test_a_rolled_back_change_leaves_no_row(app: Flask) -> None:
    def change_and_fail() -> None:
        services.record(SYSTEM, "visit.confirm", "V-1")
        db.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction():
        change_and_fail()

    assert db.session.scalars(select(AuditRow)).all() == []
