"""What pages and jobs ask about visits (探访查询)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Date, and_, case, func, literal, or_, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.sql.functions import FunctionElement

from app.accounts.models import User
from app.core import paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import queries as files
from app.households.models import Household
from app.households.rules import HouseholdState, Tier
from app.households.rules.traits import INTERVAL_DAYS
from app.media.models import Media
from app.tasks import queries as tasks
from app.tasks.models import Claim, Task
from app.tasks.rules import TaskSource, TaskState
from app.visits import policy
from app.visits.models import FollowUp, Visit, VisitPhoto, VisitRhythm
from app.visits.policy import Errand
from app.visits.rules import CONTACT, FollowUpKind, Result, VisitState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor
    from app.core.paging import Page

UNFINISHED = (VisitState.DRAFT, VisitState.RETURNED)
RUNNING = (TaskState.OPEN, TaskState.FULL)
PAGE_SIZE = 20
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the list (筛选)."""

    state: VisitState | None = None
    town: str = ""
    result: Result | None = None


def by_code(code: str) -> Visit:
    """Return a record with all that its page shows; NotHere when there is none."""
    found = db.session.scalars(
        select(Visit)
        .where(Visit.code == code)
        .options(
            joinedload(Visit.household),
            joinedload(Visit.visitor),
            joinedload(Visit.claim).joinedload(Claim.task),
            joinedload(Visit.task),
        )
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def by_key(user_id: int | None, key: str) -> Visit | None:
    """Return what this person already wrote with this idempotency key."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.recorded_by_id == user_id, Visit.idempotency_key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()


def errand_for_claim(code: str) -> Errand:
    """Return what a claim's holder would record; NotHere when there is no such claim."""
    claim = db.session.scalars(
        select(Claim)
        .where(Claim.code == code)
        .options(joinedload(Claim.task).joinedload(Task.household))
    ).one_or_none()
    if claim is None:
        raise NotHere
    return Errand(claim.task.household, claim, claim.task)


def errand_for_file(file_no: str) -> Errand:
    """Return what a worker would record of a file, with its open rhythm task if there is one."""
    household = files.by_file_no(file_no)
    task = db.session.scalars(
        select(Task).where(
            Task.household_id == household.id,
            Task.source == TaskSource.RHYTHM,
            Task.state.in_(RUNNING),
        )
    ).one_or_none()
    return Errand(household, None, task)


def unfinished(user_id: int | None, errand: Errand) -> Visit | None:
    """Return this person's draft or returned record of this errand."""
    about = (
        Visit.claim_id == errand.claim.id
        if errand.claim is not None
        else and_(Visit.claim_id.is_(None), Visit.household_id == errand.household.id)
    )
    return db.session.scalars(
        select(Visit)
        .where(about, Visit.visitor_id == user_id, Visit.state.in_(UNFINISHED))
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()


def notes(visit: Visit) -> dict[str, Any]:
    """Open what stands in a record; empty when the file was erased. Whoever calls this writes the audit row."""
    if visit.household.data_key is None:
        return {}
    found: dict[str, Any] = files.box(visit.household).open_json(
        visit.notes, f"visit.notes:{visit.code}"
    )
    return found


def is_open_to(actor: Actor, visit: Visit) -> bool:
    """Say whether what stands in a record is open to somebody today: to a helper, only while the household agrees."""
    if not policy.can_read(actor, visit):
        return False
    if policy.in_scope(actor, visit) or visit.task_id is None:
        return True
    return tasks.still_agreed(visit.task_id)


def promise(follow_up: FollowUp, household: Household) -> str:
    """Open what is to be done; empty when the file was erased."""
    if household.data_key is None:
        return ""
    found = files.box(household).open_json(follow_up.what, f"follow_up.what:{follow_up.code}")
    return str(found.get("text", ""))


def versions(visit: Visit) -> list[Visit]:
    """Return all versions of a record, the oldest first (更正链)."""
    chain = [visit]
    while chain[0].amends_id is not None:
        chain.insert(0, db.session.get_one(Visit, chain[0].amends_id))
    while (
        later := db.session.scalars(
            select(Visit).where(Visit.amends_id == chain[-1].id)
        ).one_or_none()
    ) is not None:
        chain.append(later)
    return chain


def photos(visit: Visit) -> Sequence[VisitPhoto]:
    """Return a record's photos, without those that were erased; an amended version shows the first one's."""
    ids = [version.id for version in versions(visit)]
    return db.session.scalars(
        select(VisitPhoto)
        .join(VisitPhoto.media)
        .where(VisitPhoto.visit_id.in_(ids), Media.gone_at.is_(None))
        .options(contains_eager(VisitPhoto.media))
        .order_by(VisitPhoto.visit_id, VisitPhoto.position)
    ).all()


def photo(visit: Visit, position: int) -> VisitPhoto:
    """Return one photo of a record by its place; NotHere when there is none."""
    for found in photos(visit):
        if found.position == position:
            return found
    raise NotHere


def follow_ups_of(visit: Visit) -> Sequence[FollowUp]:
    """Return what is to be done after a visit, whichever version asked for it."""
    ids = [version.id for version in versions(visit)]
    return db.session.scalars(
        select(FollowUp).where(FollowUp.visit_id.in_(ids)).order_by(FollowUp.due_on, FollowUp.id)
    ).all()


def listing(
    actor: Actor, wanted: Wanted, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Visit]:
    """Return one page of the records somebody may see, the newest first; replaced versions only when asked for.

    Each reason for which they may be seen walks its own index for one page; the newest of these are the page.
    """
    order = [(Visit.id, True)]
    # a place that was asked for has an index of its own, which leads further than any reason
    ways = [policy.visible_to(actor)] if wanted.town else policy.ways_to_see(actor)
    found = [
        paging.beginning(select(Visit.id).where(way, *_chosen(actor, wanted)), order, cursor, size)
        for way in ways
    ]
    newest = union_all(*(select(one.subquery().c.id) for one in found))
    statement = (
        select(Visit)
        .where(Visit.id.in_(newest))
        .options(
            joinedload(Visit.household),
            joinedload(Visit.visitor).selectinload(User.grants),
        )
    )
    return paging.fetch(db.session, statement, order, None, key=lambda visit: [visit.id], size=size)


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Read a filter as it stands in an address."""
    return Wanted(
        state=_choice(VisitState, asked.get("state")),
        town=asked.get("town", "")[:9],
        result=_choice(Result, asked.get("result")),
    )


def _choice(kind: type[E], text: str | None) -> E | None:
    return next((member for member in kind if member.value == text), None)


def chosen(actor: Actor, wanted: Wanted) -> Select[Visit]:
    """Select all the records that a list is narrowed to, with who went and to whom: for an export."""
    return (
        select(Visit)
        .where(policy.visible_to(actor), *_chosen(actor, wanted))
        .options(
            joinedload(Visit.household),
            joinedload(Visit.visitor).selectinload(User.grants),
        )
    )


def _chosen(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    me = actor.user_id or 0
    chosen: list[ColumnElement[bool]] = [
        Visit.state == wanted.state
        if wanted.state
        else or_(
            Visit.state.not_in((VisitState.DRAFT, VisitState.AMENDED)),
            and_(Visit.state == VisitState.DRAFT, Visit.recorded_by_id == me),
        )
    ]
    if wanted.state is VisitState.DRAFT:
        chosen.append(Visit.recorded_by_id == me)
    if wanted.town:
        chosen.append(policy.in_region(wanted.town))
    if wanted.result:
        chosen.append(Visit.result == wanted.result)
    return chosen


def for_household(household_id: int, limit: int = 20) -> Sequence[Visit]:
    """Return the newest records of a file, without drafts and replaced versions."""
    return db.session.scalars(
        select(Visit)
        .where(
            Visit.household_id == household_id,
            Visit.state.in_((VisitState.SUBMITTED, VisitState.CONFIRMED, VisitState.RETURNED)),
        )
        .options(joinedload(Visit.visitor), selectinload(Visit.photos))
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(limit)
    ).all()


def to_confirm(actor: Actor, limit: int = 20) -> Sequence[Visit]:
    """Return the records that wait for this person's word, the longest waiting first."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.state == VisitState.SUBMITTED, policy.judged_by(actor))
        .options(joinedload(Visit.household), joinedload(Visit.visitor))
        .order_by(Visit.id)
        .limit(limit)
    ).all()


def follow_ups(user_id: int, limit: int = 20) -> Sequence[FollowUp]:
    """Return what somebody still has to do, what is due first."""
    return db.session.scalars(
        select(FollowUp)
        .join(FollowUp.visit)
        .where(
            FollowUp.person_id == user_id,
            FollowUp.done_at.is_(None),
            Visit.state.not_in(UNFINISHED),
        )
        .options(joinedload(FollowUp.visit).joinedload(Visit.household))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(limit)
    ).all()


def follow_up_by_code(code: str) -> FollowUp:
    """Return something to do by its code; NotHere when there is none."""
    found = db.session.scalars(
        select(FollowUp)
        .where(FollowUp.code == code)
        .options(joinedload(FollowUp.visit).joinedload(Visit.household))
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def has_open_follow_up(household_id: int, kind: FollowUpKind) -> bool:
    """Say whether something of this kind is still to be done for a file."""
    return (
        db.session.scalar(
            select(FollowUp.id)
            .where(
                FollowUp.household_id == household_id,
                FollowUp.kind == kind,
                FollowUp.done_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def results(household_id: int, limit: int) -> list[Result]:
    """Return what came of a file's last confirmed visits, the newest first."""
    return list(
        db.session.scalars(
            select(Visit.result)
            .where(Visit.household_id == household_id, Visit.state == VisitState.CONFIRMED)
            .order_by(Visit.visited_on.desc(), Visit.id.desc())
            .limit(limit)
        )
    )


def rhythm(on: date) -> dict[Tier, int]:
    """Return how many days lie between two visits of each tier, as it holds on a day."""
    days = dict(INTERVAL_DAYS)
    rows = db.session.scalars(
        select(VisitRhythm).where(VisitRhythm.valid_from <= on).order_by(VisitRhythm.valid_from)
    )
    days.update({row.tier: row.days for row in rows})
    return days


def rhythms() -> Sequence[VisitRhythm]:
    """Return every rhythm that was ever set, the newest first."""
    newest = (VisitRhythm.valid_from.desc(), VisitRhythm.id.desc())
    return db.session.scalars(select(VisitRhythm).order_by(*newest)).all()


class _DaysAfter(FunctionElement[Any]):
    """A day so many days after the day in a column."""

    type = Date()
    inherit_cache = True
    name = "days_after"


@compiles(_DaysAfter, "postgresql")
def _days_after_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return "({} + CAST({} AS INTEGER))".format(
        *(compiler.process(clause, **kw) for clause in element.clauses)
    )


@compiles(_DaysAfter)
def _days_after_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "date({}, '+' || {} || ' days')".format(
        *(compiler.process(clause, **kw) for clause in element.clauses)
    )


def out_of_step(on: date, after_id: int, limit: int) -> Sequence[Any]:
    """Return files whose kept visit figures differ from their visits: (id, count, last, next) as they should be.

    A file that nobody was met at keeps the day that its worker or an import set, as long as there is one. A visit
    counts for its own file, and for the one that carries that file on (合户).
    """
    old = aliased(Household)
    each = union_all(
        select(Visit.household_id, Visit.result, Visit.visited_on).where(
            Visit.state == VisitState.CONFIRMED
        ),
        select(old.merged_into_id, Visit.result, Visit.visited_on)
        .join(old, old.id == Visit.household_id)
        .where(Visit.state == VisitState.CONFIRMED, old.merged_into_id.is_not(None)),
    ).subquery()
    counted = (
        select(
            each.c.household_id.label("household_id"),
            func.count().label("times"),
            func.max(case((each.c.result.in_(CONTACT), each.c.visited_on))).label("last"),
        )
        .group_by(each.c.household_id)
        .subquery()
    )
    times = func.coalesce(counted.c.times, 0)
    days = rhythm(on)
    interval = case({tier: literal(days[tier]) for tier in Tier}, value=Household.tier)
    due = case(
        (Household.state != HouseholdState.ACTIVE, None),
        (counted.c.last.is_not(None), _DaysAfter(counted.c.last, interval)),
        (Household.next_visit_on.is_(None), _DaysAfter(Household.filed_on, interval)),
        else_=Household.next_visit_on,
    )
    rows = db.session.execute(
        select(Household.id, times, counted.c.last, due.label("due"))
        .outerjoin(counted, counted.c.household_id == Household.id)
        .where(
            Household.id > after_id,
            or_(
                Household.visit_count != times,
                Household.last_visit_on.is_distinct_from(counted.c.last),
                Household.next_visit_on.is_distinct_from(due),
            ),
        )
        .order_by(Household.id)
        .limit(limit)
    )
    return rows.all()


def due_households(on: date, after_id: int, limit: int) -> Sequence[Household]:
    """Return active files due on or before a day, without a running rhythm task or a record waiting to be confirmed."""
    running = (
        select(Task.id)
        .where(
            Task.household_id == Household.id,
            Task.source == TaskSource.RHYTHM,
            Task.state.in_(RUNNING),
        )
        .exists()
    )
    waiting = (
        select(Visit.id)
        .where(
            Visit.household_id == Household.id,
            Visit.state == VisitState.SUBMITTED,
            Visit.result.in_(CONTACT),
        )
        .exists()
    )
    return db.session.scalars(
        select(Household)
        .where(
            Household.state == HouseholdState.ACTIVE,
            Household.next_visit_on <= on,
            Household.id > after_id,
            ~running,
            ~waiting,
        )
        .order_by(Household.id)
        .limit(limit)
    ).all()


def overdue_by(
    *, worker: bool, on: date | None = None, before: date | None = None
) -> dict[Any, int]:
    """Count active files overdue (due before a day, or exactly on one) by their worker's id, or by town."""
    key: ColumnElement[Any] = Household.worker_id if worker else Household.town_code  # type: ignore[assignment]
    when = Household.next_visit_on == on if on else Household.next_visit_on < before
    rows = db.session.execute(
        select(key, func.count())
        .where(Household.state == HouseholdState.ACTIVE, when)
        .group_by(key)
    )
    return {row[0]: row[1] for row in rows}


def follow_ups_due_by_person(on: date) -> dict[int, int]:
    """Count what is to be done by a day, by person."""
    rows = db.session.execute(
        select(FollowUp.person_id, func.count())
        .join(FollowUp.visit)
        .where(
            FollowUp.done_at.is_(None),
            FollowUp.due_on <= on,
            Visit.state.not_in(UNFINISHED),
        )
        .group_by(FollowUp.person_id)
    )
    return {row[0]: row[1] for row in rows}
