"""What ends by itself (到期): never without a word before, and never in the middle of somebody's work.

Each verb takes the day it runs for and changes nothing the second time; `limit` bounds one transaction.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from app.audit.services import record
from app.core import clock, phrases
from app.core.access import SYSTEM
from app.core.db import db
from app.core.errors import StalePage
from app.needs import queries as need_queries
from app.needs import services as needs
from app.notices.services import queue
from app.tasks import queries
from app.tasks.models import Claim, Task
from app.tasks.rules import REMIND_BEFORE, ClaimState, TaskState
from app.tasks.services import places

BATCH = 500


def remind_holders(day: date, limit: int = BATCH) -> int:
    """Tell holders that their time is nearly over (认领到期提醒), once for each hold."""
    begins = clock.at(day)
    reminded = 0
    for claim in queries.to_remind(begins + REMIND_BEFORE, limit):
        marked = db.session.scalars(
            update(Claim)
            .where(
                Claim.id == claim.id,
                Claim.state == ClaimState.HELD,
                Claim.reminded_at.is_(None),
            )
            .values(reminded_at=begins)
            .returning(Claim.id)
        ).one_or_none()
        if marked is None:
            continue
        reminded += 1
        until = phrases.day(clock.day_of(claim.expires_at or begins), day)
        queue(
            claim.user_id,
            "claim.remind",
            f"{claim.task.card_title} 的认领到 {until} 为止，办好了请记录，办不了请交回"[:120],
            f"/claims/{claim.code}",
            once_key=f"claim.remind:{claim.code}:{until}"[:40],
        )
    return reminded


def expire_claims(day: date, limit: int = BATCH) -> int:
    """End holds whose time is over and pass their places on (认领到期)."""
    expired = 0
    for claim in queries.lapsed(clock.at(day), limit):
        try:
            with db.session.begin_nested():  # one bad row does not cost the others their night
                _expire(claim)
        except StalePage:
            continue
        expired += 1
    return expired


def _expire(claim: Claim) -> None:
    task = places.lock(claim.task_id)
    places.end_claim(claim, ClaimState.EXPIRED, (ClaimState.HELD,), "到期没有记录")
    places.give_back(task, claim.units)
    places.settle_need(SYSTEM, task.need_id)
    record(
        SYSTEM,
        "claim.expire",
        claim.code,
        household_id=task.household_id,
        region_code=task.region_code,
        detail={"task": task.code},
    )
    queue(
        claim.user_id,
        "claim.expired",
        f"{task.card_title} 的认领到期了，名额让给了下一位。有空随时再来"[:120],
        f"/claims/{claim.code}",
    )
    queue(
        task.contact_id,
        "claim.expired",
        f"有一个认领到期没有记录：{task.title}"[:120],
        f"/needs/{task.need.code}" if task.need is not None else f"/tasks/{task.code}",
    )


def ask_needs_again(day: date, limit: int = BATCH) -> int:
    """Ask workers whether needs near their deadline still stand (需求到期前询问)."""
    begins = clock.at(day)
    return sum(
        needs.ask_again(SYSTEM, need, begins) for need in need_queries.to_ask_again(day, limit)
    )


def expire_needs(day: date, limit: int = BATCH) -> int:
    """End needs past their deadline that nobody is working on, with their open tasks (需求到期)."""
    expired = 0
    for need in queries.needs_to_expire(day, limit):
        with db.session.begin_nested():
            for task_id in db.session.scalars(
                select(Task.id).where(Task.need_id == need.id).order_by(Task.id)
            ).all():
                task = places.lock(task_id)
                if task.state in places.RUNNING:
                    places.close(task, TaskState.EXPIRED, "这件事已经过了期限")
            places.settle_need(SYSTEM, need.id)  # something was done: partly met, not expired
            needs.mark_expired(SYSTEM, need)
        expired += 1
    return expired
