"""Rows in bulk (批量写入): numbered here, put in by chunks in the order in which tables refer to each other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, Column, MetaData, String, Table, func, insert, select, text

from app.accounts.models import Grant, Organisation, User
from app.audit.models import AuditRow
from app.core.jobs import JobRun
from app.households.models import Change, Consent, Household, Member, SearchToken, Section, Span
from app.ledger.models import Entry, Posting
from app.needs.models import Need
from app.notices.models import Message
from app.programmes.models import Donor, Programme
from app.resources.models import Delivery, ResourceLine
from app.tasks.models import Claim, Task
from app.visits.models import FollowUp, Visit

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.core.db import Base

ORDER: tuple[type[Base], ...] = (
    Organisation,
    User,
    Grant,
    Donor,
    Programme,
    Household,
    Member,
    Consent,
    Change,
    Span,
    Section,
    Need,
    Task,
    Claim,
    Visit,
    FollowUp,
    ResourceLine,
    Entry,
    Posting,
    Delivery,
    Message,
    AuditRow,
    JobRun,
)
SQLITE_CACHE_KB = 128_000  # pages changed once stay in memory until the one commit


class Rows:
    """Collects rows and writes them (写库): whole rows, so that every one of a table has the same columns."""

    def __init__(self, connection: Connection) -> None:
        """Begin after the rows that are there."""
        self._connection = connection
        self._pending: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._blank = {model: _blank(_table(model)) for model in ORDER}
        self._next = {model: self._last_id(model) + 1 for model in ORDER}
        self._tokens: list[dict[str, Any]] = []
        self._heap = Table(
            "demo_search_token",
            MetaData(),
            Column("token", BigInteger),
            Column("region_code", String(12)),
            Column("household_id", BigInteger),
            prefixes=["TEMPORARY"],
        )
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA cache_size=-{SQLITE_CACHE_KB}")
        self._heap.create(connection, checkfirst=False)

    def add(self, model: type[Base], **values: Any) -> int:
        """Collect one row; returns the id it will have. A column that does not exist is a mistake of the program."""
        number = self._next[model]
        self._next[model] = number + 1
        row = {**self._blank[model], "id": number, **values}
        if len(row) != len(self._blank[model]):
            unknown = set(values) - set(self._blank[model])
            message = f"{model.__name__} has no {sorted(unknown)}"
            raise TypeError(message)
        self._pending[model].append(row)
        return number

    def find_by(self, household_id: int, region: str, tokens: set[int]) -> None:
        """Collect what a household can be found by."""
        self._tokens += [
            {"token": token, "region_code": region, "household_id": household_id}
            for token in tokens
        ]

    def flush(self) -> None:
        """Write what was collected."""
        for model in ORDER:
            rows = self._pending.pop(model, None)
            if rows:
                self._connection.execute(insert(_table(model)), rows)
        if self._tokens:
            self._connection.execute(insert(self._heap), self._tokens)
            self._tokens.clear()

    def finish(self) -> None:
        """Write the rest: the search words in the order of their index, and where the databases' own numbers go on."""
        self.flush()
        heap = self._heap.c
        columns = (heap.token, heap.region_code, heap.household_id)
        self._connection.execute(
            insert(_table(SearchToken)).from_select(
                [column.name for column in columns], select(*columns).order_by(*columns)
            )
        )
        self._heap.drop(self._connection)
        if self._connection.dialect.name == "postgresql":
            for model in ORDER:
                self._set_sequence(model)

    def _last_id(self, model: type[Base]) -> int:
        return self._connection.scalar(select(func.max(_table(model).c.id))) or 0

    def _set_sequence(self, model: type[Base]) -> None:
        if self._next[model] > 1:
            name = _table(model).name
            self._connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                {"name": f'"{name}"', "last": self._next[model] - 1},
            )


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


def _blank(table: Table) -> dict[str, Any]:
    """A row of defaults; what has none is null, and refused by the database if it may not be."""
    blank: dict[str, Any] = {}
    for column in table.columns:
        default: Any = column.default
        if default is None:
            blank[column.name] = None
        else:
            blank[column.name] = default.arg(None) if default.is_callable else default.arg
    return blank
