"""A claim on its way (办理): handed in, taken back, confirmed; and the door that is open meanwhile."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.audit.services import record
from app.core import clock
from app.core.access import Actor, require
from app.core.db import changed_one, db
from app.households import queries as households
from app.households.queries import Head
from app.notices.services import queue
from app.tasks import policy, queries
from app.tasks.errors import ConsentWithdrawn, DoorClosed
from app.tasks.models import Claim, Task
from app.tasks.rules import WINDOW_GRACE, ClaimState, TaskState
from app.tasks.services import places


def hand_in(actor: Actor, claim: Claim) -> None:
    """Say that it is done and waits to be confirmed (交办结); called with the visit's record or the gift's pledge."""
    require(policy.can_hand_in, actor, claim)
    task = places.lock(claim.task_id)
    _move(claim, ClaimState.HANDED_IN, (ClaimState.HELD,), handed_in_at=clock.now())
    places.settle_need(actor, task.need_id)
    _record(actor, "claim.hand_in", claim, task)


def take_back(actor: Actor, claim: Claim) -> None:
    """Open a claim again because its record was returned (退回补充): the holder gets days to mend it."""
    require(policy.can_manage, actor, claim.task)
    task = places.lock(claim.task_id)
    until = max(claim.expires_at or clock.now(), clock.now() + WINDOW_GRACE)
    _move(
        claim,
        ClaimState.HELD,
        (ClaimState.HANDED_IN,),
        handed_in_at=None,
        expires_at=until,
        reminded_at=None,
    )
    places.settle_need(actor, task.need_id)
    _record(actor, "claim.take_back", claim, task)


def confirm(actor: Actor, claim: Claim) -> None:
    """Confirm that it was done (确认); a task whose every unit is confirmed is done, and its need may be met."""
    require(policy.can_confirm, actor, claim)
    task = places.lock(claim.task_id)
    _move(
        claim,
        ClaimState.CONFIRMED,
        (ClaimState.HANDED_IN, ClaimState.HELD),
        ended_at=clock.now(),
    )
    _finish_if_complete(task)
    places.settle_need(actor, task.need_id)
    _record(actor, "claim.confirm", claim, task)
    queue(
        claim.user_id,
        "claim.confirmed",
        f"社工确认了：{task.card_title}。谢谢你走这一趟"[:120],
        f"/claims/{claim.code}",
    )


def read_household(actor: Actor, claim: Claim) -> Head:
    """Open name, phone and door to the holder (查看住址); each reading leaves a row that the worker sees."""
    if not actor.is_system and not policy.sees_household(actor, claim):
        raise DoorClosed
    if not queries.still_agreed(claim.task_id):
        raise ConsentWithdrawn
    _record(actor, "claim.read_household", claim, claim.task)
    return households.head(claim.task.household)


def _finish_if_complete(task: Task) -> None:
    confirmed = db.session.scalar(
        select(func.coalesce(func.sum(Claim.units), 0)).where(
            Claim.task_id == task.id, Claim.state == ClaimState.CONFIRMED
        )
    )
    if confirmed == task.capacity and task.state in places.RUNNING:
        places.close(task, TaskState.DONE, "已经有人办好了，谢谢你愿意帮忙")


def _move(
    claim: Claim, wanted: ClaimState, sources: tuple[ClaimState, ...], **values: object
) -> None:
    changed_one(
        update(Claim)
        .where(Claim.id == claim.id, Claim.state.in_(sources))
        .values(state=wanted, **values)
    )


def _record(actor: Actor, action: str, claim: Claim, task: Task) -> None:
    record(
        actor,
        action,
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
        detail={"task": task.code},
    )
