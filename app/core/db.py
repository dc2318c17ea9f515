"""The database (数据库): base class, column types, and the one way to change things."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Engine,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core.engine import BUSY_TIMEOUT_MS, PlannedOnce
from app.core.errors import StalePage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from flask import Flask
    from sqlalchemy import Connection, CursorResult, Dialect, Insert, Table, UpdateBase
    from sqlalchemy.orm import Session, SessionTransaction

SHORT_WAIT_MS = 2_000

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_afterwards: ContextVar[list[Callable[[], None]]] = ContextVar("afterwards")
_turn = Lock()
_WAITING = "rows that wait for the commit"

log = logging.getLogger(__name__)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite drops time zones, so they are put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What paging turns a cursor's text into."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: nobody could say which hour it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime reached the database"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every instant its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[str]):
    """A code of ASCII characters, ordered by bytes on both databases so that keysets and prefixes use the index."""

    impl = String
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """What paging turns a cursor's text into."""
        return str

    def __init__(self, length: int) -> None:
        """Hold at most so many characters."""
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """PostgreSQL needs the C collation said; SQLite compares bytes anyway."""
        length = self.length
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(length, collation=collation))


Fen = Annotated[int, mapped_column(BigInteger)]
PrimaryKey = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
]
Key = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]
Code12 = Annotated[str, mapped_column(Code(12))]
Code20 = Annotated[str, mapped_column(Code(20))]
Code40 = Annotated[str, mapped_column(Code(40))]
Short = Annotated[str, mapped_column(String(120))]
Sealed = Annotated[bytes, mapped_column(LargeBinary)]


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


class Base(DeclarativeBase):
    """What every table shares: names for constraints, and types that mean the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        StrEnum: Enum(
            StrEnum, native_enum=False, length=20, values_callable=_values, create_constraint=False
        ),
        datetime: UtcDateTime,
        date: Date,
        str: Text,
        bytes: LargeBinary,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        list[str]: JSON,
    }


class _Database(SQLAlchemy):
    """Flask-SQLAlchemy with the one thing that SQLite's dialect should write differently."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine = super()._make_engine(bind_key, options, app)
        if engine.dialect.name == "sqlite":
            engine.dialect.statement_compiler = PlannedOnce
        return engine


db = _Database(
    metadata=Base.metadata, session_options={"expire_on_commit": False, "autoflush": False}
)


@contextmanager
def transaction() -> Iterator[None]:
    """Open the one writing transaction of a request, job or command; commit at its end or change nothing.

    What was read before belongs to a reading transaction, which ends here: on SQLite the write lock is taken at
    BEGIN IMMEDIATE, so a read-then-write inside the block cannot lose an update.
    """
    if _writing.get():
        message = "a transaction is already open; edges own it, services never open one"
        raise RuntimeError(message)
    db.session.commit()
    with _in_line():
        token, waiting = _writing.set(True), _afterwards.set([])
        try:
            yield
            db.session.commit()
            acts = _afterwards.get()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            _writing.reset(token)
            _afterwards.reset(waiting)
    for act in acts:
        try:
            act()
        except Exception:  # what was decided stands; the night looks after what was left
            log.exception("something that was to follow a change failed")


def on_commit(act: Callable[[], None]) -> None:
    """Do something once the open transaction is kept: delete a file, empty the log. A rollback forgets it."""
    _afterwards.get().append(act)


def empty_log() -> None:
    """Move SQLite's write-ahead log into the database and cut it to nothing: what was overwritten is in neither.

    Somebody who is reading may hold part of it for a while; the night empties it again. PostgreSQL has its own ways.
    """
    if db.engine.dialect.name != "sqlite":
        return
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SHORT_WAIT_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    finally:
        connection.close()


@contextmanager
def _in_line() -> Iterator[None]:
    """Let the threads of this process write one after the other on SQLite.

    SQLite itself makes a second writer sleep and look again, for up to a tenth of a second at a time; a lock wakes the
    next one at once. Whoever waits too long goes on and lets the database say so.
    """
    held = db.engine.dialect.name == "sqlite" and _turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        yield
    finally:
        if held:
            _turn.release()


def write_with_commit(table: Any, **values: Any) -> None:
    """Insert a row that nobody reads before the transaction ends: all of a table go in together, as plain rows.

    Audit rows and messages accompany every change; as objects they cost as much as the change. Inside a savepoint they
    are written at once, because it may be rolled back alone.
    """
    session = db.session()
    if session.in_nested_transaction():
        session.connection().execute(_insert(table), [values])
        return
    if not session.in_transaction():
        session.begin()  # nothing was read yet; without one, giving up would forget nothing
    session.info.setdefault(_WAITING, {}).setdefault(table, []).append(values)


@event.listens_for(db.session, "before_commit")
def _write_waiting(session: Session) -> None:
    waiting = session.info.pop(_WAITING, None)
    if waiting:
        session.flush()  # what the rows refer to comes first
        connection = session.connection()
        for table, rows in waiting.items():
            connection.execute(_insert(table), rows)


@event.listens_for(db.session, "after_transaction_end")
def _forget_waiting(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


def changed_one(statement: UpdateBase) -> None:
    """Run a conditional UPDATE that must meet exactly one row; otherwise someone else was there first."""
    result = cast("CursorResult[Any]", db.session.execute(statement))
    if result.rowcount != 1:
        raise StalePage


def one_at_a_time(submission: str) -> None:
    """Let equal submissions wait for one another until the transaction ends: the second finds what the first one made.

    On SQLite every writer waits anyway. A hash that two different submissions share costs them a moment, nothing else.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(_lock(submission)))


def alone(submission: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """The same as a condition inside a statement, where one more is too dear; the next statement sees more."""
    return _lock(submission).is_not(None) if dialect == "postgresql" else true()


def _lock(submission: str | ColumnElement[str]) -> ColumnElement[Any]:
    return func.pg_advisory_xact_lock(func.hashtextextended(submission, 0))


def bulk_insert(table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert very many rows, as they come, in the caller's transaction: an import, demonstration data.

    Every column without a database default must be named: nothing of the ORM fills one in here.
    """
    connection = db.session.connection()
    dialect = connection.dialect
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    bound = [
        (place, bind)
        for place, kind in enumerate(kinds)
        if not isinstance(kind, LargeBinary) and (bind := kind.bind_processor(dialect))
    ]
    ready = (_bound(row, bound) for row in rows) if bound else rows
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    cursor: Any = connection.connection.cursor()
    try:
        if dialect.name == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(names))
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", ready)  # noqa: S608 - names of our own tables
    except dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(table.name, None, error) from None
    finally:
        cursor.close()


def _bound(row: Sequence[Any], bound: list[tuple[int, Any]]) -> list[Any]:
    values = list(row)
    for place, bind in bound:
        values[place] = bind(values[place])
    return values


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if _writing.get():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # most requests only read, and this is all that SQLAlchemy would do in ten times the steps
            connection.connection.cursor().execute("BEGIN").close()


def append_only(table: Table, *, may_set: str | None = None) -> list[tuple[str, str]]:
    """DDL, as (dialect, statement), by which the database itself refuses to change or delete a row of a table.

    `may_set` names one column that may go from NULL to a value, once, while everything else stays as it is.
    """
    name = table.name
    others = [column.name for column in table.columns if column.name != may_set]
    first_time = f"OLD.{may_set} IS NULL AND NEW.{may_set} IS NOT NULL" if may_set else "FALSE"
    same_sqlite = " AND ".join(f"OLD.{column} IS NEW.{column}" for column in others)
    same_postgres = " AND ".join(
        f"OLD.{column}::text IS NOT DISTINCT FROM NEW.{column}::text" for column in others
    )
    when = f"WHEN NOT ({first_time} AND {same_sqlite}) " if may_set else ""
    guard = (
        f"IF TG_OP = 'UPDATE' AND {first_time} AND {same_postgres} THEN RETURN NEW; END IF; "
        if may_set
        else ""
    )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    return [
        ("sqlite", f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {when}{refuse}"),
        ("sqlite", f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refuse}"),
        (
            "postgresql",
            (
                f"CREATE OR REPLACE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {guard}RAISE EXCEPTION '{name} is append-only'; END $$"
            ),
        ),
        (
            "postgresql",
            (
                f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}_append_only()"
            ),
        ),
    ]


APPEND_ONLY: list[
    tuple[str, str]
] = []  # every such statement of every feature, for the migrations and for tests


def keep_append_only(table: Any, *, may_set: str | None = None) -> None:
    """Make a table append-only whenever it is created."""
    for dialect, statement in append_only(table, may_set=may_set):
        APPEND_ONLY.append((dialect, statement))
        event.listen(
            table,
            "after_create",
            DDL(statement.replace("%", "%%")).execute_if(dialect=dialect),  # type: ignore[no-untyped-call]  # SQLAlchemy has not typed it
        )
