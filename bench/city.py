"""A city to measure in (基准城市): where it lies, who is signed in, and what can be looked for in it."""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert, select
from sqlalchemy.dialects import sqlite as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from app import create_app
from app.accounts.models import SignIn
from app.accounts.queries import token_hash
from app.core import clock
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households.models import Household, Member
from app.households.rules.search import person_tokens
from config import Settings

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
EDITION = 6  # raised when what is written below changes
DAY = date(2026, 9, 2)  # the day on which every built city stands still
NOON = datetime(2026, 9, 2, 4, tzinfo=UTC)
SECRET_KEY = "only for benchmarks"  # noqa: S105 - opens nothing but invented files
DATA_KEYS = "1:" + base64.b64encode(b"benchmarks benchmarks benchmarks").decode()
TOWN = "440606005"
STAFF = 4  # the first users; they are not copied
OFFICER, DISTRICT_OFFICER, WORKER, SUPERVISOR = range(1, STAFF + 1)
BYTES_A_FILE = 4_600  # what a file with all that hangs on it takes on disk

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A file of the seed, and what it can be found by."""

    file_no: str
    name: str
    initials: str
    id_number: str
    phone: str
    spelling: str = ""
    door: str = ""
    region: str = ""


def settings_for(path: Path) -> Settings:
    """Settings of an application on one of these files."""
    return Settings(
        instance=path.parent,
        database_url=f"sqlite:///{path}",
        secret_key=SECRET_KEY,
        data_keys=DATA_KEYS,
        storage_url=(path.parent / "media").as_uri(),
        base_url="http://127.0.0.1",
        port=0,
        production=False,
    )


def app_on(path: Path) -> Flask:
    """Return the application on a database file."""
    return create_app(settings_for(path))


def folder() -> Path:
    """Return where cities of today's tables lie; those of other tables are thrown away."""
    ddl = [str(CreateTable(table).compile(dialect=dialect.dialect())) for table in tables()]
    ddl += [
        str(CreateIndex(index).compile(dialect=dialect.dialect()))
        for table in tables()
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    mine = CACHE / f"city-{hashlib.sha256(repr((EDITION, ddl)).encode()).hexdigest()[:12]}"
    for other in CACHE.glob("city-*"):
        if other != mine:
            shutil.rmtree(other)
    mine.mkdir(parents=True, exist_ok=True)
    return mine


def tables() -> Sequence[Any]:
    """Return the tables, each after those it refers to."""
    return db.metadata.sorted_tables


def room_for(files: int) -> bool:
    """Say whether the disk has room for a city of so many files, and as much again to spare."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(CACHE).free > 2 * files * BYTES_A_FILE


def remove(path: Path) -> None:
    """Delete a database file."""
    for name in (path.name, path.name + "-wal", path.name + "-shm"):
        path.with_name(name).unlink(missing_ok=True)


def targets(files: int, count: int) -> list[Target]:
    """Return files of the seed at random, opened: the caller has an application on a city made of it."""
    numbers = random.Random(count).sample(range(1, files + 1), min(count, files))
    rows = db.session.execute(
        select(Household, Member)
        .join(Member, Member.household_id == Household.id)
        .where(Household.id.in_(numbers), Member.position == 0)
    ).all()
    found = []
    for household, member in rows:
        box = ring().box(household.data_key or b"", household.file_no)
        person = box.open_json(member.person, f"member.person:{member.code}")
        words = person_tokens(person["name"])
        initials, spelling = (
            max((word[2:] for word in words if word.startswith(kind)), key=len)
            for kind in ("p:", "q:")
        )
        head = box.open_json(household.head, f"household.head:{household.file_no}")
        found.append(
            Target(
                file_no=household.file_no,
                name=person["name"],
                initials=initials,
                id_number=person["id_number"],
                phone=person["phone"],
                spelling=spelling,
                door=head["door"],
                region=household.region_code,
            )
        )
    db.session.rollback()
    return found


def sign_in(user_ids: Sequence[int]) -> list[str]:
    """Give each of these users a new session and return the tokens."""
    tokens = [secrets.token_urlsafe(32) for _ in user_ids]
    now = clock.now()
    with transaction():
        db.session.execute(
            insert(SignIn),
            [
                {
                    "token_hash": token_hash(token),
                    "user_id": user_id,
                    "created_at": now,
                    "seen_at": now,
                }
                for token, user_id in zip(tokens, user_ids, strict=True)
            ],
        )
    return tokens


def cookie(app: Flask, token: str) -> tuple[str, str]:
    """Return the session cookie that a browser of this session holds, and the CSRF token of its forms."""
    raw = hashlib.sha256(token.encode()).hexdigest()
    session = {"_user_id": token, "_fresh": True, "csrf_token": raw}
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    signed = URLSafeTimedSerializer(SECRET_KEY, salt="wtf-csrf-token").dumps(raw)
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(session)}", str(signed)
