"""Cities of any size (放大): copies of a seed by set-based SQL, INSERT … SELECT with shifted ids and codes.

A copy's cover is sealed anew under its own file number, so that every file of the large city opens; names, towns and
dates come as often as in the seed. What is built is kept until a table changes.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from app.core.crypto import Box, KeyRing
from app.core.db import db
from bench.city import DATA_KEYS, STAFF, Say, app_on, folder, remove, tables
from bench.seed import seed

LOUD = 100_000  # rows from which a table's copying is worth a line
COPIED = frozenset(
    [
        "user",
        "grant",
        "household",
        "member",
        "consent",
        "need",
        "task",
        "claim",
        "visit",
        "message",
        "audit_row",
        "search_token",
    ]
)


def city(files: int, factor: int, say: Say) -> Path:
    """Return a city of `factor` copies of a seed of `files` files."""
    path = folder() / f"city-{files}-{factor}.sqlite3"
    if not path.exists():
        source = seed(files, say)
        begun = time.monotonic()
        half = path.with_suffix(".new")
        remove(half)
        _copy(source, half, factor, say)
        half.rename(path)
        size = path.stat().st_size / 2**30
        took = time.monotonic() - begun
        say(f"city of {files * factor:,} files built in {took:.0f} s, {size:.1f} GiB")
    return path


def _copy(source: Path, target: Path, factor: int, say: Say) -> None:
    """Build a city from a seed: tables first, then the indexes, each in one sorted pass."""
    app = app_on(target)
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    connection = sqlite.connect(target, isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "foreign_keys=OFF",
        "secure_delete=OFF",
        "temp_store=FILE",
        "cache_size=-3000000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    renewal = _Renewal()
    connection.create_function("new_key", 3, renewal.key)
    connection.create_function("new_head", 4, renewal.head)
    connection.execute("ATTACH ? AS seed", [str(source)])
    connection.execute("CREATE TEMP TABLE copies (k INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO copies VALUES (?)", [(k,) for k in range(factor)])
    indexes = connection.execute(
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX main."{name}"')
    for table in tables():
        begun = time.monotonic()
        connection.execute("BEGIN")
        connection.execute(_copying(table, connection))
        count = connection.execute("SELECT changes()").fetchone()[0]
        connection.execute("COMMIT")
        if count > LOUD:
            say(f"  {table.name}: {count:,} rows, {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    for _, sql in indexes:
        connection.execute(sql)
    say(f"  {len(indexes)} indexes, {time.monotonic() - begun:.0f} s")
    connection.close()


def _copying(table: Any, connection: Any) -> str:
    """Return the statement that copies one table of the seed `copies` times, in the order of its key."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if table.name == "search_token":  # group by group, so that nothing has to be sorted
        height = _height("household", connection)
        return (
            f"INSERT INTO main.search_token ({names}) "
            f"SELECT t.token + c.k * t.step, t.region_code, t.household_id + c.k * {height} FROM "
            "(SELECT DISTINCT token, region_code FROM seed.bench_token) AS g CROSS JOIN copies AS c "
            "CROSS JOIN seed.bench_token AS t WHERE t.token = g.token AND t.region_code = g.region_code"
        )
    values = ", ".join(_value(table, column, connection) for column in table.columns)
    once = {"user": f"WHERE c.k = 0 OR t.id > {STAFF}", "grant": f"WHERE c.k = 0 OR t.id > {STAFF}"}
    which = once.get(table.name, "" if table.name in COPIED else "WHERE c.k = 0")
    order = "copies AS c CROSS JOIN" if "id" in table.columns else "copies AS c JOIN"
    return (
        f'INSERT INTO main."{table.name}" ({names}) '
        f'SELECT {values} FROM {order} seed."{table.name}" AS t {which}'
    )


def _height(table: str, connection: Any) -> int:
    found = connection.execute(f'SELECT coalesce(max(id), 0) FROM seed."{table}"').fetchone()
    return int(found[0])


def _value(table: Any, column: Any, connection: Any) -> str:
    """Return a copied row's value of one column: shifted ids, new codes, covers sealed anew, the rest as it is."""
    plain = f't."{column.name}"'
    if table.name not in COPIED:
        return plain
    number = f"(t.id + c.k * {_height(table.name, connection)})"
    file_no = f"substr(t.file_no, 1, 8) || printf('%010d', {number})"
    special = {
        ("household", "file_no"): file_no,
        ("household", "data_key"): f"CASE c.k WHEN 0 THEN {plain} "
        f"ELSE new_key({plain}, t.file_no, {file_no}) END",
        ("household", "head"): f"CASE c.k WHEN 0 THEN {plain} "
        f"ELSE new_head({plain}, t.data_key, t.file_no, {file_no}) END",
        ("member", "code"): plain,  # its sealed value stands under it, and under the same key
        ("member", "id_index"): f"CASE WHEN c.k = 0 OR {plain} IS NULL THEN {plain} "
        "ELSE randomblob(16) END",
        ("user", "username"): f"CASE c.k WHEN 0 THEN {plain} ELSE {plain} || '-' || c.k END",
        ("claim", "idempotency_key"): f"{plain} || '-' || c.k",
    }
    found = special.get((table.name, column.name))
    if found is None and column.name == "code":
        found = f"substr(t.code, 1, 2) || printf('%010d', {number})"
    if found is None and column.name == "id":
        found = number
    return found or _reference(column, connection)


def _reference(column: Any, connection: Any) -> str:
    """Return a reference to a copied row, moved with it; members of staff stay who they are."""
    plain = f't."{column.name}"'
    others = {key.column.table.name for key in column.foreign_keys} & COPIED
    if column.name == "household_id":  # the audit log names it without a foreign key
        others = {"household"}
    for other in others:
        moved = f"{plain} + c.k * {_height(other, connection)}"
        return f"iif({plain} <= {STAFF}, {plain}, {moved})" if other == "user" else moved
    return plain


class _Renewal:
    """Wraps a copy's key and seals its cover under its own file number."""

    def __init__(self) -> None:
        self.ring = KeyRing(DATA_KEYS)
        self.last: tuple[bytes, bytes, Box] = (b"", b"", Box(bytes(32)))

    def key(self, wrapped: bytes, old: str, new: str) -> bytes:
        """Wrap a data key for another file number."""
        return self.ring.wrap(self._open(wrapped, old)[0], new)

    def head(self, head: bytes, wrapped: bytes, old: str, new: str) -> bytes:
        """Seal a cover for another file number."""
        box = self._open(wrapped, old)[1]
        return box.seal(box.open(head, f"household.head:{old}"), f"household.head:{new}")

    def _open(self, wrapped: bytes, old: str) -> tuple[bytes, Box]:
        if self.last[0] != wrapped:
            plain = self.ring.unwrap(wrapped, old)
            self.last = (wrapped, plain, Box(plain))
        return self.last[1:]
