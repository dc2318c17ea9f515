"""The printed file (打印档案): all of a household's file on A4, covered; in clear only with a reason and on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.accounts import queries as accounts
from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.papers import Paper
from app.core.phrases import NOTHING, count, day, duration, hours, moment, money
from app.households import policy
from app.households import queries as households
from app.households import services as files
from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, STATE_WORDS
from app.households.rules.casework import Stage
from app.households.rules.codes import Cause, Housing
from app.households.rules.sections import Kind
from app.ledger.rules import MEASURE_WORDS, EntryKind, Measure
from app.portal import queries
from app.portal.rules import READING, RHYTHM
from app.regions.queries import place
from app.resources.rules import BASIS_WORDS
from app.visits.rules import MANNER_WORDS, RESULT_WORDS
from app.visits.rules import STATE_WORDS as VISIT_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.queries import Head
    from app.households.rules.sections import Line, Total
    from app.portal.queries.file import MemberLine

VISITS = 50
BY_MONEY = (Measure.MONEY, Measure.GOODS)


@dataclass(frozen=True, slots=True)
class Opened:
    """What may stand on a paper (可印的内容): the cover, whether members are clear, and whether children are."""

    head: Head | None
    clear: bool = False
    minors: bool = False


def covered(actor: Actor, household: Household) -> Opened:
    """Note that somebody prints the file with everything covered (打码件)."""
    require(policy.can_view, actor, household)
    audit.record(
        actor,
        "household.print",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
    )
    return Opened(households.masked_head(household) if household.data_key else None)


def in_clear(actor: Actor, household: Household, reason: str, *, urgent: bool = False) -> Opened:
    """Open the file for a paper in clear (明文件); children as on the page."""
    head = files.unmask(actor, household, reason, urgent=urgent, detail={"paper": True})
    minors = urgent or households.minors_open(actor, household)
    return Opened(head, clear=True, minors=minors)


def paper(actor: Actor, household: Household, opened: Opened) -> bytes:
    """Write the paper; whoever calls this has opened the file, in a transaction that is over by now."""
    today, said = clock.today(), moment(clock.now())
    who = accounts.names_of([actor.user_id]).get(actor.user_id or 0, "系统")
    kind = "明文件，按规定保管，用后销毁" if opened.clear else "打码件"
    sheet = Paper(
        f"档案 {household.file_no}",
        made_at=clock.now(),
        mark=f"{who} {said} 用后销毁" if opened.clear else "",
        foot=f"善邻 · 档案 {household.file_no} · {kind} · {who} {said} 打印",
    )
    members = queries.member_lines(
        household,
        [one for one in households.members(household) if one.left_on is None],
        today,
        clear=opened.clear,
        minors=opened.minors,
    )
    sheet.head("困难家庭档案", f"档案号 {household.file_no} · {place(household.region_code)}")
    _cover(sheet, household, opened.head, today)
    _members(sheet, members, shut=opened.clear and any(not one.clear for one in members))
    _record(sheet, household, opened, today)
    _consents(sheet, household)
    _visits(sheet, household, today)
    _received(sheet, household, today)
    _history(sheet, household, today)
    return sheet.bytes()


def _cover(sheet: Paper, household: Household, head: Head | None, today: date) -> None:
    worker = accounts.names_of([household.worker_id]).get(household.worker_id or 0, "还没定")
    last = household.last_visit_on
    sheet.section("封面")
    sheet.facts(
        [
            ("户主", head.name if head else "已清除"),
            ("电话", head.phone if head else ""),
            ("住址", head.door if head else ""),
            ("救助类别", household.category.label),
            ("类别有效期", f"至 {household.class_until}" if household.class_until else ""),
            ("风险档", f"{household.tier.label}，{RHYTHM[household.tier]}"),
            ("档案状态", STATE_WORDS[household.state]),
            ("建档日期", household.filed_on.isoformat()),
            ("责任社工", worker),
            ("人口", count(household.member_count, "人")),
            ("月人均收入", money(household.income_fen)),
            ("政府救助", f"每月 {money(household.aid_fen)}" if household.aid_fen else ""),
            ("致困原因", _label(Cause, household.cause)),
            ("住房", _label(Housing, household.housing)),
            ("个案阶段", _label(Stage, household.case_stage)),
            ("上次见到", day(last, today) if last else "从没去过"),
            ("下次探访", day(household.next_visit_on, today) if household.next_visit_on else ""),
        ]
    )


def _label(kind: Any, code: str) -> str:
    return kind(code).label if code in set(kind) else code


def _members(sheet: Paper, members: Sequence[MemberLine], *, shut: bool) -> None:
    sheet.section("家庭成员", "未满 18 岁的成员保持打码，督导同意后才显示" if shut else "")
    rows = [
        (
            one.name,
            one.relationship,
            one.sex,
            NOTHING if one.age is None else str(one.age),
            one.id_number or NOTHING,
            one.phone or NOTHING,
            " · ".join(one.facts.values()) or NOTHING,
        )
        for one in members
    ]
    headings = ("姓名", "关系", "性别", "年龄", "证件号", "电话", "健康、劳动与就学")
    _table(sheet, headings, (19, 17, 11, 11, 42, 30, 44), rows, "没有成员资料")


def _record(sheet: Paper, household: Household, opened: Opened, today: date) -> None:
    """Write what the file holds, section by section; words about a child stay covered as on the page."""
    clear = opened.clear and (opened.minors or not households.has_minors(household))
    for one in queries.record(household, today, clear=clear).shown:
        if one.is_empty:
            continue
        sheet.section(one.section.title, one.section.law)
        sheet.facts(
            [
                *((total.label, _total(total)) for total in one.totals),
                *((line.label, _answer(line, today)) for line in one.lines),
            ]
        )
        for listed in one.lists:
            told = ["，".join(_answer(line, today) for line in row) for row in listed.rows]
            sheet.facts([(listed.label, "；".join(told))])


def _total(total: Total) -> str:
    said = f"{total.value} {total.unit}" if total.unit else money(total.value)
    return f"{said}（{total.note}）" if total.note else said


def _answer(line: Line, today: date) -> str:
    if line.covered:
        return "已写，未打印" if line.kind is Kind.LONG else "***"
    if line.kind is Kind.MONEY:
        return money(line.value)
    return day(line.value, today) if line.kind is Kind.DAY else str(line.value)


def _consents(sheet: Paper, household: Household) -> None:
    sheet.section("同意书")
    today = clock.today()
    rows = []
    for one in households.consents(household.id):
        state = "有效" if one.expires_on >= today else "已到期"
        rows.append(
            (
                PURPOSE_WORDS[one.purpose],
                RECIPIENT_WORDS[one.recipient],
                "监护人" if one.signatory == "guardian" else "本人",
                f"{one.given_on} 至 {one.expires_on}",
                "已撤回" if one.withdrawn_at else state,
            )
        )
    headings = ("做什么", "给谁", "谁同意的", "从哪天到哪天", "状态")
    _table(sheet, headings, (30, 52, 22, 48, 22), rows, "没有同意书，资料不对外提供")


def _visits(sheet: Paper, household: Household, today: date) -> None:
    sheet.section("探访", f"一共 {household.visit_count:,} 次，下面是最近的 {VISITS} 次以内")
    rows = [
        (
            day(one.visited_on, today),
            MANNER_WORDS[one.manner],
            RESULT_WORDS[one.result],
            duration(one.minutes) if one.minutes else NOTHING,
            "志愿者或爱心人士" if one.claim_id else "社工",
            VISIT_WORDS[one.state],
        )
        for one in queries.visits_of(household.id, VISITS)
    ]
    headings = ("日期", "方式", "结果", "时长", "谁去的", "状态")
    _table(sheet, headings, (38, 24, 36, 20, 32, 24), rows, "还没有人去看过")


def _received(sheet: Paper, household: Household, today: date) -> None:
    sums = queries.year_received(household.id, today)
    said = "，".join(f"{MEASURE_WORDS[one]} {_amount(one, sums[one])}" for one in Measure)
    sheet.section("一年内得到的", f"{said}；政府救助不算在内")
    rows = []
    for one in queries.handed_over(household.id, today):
        entry, line = one.posting.entry, one.line
        basis = BASIS_WORDS[line.value_basis] if line and line.value_basis else "记录"
        back = "（冲正）" if entry.kind is EntryKind.REVERSAL else ""
        rows.append(
            (
                day(entry.happened_on, today),
                (line.item if line else "上门服务") + back,
                MEASURE_WORDS[one.posting.measure],
                _amount(one.posting.measure, one.posting.amount),
                basis,
                entry.subject,
            )
        )
    headings = ("日期", "是什么", "种类", "多少", "凭据", "编号")
    _table(sheet, headings, (36, 40, 18, 28, 24, 28), rows, "这一年还没有")


def _amount(measure: Measure, amount: int) -> str:
    if measure in BY_MONEY:
        return money(amount)
    return hours(amount) if measure is Measure.HOURS else count(amount, "件")


def _history(sheet: Paper, household: Household, today: date) -> None:
    changes, looks = households.changes(household.id), queries.people_looking(household.id)
    names = queries.names_of({one.user_id for one in changes} | {one.user_id for one in looks})
    sheet.section("改过什么")
    rows = [
        (moment(one.at, today), names.get(one.user_id, "已离开的同事"), one.title, one.reason)
        for one in changes
    ]
    _table(sheet, ("时间", "谁", "改了什么", "为什么"), (40, 24, 60, 50), rows, "没有改过")
    sheet.section("谁看过明文")
    rows = [
        (
            moment(one.at, today),
            names.get(one.user_id, "已离开的同事"),
            READING[one.action],
            one.reason,
        )
        for one in looks
    ]
    _table(sheet, ("时间", "谁", "做了什么", "为什么"), (40, 24, 60, 50), rows, "没有人看过")


def _table(
    sheet: Paper,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Any],
    nothing: str,
) -> None:
    if rows:
        sheet.table(headings, widths, rows)
    else:
        sheet.words(nothing, soft=True)
