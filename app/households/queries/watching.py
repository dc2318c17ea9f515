"""What the watch over reading asks of the log (异常查阅查询)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select

from app.audit.models import AuditRow
from app.core import clock, paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import ReadingAlert
from app.households.rules.watching import HANDOVER, HOUR, LOOKS, SHOWN, Look, ReadingRule

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from app.core.access import Actor
    from app.core.paging import Page

SAME_TRANSACTION = timedelta(seconds=30)


def looks_of(day: date) -> dict[int, list[Look]]:
    """Return who looked at what in clear on a day, by reader: two statements for the whole city."""
    start, end = clock.at(day), clock.at(day + timedelta(days=1))
    rows = db.session.execute(
        select(
            AuditRow.id, AuditRow.at, AuditRow.user_id, AuditRow.household_id, AuditRow.region_code
        )
        .where(
            AuditRow.at >= start,
            AuditRow.at < end,
            AuditRow.action.in_(LOOKS),
            AuditRow.user_id.is_not(None),
            AuditRow.household_id.is_not(None),
        )
        .order_by(AuditRow.at, AuditRow.id)
    ).all()
    given = _handed_over({row.household_id for row in rows})
    found: defaultdict[int, list[Look]] = defaultdict(list)
    for row in rows:
        since = given.get((row.household_id, row.user_id))
        gone = since is not None and since < row.at
        look = Look(row.id, row.at, row.household_id, row.region_code, gone)
        found[row.user_id].append(look)
    return found


def _handed_over(households: Collection[int]) -> dict[tuple[int, int], datetime]:
    """Return when each file was last given to somebody else, by file and giver."""
    found: dict[tuple[int, int], datetime] = {}
    numbers = sorted(households)
    for start in range(0, len(numbers), 500):
        rows = db.session.execute(
            select(AuditRow.household_id, AuditRow.detail, AuditRow.at)
            .where(
                AuditRow.household_id.in_(numbers[start : start + 500]),
                AuditRow.action == HANDOVER,
            )
            .order_by(AuditRow.id)
        )
        for household_id, detail, at in rows:
            if household_id is not None and isinstance(giver := detail.get("giver"), int):
                found[household_id, giver] = at
    return found


def usual_places(readers: Collection[int], day: date, days: int) -> dict[int, set[str]]:
    """Return the communities in which people did anything with a household in the days before."""
    found: dict[int, set[str]] = {reader: set() for reader in readers}
    rows = db.session.execute(
        select(AuditRow.user_id, AuditRow.region_code)
        .distinct()
        .where(
            AuditRow.user_id.in_(sorted(readers)),
            AuditRow.at >= clock.at(day - timedelta(days=days)),
            AuditRow.at < clock.at(day),
            AuditRow.household_id.is_not(None),
        )
    )
    for user_id, region_code in rows:
        found[user_id or 0].add(region_code)
    return found


def opened_within_the_hour(user_id: int | None) -> set[int]:
    """Return which files somebody opened in clear within an hour, since their supervisor last let them go on."""
    since = clock.now() - HOUR
    released = db.session.scalar(
        select(func.max(ReadingAlert.acknowledged_at)).where(
            ReadingAlert.user_id == user_id, ReadingAlert.rule == ReadingRule.BRAKE
        )
    )
    if released is not None:
        since = max(since, released)
    rows = db.session.scalars(
        select(AuditRow.household_id)
        .distinct()
        .where(
            AuditRow.user_id == user_id,
            AuditRow.at > since,
            AuditRow.action == "household.unmask",
        )
    )
    return {one for one in rows if one is not None}


def alert_by_code(actor: Actor, code: str) -> ReadingAlert:
    """Return an alert that this person looks into; NotHere says nothing of the others."""
    found = db.session.scalars(select(ReadingAlert).where(ReadingAlert.code == code)).one_or_none()
    if found is None or not policy.can_see_alert(actor, found):
        raise NotHere
    return found


def alerts(actor: Actor, *, waiting: bool, cursor: str | None) -> Page[ReadingAlert]:
    """Return the alerts that somebody looks into, those that wait or all, the newest first."""
    statement = select(ReadingAlert).where(policy.alerts_of(actor))
    if waiting:
        statement = statement.where(ReadingAlert.acknowledged_at.is_(None))
    return paging.fetch(
        db.session, statement, [(ReadingAlert.id, True)], cursor, key=lambda row: [row.id]
    )


def evidence(alert: ReadingAlert) -> Sequence[AuditRow]:
    """Return the rows of the log that an alert rests on, in the order of time."""
    shown: ColumnElement[bool] = AuditRow.id.in_(alert.rows)
    if not alert.rows:  # written in the very transaction of the look: the log speaks of it
        shown = and_(
            AuditRow.user_id == alert.user_id,
            AuditRow.action.in_(LOOKS),
            AuditRow.at > alert.found_at - HOUR,
            AuditRow.at <= alert.found_at + SAME_TRANSACTION,
        )
        if alert.subject and alert.rule is ReadingRule.URGENT:
            shown = and_(shown, AuditRow.subject == alert.subject)
    return db.session.scalars(
        select(AuditRow).where(shown).order_by(AuditRow.at, AuditRow.id).limit(SHOWN)
    ).all()
