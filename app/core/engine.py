"""What each database is told (数据库方言): settings of a connection, and how SQLite likes a statement written."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Engine, Enum, event, literal_column
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

SAFE_SQLITE = (
    3,
    51,
    3,
)  # first release without the WAL-reset bug, which can corrupt a file two processes write
BUSY_TIMEOUT_MS = (
    30_000  # a whole city coming in holds the one writer for longer than any other change
)

KEPT = 10  # connections of a process
PLANS = 500  # statements of a connection that SQLite need not plan again


class PlannedOnce(SQLiteCompiler):
    """Writes LIMIT so that SQLite does not plan the statement anew whenever a number is bound to it.

    SQLite 3.53 looks at a bound LIMIT while it plans, and so plans again for each value; a sum it leaves alone.
    """

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Turn `LIMIT ?` into `LIMIT 0 + ?`."""
        written: str = super().limit_clause(select, **kw)  # type: ignore[no-untyped-call]  # SQLAlchemy has not typed it
        return written.replace("LIMIT ", "LIMIT 0 + ", 1)


class SpeltOut(Enum.Comparator):
    """Puts the words of a StrEnum that a column is compared with into the statement itself, not beside it as values.

    SQLite plans a statement anew each time a value is bound that it could hold against a partial index's condition
    (`state IN ('open', 'full')`), and planning costs more than running. The words are our own, never somebody's input.
    """

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Spell out what the column is compared with."""
        return super().operate(op, *(_spelt(one, self.type) for one in other), **kwargs)


def _spelt(value: Any, kind: Any) -> Any:
    if isinstance(value, StrEnum) and value.value in kind.enums:
        return literal_column(f"'{value.value}'", kind)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_spelt(one, kind) for one in value]
    return value


@event.listens_for(Column, "after_parent_attach")
def _spell_out(column: Column[Any], _table: Any) -> None:
    if isinstance(column.type, Enum):
        column.type.comparator_factory = SpeltOut


def engine_options(database_url: str) -> dict[str, Any]:
    """What the engine needs for the database in this URL."""
    # one for each thread of the server: more than the pool keeps would be opened and closed in each request; the one
    # used last comes first, because it still holds the pages and the plans
    pool = {"pool_size": KEPT, "pool_use_lifo": True}
    if not database_url.startswith("sqlite"):
        return {**pool, "pool_pre_ping": True, "hide_parameters": True}
    from pysqlite3 import dbapi2  # noqa: PLC0415 - not needed, and not installed, where only PostgreSQL is used

    # hidden, because what a statement was given would stand in every log that a failure writes
    return {
        **pool,
        "hide_parameters": True,
        "module": dbapi2,
        "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": PLANS},
    }


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    connection.isolation_level = None  # the driver's own BEGIN comes too late and loses updates
    cursor = connection.cursor()
    version = tuple(
        int(part) for part in cursor.execute("select sqlite_version()").fetchone()[0].split(".")
    )
    if version < SAFE_SQLITE:
        message = f"SQLite {version} can corrupt a database that two processes write; 3.51.3 or newer is needed"
        raise RuntimeError(message)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-64000",
        "wal_autocheckpoint=4000",  # a claim writes some twenty pages: 16 MB of them, then into the file
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
