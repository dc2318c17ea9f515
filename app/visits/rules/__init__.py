"""Visits (探访): codes of DOMAIN §5, the rhythm, and what counts as service time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.accounts.rules import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_PHOTOS = 9
MAX_MINUTES = 720  # nobody stays for more than half a day; more is a slip of the thumb
MAX_COMPANIONS = 20
OPEN_AHEAD = timedelta(days=3)  # a visit is opened three days before it is due (DOMAIN §6c)
LONGEST_INTERVAL = 366  # days between two visits of a tier: at least once a year
ESCALATE_AFTER = (1, 7)  # days overdue on which the supervisor hears of it
REMIND_AHEAD = timedelta(days=1)
# official visits are not volunteer service and are never recorded as such (志愿服务记录与证明出具办法 §19)
PAID = frozenset({Role.WORKER, Role.SUPERVISOR, Role.OFFICER})


class VisitState(StrEnum):
    """Where a record stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    AMENDED = "amended"


_V = VisitState
NEXT: dict[VisitState, frozenset[VisitState]] = {
    _V.DRAFT: frozenset({_V.SUBMITTED}),
    _V.SUBMITTED: frozenset({_V.CONFIRMED, _V.RETURNED}),
    _V.RETURNED: frozenset({_V.SUBMITTED}),
    _V.CONFIRMED: frozenset({_V.AMENDED}),
    _V.AMENDED: frozenset(),
}
STATE_WORDS = {
    _V.DRAFT: "草稿",
    _V.SUBMITTED: "待确认",
    _V.CONFIRMED: "已确认",
    _V.RETURNED: "已退回",
    _V.AMENDED: "已更正",
}


class Manner(StrEnum):
    """How the visit was made (方式)."""

    HOME = "home"
    PHONE = "phone"
    VIDEO = "video"
    OFFICE = "office"
    ESCORT = "escort"


MANNER_WORDS = {
    Manner.HOME: "上门",
    Manner.PHONE: "电话",
    Manner.VIDEO: "视频",
    Manner.OFFICE: "来访",
    Manner.ESCORT: "陪同外出",
}


class Result(StrEnum):
    """What came of it (结果码); an attempt that met nobody is a record too."""

    MET = "met"
    FAMILY = "family"
    NOBODY = "nobody"
    MOVED = "moved"
    HOSPITAL = "hospital"
    AWAY = "away"
    REFUSED = "refused"
    LOST = "lost"
    DIED = "died"


RESULT_WORDS = {
    Result.MET: "见到本人",
    Result.FAMILY: "家属代答",
    Result.NOBODY: "无人在家",
    Result.MOVED: "空置或搬离",
    Result.HOSPITAL: "住院",
    Result.AWAY: "外出",
    Result.REFUSED: "拒访",
    Result.LOST: "失联",
    Result.DIED: "已去世",
}
CONTACT = frozenset(
    {Result.MET, Result.FAMILY}
)  # the household was reached: the rhythm starts anew
NOT_FOUND = frozenset({Result.NOBODY, Result.LOST})
VERIFY_AFTER = 2  # 连续 2 次无人或失联 → 转村居核实
RESULT_NOTES = {
    Result.MET: "和本人说上话了",
    Result.FAMILY: "家里人说的情况",
    Result.NOBODY: "敲门、电话都没人应",
    Result.MOVED: "房子空了，或换了人住",
    Result.HOSPITAL: "人在医院里",
    Result.AWAY: "出门几天，邻居知道",
    Result.REFUSED: "不想见人，尊重他们",
    Result.LOST: "几种办法都联系不上",
    Result.DIED: "请节哀，社工会接着办",
}


class Opinion(StrEnum):
    """What the visitor thinks of the risk (风险变化)."""

    UP = "up"
    SAME = "same"
    DOWN = "down"


OPINION_WORDS = {Opinion.UP: "升高", Opinion.SAME: "持平", Opinion.DOWN: "降低"}


class FollowUpKind(StrEnum):
    """Where something to do comes from."""

    TOLD = "told"
    VERIFY = "verify"
    CHECK = "check"


FOLLOW_UP_WORDS = {
    FollowUpKind.TOLD: "探访时交代",
    FollowUpKind.VERIFY: "请村居核实",
    FollowUpKind.CHECK: "核对档案",
}
VERIFY_WORDS = "连续两次没有见到人，请村居上门核实去向"
CHECK_WORDS = {
    Result.DIED: "核实情况，安慰家属，按规定办理结案",
    Result.MOVED: "问清搬到哪里，再改档案或转介",
    Result.HOSPITAL: "问清住院和照护的情况，看要不要医疗救助",
}
FOLLOW_UP_DAYS = 3


def follow_up_for(results: Sequence[Result]) -> tuple[FollowUpKind, str] | None:
    """Return what the newest result asks of the worker; `results` are the file's confirmed ones, newest first."""
    if not results:
        return None
    if results[0] in CHECK_WORDS:
        return FollowUpKind.CHECK, CHECK_WORDS[results[0]]
    recent = results[:VERIFY_AFTER]
    if len(recent) == VERIFY_AFTER and NOT_FOUND.issuperset(recent):
        return FollowUpKind.VERIFY, VERIFY_WORDS
    return None


class Body(StrEnum):
    """How the person is in body (身体)."""

    SAME = "same"
    WEAKER = "weaker"
    ILL = "ill"


class Mood(StrEnum):
    """How the person is in mood (精神情绪)."""

    BRIGHT = "bright"
    CALM = "calm"
    LOW = "low"


class Safety(StrEnum):
    """What is unsafe in the home (居住安全)."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    FIRE = "fire"


BODY_WORDS = {Body.SAME: "和平时差不多", Body.WEAKER: "比上次弱一些", Body.ILL: "生病了，要看医生"}
MOOD_WORDS = {Mood.BRIGHT: "挺好，愿意聊", Mood.CALM: "平静", Mood.LOW: "低落，话很少"}
SAFETY_WORDS = {
    Safety.WATER: "水：漏水、停水、积水",
    Safety.POWER: "电：线老化、乱拉线",
    Safety.GAS: "气：软管旧、没关好",
    Safety.FIRE: "火：杂物多、蜡烛香火",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """Something to do after the visit, and by when (跟进事项)."""

    what: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody says about a visit (探访内容), checked for shape, not yet for sense."""

    visited_on: date
    result: Result
    manner: Manner = Manner.HOME
    starts: time | None = None
    ends: time | None = None
    minutes: int | None = None
    companions: int = 0
    opinion: Opinion = Opinion.SAME
    needs_found: tuple[str, ...] = ()
    notes: Mapping[str, object] = field(default_factory=dict)
    promises: tuple[Promise, ...] = ()
    asked_for_photos: bool = False

    @property
    def length(self) -> int:
        """Minutes of service: as said, or from the two times; travel is not part of it (C4 §7)."""
        if self.minutes is not None:
            return self.minutes
        if self.starts is None or self.ends is None:
            return 0
        return (self.ends.hour - self.starts.hour) * 60 + self.ends.minute - self.starts.minute


def earns_hours(roles: Iterable[Role], result: Result, minutes: int, *, claimed: bool) -> bool:
    """Say whether a visit is volunteer service (计志愿时): claimed by somebody unpaid who met the household."""
    return claimed and result in CONTACT and minutes > 0 and not PAID.intersection(roles)


def next_due(last_visit: date | None, filed_on: date, interval_days: int) -> date:
    """Return the day by which the next visit is due."""
    return (last_visit or filed_on) + timedelta(days=interval_days)
