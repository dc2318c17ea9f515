"""What was promised to a family follows it to its new worker (跟进交接)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core.access import require
from app.core.db import db
from app.households import policy as files
from app.visits.models import FollowUp

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household


def hand_over(actor: Actor, household: Household, from_id: int | None) -> int:
    """Give what one worker still had to do for a household to the worker who has it now; returns how much.

    Nobody has it yet: what was promised stays with whoever promised it.
    """
    require(files.can_write, actor, household)
    if household.worker_id is None or from_id in {None, household.worker_id}:
        return 0
    given = db.session.scalars(
        update(FollowUp)
        .where(
            FollowUp.household_id == household.id,
            FollowUp.done_at.is_(None),
            FollowUp.person_id == from_id,
        )
        .values(person_id=household.worker_id)
        .returning(FollowUp.code)
    ).all()
    for code in given:
        audit.record(
            actor,
            "follow_up.give",
            code,
            household_id=household.id,
            region_code=household.region_code,
        )
    return len(given)
