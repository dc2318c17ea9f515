"""Needs, visits and claims as rows of lists (需求、探访、认领): helpers by surname, households by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.accounts.queries import display_name
from app.core.sheets import Column, Kind
from app.exports.queries.steps import Filters, Steps, as_text
from app.needs import queries as needs
from app.needs.models import Need
from app.needs.rules import KIND_WORDS as NEED_KINDS
from app.needs.rules import STATE_WORDS as NEED_STATES
from app.needs.rules import URGENCY_WORDS
from app.regions.queries import index as divisions
from app.regions.queries import place_short
from app.tasks import policy as tasks
from app.tasks.models import Claim, Task
from app.tasks.rules import CLAIM_WORDS, TASK_WORDS, TaskKind
from app.tasks.rules import KIND_WORDS as TASK_KINDS
from app.visits import queries as visits
from app.visits.models import Visit
from app.visits.rules import MANNER_WORDS, RESULT_WORDS
from app.visits.rules import STATE_WORDS as VISIT_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.core.access import Actor

PLACE = (Column("区"), Column("镇街"), Column("村居", width=20))
NEED_COLUMNS = (
    Column("需求编号", width=16), Column("档案号", width=22), *PLACE,
    Column("类型"), Column("小类"), Column("急缓"), Column("需求", width=30),
    Column("要几个人", Kind.NUMBER), Column("物品"), Column("数量", Kind.NUMBER), Column("单位"),
    Column("金额（元）", Kind.MONEY), Column("最晚", Kind.DAY), Column("状态"),
    Column("提出时间", Kind.MOMENT, 18), Column("办结时间", Kind.MOMENT, 18),
)  # fmt: skip
VISIT_COLUMNS = (
    Column("探访编号", width=16), Column("日子", Kind.DAY), *PLACE, Column("档案号", width=22),
    Column("结果"), Column("方式"), Column("探访人"), Column("时长（分钟）", Kind.NUMBER),
    Column("同行人数", Kind.NUMBER), Column("计志愿时"), Column("状态"),
    Column("确认时间", Kind.MOMENT, 18),
)  # fmt: skip
CLAIM_COLUMNS = (
    Column("任务编号", width=16), Column("任务", width=26), Column("类型"), *PLACE,
    Column("档案号", width=22), Column("最晚", Kind.DAY), Column("任务状态"),
    Column("名额", Kind.NUMBER), Column("单位"), Column("认领编号", width=16), Column("认领人"),
    Column("认领数量", Kind.NUMBER), Column("认领状态"), Column("认领时间", Kind.MOMENT, 18),
)  # fmt: skip
NEED_FILTERS: Filters = {
    "state": ("状态", as_text(NEED_STATES)),
    "town": ("镇街", None),
    "kind": ("类型", as_text(NEED_KINDS)),
    "urgency": ("急缓", as_text(URGENCY_WORDS)),
}
VISIT_FILTERS: Filters = {
    "state": ("状态", as_text(VISIT_STATES)),
    "town": ("镇街", None),
    "result": ("结果", as_text(RESULT_WORDS)),
}
CLAIM_FILTERS: Filters = {"town": ("镇街", None), "kind": ("类型", as_text(TASK_KINDS))}


def _place(one: Any) -> tuple[str, ...]:
    codes = (one.district_code, one.town_code, one.region_code)
    return tuple(place_short(code) for code in codes)


def need_steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the needs that a list is narrowed to; what stands inside them is not in it."""
    return Steps(needs.chosen(actor, needs.filters_from(asked)), Need.id, _needs)


def _needs(rows: Sequence[Need]) -> list[tuple[Any, ...]]:
    return [
        (
            one.code, one.household.file_no, *_place(one), NEED_KINDS[one.kind], one.subkind,
            URGENCY_WORDS[one.urgency], one.title, one.seats or None, one.item,
            one.quantity or None, one.unit, one.amount_fen or None, one.deadline_on,
            NEED_STATES[one.state], one.posted_at, one.settled_at,
        )
        for one in rows
    ]  # fmt: skip


def visit_steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the records that a list is narrowed to; what was confided is not in it."""
    return Steps(visits.chosen(actor, visits.wanted_from(asked)), Visit.id, _visits)


def _visits(rows: Sequence[Visit]) -> list[tuple[Any, ...]]:
    return [
        (
            one.code, one.visited_on, *_place(one), one.household.file_no,
            RESULT_WORDS[one.result], MANNER_WORDS[one.manner], display_name(one.visitor),
            one.minutes, one.companions, "是" if one.counts_hours else "否",
            VISIT_STATES[one.state], one.confirmed_at,
        )
        for one in rows
    ]  # fmt: skip


def claim_steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the claims on the tasks of somebody's region, as its staff see them: who took what, and how it stands."""
    statement = (
        select(Claim)
        .join(Claim.task)
        .options(
            contains_eager(Claim.task).joinedload(Task.household),
            joinedload(Claim.user).selectinload(User.grants),
        )
        .where(tasks.visible_to(actor))
    )
    if asked.get("town", "") in divisions():
        statement = statement.where(tasks.in_region(asked["town"]))
    if asked.get("kind") in set(TaskKind):
        statement = statement.where(Task.kind == TaskKind(asked["kind"]))
    return Steps(statement, Claim.id, _claims)


def _claims(rows: Sequence[Claim]) -> list[tuple[Any, ...]]:
    return [
        (
            one.task.code, one.task.title, TASK_KINDS[one.task.kind], *_place(one.task),
            one.task.household.file_no, one.task.due_on, TASK_WORDS[one.task.state],
            one.task.capacity, one.task.unit, one.code, display_name(one.user), one.units,
            CLAIM_WORDS[one.state], one.claimed_at,
        )
        for one in rows
    ]  # fmt: skip
