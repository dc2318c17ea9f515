"""A PostgreSQL of the tests' own (测试数据库): one throw-away cluster a run, a database a worker.

The workers of one run share it: whoever comes first starts it, whoever leaves last stops it.
Each holds a shared file lock while alive, which the kernel drops even when a worker is killed,
so a later run finds and removes what an earlier one left behind.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

BASE = Path("/tmp")  # noqa: S108 - a socket's path may have no more than 107 characters
PREFIX = f"shanlin-postgres-{os.getuid()}-"
OWNER = "shanlin"
PORT = 5432  # only part of the socket's name: the server listens on no network
SETTINGS = (
    f"-F -h '' -p {PORT} -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c timezone=UTC"
)

Prepare = Callable[[str], None]


@dataclass(frozen=True)
class Cluster:
    """A running server on a unix socket in its own folder."""

    folder: Path
    bindir: Path

    def url(self, database: str) -> str:
        """Give the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}&port={PORT}"

    def fresh(self, database: str, *, template: str = "template0") -> str:
        """Make a database anew from a template and give its address."""
        self.drop(database)
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def template(self, name: str, prepare: Prepare) -> str:
        """Give a template that `prepare` filled, once for all; it must leave no connection open."""
        done = self.folder / f"{name}.ready"
        with _alone(self.folder / f"{name}.lock"):
            if not done.exists():
                prepare(self.fresh(name))
                done.touch()
        return name

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(
            host=str(self.folder), port=PORT, user=OWNER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def shared_cluster(bindir: Path, run: str) -> Iterator[Cluster]:
    """Give the cluster of this run: the first who asks starts it, the last who leaves stops it."""
    folder = BASE / f"{PREFIX}{run}"
    cluster = Cluster(folder, bindir)
    with _alone(BASE / f"{PREFIX}lock"):
        _sweep(bindir, keep=folder)
        if not folder.exists():
            _start(cluster)
        users = (folder / "users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
    try:
        yield cluster
    finally:
        users.close()
        with _alone(BASE / f"{PREFIX}lock"):
            _remove_if_unused(folder, bindir)


@pytest.fixture(scope="session")
def postgres_cluster(postgres_bindir: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The throw-away PostgreSQL of this run."""
    with shared_cluster(postgres_bindir, _run_name(request.config)) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def prepare_database() -> Prepare:
    """What fills the template database; conftest.py overrides it with schema and regions."""
    return lambda _url: None


@pytest.fixture(scope="session")
def postgres_url(
    postgres_cluster: Cluster, prepare_database: Prepare, request: pytest.FixtureRequest
) -> str:
    """This worker's own database, a copy of the prepared template."""
    template = postgres_cluster.template("template_shanlin", prepare_database)
    return postgres_cluster.fresh(f"tests_{_worker(request.config)}", template=template)


@pytest.fixture
def empty_postgres_url(postgres_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database for one test: migrations, restores."""
    name = f"empty_{_worker(request.config)}"
    yield postgres_cluster.fresh(name)
    postgres_cluster.drop(name)


def _worker(config: pytest.Config) -> str:
    return str(getattr(config, "workerinput", {}).get("workerid", "alone"))


def _run_name(config: pytest.Config) -> str:
    """All workers of one run share a name; two runs never do."""
    run = getattr(config, "workerinput", {}).get("testrunuid")
    return str(run)[:12] if run else f"{os.getpid()}-{time.time_ns() % 10**6}"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a file lock; it is never deleted, so all who wait for it wait for the same one."""
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _start(cluster: Cluster) -> None:
    """Make the cluster and start it; the folder is complete before anyone else may look."""
    folder, data = cluster.folder, cluster.folder / "data"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)
    try:
        _as_postgres(
            cluster, "initdb", f"--pgdata={data}", f"--username={OWNER}", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        _as_postgres(
            cluster, "pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={folder / 'log'}",
            f"--options={SETTINGS} -k {folder}",
        )  # fmt: skip
    except BaseException:
        _stop(cluster)
        raise


def _stop(cluster: Cluster) -> None:
    """Stop the server at once and remove every trace."""
    data = cluster.folder / "data"
    if (data / "postmaster.pid").exists():
        _as_postgres(
            cluster, "pg_ctl", "stop", "--wait", "--mode=immediate", f"--pgdata={data}", check=False
        )
    shutil.rmtree(cluster.folder, ignore_errors=True)


def _sweep(bindir: Path, keep: Path) -> None:
    """Remove the clusters of runs that were killed."""
    for folder in BASE.glob(f"{PREFIX}*/"):
        if folder != keep and folder.is_dir() and folder.stat().st_mode & 0o077 == 0:
            _remove_if_unused(folder, bindir)


def _remove_if_unused(folder: Path, bindir: Path) -> None:
    """Stop a cluster that nobody holds any more."""
    if not folder.exists():
        return
    with (folder / "users").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop(Cluster(folder, bindir))


def _as_postgres(cluster: Cluster, program: str, *arguments: str, check: bool = True) -> None:
    """Run a PostgreSQL program; as root, which it refuses, in the name of its own user."""
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with (cluster.folder / "output").open("ab") as output:
        done = subprocess.run(
            [*become, str(cluster.bindir / program), *arguments],
            check=False,
            cwd=cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    if check and done.returncode:
        said = (cluster.folder / "output").read_text(encoding="utf-8", errors="replace")
        message = f"{program} failed:\n{said}"
        raise RuntimeError(message)
