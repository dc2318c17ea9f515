"""What the smaller offices find on their own page (基金会、督导、审计、系统管理员的主页)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from app.accounts.models import Grant, User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core.db import db
from app.core.jobs import JobRun, RunState
from app.households.models import Household
from app.households.rules import HouseholdState
from app.ledger.models import Tally
from app.ledger.rules import Account, Dimension, Measure
from app.portal.rules import MANY
from app.programmes.models import Programme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor

WORKERS = 30
RUNS = 40


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """A programme and what stands on each account of it, by measure."""

    programme: Programme
    on: dict[Account, dict[Measure, int]]


def foundation_home(actor: Actor) -> list[ProgrammeFigures]:
    """Return the programmes of a foundation officer's organisations with their kept totals: two statements."""
    mine = actor.organisations(Role.FOUNDATION)
    found = db.session.scalars(
        select(Programme)
        .where(or_(Programme.foundation_id.in_(mine), Programme.charity_id.in_(mine)))
        .order_by(Programme.id)
        .limit(MANY)
    ).all()
    on: dict[str, dict[Account, dict[Measure, int]]] = {
        str(one.id): {account: dict.fromkeys(Measure, 0) for account in Account} for one in found
    }
    if on:
        for row in db.session.scalars(
            select(Tally).where(
                Tally.dimension == Dimension.PROGRAMME, Tally.subject.in_(sorted(on))
            )
        ):
            on[row.subject][row.account][row.measure] = row.amount
    return [ProgrammeFigures(one, on[str(one.id)]) for one in found]


def overdue_by_worker(actor: Actor, today: date) -> list[tuple[str, int]]:
    """Return how many households of each worker are late, the most first; each count stops at a hundred."""
    late = (
        select(Household.id)
        .where(
            Household.worker_id == User.id,
            Household.next_visit_on < today,
            Household.state == HouseholdState.ACTIVE,
        )
        .correlate(User)
        .limit(MANY)
        .subquery()
    )
    count = select(func.count()).select_from(late).scalar_subquery()
    under = [Grant.region_code.like(prefix + "%") for prefix in actor.regions(Role.SUPERVISOR)]
    rows = db.session.execute(
        select(User.name, count)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.role == Role.WORKER, Grant.ended_at.is_(None), or_(*under))
        .order_by(count.desc(), User.id)
        .limit(WORKERS)
    )
    return [(name, number) for name, number in rows]


def latest_runs() -> Sequence[JobRun]:
    """Return the last firings of the jobs, newest first."""
    return db.session.scalars(
        select(JobRun).order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(RUNS)
    ).all()


def people_by_role() -> dict[Role, int]:
    """Return how many people hold each role now."""
    rows = db.session.execute(
        select(Grant.role, func.count(Grant.user_id.distinct()))
        .where(Grant.ended_at.is_(None))
        .group_by(Grant.role)
    )
    return {row[0]: row[1] for row in rows}


def last_rows(prefixes: Sequence[str], limit: int = 12) -> Sequence[Any]:
    """Return the last audit rows an auditor may read, each with the name of who acted."""
    rules = [AuditRow.region_code.like(prefix + "%") for prefix in prefixes if len(prefix) > 4]  # noqa: PLR2004 - the city is everything
    statement = select(AuditRow, User.name).outerjoin(User, User.id == AuditRow.user_id)
    if len(rules) == len(prefixes):
        statement = statement.where(or_(*rules))
    return db.session.execute(statement.order_by(AuditRow.id.desc()).limit(limit)).all()


def failed_runs(runs: Sequence[JobRun]) -> list[JobRun]:
    """Return those that failed."""
    return [run for run in runs if run.state is RunState.FAILED]
