"""What a need may ask for (需求内容), for how long, and which state may follow which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.needs.rules.kinds import NEXT, NeedKind, NeedState, Urgency

DUPLICATE_DAYS = 90  # 避免救助遗漏或重复救助 (国办发 2023 年 39 号)
LONGEST_DAYS = 180
ASK_AGAIN_BEFORE = timedelta(days=3)
MOST_SEATS = 20
MOST_PIECES = 10_000
MOST_FEN = 50_000_00  # one household, one programme: larger sums are an application of their own

_K = NeedKind
SERVICE_KINDS = frozenset(
    {_K.MEDICAL, _K.SCHOOL, _K.HOUSING, _K.WORK, _K.CARE, _K.RIGHTS, _K.WISH, _K.FUNERAL}
)  # a neighbour who comes for one of these does work; for the others it is a visit


@dataclass(frozen=True, slots=True)
class Facts:
    """What a worker writes down of a need; `story` stays inside, the rest is public."""

    kind: NeedKind
    subkind: str
    urgency: Urgency
    title: str
    wording: str
    story: str
    deadline_on: date
    seats: int = 0
    visit_from: datetime | None = None
    visit_until: datetime | None = None
    skill: str = ""
    item: str = ""
    quantity: int = 0
    unit: str = ""
    amount_fen: int = 0
    programme_id: int | None = None


def wrong_with(facts: Facts, today: date) -> dict[str, str]:
    """Return what is wrong, by field, in the phone's words; empty when nothing is.

    Money is asked of a named programme of a qualified charity, never of strangers for a person (慈善法 §27, 124).
    """
    wrong = _wrong_numbers(facts) | _wrong_times(facts, today)
    if not (facts.seats or facts.quantity or facts.amount_fen):
        wrong["seats"] = "请至少填一样：要几位街坊上门，要什么物资，或者向哪个项目申请多少钱"
    if facts.quantity and not (facts.item and facts.unit):
        wrong["item"] = "请写清楚要什么、用什么单位数，比如 棉被、床"
    if facts.amount_fen and facts.programme_id is None:
        wrong["programme"] = "钱只能向慈善项目申请，由慈善组织收款和开票，请选一个项目"
    return wrong


def _wrong_numbers(facts: Facts) -> dict[str, str]:
    wrong = {}
    if not 0 <= facts.seats <= MOST_SEATS:
        wrong["seats"] = f"一次最多请 {MOST_SEATS} 位街坊"
    if not 0 <= facts.quantity <= MOST_PIECES:
        wrong["quantity"] = f"数量请填 1 到 {MOST_PIECES:,} 之间的整数"
    if not 0 <= facts.amount_fen <= MOST_FEN:
        wrong["amount"] = f"一次最多申请 {MOST_FEN // 100:,} 元；更大的金额请直接联系慈善组织"
    return wrong


def _wrong_times(facts: Facts, today: date) -> dict[str, str]:
    wrong = {}
    if facts.deadline_on < today:
        wrong["deadline_on"] = "截止日期已经过去了，请选今天或以后的日子"
    elif facts.deadline_on > today + timedelta(days=LONGEST_DAYS):
        wrong["deadline_on"] = f"最长 {LONGEST_DAYS} 天；更久的需要请分几次发布，好让情况保持最新"
    if (facts.visit_from is None) != (facts.visit_until is None):
        wrong["visit_until"] = "开始和结束时间请一起填，或者都留空另约"
    elif facts.visit_from and facts.visit_until and facts.visit_until <= facts.visit_from:
        wrong["visit_until"] = "结束时间要晚于开始时间"
    return wrong


def can_become(state: NeedState, wanted: NeedState) -> bool:
    """Say whether a need in one state may become another."""
    return wanted in NEXT[state]


def sources_of(wanted: NeedState) -> tuple[NeedState, ...]:
    """Return the states from which one may be reached, for a conditional statement."""
    return tuple(state for state, following in NEXT.items() if wanted in following)
