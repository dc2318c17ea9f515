"""How a file came to say what it says (变更记录): page by page, place by place, day by day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from app.core import clock, paging
from app.core.db import db
from app.core.paging import PAGE_SIZE, Page
from app.households.models import Change, Household
from app.households.queries.files import box
from app.households.rules.document import SLASH
from app.households.rules.wording import Place, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.crypto import Box

FIELD = re.compile(r"[a-z]{1,20}(/[A-Za-z0-9_]{1,40}){0,4}")
LOOKED_THROUGH = 300  # the fields are sealed: so many changes are opened for a page of one field's


class Told(NamedTuple):
    """A change in words."""

    change: Change
    places: list[Place]


class Around(NamedTuple):
    """The nearest days before and after a day on which a file was changed."""

    before: date | None
    after: date | None


def history(
    household: Household, *, field: str = "", cursor: str | None = None, clear: bool = False
) -> Page[Told]:
    """Return a file's changes, newest first; of one field only those that touched it. One statement.

    `clear` is for whoever wrote the audit row. An erased file keeps its titles and nothing of what they say.
    """
    field = field if FIELD.fullmatch(field) else ""
    size = LOOKED_THROUGH if field else PAGE_SIZE
    statement = select(Change).where(Change.household_id == household.id)
    page = paging.fetch(
        db.session, statement, [(Change.id, True)], cursor, key=lambda row: [row.id], size=size
    )
    its_box = box(household) if household.data_key else None
    if not field:
        return Page([_told(household, its_box, one, clear=clear) for one in page.rows], page.next)
    return _of_field(household, its_box, page, field, clear=clear)


def _of_field(
    household: Household, its_box: Box | None, page: Page[Change], field: str, *, clear: bool
) -> Page[Told]:
    found: list[Told] = []
    for number, change in enumerate(page.rows, 1):
        told = _told(household, its_box, change, clear=clear)
        touched = [one for one in told.places if _lies_under(one.path, field)]
        if touched:
            found.append(Told(change, touched))
        if len(found) == PAGE_SIZE and (number < len(page.rows) or page.next):
            return Page(found, paging.encode([change.id]))
    return Page(found, page.next)


def _told(household: Household, its_box: Box | None, change: Change, *, clear: bool) -> Told:
    if its_box is None or change.fields is None:
        return Told(change, [])
    changed = its_box.open_json(change.fields, f"change.fields:{household.file_no}")
    return Told(change, places(changed, clear=clear))


def _lies_under(path: str, field: str) -> bool:
    return path == field or path.startswith(field + SLASH)


def changes_on(household: Household, day: date) -> Sequence[Change]:
    """Return what was changed on a day, in its order."""
    return db.session.scalars(
        select(Change)
        .where(
            Change.household_id == household.id,
            Change.at >= clock.at(day),
            Change.at < clock.at(day + timedelta(days=1)),
        )
        .order_by(Change.id)
        .limit(50)
    ).all()


def around(household: Household, day: date) -> Around:
    """Return the days of change on either side of a day: one statement."""
    mine = Change.household_id == household.id
    earlier = select(func.max(Change.at)).where(mine, Change.at < clock.at(day)).scalar_subquery()
    later = (
        select(func.min(Change.at))
        .where(mine, Change.at >= clock.at(day + timedelta(days=1)))
        .scalar_subquery()
    )
    days: Any = db.session.execute(select(earlier, later)).one()  # either may be missing
    return Around(*(clock.day_of(at) if at else None for at in days))
