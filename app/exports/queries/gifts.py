"""Gifts, programmes and what stands behind a programme's figures, as rows of lists (资源、项目): no donor is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import NotHere
from app.core.sheets import Column, Kind
from app.exports.queries.steps import Filters, Line, Steps, as_text
from app.exports.rules import CHUNK, MOST
from app.ledger.rules import FIGURE_WORDS, MEASURE_WORDS, EntryKind, Figure, Measure
from app.programmes import policy as programme_policy
from app.programmes import queries as programmes
from app.programmes.models import Programme
from app.programmes.rules import STATE_WORDS as PROGRAMME_STATES
from app.programmes.rules import ProgrammeState
from app.regions.queries import place, place_short
from app.resources import queries as resources
from app.resources.models import ResourceLine
from app.resources.rules import BASIS_WORDS, LineKind
from app.resources.rules import KIND_WORDS as LINE_KINDS
from app.resources.rules import STATE_WORDS as LINE_STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.core.access import Actor

LINE_COLUMNS = (
    Column("编号", width=16), Column("种类"), Column("捐什么", width=24), Column("捐赠人编号", width=16),
    Column("项目", width=20), Column("去向", width=26), Column("数量", Kind.NUMBER), Column("单位"),
    Column("资金（元）", Kind.MONEY), Column("认捐价值（元）", Kind.MONEY, 16),
    Column("入账价值（元）", Kind.MONEY, 16), Column("估值依据", width=18),
    Column("已送达价值（元）", Kind.MONEY, 18), Column("状态"), Column("认捐时间", Kind.MOMENT, 18),
    Column("收到日期", Kind.DAY),
)  # fmt: skip
PROGRAMME_COLUMNS = (
    Column("项目编号", width=16), Column("项目", width=26), Column("主管单位", width=24),
    Column("收款和开票", width=24), Column("范围"), Column("状态"), Column("开始", Kind.DAY),
    Column("结束", Kind.DAY),
    *(
        Column(f"{FIGURE_WORDS[figure]} · {words}", Kind.MONEY, 18)
        for figure in Figure
        for words in ("资金（元）", "实物（元）")
    ),
)  # fmt: skip
POSTING_COLUMNS = (
    Column("日期", Kind.DAY), Column("发生了什么"), Column("地点", width=26),
    Column("登记编号", width=16), Column("金额（元）", Kind.MONEY),
    Column("小时", Kind.NUMBER), Column("件数", Kind.NUMBER),
)  # fmt: skip
LINE_FILTERS: Filters = {
    "state": ("状态", as_text(LINE_STATES)),
    "kind": ("种类", as_text(LINE_KINDS)),
}
PROGRAMME_FILTERS: Filters = {"state": ("状态", as_text(PROGRAMME_STATES))}
POSTING_FILTERS: Filters = {
    "code": ("项目", None),
    "figure": ("数字", as_text(FIGURE_WORDS)),
    "measure": ("种类", as_text(MEASURE_WORDS)),
}
ENTRY_WORDS = {
    EntryKind.PLEDGE: "认捐",
    EntryKind.RECEIVE: "收到",
    EntryKind.DELIVER: "送达",
    EntryKind.SERVE: "服务",
    EntryKind.REVERSAL: "冲正",
}
MINUTES = 60
BY_VALUE = (Measure.MONEY, Measure.GOODS)


def line_steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the gifts that a list is narrowed to."""
    chosen = resources.chosen(actor, resources.wanted_from(asked))
    return Steps(chosen, ResourceLine.id, _gifts)


def _gifts(rows: Sequence[ResourceLine]) -> list[Line]:
    return [
        (
            one.code, LINE_KINDS[one.kind], one.item, one.donor.code,
            one.programme.name if one.programme else "",
            place(one.household.region_code) if one.household else "", _quantity(one),
            "" if one.kind is LineKind.MONEY else one.unit,
            one.quantity if one.kind is LineKind.MONEY else None, one.pledged_fen or None,
            one.value_fen or None, BASIS_WORDS[one.value_basis] if one.value_basis else "",
            one.delivered_fen or None, LINE_STATES[one.state], one.pledged_at, one.received_on,
        )
        for one in rows
    ]  # fmt: skip


def _quantity(one: ResourceLine) -> float | None:
    if one.kind is LineKind.MONEY:
        return None
    return one.quantity / MINUTES if one.kind is LineKind.SERVICE else one.quantity


def programme_steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the programmes of a list, each with its figures, money and goods apart."""
    state = next((one for one in ProgrammeState if one.value == asked.get("state")), None)
    return Steps(programmes.chosen(actor, state), Programme.id, _programmes)


def _programmes(rows: Sequence[Programme]) -> list[Line]:
    sums = programmes.figures_of(rows)
    return [
        (
            one.code, one.name, one.foundation.name, one.charity.name,
            place_short(one.region_code), PROGRAMME_STATES[one.state], one.starts_on, one.ends_on,
            *(sums[one.id][figure][measure] for figure in Figure for measure in BY_VALUE),
        )
        for one in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Behind:
    """The list that adds up to one figure of one programme, the newest first as on its page."""

    programme: Programme
    figure: Figure
    measure: Measure

    def count(self) -> int:
        """Walk the list; a figure's list is as long as one programme's history."""
        total = 0
        for chunk in self.chunks():
            total += len(chunk)
            if total > MOST:
                break
        return total

    def chunks(self) -> Iterator[Sequence[Line]]:
        """Return the postings page by page."""
        cursor: str | None = None
        while True:
            page = programmes.behind(self.programme, self.figure, self.measure, cursor, size=CHUNK)
            yield [self._line(step) for step in page.rows]
            if (cursor := page.next) is None:
                return

    def _line(self, step: programmes.Step) -> Line:
        entry, amount = step.posting.entry, step.posting.amount
        return (
            entry.happened_on,
            ENTRY_WORDS[entry.kind],
            place(step.region_code) if step.region_code else "",
            entry.subject,
            amount if self.measure in BY_VALUE else None,
            amount / MINUTES if self.measure is Measure.HOURS else None,
            amount if self.measure is Measure.UNVALUED else None,
        )


def posting_steps(actor: Actor, asked: Mapping[str, str]) -> Behind:
    """Return the list behind a figure; NotHere for a programme of which somebody may not account."""
    programme = programmes.seen_by(actor, asked.get("code", ""))
    if not programme_policy.can_account(actor, programme):
        raise NotHere
    figure = next((one for one in Figure if one.value == asked.get("figure")), Figure.RECEIVED)
    measure = next((one for one in Measure if one.value == asked.get("measure")), Measure.MONEY)
    return Behind(programme, figure, measure)
