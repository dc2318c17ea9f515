"""Birthdays that change what a household is due (年龄线): the night reads few files, and judges those anew.

When anybody is born is sealed; a file carries in clear only the month in which somebody next crosses a line.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_, update

from app.audit import services as audit
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db
from app.households import queries
from app.households.models import Change, Household
from app.households.rules import HouseholdState
from app.households.rules.ages import AGE_LINES, NOT_LOOKED_AT, crossed, month_of, next_month
from app.households.rules.traits import traits_of
from app.households.services.writing import births, people_of, write
from app.notices import services as notices

if TYPE_CHECKING:
    from datetime import date

    from app.households.rules.document import Document

BATCH = 300
IN_FORCE = frozenset({HouseholdState.ACTIVE, HouseholdState.PAUSED})

log = logging.getLogger(__name__)
Place = tuple["date", int]


def judge_ages(day: date, after: Place | None = None) -> tuple[int, Place | None]:
    """Look at one batch of files whose month has come; returns (changed, the last one's place or None at the end).

    A file that nobody has looked at yet gets its month; one in which somebody crossed a line is judged anew, its worker
    told. Each has a savepoint of its own: one that does not open costs the others nothing.
    """
    statement = select(Household).where(Household.ages_on <= day)
    if after is not None:
        statement = statement.where(tuple_(Household.ages_on, Household.id) > after)
    found = db.session.scalars(
        statement.order_by(Household.ages_on, Household.id).limit(BATCH)
    ).all()
    places = [(one.ages_on or day, one.id) for one in found]
    changed = 0
    for household in found:
        try:
            with db.session.begin_nested():
                changed += _judge(household, day)
                db.session.flush()  # what the database refuses, it refuses inside this savepoint
        except Exception:
            log.exception("the birthdays of file %s could not be read", household.file_no)
    return changed, places[-1] if len(places) == BATCH else None


def _judge(household: Household, day: date) -> bool:
    was, number = household.ages_on or day, household.id
    if household.data_key is None:
        return _note_month(number, was, None)
    document = queries.document(household)
    there = births(document)
    if was > NOT_LOOKED_AT:
        # a month that is over was missed altogether; of this one every night tells its own day
        lines = crossed(there, was if was < month_of(day) else day, day)
        if lines and household.state in IN_FORCE and not _told(number, day):
            _cross(household, document, lines)
    return _note_month(number, was, next_month(there, day))


def _cross(household: Household, document: Document, lines: list[int]) -> None:
    """Judge a file anew and say why, without saying who."""
    worker, file_no, region = household.worker_id, household.file_no, household.region_code
    number, title = household.id, "家里有人" + "、".join(f"满 {age} 岁" for age in lines)
    write(
        SYSTEM,
        household,
        document,
        version=household.version,
        kind="tier",
        title=f"{title}，重新评定风险档",
    )
    db.session.execute(
        update(Household)
        .where(Household.id == number)
        .values(traits=traits_of(people_of(document)))
        .execution_options(synchronize_session=False)
    )
    db.session.add(
        Change(
            household_id=number,
            at=clock.now(),
            kind="ages",
            title=title,
            reason=AGE_LINES[lines[-1]],
        )
    )
    audit.record(SYSTEM, "household.ages", file_no, household_id=number, region_code=region)
    notices.queue(
        worker,
        "household.ages",
        f"你负责的一份档案里有人{AGE_LINES[lines[-1]]}",
        f"/households/{file_no}",
    )


def _told(number: int, day: date) -> bool:
    """Say whether this was done already: a second run of a night changes nothing."""
    return (
        db.session.scalar(
            select(Change.id)
            .where(Change.household_id == number, Change.kind == "ages", Change.at >= clock.at(day))
            .limit(1)
        )
        is not None
    )


def _note_month(number: int, was: date, month: date | None) -> bool:
    if month == was:
        return False
    db.session.execute(
        update(Household)
        .where(Household.id == number)
        .values(ages_on=month)
        .execution_options(synchronize_session=False)
    )
    return True
