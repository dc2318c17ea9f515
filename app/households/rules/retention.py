"""How long what is kept (保存期限): per kind of data, dated; the law says what it may not fall below."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kept(StrEnum):
    """Kinds of data that have a period of their own."""

    CLOSED_FILE = "closed_file"
    PHOTO = "photo"
    WORKBOOK = "workbook"
    AUDIT = "audit"
    PROVISION = "provision"
    ASSESSMENT = "assessment"


class Rule(NamedTuple):
    """What holds unless the city set something else: months, the least the law allows, and where that stands."""

    words: str
    months: int
    least: int
    basis: str
    what: str


RULES: dict[Kept, Rule] = {
    Kept.CLOSED_FILE: Rule(
        "结案档案里的个人信息", 60, 6, "个人信息保护法 §19、47", "从结案那天算，到期提请清除，数字和账留下"
    ),
    Kept.PHOTO: Rule("探访照片", 36, 1, "个人信息保护法 §19", "从拍的那天算，到期提请清除"),
    Kept.WORKBOOK: Rule("导入用的表格", 1, 1, "个人信息保护法 §19", "导入结束就删，最多留这么久"),
    Kept.AUDIT: Rule("操作日志", 36, 6, "网络安全法 §21（不少于 6 个月）", "不能删改"),
    Kept.PROVISION: Rule("对外提供的记录", 36, 36, "网络数据安全管理条例 §12（不少于 3 年）", "随日志一起保存"),
    Kept.ASSESSMENT: Rule("影响评估报告", 36, 36, "个人信息保护法 §56（不少于 3 年）", "从评估那天算"),
}  # fmt: skip
LONGEST = 600  # months; whatever is longer was a slip of the finger


class Period(NamedTuple):
    """A period as it was set: from which day it holds."""

    kind: Kept
    months: int
    valid_from: date


def months_on(kind: Kept, periods: Iterable[Period], day: date) -> int:
    """Return how many months a kind of data is kept, as it stands on a day."""
    begun = [one for one in periods if one.kind is kind and one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from).months if begun else RULES[kind].months


def months_after(day: date, months: int) -> date:
    """Return the day so many months later; the 31st becomes the month's last day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def months_before(day: date, months: int) -> date:
    """Return the last day whose period of so many months is over on `day`."""
    return months_after(day, -months)
