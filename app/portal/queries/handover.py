"""Who looks after what, and what would change hands (交接)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from app.accounts.models import Grant, User
from app.accounts.rules import Role, UserState
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy as files
from app.households.models import Handover, Household
from app.households.rules import HouseholdState
from app.needs.models import Need
from app.regions.rules import scope_bounds
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskState
from app.visits.models import FollowUp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.core.access import Actor

MOST = 200
DRAFTS = ("draft", "returned")
RUNNING = (TaskState.OPEN, TaskState.FULL)
OPEN_CLAIMS = (ClaimState.HELD, ClaimState.WAITING)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who looks after files, or holds claims (交接对象)."""

    user: User
    files: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """What would go along (交接内容): files by village, and what hangs on them."""

    villages: list[tuple[str, int]]
    follow_ups: int
    drafts: int
    tasks: int

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(number for _, number in self.villages)


def workers(actor: Actor) -> list[Holder]:
    """Return the workers of a supervisor's region, those who left first, with how many files they look after."""
    count = (
        select(func.count())
        .select_from(Household)
        .where(
            Household.worker_id == User.id, Household.state != HouseholdState.ERASED, _mine(actor)
        )
        .correlate(User)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(User, count)
        .options(selectinload(User.grants))
        .where(
            User.id.in_(select(Grant.user_id).where(Grant.role == Role.WORKER, _granted_in(actor)))
        )
        .order_by(User.id)
        .limit(MOST)
    ).all()
    found = [Holder(user, number, _works(user)) for user, number in rows]
    return sorted(found, key=lambda one: (one.is_active or not one.files, -one.files))


def helpers(actor: Actor) -> list[Holder]:
    """Return the volunteers and donors with something in hand in a supervisor's region."""
    rows = db.session.execute(
        select(User, func.count())
        .join(Claim, Claim.user_id == User.id)
        .join(Task, Task.id == Claim.task_id)
        .where(Claim.state.in_(OPEN_CLAIMS), _tasks_of(actor))
        .group_by(User.id)
        .order_by(func.count().desc(), User.id)
        .limit(MOST)
    ).all()
    return [Holder(user, number, user.state is UserState.ACTIVE) for user, number in rows]


def receivers(actor: Actor, but: User) -> list[User]:
    """Return who may take files over: active workers whose scope touches the supervisor's region."""
    return [one.user for one in workers(actor) if one.is_active and one.user.id != but.id]


def bundle(actor: Actor, user: User) -> Bundle:
    """Return what a worker looks after in the supervisor's region: four statements."""
    villages = db.session.execute(
        select(Household.region_code, func.count())
        .where(Household.worker_id == user.id, Household.state != HouseholdState.ERASED)
        .where(_mine(actor))
        .group_by(Household.region_code)
        .order_by(Household.region_code)
    ).all()
    their = select(Household.id).where(Household.worker_id == user.id, _mine(actor))
    return Bundle(
        [(code, number) for code, number in villages],
        _count(FollowUp.person_id == user.id, FollowUp.done_at.is_(None), FollowUp.household_id.in_(their)),
        _count(Need.posted_by_id == user.id, Need.state.in_(DRAFTS), Need.household_id.in_(their)),
        _count(Task.contact_id == user.id, Task.state.in_(RUNNING), Task.household_id.in_(their)),
    )  # fmt: skip


def claims_in_hand(actor: Actor, user: User) -> Sequence[Claim]:
    """Return what a helper holds or waits for in the supervisor's region."""
    return db.session.scalars(
        select(Claim)
        .join(Claim.task)
        .options(contains_eager(Claim.task).joinedload(Task.need))
        .where(Claim.user_id == user.id, Claim.state.in_(OPEN_CLAIMS), _tasks_of(actor))
        .order_by(Claim.id)
        .limit(MOST)
    ).all()


def other_helpers(actor: Actor, but: User) -> list[User]:
    """Return volunteers who might be asked: those who like to help in the region."""
    ranges = [
        User.home_region.between(prefix, prefix + "~") for prefix in actor.regions(Role.SUPERVISOR)
    ]
    return list(
        db.session.scalars(
            select(User)
            .join(Grant, Grant.user_id == User.id)
            .options(selectinload(User.grants))
            .where(
                Grant.role == Role.VOLUNTEER,
                Grant.ended_at.is_(None),
                User.state == UserState.ACTIVE,
                User.id != but.id,
                or_(*ranges) if ranges else false(),
            )
            .order_by(User.id)
            .limit(MOST)
        ).unique()
    )


def handover_by_code(actor: Actor, code: str) -> Handover:
    """Return a handover to its two people and to supervisors of the place; NotHere otherwise."""
    found = db.session.scalars(select(Handover).where(Handover.code == code)).one_or_none()
    if found is None or not (
        actor.user_id in {found.from_id, found.to_id}
        or files.can_hand_over(actor, found.region_code)
    ):
        raise NotHere
    return found


def handovers_to(user_id: int | None) -> Sequence[Handover]:
    """Return what somebody took over lately."""
    return db.session.scalars(
        select(Handover).where(Handover.to_id == user_id).order_by(Handover.id.desc()).limit(20)
    ).all()


def _works(user: User) -> bool:
    return user.state is UserState.ACTIVE and Role.WORKER in user.roles


def _mine(actor: Actor) -> ColumnElement[bool]:
    rules = [files.in_region(prefix) for prefix in actor.regions(Role.SUPERVISOR)]
    return or_(*rules) if rules else false()


def _tasks_of(actor: Actor) -> ColumnElement[bool]:
    ranges = []
    for prefix in actor.regions(Role.SUPERVISOR):
        low, high = scope_bounds(prefix)
        ranges.append(Task.region_code.between(low, high))
    return or_(*ranges) if ranges else false()


def _granted_in(actor: Actor) -> ColumnElement[bool]:
    """Say that a role lies in the supervisor's region, or the region in its scope; also one that has ended."""
    rules = []
    for prefix in actor.regions(Role.SUPERVISOR):
        above = [prefix[:length] for length in (4, 6, 9, 12) if length <= len(prefix)]
        rules.append(
            or_(
                Grant.region_code.in_(above),
                and_(Grant.region_code >= prefix, Grant.region_code <= prefix + "~"),
            )
        )
    return or_(*rules) if rules else false()


def _count(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0
