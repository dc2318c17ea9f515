"""What stands where for whom (导航): the places each role goes to, in the order of a working day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from app.accounts.rules import STAFF, Role

MESSAGES = "/me/messages"
SOON_DAYS = 3  # 探访到期前 3 天提醒
MANY = 100  # nobody reads a larger number; counting on would cost without telling


class Place(NamedTuple):
    """One entry of a navigation (导航项): its word, its address, its drawing."""

    label: str
    href: str
    icon: str


TODAY = Place("今天", "/me", "calendar")
FILES = Place("档案", "/households", "file")
APPROVALS = Place("审批", "/approvals", "done")
NEEDS = Place("需求", "/needs", "heart")
TASKS = Place("任务", "/tasks", "search")
VISITS = Place("探访", "/visits", "pen")
RESOURCES = Place("资源", "/resources", "gift")
RECORDS = Place("合规", "/records", "shield")
PROGRAMMES = Place("项目", "/programmes", "flag")
INBOX = Place("消息", MESSAGES, "message")
LOOKS = Place("查阅提醒", "/audit/alerts", "eye")
SETTINGS = Place("账号设置", "/me/settings", "settings")

PLACES: dict[Role, tuple[Place, ...]] = {
    Role.WORKER: (TODAY, FILES, NEEDS, TASKS, VISITS, RESOURCES, APPROVALS),
    Role.SUPERVISOR: (TODAY, FILES, NEEDS, TASKS, VISITS, RESOURCES, APPROVALS, RECORDS, LOOKS),
    Role.OFFICER: (
        Place("总览", "/me", "chart"),
        FILES,
        NEEDS,
        VISITS,
        RESOURCES,
        PROGRAMMES,
        RECORDS,
        APPROVALS,
    ),
    Role.FOUNDATION: (Place("工作台", "/me", "home"), PROGRAMMES, RESOURCES),
    Role.KEEPER: (TODAY, RESOURCES),
    Role.LIAISON: (Place("工作台", "/me", "home"), TASKS),
    Role.AUDITOR: (
        Place("工作台", "/me", "home"),
        Place("审计日志", "/audit", "eye"),
        LOOKS,
        RESOURCES,
    ),
    Role.ADMIN: (
        Place("工作台", "/me", "home"),
        Place("用户", "/admin/users", "people"),
        Place("机构", "/admin/organisations", "building"),
        Place("邀请", "/admin/invitations", "person"),
        Place("定时任务", "/admin", "clock"),
    ),
}
PHONE: tuple[Place, ...] = (
    Place("找任务", "/tasks", "search"),
    Place("我的任务", "/me/tasks", "hand"),
    Place("记录", "/visits", "pen"),
    Place("我", "/me", "person"),
)
GIFTS = Place("我的捐赠", "/me/gifts", "gift")  # where a volunteer has records, a donor has gifts
ORDER = tuple(PLACES)  # whoever holds several roles is greeted in the first of these


def shell_for(roles: set[Role]) -> str:
    """Return the room a person's pages stand in: an office's desk, a helper's phone, or the public hall."""
    if roles & STAFF:
        return "desk"
    return "phone" if roles else "public"


def first_role(roles: set[Role]) -> Role | None:
    """Return the role in which a person is greeted; staff before helpers, volunteers before donors."""
    return next(
        (role for role in (*ORDER, Role.VOLUNTEER, Role.DONOR) if role in roles),
        None,
    )


def places_for(roles: set[Role]) -> list[Place]:
    """Return the entries of a person's navigation, each address once."""
    if not roles & STAFF:
        giver = roles == {Role.DONOR}
        return (
            [GIFTS if giver and place.href == "/visits" else place for place in PHONE]
            if roles
            else []
        )
    found = {
        place.href: place for role in reversed(ORDER) if role in roles for place in PLACES[role]
    }
    mine = [place for role in ORDER if role in roles for place in PLACES[role]]
    ordered = dict.fromkeys(place.href for place in mine)
    return [found[href] for href in ordered] + [INBOX, SETTINGS]


def current(path: str, places: list[Place]) -> str:
    """Return the address of the entry a page belongs to: the longest one its path begins with."""
    found = [p.href for p in places if path == p.href or path.startswith(p.href + "/")]
    longest = max(found, key=len, default="")
    return "" if longest == "/me" and path != "/me" else longest


def months_back(day: date, count: int) -> list[date]:
    """Return the first days of the last `count` months, the month of `day` last."""
    number = day.year * 12 + day.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - count + 1, number + 1)]


def quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def share(part: int, whole: int) -> int:
    """Return a share in whole percent; of nothing it is zero."""
    return round(100 * part / whole) if whole else 0


def rate_sentence(place: str, month: int, now: int, before: int | None) -> str:
    """Say what a chart of visit rates says (percent): 大良街道 9 月探访率 87%，比 8 月高 6 个百分点."""
    said = f"{place} {month} 月探访率 {now}%"
    if before is None:
        return said
    last = (month - 2) % 12 + 1
    if now == before:
        return f"{said}，与 {last} 月持平"
    return f"{said}，比 {last} 月{'高' if now > before else '低'} {abs(now - before)} 个百分点"


REASONS = {
    "visit": "上门前联系",
    "policy": "办理救助手续",
    "check": "核对档案资料",
    "urgent": "遇到紧急情况",
    "other": "其他",
}
RHYTHM = {"weekly": "每周一访", "monthly": "每月一访", "quarterly": "每季一访"}
TABS = {
    "timeline": "时间线",
    "record": "档案内容",
    "needs": "需求",
    "visits": "探访",
    "resources": "资源",
    "members": "成员",
    "documents": "附件",
    "consents": "同意书",
    "changes": "变更记录",
}
CATEGORY_SHORT = {
    "DB": "低保",
    "TK": "特困",
    "BY": "低保边缘",
    "GX": "支出型困难",
    "KJ": "困境儿童",
    "CJ": "困难残疾人",
    "QT": "其他困难",
}
SIGNATORY = {
    "self": "本人签收",
    "family": "家属代签",
    "guardian": "监护人代签",
    "village": "村居代签",
    "unstated": "旧平台没写谁签收",
}
READING = {
    "household.unmask": "查看了明文资料",
    "household.export": "导出了明文资料",
    "household.export_subject": "给本人导出了一份资料",
    "consent.read_scan": "看了同意书原件",
    "claim.read_household": "认领后查看了联系方式",
    "need.read": "看了需求的内情",
    "visit.read": "看了探访的详情",
    "visit.photo": "看了探访的照片",
    "case.read": "看了个案记录",
    "document.read": "打开了附件",
}


class Part(NamedTuple):
    """One list of a worklist (待办清单): its title, its unit, what is done with a row, and where all of it is."""

    title: str
    unit: str
    verb: str
    everything: str


PARTS = {
    "overdue": Part("逾期未访", "户", "去探访", "/households?overdue=1"),
    "soon": Part("这几天到期", "户", "去探访", "/households"),
    "confirm": Part("等你确认的探访", "条", "看看并确认", "/visits?state=submitted"),
    "returned": Part("退回来的需求", "条", "去修改", "/needs?state=returned"),
    "review": Part("待审核的需求", "条", "去审核", "/needs?state=under_review"),
    "follow": Part("答应过的事", "件", "去跟进", "/visits"),
    "receive": Part("要收的捐赠", "笔", "登记收到", "/resources?state=pledged"),
    "deliver": Part("要送出去的", "笔", "登记送达", "/resources?state=received"),
    "decide": Part("等你审批", "件", "去审批", "/approvals"),
    "file_review": Part("待审核的档案", "份", "去审核", "/households?state=under_review"),
    "kin": Part("等区里入户的近亲属备案", "户", "看备案", "/households?kin=1"),
    "file_returned": Part("退回来的档案", "份", "去补", "/households?state=returned"),
    "class_over": Part("类别快到期或已过期", "户", "去续办", "/households?expired=1"),
    "pause_over": Part("暂停到期的", "户", "看看怎么办", "/households?state=paused"),
    "never": Part("从没有人去过", "户", "安排首访", "/households?never=1"),
}
WORKER_PARTS = (
    "overdue",
    "soon",
    "confirm",
    "returned",
    "file_returned",
    "class_over",
    "pause_over",
    "follow",
    "receive",
    "never",
)
SUPERVISOR_PARTS = ("decide", "file_review", "review", "confirm", "kin", "overdue")
OFFICER_PARTS = ("decide", "file_review", "kin")
KEEPER_PARTS = ("receive", "deliver")
QUIET = frozenset(
    {"soon", "never"}
)  # shown, but nobody is late with them: they do not count as things to do
