"""Places held with paused files (档案暂停以后): who holds or waits is told, and nobody is sent.

The window to name, door and phone closed the moment the file was paused (`policy.sees_household`), and its cards went
with it; what is left is tidied at night. What a closed file leaves open ends in `following`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.services import record
from app.core.access import SYSTEM
from app.core.db import db
from app.core.errors import StalePage
from app.households.models import Household
from app.households.rules import HouseholdState
from app.notices.services import queue
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState
from app.tasks.services import places

if TYPE_CHECKING:
    from datetime import date

BATCH = 200
HELD = (ClaimState.HELD, ClaimState.WAITING)
PAUSED_REASON = "这家人暂时不方便，谢谢你愿意帮忙"


def free_paused_claims(_day: date, limit: int = BATCH) -> int:
    """Take places back that are held with paused files (暂停收回); the tasks wait, hidden, until the file goes on."""
    found = db.session.scalars(
        select(Claim)
        .join(Task, Task.id == Claim.task_id)
        .join(Household, Household.id == Task.household_id)
        .where(
            Claim.state.in_(HELD),
            Task.state.in_(places.RUNNING),
            Household.state == HouseholdState.PAUSED,
        )
        .order_by(Claim.id)
        .limit(limit)
    ).all()
    freed = 0
    for claim in found:
        try:
            with db.session.begin_nested():
                _free(claim)
        except StalePage:  # handed in or given back this very moment
            continue
        freed += 1
    return freed


def _free(claim: Claim) -> None:
    task, held = places.lock(claim.task_id), claim.state is ClaimState.HELD
    wanted = ClaimState.RELEASED if held else ClaimState.DECLINED
    places.end_claim(claim, wanted, (claim.state,), PAUSED_REASON)
    if held:
        places.give_back(task, claim.units)
        places.settle_need(SYSTEM, task.need_id)
    record(
        SYSTEM,
        "claim.release",
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
    )
    queue(
        claim.user_id,
        "claim.ended",
        f"先不用去了：{task.card_title}。{PAUSED_REASON}"[:120],
        f"/claims/{claim.code}",
    )
