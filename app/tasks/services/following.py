"""What follows a family (跟着家庭走): open tasks go where it moves, say who it is now, and end with its file."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select, update
from sqlalchemy.orm import contains_eager

from app.audit.services import record
from app.core.access import SYSTEM, Actor, require
from app.core.db import db
from app.core.errors import Refusal, StalePage
from app.households import policy as files
from app.households.models import Household
from app.households.rules import HouseholdState
from app.needs import queries as need_queries
from app.needs import services as needs
from app.needs.models import Need
from app.notices.services import queue
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskState, persona
from app.tasks.services import places
from app.tasks.services.opening import withdraw

SWEPT = 100
ENDED = "这户人家的情况变了，不用去了，谢谢你愿意帮忙"
CLOSED = "档案已经结案或并入另一份，这件事不再办"


def follow(actor: Actor, household: Household) -> None:
    """Bring what is open of a household up to its file: place, worker, and how a card describes it.

    What is settled stays where it happened. Whoever holds a claim is told to look at the door again.
    """
    require(files.can_write, actor, household)
    needs.follow(actor, household)
    has_moved = Task.region_code != household.region_code
    moved = db.session.scalars(
        select(Task.id).where(
            Task.household_id == household.id, Task.state.in_(places.RUNNING), has_moved
        )
    ).all()
    db.session.execute(
        update(Task)
        .where(Task.household_id == household.id, Task.state.in_(places.RUNNING))
        .values(
            who=persona(household.traits, household.member_count),
            contact_id=case((has_moved, household.worker_id), else_=Task.contact_id),
            region_code=household.region_code,
            town_code=household.town_code,
            district_code=household.district_code,
            version=Task.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    for claim in _holders(household.id) if moved else ():
        queue(
            claim.user_id,
            "claim.moved",
            f"{claim.task.card_title}：这户街坊搬家了，去之前请再看一次地址"[:120],
            f"/claims/{claim.code}",
        )


def end_all(actor: Actor, household: Household, reason: str = CLOSED) -> int:
    """End what is open for a household whose file ends (收尾): needs are taken back, helpers are told kindly.

    What was handed in is still confirmed: it was done. Returns how many needs and tasks ended.
    """
    asked = need_queries.open_of(household.id)
    for need in asked:
        withdraw(actor, need, reason)
    running = db.session.scalars(
        select(Task.id)
        .where(Task.household_id == household.id, Task.state.in_(places.RUNNING))
        .order_by(Task.id)
    ).all()
    for task_id in running:
        task = places.lock(task_id)
        if task.state not in places.RUNNING:
            continue
        places.close(task, TaskState.CANCELLED, ENDED)
        record(
            actor,
            "task.cancel",
            task.code,
            household_id=task.household_id,
            region_code=task.region_code,
        )
    return len(asked) + len(running)


def sweep(limit: int = SWEPT) -> int:
    """End what is still open for files out of force (夜间收尾), whichever verb closed them; nothing the second time."""
    ended = 0
    for household in _left_open(limit):
        try:
            with db.session.begin_nested():  # one bad row does not cost the others their night
                ended += end_all(SYSTEM, household)
        except (Refusal, StalePage):
            continue
    return ended


def _left_open(limit: int) -> Sequence[Household]:
    running = select(Task.household_id).where(Task.state.in_(places.RUNNING))
    asked = select(Need.household_id).where(Need.state.in_(needs.OPEN))
    return db.session.scalars(
        select(Household)
        .where(
            Household.id.in_(running.union(asked)),
            Household.state.in_([HouseholdState.CLOSED, HouseholdState.ARCHIVED]),
        )
        .order_by(Household.id)
        .limit(limit)
    ).all()


def _holders(household_id: int) -> Sequence[Claim]:
    """Return the claims whose holders may stand before this household's door."""
    return db.session.scalars(
        select(Claim)
        .join(Claim.task)
        .options(contains_eager(Claim.task))
        .where(Task.household_id == household_id, Claim.state == ClaimState.HELD)
        .order_by(Claim.id)
    ).all()
