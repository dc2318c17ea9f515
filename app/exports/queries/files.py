"""Files as rows of a list (档案名册): masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.sheets import Column, Kind
from app.exports.queries.steps import Filters, Steps, as_text
from app.households import queries as households
from app.households.models import Household
from app.households.rules import RECIPIENT_WORDS, STATE_WORDS, Category, Tier
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.core.access import Actor

COLUMNS = (
    Column("档案号", width=22),
    Column("户主"),
    Column("区"),
    Column("镇街"),
    Column("村居", width=20),
    Column("类别", width=18),
    Column("风险档"),
    Column("状态"),
    Column("人口", Kind.NUMBER),
    Column("月人均收入（元）", Kind.MONEY, 18),
    Column("政府救助（元/月）", Kind.MONEY, 18),
    Column("建档日期", Kind.DAY),
    Column("最近一次探访", Kind.DAY, 16),
    Column("下次探访", Kind.DAY),
)
YES = {"1": "是"}
FILTERS: Filters = {
    "region": ("地方", None),
    "category": ("类别", {one.value: one.label for one in Category}),
    "tier": ("风险档", {one.value: one.label for one in Tier}),
    "state": ("状态", as_text(STATE_WORDS)),
    "overdue": ("逾期未访", YES),
    "never": ("从没去过", YES),
    "expired": ("类别过期", YES),
    "kin": ("待区里入户", YES),
    "for": ("同意提供给", as_text(RECIPIENT_WORDS)),
}


def steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the files that a list is narrowed to."""
    wanted = households.wanted_from(asked)
    return Steps(households.chosen(actor, wanted), Household.id, lines)


def lines(rows: Sequence[Household]) -> list[tuple[Any, ...]]:
    """Say files as the list does: a surname and stars."""
    return [
        (
            one.file_no,
            households.line(one).name,
            *(place_short(code) for code in (one.district_code, one.town_code, one.region_code)),
            one.category.label,
            one.tier.label,
            STATE_WORDS[one.state],
            one.member_count,
            one.income_fen,
            one.aid_fen,
            one.filed_on,
            one.last_visit_on,
            one.next_visit_on,
        )
        for one in rows
    ]
