"""Opening and closing tasks (任务发布与撤下): from a reviewed need, and from the rhythm of visits."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.audit.services import record
from app.core import clock, codes
from app.core.access import SYSTEM, Actor
from app.core.db import db
from app.households import queries as households
from app.households.models import Household
from app.households.rules import Purpose
from app.needs import services as needs
from app.needs.models import Need
from app.needs.rules import SERVICE_KINDS, Urgency
from app.tasks import queries
from app.tasks.models import Claim, Task
from app.tasks.rules import (
    LIVE,
    TaskKind,
    TaskSource,
    TaskState,
    goods_title,
    money_title,
    persona,
)
from app.tasks.services import places

RHYTHM_TITLE = "上门看望"
RHYTHM_WORDING = "到时间去看看他们了：聊聊近况，看看家里的水电煤气，问问有没有新的难处。"


def publish(actor: Actor, need: Need) -> list[Task]:
    """Show a reviewed need and open its tasks, all in one transaction (审核发布)."""
    needs.mark_published(actor, need)
    tasks = [Task(**(_common(need) | wanted)) for wanted in _wanted(need)]
    db.session.add_all(tasks)
    for task in tasks:
        _record(actor, "task.open", task)
    return tasks


def withdraw(actor: Actor, need: Need, reason: str) -> None:
    """Take a need back and cancel its tasks; everybody who holds or waits is told (撤下)."""
    needs.mark_withdrawn(actor, need, reason)
    for task_id in db.session.scalars(
        select(Task.id).where(Task.need_id == need.id).order_by(Task.id)
    ).all():
        task = places.lock(task_id)
        if task.state in places.RUNNING:
            places.close(task, TaskState.CANCELLED, "这件事不用办了，谢谢你愿意帮忙")
            _record(actor, "task.cancel", task)


def open_rhythm_visit(household: Household, due_on: date) -> Task | None:
    """Open the visit that the rhythm asks for (到期走访); None when one is open already, whoever opened it."""
    now = clock.now()
    values: dict[str, Any] = {
        "code": codes.new("T"),
        "kind": TaskKind.VISIT,
        "source": TaskSource.RHYTHM,
        "household_id": household.id,
        "region_code": household.region_code,
        "town_code": household.town_code,
        "district_code": household.district_code,
        "who": persona(household.traits, household.member_count),
        "title": RHYTHM_TITLE,
        "wording": RHYTHM_WORDING,
        "urgency": Urgency.NORMAL,
        "skill": "",
        "unit": "人",
        "capacity": 1,
        "taken": 0,
        "due_on": due_on,
        "is_public": households.has_consent(household.id, Purpose.VISIT, on=clock.day_of(now)),
        "state": TaskState.OPEN,
        "contact_id": household.worker_id,
        "created_at": now,
        "version": 1,
    }
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Task).values(values).on_conflict_do_nothing().returning(Task)
    task = db.session.scalars(statement).one_or_none()
    if task is not None:
        _record(SYSTEM, "task.open", task)
    return task


def finish_rhythm(actor: Actor, household_id: int) -> bool:
    """Close the rhythm's open visit because a worker has been there (已走访); a helper who holds it keeps it."""
    running = queries.running_rhythm(household_id)
    if running is None:
        return False
    task = places.lock(running.id)
    held = db.session.scalars(
        select(Claim.id).where(Claim.task_id == task.id, Claim.state.in_(LIVE)).limit(1)
    ).one_or_none()
    if task.state not in places.RUNNING or held is not None:
        return False
    places.close(task, TaskState.DONE, "社工已经去看过了，谢谢你愿意帮忙")
    _record(actor, "task.finish", task)
    return True


def preview(need: Need) -> list[Task]:
    """Return the cards that publishing would open, for the reviewer's eyes; they are never kept."""
    return [Task(taken=0, **(_common(need) | wanted)) for wanted in _wanted(need)]


def _common(need: Need) -> dict[str, Any]:
    return {
        "source": TaskSource.NEED,
        "household_id": need.household_id,
        "need_id": need.id,
        "region_code": need.region_code,
        "town_code": need.town_code,
        "district_code": need.district_code,
        "who": persona(need.household.traits, need.household.member_count),
        "wording": need.wording,
        "urgency": need.urgency,
        "is_public": True,
        "contact_id": need.posted_by_id,
        "due_on": need.deadline_on,
        "created_at": clock.now(),
    }


def _wanted(need: Need) -> list[dict[str, Any]]:
    """Return the tasks that a need asks for, each in its own code and unit."""
    wanted: list[dict[str, Any]] = []
    if need.seats:
        until = need.visit_until
        wanted.append(
            {
                "kind": TaskKind.SERVICE if need.kind in SERVICE_KINDS else TaskKind.VISIT,
                "title": need.title,
                "skill": need.skill,
                "unit": "人",
                "capacity": need.seats,
                "starts_at": need.visit_from,
                "ends_at": until,
                "due_on": min(clock.day_of(until), need.deadline_on) if until else need.deadline_on,
            }
        )
    if need.quantity:
        wanted.append(
            {
                "kind": TaskKind.GOODS,
                "title": goods_title(need.item, need.quantity, need.unit),
                "unit": need.unit,
                "capacity": need.quantity,
            }
        )
    if need.amount_fen and need.programme is not None:
        wanted.append(
            {
                "kind": TaskKind.MONEY,
                "title": money_title(need.programme.name, need.subkind or need.title),
                "unit": "分",
                "capacity": need.amount_fen,
                "programme_id": need.programme_id,
            }
        )
    return [{"code": codes.new("T"), **values} for values in wanted]


def _record(actor: Actor, action: str, task: Task) -> None:
    record(
        actor,
        action,
        task.code,
        household_id=task.household_id,
        region_code=task.region_code,
    )
