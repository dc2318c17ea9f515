"""Unusual reading (异常查阅): what of a day's looks at clear data somebody should be asked about.

个人信息保护法 §51, 未成年人网络保护条例 §36: who opens personal data is recorded, and the record is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.core.clock import FOSHAN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class ReadingRule(StrEnum):
    """Why a reading is looked into."""

    MANY = "many"
    FAST = "fast"
    ELSEWHERE = "elsewhere"
    NIGHT = "night"
    HANDED_OVER = "handed_over"
    URGENT = "urgent"
    BRAKE = "brake"


RULE_WORDS = {
    ReadingRule.MANY: "一天里看得多",
    ReadingRule.FAST: "短时间连着看",
    ReadingRule.ELSEWHERE: "看平时不去的村居",
    ReadingRule.NIGHT: "夜里看",
    ReadingRule.HANDED_OVER: "交接以后还在看",
    ReadingRule.URGENT: "紧急查看未成年人资料",
    ReadingRule.BRAKE: "一小时内看得太多，已暂停",
}
RULE_NOTES = {
    ReadingRule.MANY: "一天打开了 {count} 户的明文资料",
    ReadingRule.FAST: "十分钟内打开了 {count} 户的明文资料",
    ReadingRule.ELSEWHERE: "打开了 {count} 户，都在这三个月没有去过的村居",
    ReadingRule.NIGHT: "晚上十点到早上六点打开了 {count} 户",
    ReadingRule.HANDED_OVER: "{count} 户已经交给别人，之后又被打开",
    ReadingRule.URGENT: "没有等督导同意，先看了孩子的资料，事后要复核",
    ReadingRule.BRAKE: "一小时内打开了 {count} 户，督导确认以后才能继续看",
}
# what counts as a look; a need or a visit is read as part of a day's work, with what it says
LOOKS = ("household.unmask", "household.read", "claim.read_household")
HANDOVER = "household.handover"  # its detail says by its key who gave the file: {"giver": 7}
SHOWN = 60  # of the looks behind an alert
BRAKE_AN_HOUR = 40  # files in clear within an hour; the next one waits for the supervisor
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """From how much on somebody is asked; a city that finds them too low or too high changes them here."""

    many_a_day: int = 30
    fast: int = 10
    fast_within: timedelta = timedelta(minutes=10)
    elsewhere: int = 5
    usual_days: int = 90
    at_night: int = 3
    night_from: int = 22
    night_until: int = 6
    after_handover: int = 1


LIMITS = Limits()


class Look(NamedTuple):
    """One look at a household's clear data; `gave_up`: the reader had handed that file over before."""

    row_id: int
    at: datetime
    household_id: int
    region_code: str
    gave_up: bool = False


class Finding(NamedTuple):
    """A rule that a reader's day meets, with how many files, and the rows that show it."""

    rule: ReadingRule
    files: int
    rows: list[int]


def unusual(
    looks: Sequence[Look], usual: Collection[str], limits: Limits = LIMITS
) -> list[Finding]:
    """Return what is unusual in one person's looks of one day, in the order of time.

    `usual` are the communities where they worked in the last months; of somebody new nothing is usual, and nothing
    unusual either.
    """
    ordered = sorted(looks, key=lambda look: (look.at, look.row_id))
    found = [
        _if(ReadingRule.MANY, ordered, limits.many_a_day),
        _if(ReadingRule.FAST, _densest(ordered, limits.fast_within), limits.fast),
        _if(ReadingRule.NIGHT, [one for one in ordered if _night(one, limits)], limits.at_night),
        _if(
            ReadingRule.HANDED_OVER,
            [one for one in ordered if one.gave_up],
            limits.after_handover,
        ),
    ]
    if usual:
        strange = [one for one in ordered if one.region_code not in usual]
        found.append(_if(ReadingRule.ELSEWHERE, strange, limits.elsewhere))
    return [finding for finding in found if finding is not None]


def _if(rule: ReadingRule, looks: Sequence[Look], least: int) -> Finding | None:
    count = len({look.household_id for look in looks})
    return Finding(rule, count, [look.row_id for look in looks][:SHOWN]) if count >= least else None


def _night(look: Look, limits: Limits) -> bool:
    hour = look.at.astimezone(FOSHAN).hour
    return hour >= limits.night_from or hour < limits.night_until


def _densest(looks: Sequence[Look], within: timedelta) -> list[Look]:
    """Return the looks of the stretch of time in which most files were opened."""
    best: list[Look] = []
    most, first = 0, 0
    for last, look in enumerate(looks):
        while look.at - looks[first].at > within:
            first += 1
        files = len({one.household_id for one in looks[first : last + 1]})
        if files > most:
            most, best = files, list(looks[first : last + 1])
    return best
