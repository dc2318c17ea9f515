"""What pages ask of the log (审计查询)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.audit import policy
from app.audit.models import AuditRow, AuditSeal
from app.audit.rules import READING_VERBS
from app.core import clock
from app.core.access import Actor
from app.core.db import db
from app.core.paging import Page, fetch

PAGE = 50
READINGS = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log is looked through for; empty means everything."""

    action: str = ""
    user_id: int | None = None
    subject: str = ""
    day: date | None = None


def log(actor: Actor, filters: Filters, cursor: str | None = None) -> Page[AuditRow]:
    """Return the rows an auditor may read, the newest first."""
    return fetch(
        db.session,
        chosen(actor, filters),
        [(AuditRow.at, True), (AuditRow.id, True)],
        cursor,
        key=lambda row: [row.at, row.id],
        size=PAGE,
    )


def chosen(actor: Actor, filters: Filters) -> Select[AuditRow]:
    """Select all the rows that the log is looked through for."""
    statement = select(AuditRow).where(policy.visible_to(actor))
    if filters.action:
        statement = statement.where(AuditRow.action == filters.action)
    if filters.user_id is not None:
        statement = statement.where(AuditRow.user_id == filters.user_id)
    if filters.subject:
        statement = statement.where(_about(filters.subject))
    if filters.day is not None:
        start, end = clock.at(filters.day), clock.at(filters.day + timedelta(days=1))
        statement = statement.where(AuditRow.at >= start, AuditRow.at < end)
    return statement


def _about(code: str) -> ColumnElement[bool]:
    """A code names a thing; a file number names all that happened to the household, too."""
    household = (
        select(func.max(AuditRow.household_id))
        .where(AuditRow.subject == code, AuditRow.action.like("household.%"))
        .scalar_subquery()
    )
    return or_(AuditRow.subject == code, AuditRow.household_id == household)


def readings(household_id: int, limit: int = READINGS) -> Sequence[AuditRow]:
    """Return who opened a household's personal data, when and why, the last first (查看记录)."""
    return db.session.scalars(
        select(AuditRow)
        .where(
            AuditRow.household_id == household_id,
            or_(*(AuditRow.action.like(f"%.{verb}%") for verb in READING_VERBS)),
        )
        .order_by(AuditRow.id.desc())
        .limit(limit)
    ).all()


def last_seal() -> AuditSeal | None:
    """Return the newest seal; its digest stands for the whole log before it."""
    return db.session.scalars(
        select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)
    ).one_or_none()
