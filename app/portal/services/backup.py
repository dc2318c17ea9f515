"""Backup and restore (备份与恢复): the database and the files; never the keys, which are kept elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from app.core import clock
from app.core.crypto import CannotOpen, KeyRing
from app.core.storage import FolderStorage
from app.portal.errors import CannotKeep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

    from app.core.storage import Storage

    Listed = tuple[str, str]

SQLITE_FILE = "shanlin.sqlite3"
POSTGRES_FILE = "shanlin.dump"
MEDIA = "media"
MANIFEST = "backup.json"
ERASURES = "erasures.json"


def backup(engine: Engine, storage: Storage, target: Path) -> Path:
    """Write a whole backup into a new folder while the site goes on; half a backup never bears its name.

    The database is copied first and the files after it, so that every file a row names is there.
    """
    folder = _folder_of(storage)
    if target.exists():
        message = f"{target} is there already; name a new folder"
        raise CannotKeep(message)
    beside = target.with_name(target.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    kind = engine.dialect.name
    if kind == "sqlite":
        _copy_sqlite(engine, beside / SQLITE_FILE)
    else:
        _postgres("pg_dump", engine.url, "--format=custom", f"--file={beside / POSTGRES_FILE}")
    if folder.is_dir():
        shutil.copytree(folder, beside / MEDIA, ignore=shutil.ignore_patterns("*.new"))
    said = {"made_at": clock.now().isoformat(), "database": kind}
    (beside / MANIFEST).write_text(json.dumps(said), encoding="utf-8")
    beside.rename(target)
    return target


def restore(engine: Engine, storage: Storage, source: Path, keys: KeyRing) -> None:
    """Put a backup in the place of this installation's database and files; the site must be stopped.

    A backup that is damaged, of the other database, or sealed under other keys is refused before anything changes.
    """
    folder = _folder_of(storage)
    kind = _kind_of(source)
    if kind != engine.dialect.name:
        message = f"this backup is of {kind}, this installation runs on {engine.dialect.name}"
        raise CannotKeep(message)
    if kind == "sqlite":
        _check_sqlite(source / SQLITE_FILE, keys)
        _put_sqlite(engine, source / SQLITE_FILE)
    else:
        dump = str(source / POSTGRES_FILE)
        _postgres(
            "pg_restore",
            engine.url,
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={engine.url.database}",
            dump,
        )
    if (source / MEDIA).is_dir():
        shutil.copytree(source / MEDIA, folder, dirs_exist_ok=True)


def write_erasures(listed: Sequence[Listed], path: Path) -> None:
    """Write down what was erased (清除名单), whole or not at all: file numbers and members' codes, and nobody's name.

    It lies beside the keys and goes wherever the backups go: a restored backup is brought up to the newest list.
    """
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps([list(one) for one in listed]), encoding="utf-8")
    beside.replace(path)


def read_erasures(path: Path) -> list[Listed]:
    """Read such a list; CannotKeep when it is none, because nobody may be brought back by a damaged file."""
    if not path.exists():
        return []
    try:
        return [
            (str(file_no), str(code))
            for file_no, code in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, TypeError):
        message = f"{path} is no list of erasures; put the right one there, or take it away"
        raise CannotKeep(message) from None


def union(*lists: Sequence[Listed]) -> list[Listed]:
    """Put lists together: members before files, each once."""
    every = dict.fromkeys(one for each in lists for one in each)
    return sorted(every, key=lambda one: one[1] == "")


def _folder_of(storage: Storage) -> Path:
    if not isinstance(storage, FolderStorage):
        message = "the files lie in object storage; use that storage's own versions and copies"
        raise CannotKeep(message)
    return storage.folder


def _kind_of(source: Path) -> str:
    try:
        said = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        return str(said["database"])
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{source} is not a backup: it has no readable {MANIFEST}"
        raise CannotKeep(message) from None


def _open_sqlite(path: Path) -> Any:
    from pysqlite3 import dbapi2  # noqa: PLC0415 - not installed where only PostgreSQL is used

    return dbapi2.connect(str(path))


def _copy_sqlite(engine: Engine, target: Path) -> None:
    """Use SQLite's own online backup: a snapshot, whoever writes meanwhile."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    copy, live = _open_sqlite(target), engine.raw_connection()
    try:
        live.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        live.close()


def _put_sqlite(engine: Engine, source: Path) -> None:
    copy, live = _open_sqlite(source), engine.raw_connection()
    try:
        copy.backup(live.driver_connection)
    finally:
        copy.close()
        live.close()
    engine.dispose()  # other connections still hold pages of what was there before


def _check_sqlite(path: Path, keys: KeyRing) -> None:
    wrapped = _index_key(path)
    try:
        if wrapped is not None:
            keys.unwrap(wrapped, "secret:index")
    except CannotOpen:
        message = "the data keys of this installation do not open this backup; set SHANLIN_DATA_KEYS to its keys first"
        raise CannotKeep(message) from None


def _index_key(path: Path) -> bytes | None:
    """Return the wrapped key by which one sees whether the master keys fit; CannotKeep when the file is damaged."""
    from pysqlite3 import dbapi2  # noqa: PLC0415 - not installed where only PostgreSQL is used

    copy = _open_sqlite(path) if path.is_file() else None
    try:
        sound = copy is not None and copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        row = (
            copy.execute("SELECT wrapped FROM secret WHERE name = 'index'").fetchone()
            if copy and sound
            else None
        )
    except dbapi2.DatabaseError:
        sound, row = False, None
    finally:
        if copy is not None:
            copy.close()
    if not sound:
        message = f"{path} is missing, damaged or no database of Shanlin"
        raise CannotKeep(message)
    return row[0] if row else None


def _postgres(program: str, url: URL, *arguments: str) -> None:
    """Run PostgreSQL's own tool; the password goes through the environment, where no list of processes shows it."""
    found = shutil.which(program)
    if found is None:
        message = f"{program} is not on this machine; install PostgreSQL's client programs"
        raise CannotKeep(message)
    where = make_url(url)
    environment = os.environ | {
        name: str(value)
        for name, value in (
            ("PGHOST", where.host or where.query.get("host")),
            ("PGPORT", where.port or where.query.get("port")),
            ("PGUSER", where.username),
            ("PGPASSWORD", where.password),
            ("PGDATABASE", where.database),
        )
        if value
    }
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        message = f"{program} failed: {last[0]}"
        raise CannotKeep(message)
