"""What the records that the law asks for say (合规记录): requests, periods, impact assessments; what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, literal, or_, select
from sqlalchemy.orm import joinedload

from app.core import clock, paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import (
    Approval,
    Household,
    ImpactAssessment,
    RetentionPeriod,
    Span,
    SubjectRequest,
)
from app.households.rules import HouseholdState
from app.households.rules.approvals import ApprovalState
from app.households.rules.requests import Asker, RequestKind, RequestState
from app.households.rules.retention import Kept, Period, months_after, months_before, months_on
from app.media.models import Media
from app.regions.rules import scope_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import InstrumentedAttribute

    from app.core.access import Actor
    from app.core.paging import Page

CLOSED = (HouseholdState.CLOSED, HouseholdState.ARCHIVED)
OPEN = (RequestState.OPEN, RequestState.ASKED)


def periods() -> list[Period]:
    """Return every period that was set; a handful."""
    rows = db.session.scalars(select(RetentionPeriod).order_by(RetentionPeriod.valid_from))
    return [Period(one.kind, one.months, one.valid_from) for one in rows]


def set_periods() -> Sequence[RetentionPeriod]:
    """Return the periods with where they were decided, newest first."""
    return db.session.scalars(
        select(RetentionPeriod).order_by(
            RetentionPeriod.valid_from.desc(), RetentionPeriod.id.desc()
        )
    ).all()


def keep_until(household: Household) -> date | None:
    """Return the day on which a closed file's personal data is due to go; none while it is in use."""
    if household.state not in CLOSED:
        return None
    closed = db.session.scalar(select(_closed_on()).where(Household.id == household.id))
    months = months_on(Kept.CLOSED_FILE, periods(), clock.today())
    return months_after(closed, months) if closed else None


def _closed_on() -> ColumnElement[date]:
    """Say, in SQL, since when a file is closed: the day its last other state ended, or its first day on file."""
    last_open = (
        select(func.max(Span.until_on))
        .where(Span.household_id == Household.id, Span.state.not_in(CLOSED))
        .correlate(Household)
        .scalar_subquery()
    )
    first = (
        select(func.min(Span.from_on))
        .where(Span.household_id == Household.id)
        .correlate(Household)
        .scalar_subquery()
    )
    return func.coalesce(last_open, first, Household.filed_on)


def due_files(day: date, after: int, limit: int) -> Sequence[Row[int, str, str]]:
    """Return closed files whose period is over and about which nobody is asked, in order of file."""
    last = months_before(day, months_on(Kept.CLOSED_FILE, periods(), day))
    return db.session.execute(
        select(Household.id, Household.file_no, Household.region_code)
        .where(
            Household.id > after,
            Household.state.in_(CLOSED),
            Household.next_visit_on.is_(None),
            _closed_on() <= last,
            ~_asked_lately(day, ""),
        )
        .order_by(Household.id)
        .limit(limit)
    ).all()


def photos_before(day: date) -> date:
    """Return the day before which visit photos are due to go."""
    return months_before(day, months_on(Kept.PHOTO, periods(), day))


def due_photos(day: date, after: int, limit: int) -> Sequence[Row[int, str, str]]:
    """Return files that hold visit photos whose period is over and about which nobody is asked."""
    old = select(Media.household_id).where(
        Media.kind == "visit",
        Media.gone_at.is_(None),
        Media.stored_at < clock.at(photos_before(day)),
        Media.household_id > after,
    )
    return db.session.execute(
        select(Household.id, Household.file_no, Household.region_code)
        .where(
            Household.id.in_(old),
            Household.data_key.is_not(None),
            ~_asked_lately(day, "photos"),
        )
        .order_by(Household.id)
        .limit(limit)
    ).all()


def _asked_lately(day: date, what: str) -> ColumnElement[bool]:
    """Say that the calendar's request about a file is open, or was answered within a year."""
    return (
        select(literal(1))
        .select_from(SubjectRequest)
        .where(
            SubjectRequest.household_id == Household.id,
            SubjectRequest.asker == Asker.RETENTION,
            SubjectRequest.what == what,
            or_(
                SubjectRequest.state.in_(OPEN),
                SubjectRequest.closed_at >= clock.at(months_before(day, 12)),
            ),
        )
        .correlate(Household)
        .exists()
    )


def request_by_code(actor: Actor, code: str) -> SubjectRequest:
    """Return a request about a file this person may see; NotHere otherwise."""
    found = db.session.scalars(
        select(SubjectRequest)
        .options(joinedload(SubjectRequest.household))
        .where(SubjectRequest.code == code)
    ).one_or_none()
    if found is None or not policy.can_view(actor, found.household):
        raise NotHere
    return found


def requests(
    actor: Actor, state: RequestState | None, asker: str, cursor: str | None
) -> Page[SubjectRequest]:
    """Return the requests of a person's region, the newest first; open ones when no state is named."""
    statement = (
        select(SubjectRequest)
        .options(joinedload(SubjectRequest.household))
        .where(_in_reach(actor, SubjectRequest.region_code))
    )
    wanted = (state,) if state else OPEN
    statement = statement.where(SubjectRequest.state.in_(wanted))
    if asker == Asker.RETENTION:
        statement = statement.where(SubjectRequest.asker == Asker.RETENTION)
    elif asker:
        statement = statement.where(SubjectRequest.asker != Asker.RETENTION)
    return paging.fetch(
        db.session, statement, [(SubjectRequest.id, True)], cursor, key=lambda row: [row.id]
    )


def requests_about(household_id: int, member_code: str | None = None) -> Sequence[SubjectRequest]:
    """Return what was asked about a file, or about one member and the whole, newest first."""
    statement = select(SubjectRequest).where(SubjectRequest.household_id == household_id)
    if member_code is not None:
        statement = statement.where(SubjectRequest.member_code.in_(("", member_code)))
    return db.session.scalars(statement.order_by(SubjectRequest.id.desc()).limit(50)).all()


def waits_for_approval(request: SubjectRequest) -> bool:
    """Say whether a second person is really being asked: a refused or stale approval waits for nobody."""
    if request.state is not RequestState.ASKED or request.approval_id is None:
        return False
    approval = db.session.get_one(Approval, request.approval_id)
    return approval.state is ApprovalState.ASKED and approval.ends_on >= clock.today()


def approval_of(request: SubjectRequest) -> Approval | None:
    """Return the approval that was asked for, if any."""
    return db.session.get(Approval, request.approval_id) if request.approval_id else None


def open_erasures() -> ColumnElement[bool]:
    """Say, in SQL, that a request waits for somebody to decide about erasing."""
    return and_(SubjectRequest.kind == RequestKind.ERASE, SubjectRequest.state.in_(OPEN))


def assessments(actor: Actor, cursor: str | None) -> Page[ImpactAssessment]:
    """Return the impact assessments of a person's region, the newest first."""
    statement = select(ImpactAssessment).where(_reaches(actor))
    return paging.fetch(
        db.session, statement, [(ImpactAssessment.id, True)], cursor, key=lambda row: [row.id]
    )


def assessment_by_code(actor: Actor, code: str) -> ImpactAssessment:
    """Return an impact assessment; NotHere when it is none of this person's region."""
    found = db.session.scalars(
        select(ImpactAssessment).where(ImpactAssessment.code == code, _reaches(actor))
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def _in_reach(actor: Actor, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    ranges = []
    for prefix in actor.regions(*policy.READERS):
        low, high = scope_bounds(prefix)
        ranges.append(column.between(low, high))
    return or_(*ranges) if ranges else false()


def _reaches(actor: Actor) -> ColumnElement[bool]:
    """An assessment of the district is of its towns too: it is seen from above and from below."""
    rules = []
    for prefix in actor.regions(*policy.RECORD_KEEPERS):
        above = [prefix[:length] for length in (4, 6, 9) if length < len(prefix)]
        low, high = prefix, prefix + "~"
        rules.append(
            or_(
                ImpactAssessment.region_code.between(low, high),
                ImpactAssessment.region_code.in_(above),
            )
        )
    return or_(*rules) if rules else false()
