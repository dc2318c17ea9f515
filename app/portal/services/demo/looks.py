"""Who looked at clear data lately (查阅): a colleague late in the evening, which is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.models import AuditRow
from app.core.db import db
from app.households.models import Household
from app.households.rules import HouseholdState
from app.portal.services.demo.plan import DALIANG

if TYPE_CHECKING:
    from app.portal.services.demo.files import City

LATE, MINUTES = 22, 9
REASONS = ("核对档案资料", "上门前联系", "核对档案资料", "办理救助手续")


def write_looks(city: City) -> None:
    """Write four looks of yesterday, after ten in the evening; the watch over reading finds them."""
    reader = city.cast.workers[DALIANG][-1]
    files = db.session.execute(
        select(Household.id, Household.file_no, Household.region_code)
        .where(Household.town_code == DALIANG, Household.state == HouseholdState.ACTIVE)
        .order_by(Household.id)
        .limit(len(REASONS))
    )
    for number, (file, reason) in enumerate(zip(files, REASONS, strict=False)):
        city.rows.add(
            AuditRow,
            at=city.at(city.before(1), LATE, 5 + MINUTES * number),
            user_id=reader,
            action="household.unmask",
            subject=file.file_no,
            household_id=file.id,
            region_code=file.region_code,
            reason=reason,
        )
