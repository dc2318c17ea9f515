"""What every test may ask for: an application on each database, and a browserless client."""

from __future__ import annotations

import base64
import shutil
from contextvars import Context
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from app import create_app
from app.core import crypto
from app.core.db import db, transaction
from app.regions import services as regions
from config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.databases import Prepare

pytest_plugins = ["tests.provisioned", "tests.databases"]

DATA_KEYS = "1:" + base64.b64encode(b"tests tests tests tests tests 32").decode()
KEPT = {"region", "secret", "alembic_version"}  # the same for every test


class Browser(FlaskClient):
    """A client whose requests share nothing with the test that sends them: not its session, not its `g`."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request in an empty context."""
        return Context().run(super().open, *args, **kwargs)


def settings_for(instance: Path, url: str) -> Settings:
    """Settings for a test instance."""
    return Settings(
        instance=instance,
        database_url=url,
        secret_key="only for tests",
        data_keys=DATA_KEYS,
        storage_url=(instance / "media").as_uri(),
        base_url="http://localhost",
        port=8000,
        production=False,
        testing=True,
    )


def prepare(app: Flask) -> None:
    """Make the tables, the index key and the regions."""
    with app.app_context():
        db.create_all()
        with transaction():
            crypto.ensure_secrets()
            regions.load()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def prepare_database(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """Fill the PostgreSQL template."""
    return lambda url: prepare(create_app(settings_for(tmp_path_factory.mktemp("template"), url)))


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a SQLite file of this worker; the prepared file lies beside it."""
    folder = tmp_path_factory.mktemp("sqlite")
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'test.sqlite3'}"))
    app.test_client_class = Browser
    prepare(app)
    shutil.copy(folder / "test.sqlite3", folder / "template.sqlite3")
    yield app
    _close(app)


@pytest.fixture(scope="session")
def postgres_app(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Flask]:
    """The application on this worker's PostgreSQL database."""
    app = create_app(settings_for(tmp_path_factory.mktemp("postgres"), postgres_url))
    app.test_client_class = Browser
    yield app
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _reset_sqlite(app: Flask) -> None:
    db.engine.dispose()
    folder = app.config["SHANLIN"].instance
    for name in ("test.sqlite3-wal", "test.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(folder / "template.sqlite3", folder / "test.sqlite3")


def _reset_postgres(app: Flask) -> None:
    names = ", ".join(f'"{name}"' for name in db.metadata.tables if name not in KEPT)
    secret = db.metadata.tables["secret"]
    with db.engine.begin() as connection:
        first = app.extensions.setdefault("wrapped", connection.scalar(select(secret.c.wrapped)))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        connection.execute(update(secret).values(wrapped=first))  # a test may have wrapped it anew


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application with an empty city; each test that asks for it runs on both databases."""
    if request.param == "sqlite":
        app = request.getfixturevalue("sqlite_app")
        with app.app_context():
            _reset_sqlite(app)
    else:
        app = request.getfixturevalue("postgres_app")
        with app.app_context():
            _reset_postgres(app)
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's client."""
    return app.test_client()
