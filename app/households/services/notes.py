"""Keeping a note for oneself (写自用便条): no history, no reader but its author; it does not go along in a handover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import db, one_at_a_time
from app.households import policy, queries
from app.households.models import WorkerNote
from app.households.queries.notes import place_of

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household


def keep_note(actor: Actor, household: Household, text: str) -> None:
    """Keep what somebody wants to remember about a family (存便条); an empty one is torn up."""
    require(policy.can_edit, actor, household)
    its_box = queries.box(household)
    mine = (WorkerNote.household_id == household.id, WorkerNote.user_id == actor.user_id)
    if not text.strip():
        db.session.execute(delete(WorkerNote).where(*mine))
    else:
        one_at_a_time(f"note {household.id} {actor.user_id}")
        sealed = its_box.seal_json({"text": text.strip()}, place_of(household, actor.user_id))
        known = db.session.scalars(
            update(WorkerNote)
            .where(*mine)
            .values(text=sealed, updated_at=clock.now())
            .returning(WorkerNote.id)
        ).one_or_none()
        if known is None:
            db.session.add(
                WorkerNote(
                    household_id=household.id,
                    user_id=actor.user_id,
                    text=sealed,
                    updated_at=clock.now(),
                )
            )
    audit.record(
        actor,
        "household.note",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
    )
