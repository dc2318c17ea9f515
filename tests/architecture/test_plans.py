"""How the database finds what a page lists (查询计划): by an index that fits, on both databases, whatever the size.

The plans are asked of small tables without statistics: SQLite decides by the shape of the statement alone, and
PostgreSQL is told to walk whole tables only where nothing else is possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from app.core.access import Actor, Scope
from app.core.db import db
from app.households.queries import Wanted as Files
from app.households.queries import listing as files
from app.tasks.queries import Filters, open_for, skills
from app.visits.queries import Wanted as Visits
from app.visits.queries import listing as visits
from tests.factories import DALIANG, SHUNDE, WENXIU

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

VOLUNTEER = Actor(1, (Scope("volunteer", SHUNDE),))
SUPERVISOR = Actor(1, (Scope("supervisor", SHUNDE),))
WORKER = Actor(1, (Scope("worker", DALIANG),))
BIG = ("task", "visit", "household", "search_token", "consent", "claim", "message", "audit_row")


def plans(work: Callable[[], object]) -> str:
    """Return the plan of every statement that some work runs."""
    caught: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: Any) -> None:
        if sql.startswith(("SELECT", "WITH")):
            caught.append((sql, values))

    event.listen(db.engine, "before_cursor_execute", note)
    work()
    event.remove(db.engine, "before_cursor_execute", note)
    on_sqlite = db.engine.dialect.name == "sqlite"
    if not on_sqlite:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    lines = []
    for sql, values in caught:
        cursor = db.session.connection().connection.cursor()
        cursor.execute(("EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN ") + sql, values)
        lines += [str(row[-1]).strip() for row in cursor.fetchall()]
    db.session.rollback()
    return "\n".join(lines)


def scans(plan: str) -> list[str]:
    """Return the lines of a plan that walk a whole big table."""
    walks = [f"SCAN {table}" for table in BIG] + [f"Seq Scan on {table}" for table in BIG]
    return [line for line in plan.splitlines() if any(walk in line for walk in walks)]


@pytest.mark.parametrize("home", [WENXIU, DALIANG, SHUNDE, "4406", ""])
@pytest.mark.parametrize("skill", ["", "理发"])
def test_the_list_of_cards_walks_no_whole_table(app: Flask, home: str, skill: str) -> None:
    plan = plans(lambda: open_for(VOLUNTEER, Filters(home=home, skill=skill), None))

    assert scans(plan) == []


@pytest.mark.parametrize("home", [WENXIU, DALIANG, SHUNDE, "4406"])
def test_a_rare_skill_is_found_without_walking_past_all_other_tasks(app: Flask, home: str) -> None:
    plan = plans(lambda: open_for(VOLUNTEER, Filters(home=home, skill="理发"), None))

    others = [name for name in plan.split() if name.startswith("ix_task_is_public")]
    assert "ix_task_skill" in plan
    assert (
        others == [] or db.engine.dialect.name == "postgresql"
    )  # it weighs costs, and here all are nothing


def test_the_skills_on_offer_are_read_from_the_soonest_tasks_alone(app: Flask) -> None:
    plan = plans(skills)

    assert scans(plan) == []


@pytest.mark.parametrize("reader", [SUPERVISOR, WORKER])
@pytest.mark.parametrize("town", ["", DALIANG])
def test_the_records_of_a_place_are_read_newest_first_and_sorted_nowhere(
    app: Flask, reader: Actor, town: str
) -> None:
    plan = plans(lambda: visits(reader, Visits(town=town)))

    assert scans(plan) == []
    assert (
        "ix_visit_town_code_id" if town or reader is WORKER else "ix_visit_district_code_id"
    ) in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "wanted", [Files(), Files(overdue=True), Files(never=True), Files(region=DALIANG)]
)
def test_the_list_of_files_walks_an_index_of_its_order(app: Flask, wanted: Files) -> None:
    plan = plans(lambda: files(WORKER, wanted, None))

    assert scans(plan) == []
    assert "TEMP B-TREE" not in plan
