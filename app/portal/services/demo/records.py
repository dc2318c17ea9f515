"""Consents near their end, a refusal, requests, a file whose period is over (合规示例): a few, all invented."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select, update

from app.accounts.models import User
from app.audit.models import AuditRow
from app.core.db import db
from app.households import services as households
from app.households.models import Consent, Household, Span
from app.households.rules import HouseholdState, Purpose, Recipient
from app.households.rules.requests import Asker, Ground, RequestKind
from app.households.rules.retention import months_after
from app.households.services import requests
from app.households.services.notes import keep_note
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.portal.services.demo.files import City

SOON = (3, 12, 26, 30)  # days until the consents of four files end
OPENED = 24  # times that a helper opened a family's name and door
LONG_AGO = 61  # months since one file was closed
CHARITY = "顺德区慈善会 0757-2222 0000"
ASSESSED = (
    (
        "把探访任务提供给认领的志愿者",
        "困难家庭需要有人上门看望；只给认领了这件事、实名并签保密承诺的志愿者。",
        "称呼、电话、住址外泄，可能受到打扰；志愿者私下转发。",
        "单独同意；认领后才显示，到期自动收起；每次查看留痕，社工看得到；撤回当场生效。",
        "go",
    ),
    (
        "向慈善组织提供资助申请名单",
        "申请慈善资助需要姓名、救助类别和收款账号；只给同意书里写明的慈善组织。",
        "账号和困难情况属于敏感信息，批量提供一旦泄露影响面大。",
        "逐户单独同意；名单经双人审批导出、带水印；用完由对方删除并回函。",
        "mend",
    ),
)


def keep_records(city: City) -> None:
    """Let the pages of consents and records have something to show, without moving a figure."""
    worker = db.session.get_one(User, city.cast.accounts["worker"])
    officer = db.session.get_one(User, city.cast.accounts["officer"])
    agreed = exists().where(Consent.household_id == Household.id, Consent.withdrawn_at.is_(None))
    _end_soon(city, _files(worker.id, agreed)[: len(SOON)])
    silent = _files(worker.id, ~exists().where(Consent.household_id == Household.id))
    if silent:
        households.refuse_consent(
            worker.actor,
            silent[0],
            [Purpose.VISIT, Purpose.GOODS],
            Recipient.HELPERS,
            refused_on=city.before(40),
        )
    known = _files(worker.id, agreed)
    if known:
        _ask(worker, known[-1], city)
        keep_note(worker.actor, known[0], "周三上午一般在家；先敲后门，前门铃坏了。")
    _close_long_ago(city)
    _opened(city)
    requests.propose(city.today)
    for number, (title, purpose, risk, measures, conclusion) in enumerate(ASSESSED):
        requests.assess(
            officer.actor,
            region_code=officer.grants[0].region_code,
            title=title,
            purpose=purpose,
            risk=risk,
            measures=measures,
            conclusion=conclusion,
            assessors="区民政局 陈科、社工站 李工",
            assessed_on=city.before(90 + 100 * number),
            key=f"demo-assessment-{number}",
        )
    db.session.execute(
        update(Consent)
        .where(Consent.recipient == Recipient.CHARITY)
        .values(recipient_name=CHARITY)
        .execution_options(synchronize_session=False)
    )


def _files(worker_id: int, *where: object) -> Sequence[Household]:
    return db.session.scalars(
        select(Household)
        .where(
            Household.worker_id == worker_id,
            Household.state == HouseholdState.ACTIVE,
            *where,  # type: ignore[arg-type]  # any condition
        )
        .order_by(Household.id)
        .limit(8)
    ).all()


def _end_soon(city: City, files: Sequence[Household]) -> None:
    for household, days in zip(files, SOON, strict=False):
        last = city.today + timedelta(days=days)
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == household.id, Consent.withdrawn_at.is_(None))
            .values(expires_on=last, given_on=last - timedelta(days=730))
            .execution_options(synchronize_session=False)
        )


def _ask(worker: User, household: Household, city: City) -> None:
    requests.receive(
        worker.actor,
        household,
        kind=RequestKind.CORRECT,
        asker=Asker.SUBJECT,
        ground=Ground.NONE,
        words="本人来站里说，电话换了号，旧号别再打",
        received_on=city.before(9),
        key="demo-request-0000001",
    )


def _opened(city: City) -> None:
    """Tell when helpers opened name and door: what the record of provision is made of."""
    rows = db.session.execute(
        select(Claim.code, Claim.user_id, Claim.claimed_at, Task.household_id, Task.region_code)
        .join(Claim.task)
        .where(
            Claim.state.in_((ClaimState.HELD, ClaimState.CONFIRMED)), Task.kind == TaskKind.VISIT
        )
        .order_by(Claim.id.desc())
        .limit(OPENED)
    ).all()
    for row in reversed(rows):
        db.session.add(
            AuditRow(
                at=min(row.claimed_at + timedelta(hours=2), city.now),
                user_id=row.user_id,
                action="claim.read_household",
                subject=row.code,
                household_id=row.household_id,
                region_code=row.region_code,
                detail={},
            )
        )


def _close_long_ago(city: City) -> None:
    """Let the closed file that was visited least be closed for longer than its period."""
    closed = db.session.scalars(
        select(Household)
        .where(Household.state == HouseholdState.CLOSED)
        .order_by(Household.visit_count, Household.id)
        .limit(1)
    ).one_or_none()
    if closed is None:
        return
    ended = months_after(city.today, -LONG_AGO)
    began = months_after(ended, -24)
    closed.filed_on = began
    db.session.execute(
        update(Span)
        .where(Span.household_id == closed.id, Span.until_on.is_not(None))
        .values(from_on=began, until_on=ended)
    )
    db.session.execute(
        update(Span)
        .where(Span.household_id == closed.id, Span.until_on.is_(None))
        .values(from_on=ended)
    )
