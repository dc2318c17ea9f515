"""Who may read the log (审计权限). Accounts are above audit, so the role is known here by its name alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.audit.models import AuditRow
from app.core.access import Actor

AUDITOR = "auditor"
CITY_LENGTH = 4


def can_read(actor: Actor, row: AuditRow) -> bool:
    """An auditor reads what happened in their region; what belongs to no region is the whole city's."""
    if not row.region_code:
        return any(len(prefix) <= CITY_LENGTH for prefix in actor.regions(AUDITOR))
    return actor.covers(row.region_code, AUDITOR)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The same in SQL."""
    prefixes = actor.regions(AUDITOR)
    if not prefixes:
        return false()
    if any(len(prefix) <= CITY_LENGTH for prefix in prefixes):
        return true()
    return or_(
        *(
            and_(AuditRow.region_code >= prefix, AuditRow.region_code <= prefix.ljust(12, "9"))
            for prefix in prefixes
        )
    )
