"""The kept figures of a file (档案探访数、上次、下次): written with each decision, proved every night."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, or_, select, update

from app.core import clock
from app.core.db import db
from app.households.models import Household
from app.households.rules import HouseholdState
from app.visits import queries
from app.visits.models import Visit
from app.visits.rules import CONTACT, VisitState, next_due

if TYPE_CHECKING:
    from datetime import date

BATCH = 500

log = logging.getLogger(__name__)


def hold(household_id: int) -> Household:
    """Hold a file's row, so that decisions about one file come one after the other; the first thing a decision does.

    The weaker lock, because every row that names the file as its own takes a share of it: with the stronger one two
    decisions would wait for each other.
    """
    return db.session.scalars(
        select(Household)
        .where(Household.id == household_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def note(household_id: int) -> None:
    """Write a file's figures anew from its confirmed visits, in the transaction that changed them.

    Attempts count as records; only a visit that met the household starts its rhythm anew. A file that others came into
    (合户) counts their visits, too; they keep their own figures.
    """
    household = hold(household_id)
    db.session.flush()  # the visits are counted by the database
    times, last = db.session.execute(
        select(func.count(), func.max(case((Visit.result.in_(CONTACT), Visit.visited_on)))).where(
            or_(
                Visit.household_id == household_id,
                Visit.household_id.in_(
                    select(Household.id).where(Household.merged_into_id == household_id)
                ),
            ),
            Visit.state == VisitState.CONFIRMED,
        )
    ).one()
    due = household.next_visit_on
    if household.state is not HouseholdState.ACTIVE:
        due = None
    elif last != household.last_visit_on or due is None:
        days = queries.rhythm(clock.today())[household.tier]
        due = next_due(last, household.filed_on, days)
    db.session.execute(
        update(Household)
        .where(Household.id == household_id)
        .values(visit_count=times, last_visit_on=last, next_visit_on=due)
    )
    db.session.expire(household, ["visit_count", "last_visit_on", "next_visit_on"])
    if household.merged_into_id is not None:
        note(household.merged_into_id)


def mend(on: date, after_id: int = 0) -> tuple[int, int | None]:
    """Put a batch of files right whose figures differ from their visits; returns (mended, last id, None at the end)."""
    wrong = queries.out_of_step(on, after_id, BATCH)
    if wrong:
        db.session.connection().execute(
            update(Household)
            .where(Household.id == bindparam("household"))
            .values(
                visit_count=bindparam("times"),
                last_visit_on=bindparam("last"),
                next_visit_on=bindparam("due"),
            ),
            [
                {"household": row[0], "times": row[1], "last": row[2], "due": row[3]}
                for row in wrong
            ],
        )
        log.warning("the visit figures of %d files were mended", len(wrong))
    return len(wrong), wrong[-1][0] if len(wrong) == BATCH else None
