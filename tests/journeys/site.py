"""A real site for journeys (实站): its own instance, its own server process, people with passwords."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask_migrate import upgrade
from waitress import wasyncore
from waitress.server import create_server

from app import create_app
from app.accounts.rules import OrganisationKind, Role
from app.accounts.services import create_organisation, create_user
from app.core import clock, crypto, jobs
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.passwords import hash_password
from app.regions import services as regions
from config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "shanlin-journey"
DALIANG = "440606005"
CITY = "4406"


@dataclass
class Site:
    """A running site."""

    instance: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(instance: Path, port: int) -> dict[str, str]:
    """Return the environment of this site's processes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHANLIN_")}
    return kept | {"SHANLIN_INSTANCE": str(instance), "SHANLIN_PORT": str(port)}


@contextlib.contextmanager
def serving(instance: Path, *more: str) -> Iterator[Site]:
    """Serve an instance until the block ends."""
    port = free_port()
    environment = environment_for(instance, port)
    log = (instance / "server.log").open("ab")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--workers", "1", *more]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    site = Site(instance, port, environment)
    try:
        _wait_for(site, process)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


@dataclass
class SiteHere(Site):
    """A site served by this very process, so that it goes by a clock that a journey sets (`clock.frozen`)."""

    app: Flask = field(kw_only=True)

    def run_job(self, name: str) -> int | None:
        """Run one of the scheduler's jobs for today."""
        job = next(job for job in self.app.extensions["jobs"] if job.name == name)
        return jobs.run_once(self.app, job, clock.today(), again=True)


@contextlib.contextmanager
def serving_here(instance: Path) -> Iterator[SiteHere]:
    """Serve an instance from threads of this process until the block ends."""
    port = free_port()
    environment = environment_for(instance, port)
    app = create_app(Settings.from_env(environment))
    doors: dict[int, Any] = {}
    server = create_server(app, map=doors, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield SiteHere(instance, port, environment, app=app)
    finally:
        cast("Any", server).trigger.pull_trigger(lambda: wasyncore.close_all(doors))
        thread.join(timeout=10)
        with app.app_context():
            db.engine.dispose()


def _wait_for(site: Site, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{site.url}/readyz"):  # noqa: S310
            return
        time.sleep(0.1)
    message = "the site did not start: " + (site.instance / "server.log").read_text(
        errors="replace"
    )
    raise RuntimeError(message)


def settle(instance: Path) -> None:
    """Make a new instance with its tables, its regions, a charity, a foundation and people of every role."""
    app = create_app(Settings.from_env({"SHANLIN_INSTANCE": str(instance)}))
    with app.app_context():
        upgrade()
        password = hash_password(PASSWORD)
        with transaction():
            crypto.ensure_secrets()
            regions.load()
            charity = create_organisation(
                SYSTEM,
                name="顺德区慈善会",
                kind=OrganisationKind.CHARITY,
                region_code="440606",
                notice="户名：顺德区慈善会　账号：测试专用，请勿转账",
                key="journey-charity-0001",
            )
            foundation = create_organisation(
                SYSTEM,
                name="和的慈善基金会",
                kind=OrganisationKind.FOUNDATION,
                region_code="440606",
                notice="",
                key="journey-foundation-01",
            )
            db.session.flush()  # people of the foundation refer to it
            for username, name, role, region, organisation in (
                ("chen", "陈社工", Role.WORKER, CITY, None),
                ("he", "何督导", Role.SUPERVISOR, CITY, None),
                ("ming", "阿明", Role.VOLUNTEER, DALIANG, None),
                ("juan", "娟姐", Role.DONOR, DALIANG, None),
                ("lin", "林专员", Role.FOUNDATION, "", foundation.id),
            ):
                create_user(
                    SYSTEM,
                    username=username,
                    name=name,
                    password_hash=password,
                    role=role,
                    region_code=region,
                    organisation_id=organisation,
                    key=f"journey-user-{username:>08}",
                )
        assert charity.code
        db.session.remove()
        db.engine.dispose()
