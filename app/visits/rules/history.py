"""Visits of the old platform (历史探访): what its sheets call things, and what a row of them says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from app.core.text import squeeze, trim
from app.households.rules.references import (
    REFERENCE_ERRORS,
    REFERENCE_WORDS,
    Reference,
    Remark,
    read_past_day,
    read_reference,
)
from app.households.rules.tidy import NOTHING, as_text
from app.visits.rules import MAX_MINUTES, Manner, Result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

WORDS = {
    **REFERENCE_WORDS,
    "record_no": "记录编号 探访编号 记录号 探访记录编号 服务记录编号 编号 流水号",
    "visited_on": "探访日期 走访日期 入户日期 服务日期 探访时间 走访时间 日期",
    "manner": "探访方式 走访方式 服务方式 方式",
    "result": "探访结果 走访结果 结果 见到谁",
    "visitor": "探访人 走访人 探访人员 走访人员 服务人员 社工 志愿者 记录人",
    "minutes": "时长 服务时长 探访时长 时长分钟 分钟",
    "text": "探访内容 走访内容 服务内容 探访情况 走访情况 情况记录 内容 记录 备注",
}
NEEDED = (("visited_on",), tuple(REFERENCE_WORDS))
MANNERS = {
    Manner.HOME: "上门 入户 上门探访 入户探访 入户走访 实地 面谈",
    Manner.PHONE: "电话 致电 电话探访 电访",
    Manner.VIDEO: "视频 微信 网络 线上 即时通讯",
    Manner.OFFICE: "来访 到访 到站 来站",
    Manner.ESCORT: "陪同 陪同外出 陪诊",
}
RESULTS = {
    Result.MET: "见到本人 本人 见面 在家 正常 已探访",
    Result.FAMILY: "家属代答 家属 见到家属 家人",
    Result.NOBODY: "无人在家 无人 不在家",
    Result.MOVED: "空置或搬离 搬离 空置 已搬走 迁出",
    Result.HOSPITAL: "住院",
    Result.AWAY: "外出",
    Result.REFUSED: "拒访 拒绝",
    Result.LOST: "失联",
    Result.DIED: "已去世 去世 死亡 身故",
}
ERRORS = {
    **REFERENCE_ERRORS,
    "word_unknown": (
        "方式或结果不在代码表里；结果请写见到本人、家属代答、无人在家、搬离、住院、外出、拒访、失联或已去世"
    ),
}
WARNINGS = {
    "manner_assumed": "没写方式，按上门",
    "result_assumed": "没写结果，按见到本人",
    "minutes_unreadable": "时长认不出，没有记",
}
_HOURS = re.compile(r"(\d+(?:\.\d+)?)(?:个)?(?:小时|h)")
_MINUTES = re.compile(r"(\d+)(?:\.0+)?(?:分钟|分|min)?")


def _table(words: Mapping[Manner, str] | Mapping[Result, str]) -> dict[str, str]:
    return {word: code.value for code, said in words.items() for word in said.split()}


_MANNERS, _RESULTS = _table(MANNERS), _table(RESULTS)


class OldVisit(NamedTuple):
    """A visit as an old record tells it; nothing in it earns volunteer hours."""

    reference: Reference
    record_no: str
    visited_on: date
    manner: Manner
    result: Result
    minutes: int
    visitor: str
    text: str


def read_visit(cells: Mapping[str, object], today: date) -> tuple[OldVisit | None, list[Remark]]:
    """Return what a row says and the remarks on it; None when it is refused, never guessed."""
    reference, wrong = read_reference(cells)
    day, wrong_day = read_past_day(cells, "visited_on", today)
    if wrong or day is None:
        return None, [one for one in (wrong, wrong_day) if one]
    remarks: list[Remark] = []
    manner = _word(cells, "manner", _MANNERS, Manner.HOME.value, remarks)
    result = _word(cells, "result", _RESULTS, Result.MET.value, remarks)
    if not manner or not result:
        return None, remarks
    minutes = _minutes(cells, remarks)
    visit = OldVisit(
        reference,
        squeeze(as_text(cells.get("record_no"))),
        day,
        Manner(manner),
        Result(result),
        minutes,
        trim(as_text(cells.get("visitor")))[:60],
        trim(as_text(cells.get("text")))[:2000],
    )
    return visit, remarks


def _word(
    cells: Mapping[str, object],
    meaning: str,
    table: Mapping[str, str],
    usual: str,
    remarks: list[Remark],
) -> str:
    word = squeeze(as_text(cells.get(meaning)))
    if word in NOTHING:
        remarks.append(Remark(meaning, f"{meaning}_assumed"))
        return usual
    if word not in table:
        remarks.append(Remark(meaning, "word_unknown"))
    return table.get(word, "")


def _minutes(cells: Mapping[str, object], remarks: list[Remark]) -> int:
    word = squeeze(as_text(cells.get("minutes"))).lower()
    if word in NOTHING:
        return 0
    if match := _HOURS.fullmatch(word):
        minutes = round(float(match[1]) * 60)
    elif match := _MINUTES.fullmatch(word):
        minutes = int(match[1])
    else:
        minutes = MAX_MINUTES + 1
    if minutes > MAX_MINUTES:
        remarks.append(Remark("minutes", "minutes_unreadable"))
        return 0
    return minutes
