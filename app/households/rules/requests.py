"""What people may ask about their data (个人信息权利请求): kinds, who asks, grounds, duties to keep, states, days."""

from __future__ import annotations

from enum import StrEnum

from app.households.rules.states import HouseholdState

WORKING_DAYS = 15  # within which a request is answered (个人信息保护法 §50)


class RequestKind(StrEnum):
    """What is asked for."""

    ERASE = "erase"
    CORRECT = "correct"
    COPY = "copy"


class Asker(StrEnum):
    """Who asks; `retention` is the calendar, when a period is over."""

    SUBJECT = "subject"
    GUARDIAN = "guardian"
    KIN = "kin"
    RETENTION = "retention"


class Ground(StrEnum):
    """Why data should go (个人信息保护法 §47)."""

    NONE = ""
    SERVED = "served"
    WITHDRAWN = "withdrawn"
    UNLAWFUL = "unlawful"
    PERIOD = "period"
    DECEASED = "deceased"


class RequestState(StrEnum):
    """Where a request stands; `asked`: a second person is being asked."""

    OPEN = "open"
    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


_R = RequestState
REQUEST_NEXT: dict[RequestState, frozenset[RequestState]] = {
    _R.OPEN: frozenset({_R.ASKED, _R.DONE, _R.REFUSED}),
    _R.ASKED: frozenset({_R.OPEN, _R.DONE, _R.REFUSED}),
    _R.DONE: frozenset(),
    _R.REFUSED: frozenset(),
}
REQUEST_WORDS = {
    RequestKind.ERASE: "清除个人信息",
    RequestKind.CORRECT: "更正资料",
    RequestKind.COPY: "查阅、要一份",
}
ASKER_WORDS = {
    Asker.SUBJECT: "本人",
    Asker.GUARDIAN: "监护人",
    Asker.KIN: "逝者的近亲属",
    Asker.RETENTION: "保存期满",
}
GROUND_WORDS = {
    Ground.SERVED: "目的已经实现，或者不再需要",
    Ground.WITHDRAWN: "撤回了同意",
    Ground.UNLAWFUL: "收集、使用不合规定",
    Ground.PERIOD: "保存期限到了",
    Ground.DECEASED: "本人去世，近亲属提出（§49）",
}
REQUEST_STATES = {
    _R.OPEN: "待处理",
    _R.ASKED: "等第二个人审批",
    _R.DONE: "办好了",
    _R.REFUSED: "没有同意",
}
# what may stand against erasing: each is looked at, and noted, before anybody decides
DUTIES = {
    "aid": "还在领取低保、特困等救助（社会救助档案要留）",
    "money": "有没结清的资助或捐赠（慈善、财务凭证要留）",
    "dispute": "有投诉、信访或案件没有了结",
    "safety": "涉及未成年人或人身安全，清除会误事",
}
# from where a file may be erased: the calendar takes only what is closed, a rightful request everything
ERASABLE: dict[bool, frozenset[HouseholdState]] = {
    True: frozenset({HouseholdState.CLOSED, HouseholdState.ARCHIVED}),
    False: frozenset(HouseholdState) - {HouseholdState.ERASED},
}


def may_erase(state: HouseholdState, asker: Asker, *, only_photos: bool = False) -> bool:
    """Say whether a file in this state may be erased for this asker; old photos go from a file in use, too."""
    return state in ERASABLE[asker is Asker.RETENTION and not only_photos]
