"""What comes to its end by itself (到期提醒): classes, pauses, and requests that nobody decided."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.audit import services as audit
from app.core.access import SYSTEM
from app.core.db import db
from app.households.models import Approval, Household
from app.households.rules import HouseholdState
from app.households.rules.approvals import KIND_WORDS, ApprovalState
from app.households.rules.classes import REMIND_CLASS
from app.households.rules.closing import REMIND_PAUSE
from app.notices import services as notices

if TYPE_CHECKING:
    from datetime import date

BATCH = 500
IN_FORCE = (HouseholdState.ACTIVE, HouseholdState.PAUSED)


def remind_classes(day: date) -> int:
    """Tell workers that a class ends in thirty days, and that it ended yesterday (刚性支出困难家庭认定 §10)."""
    soon, over = day + REMIND_CLASS, day - timedelta(days=1)
    found = db.session.execute(
        select(Household.file_no, Household.worker_id, Household.class_until).where(
            Household.class_until.in_((soon, over)), Household.state.in_(IN_FORCE)
        )
    ).all()
    for file_no, worker, until in found:
        words = (
            "有一份档案的救助类别 30 天后到期，请和这家人商量要不要续办"
            if until == soon
            else "有一份档案的救助类别已过期，请续办或改类别"
        )
        _tell(
            worker, "class", file_no, f"{'c30' if until == soon else 'c0'}:{file_no}:{until}", words
        )
    return len(found)


def remind_pauses(day: date) -> int:
    """Tell workers that a pause ends in three days, and that it is over; going on is their word."""
    soon, over = day + REMIND_PAUSE, day - timedelta(days=1)
    found = db.session.execute(
        select(Household.file_no, Household.worker_id, Household.paused_until).where(
            Household.paused_until.in_((soon, over)), Household.state == HouseholdState.PAUSED
        )
    ).all()
    for file_no, worker, until in found:
        words = (
            "有一份暂停的档案 3 天后到期，请问问这家人的近况"
            if until == soon
            else "有一份档案的暂停到期了，请恢复、延长或结案"
        )
        _tell(
            worker, "pause", file_no, f"{'p3' if until == soon else 'p0'}:{file_no}:{until}", words
        )
    return len(found)


def end_approvals(day: date, limit: int = BATCH) -> int:
    """End requests that nobody decided in their thirty days (到期未审批), and tell who asked."""
    ended = db.session.execute(
        update(Approval)
        .where(
            Approval.id.in_(
                select(Approval.id)
                .where(Approval.state == ApprovalState.ASKED, Approval.ends_on < day)
                .order_by(Approval.id)
                .limit(limit)
                .scalar_subquery()
            ),
            Approval.state == ApprovalState.ASKED,
        )
        .values(state=ApprovalState.EXPIRED)
        .returning(
            Approval.code,
            Approval.kind,
            Approval.asked_by_id,
            Approval.household_id,
            Approval.region_code,
        )
        .execution_options(synchronize_session=False)
    ).all()
    for code, kind, asker, household, region in ended:
        audit.record(SYSTEM, "approval.expire", code, household_id=household, region_code=region)
        words = f"{KIND_WORDS[kind]}：30 天没有人审批，已经过期。还需要的话请再提一次"
        notices.queue(asker, "approval.expired", words, f"/approvals/{code}")
    return len(ended)


def _tell(worker: int | None, kind: str, file_no: str, once: str, words: str) -> None:
    notices.queue(worker, f"household.{kind}", words, f"/households/{file_no}", once_key=once)
