"""What volunteers and donors find on their own page (志愿者和爱心人士的主页)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.db import db
from app.ledger.models import Tally
from app.ledger.rules import Account, Dimension, Measure
from app.portal.rules import MANY
from app.programmes.models import Donor
from app.resources.models import ResourceLine
from app.tasks.models import Claim, Task
from app.tasks.rules import LIVE, ClaimState, TaskState
from app.visits.models import Visit
from app.visits.rules import VisitState

if TYPE_CHECKING:
    from collections.abc import Sequence

CLAIMS = 3
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Done:
    """What a volunteer has done: minutes of service, confirmed visits, and records that wait or came back."""

    minutes: int
    visits: int
    waiting: int
    returned: int


@dataclass(frozen=True, slots=True)
class HelperHome:
    """A helper's page: what they have taken on, and how much is open near them (a hundred at most)."""

    claims: Sequence[Claim]
    nearby: int


def helper_home(user_id: int, home_region: str) -> HelperHome:
    """Return a helper's live claims, the most pressing first, and how many tasks are open near home."""
    claims = (
        db.session.scalars(
            select(Claim)
            .join(Claim.task)
            .options(contains_eager(Claim.task))
            .where(Claim.user_id == user_id, Claim.state.in_(sorted({*LIVE, ClaimState.WAITING})))
            .order_by(Task.due_on, Claim.id)
            .limit(CLAIMS)
        )
        .unique()
        .all()
    )
    open_tasks = select(Task.id).where(Task.is_public.is_(True), Task.state == TaskState.OPEN)
    columns = {6: Task.district_code, 9: Task.town_code, 12: Task.region_code}
    column: Any = columns.get(len(home_region))
    if column is not None:
        open_tasks = open_tasks.where(column == home_region)
    nearby = db.session.scalar(select(func.count()).select_from(open_tasks.limit(MANY).subquery()))
    return HelperHome(claims, nearby or 0)


def last_done(user_id: int) -> Done:
    """Return a volunteer's service so far; only confirmed service counts as hours (C4 §19)."""
    confirmed = Visit.state == VisitState.CONFIRMED
    minutes, visits, waiting, returned = db.session.execute(
        select(
            func.coalesce(
                func.sum(case((confirmed & Visit.counts_hours.is_(True), Visit.minutes), else_=0)),
                0,
            ),
            func.count(case((confirmed, 1))),
            func.count(case((Visit.state == VisitState.SUBMITTED, 1))),
            func.count(case((Visit.state == VisitState.RETURNED, 1))),
        ).where(Visit.visitor_id == user_id)
    ).one()
    return Done(int(minutes), visits, waiting, returned)


def donor_home(user_id: int) -> tuple[Sequence[ResourceLine], dict[Account, dict[Measure, int]]]:
    """Return a donor's latest gifts with where they are, and their totals by account and measure: two statements."""
    lines = db.session.scalars(
        select(ResourceLine)
        .join(Donor, Donor.id == ResourceLine.donor_id)
        .options(joinedload(ResourceLine.programme))
        .where(Donor.user_id == user_id)
        .order_by(ResourceLine.id.desc())
        .limit(SHOWN)
    ).all()
    totals = {account: dict.fromkeys(Measure, 0) for account in Account}
    for account, measure, amount in db.session.execute(
        select(Tally.account, Tally.measure, Tally.amount)
        .join(Donor, cast(Donor.id, String) == Tally.subject)
        .where(Tally.dimension == Dimension.DONOR, Donor.user_id == user_id)
    ):
        totals[account][measure] = amount
    return lines, totals
