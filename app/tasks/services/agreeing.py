"""When a household agrees no longer, or a helper is no longer there (收回认领): places come back, people are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit.services import record
from app.core.access import SYSTEM, require
from app.core.db import db
from app.core.errors import StalePage
from app.households import services as households
from app.notices.services import queue
from app.tasks import policy, queries
from app.tasks.rules import ClaimState
from app.tasks.services import places

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules import Purpose, Recipient
    from app.tasks.models import Claim, Task

BATCH = 200
KINDLY = "这家人现在不需要了，名字和地址已经收起来。谢谢你愿意帮忙"
GONE = "认领人的账号停用了"


def withdraw_consent(
    actor: Actor, household: Household, purpose: Purpose, recipient: Recipient
) -> int:
    """Withdraw a consent (撤回同意) and end what it carried: doors close, cards vanish; returns how many were told."""
    households.withdraw_consent(actor, household, purpose, recipient)
    db.session.flush()  # what is agreed to is asked anew
    return end_not_agreed(actor, household.id)


def end_not_agreed(actor: Actor = SYSTEM, household_id: int | None = None) -> int:
    """End what is held or waited for without a living consent, or for a file out of force; returns how many were told.

    What was handed in stays to be confirmed: the work was done while the household agreed.
    """
    told = 0
    for task_id in queries.not_agreed(BATCH, household_id):
        try:
            with db.session.begin_nested():  # one bad row does not cost the others their night
                told += _end(actor, task_id, tell_worker=household_id is None)
        except StalePage:
            continue
    return told


def _end(actor: Actor, task_id: int, *, tell_worker: bool) -> int:
    task = places.lock(task_id)
    told = places.turn_back(task, KINDLY)
    places.settle_need(actor, task.need_id)
    record(
        actor,
        "task.turn_back",
        task.code,
        household_id=task.household_id,
        region_code=task.region_code,
    )
    if tell_worker:
        queue(
            task.contact_id,
            "claim.ended",
            f"同意已到期或档案不在档，认领已收起：{task.title}"[:120],
            _inside(task),
        )
    return told


def give_back_of_the_gone() -> int:
    """Give back what people hold whose account was closed or whose role ended (停用后退回); their workers are told."""
    ended = 0
    for claim in queries.of_the_gone(BATCH):
        try:
            with db.session.begin_nested():
                _give_back(claim)
        except StalePage:
            continue
        ended += 1
    return ended


def take_from(actor: Actor, claim: Claim, reason: str) -> None:
    """Take a claim from its holder (收回认领) when a supervisor passes a helper's things on; the holder is told why."""
    require(policy.can_manage, actor, claim.task)
    task = _take_back(actor, claim, reason.strip()[:120])
    queue(
        claim.user_id,
        "claim.ended",
        f"社工把这件事转给别人了：{task.card_title}。点开看说明"[:120],
        f"/claims/{claim.code}",
    )


def _take_back(actor: Actor, claim: Claim, reason: str) -> Task:
    task, held = places.lock(claim.task_id), claim.state is ClaimState.HELD
    wanted = ClaimState.RELEASED if held else ClaimState.DECLINED
    places.end_claim(claim, wanted, (claim.state,), reason)
    if held:
        places.give_back(task, claim.units)
        places.settle_need(actor, task.need_id)
    record(
        actor,
        "claim.release",
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
        reason=reason,
    )
    return task


def _give_back(claim: Claim) -> None:
    task = _take_back(SYSTEM, claim, GONE)
    queue(
        task.contact_id,
        "claim.released",
        f"认领人的账号停用了，名额已让出：{task.title}"[:120],
        _inside(task),
    )


def _inside(task: Task) -> str:
    return f"/needs/{task.need.code}" if task.need is not None else f"/tasks/{task.code}"
