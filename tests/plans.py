"""What the databases would do (查询计划): no page may read a big table from end to end."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from app.core.db import db

if TYPE_CHECKING:
    from collections.abc import Iterator

BIG = frozenset(
    "household member search_token household_span household_change household_section audit_row".split()  # noqa: SIM905 - a word list
)


@contextmanager
def scans(*, walks: bool = False) -> Iterator[list[str]]:
    """Collect, when the block is over, every reading of a whole big table that its statements were answered by.

    With `walks` an index may be followed from its one end, as a list does that stops after a page.
    """
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert asked
    with db.engine.connect() as connection:
        look = _sqlite if connection.dialect.name == "sqlite" else _postgresql
        for statement, parameters in asked:
            found += [
                f"{one}: {statement}" for one in look(connection, statement, parameters, walks)
            ]
        connection.rollback()


def _sqlite(connection: Any, statement: str, parameters: Any, walks: bool) -> Iterator[str]:  # noqa: FBT001
    rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
    for *_, said in rows:
        scan = re.match(r"SCAN (\w+)( USING (COVERING )?INDEX)?", said)
        if scan and scan[1] in BIG and not (walks and scan[2]):
            yield said


def _postgresql(connection: Any, statement: str, parameters: Any, walks: bool) -> Iterator[str]:  # noqa: FBT001
    # the tables of a test are so small that any way through them is as cheap: the planner is told that they are large
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    connection.exec_driver_sql(
        "UPDATE pg_class SET relpages = 1, reltuples = 1000000 WHERE relname = ANY(%s)",
        (sorted(BIG),),
    )
    said = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, parameters).scalar()
    for node in _nodes(said[0]["Plan"]):
        kind = node["Node Type"]
        whole = kind == "Seq Scan" or (
            not walks and kind in {"Index Scan", "Index Only Scan"} and "Index Cond" not in node
        )
        if whole and node["Relation Name"] in BIG:
            yield f"{kind} of {node['Relation Name']}"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)
