"""Needs (需求): types, states, and what a public card may say."""

from __future__ import annotations

from enum import StrEnum


class NeedState(StrEnum):
    """Where a need stands."""

    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    PUBLISHED = "published"
    IN_PROGRESS = "in_progress"
    MET = "met"
    PARTLY_MET = "partly_met"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    MERGED = "merged"
    REFERRED = "referred"


_N = NeedState
NEXT: dict[NeedState, frozenset[NeedState]] = {
    _N.DRAFT: frozenset({_N.UNDER_REVIEW, _N.WITHDRAWN}),
    _N.UNDER_REVIEW: frozenset({_N.PUBLISHED, _N.RETURNED, _N.WITHDRAWN, _N.MERGED, _N.REFERRED}),
    _N.RETURNED: frozenset({_N.UNDER_REVIEW, _N.WITHDRAWN}),
    _N.PUBLISHED: frozenset({_N.IN_PROGRESS, _N.WITHDRAWN, _N.EXPIRED, _N.REFERRED, _N.MERGED}),
    _N.IN_PROGRESS: frozenset({_N.MET, _N.PARTLY_MET, _N.WITHDRAWN, _N.EXPIRED, _N.PUBLISHED}),
    _N.MET: frozenset({_N.CLOSED}),
    _N.PARTLY_MET: frozenset({_N.CLOSED, _N.IN_PROGRESS, _N.MET}),
    _N.EXPIRED: frozenset({_N.PUBLISHED, _N.CLOSED}),
    _N.CLOSED: frozenset(),
    _N.WITHDRAWN: frozenset(),
    _N.MERGED: frozenset(),
    _N.REFERRED: frozenset({_N.CLOSED}),
}
STATE_WORDS = {
    _N.DRAFT: "草稿",
    _N.UNDER_REVIEW: "待审核",
    _N.RETURNED: "已退回",
    _N.PUBLISHED: "已发布",
    _N.IN_PROGRESS: "进行中",
    _N.MET: "已满足",
    _N.PARTLY_MET: "部分满足",
    _N.CLOSED: "已关闭",
    _N.WITHDRAWN: "已撤下",
    _N.EXPIRED: "已过期",
    _N.MERGED: "已合并",
    _N.REFERRED: "已转介",
}


class Urgency(StrEnum):
    """How soon it matters."""

    URGENT = "urgent"
    SOON = "soon"
    NORMAL = "normal"


URGENCY_WORDS = {Urgency.URGENT: "紧急", Urgency.SOON: "尽快", Urgency.NORMAL: "不急"}


class NeedKind(StrEnum):
    """First level of DOMAIN §6 (需求一级分类)."""

    LIVING = "01"
    MEDICAL = "02"
    SCHOOL = "03"
    HOUSING = "04"
    WORK = "05"
    CARE = "06"
    HEART = "07"
    EMERGENCY = "08"
    RIGHTS = "09"
    SOCIAL = "10"
    WISH = "11"
    FUNERAL = "12"
    GUARDIAN = "13"
    OTHER = "99"


_K = NeedKind
KINDS: dict[NeedKind, tuple[str, tuple[str, ...]]] = {
    _K.LIVING: ("基本生活", ("米面油", "衣被", "奶粉", "慰问金")),
    _K.MEDICAL: ("医疗", ("自付费用", "药品", "陪诊", "康复辅具")),
    _K.SCHOOL: ("教育助学", ("学费", "生活费", "书桌", "课业辅导")),
    _K.HOUSING: ("住房", ("漏水修缮", "厨卫", "适老和无障碍改造", "租赁")),
    _K.WORK: ("就业", ("岗位", "培训", "居家就业")),
    _K.CARE: ("照护", ("助餐", "助浴", "助洁", "喘息", "日托")),
    _K.HEART: ("心理情感", ("陪伴", "疏导", "哀伤")),
    _K.EMERGENCY: ("急难", ("火灾", "意外", "台风", "断炊")),
    _K.RIGHTS: ("权益", ("办证", "政策申办", "法律援助", "司法救助")),
    _K.SOCIAL: ("社会融入", ("活动", "数字技能")),
    _K.WISH: ("家电家具微心愿", ("风扇", "电饭煲", "台灯", "拐杖")),
    _K.FUNERAL: ("丧葬和临终", ("丧葬", "临终关怀")),
    _K.GUARDIAN: ("监护与安全", ("儿童", "强制报告")),
    _K.OTHER: ("其他", ()),
}
KIND_WORDS = {kind: words for kind, (words, _) in KINDS.items()}
