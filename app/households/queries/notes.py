"""What somebody wrote for themselves about a file (自用便条): found by its author and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core.db import db
from app.households.models import WorkerNote
from app.households.queries.files import box

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household


def place_of(household: Household, user_id: int | None) -> str:
    """Return the place a note is sealed for: it opens for its author's number only."""
    return f"worker.note:{household.file_no}:{user_id}"


def own_note(actor: Actor, household: Household) -> str:
    """Return one's own note on a file, in clear; empty when there is none."""
    found = db.session.scalars(
        select(WorkerNote).where(
            WorkerNote.household_id == household.id, WorkerNote.user_id == actor.user_id
        )
    ).one_or_none()
    if found is None:
        return ""
    said = box(household).open_json(found.text, place_of(household, actor.user_id))
    return str(said.get("text", ""))
