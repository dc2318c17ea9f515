"""The risk tier of a file (风险档): what it follows from, and which rule said so.

After 内蒙古's practice (DOMAIN §5); Foshan's own frequencies are not published, so a worker may say otherwise, with a
reason. 个人信息保护法 §24: nobody is judged by a machine without being told by which rule.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.households.rules.categories import Category, Tier
from app.households.rules.traits import OLD, VERY_OLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.rules.traits import Person


class TierRule(StrEnum):
    """Which rule set a tier; the words are in TIER_RULE_WORDS."""

    MANUAL = "manual"
    WORKBOOK = "workbook"
    CRISIS = "crisis"
    VERY_OLD_ALONE = "very_old_alone"
    HIGH_SCORE = "high_score"
    SUPPORTED = "supported"
    CHILD = "child"
    OLD_ALONE = "old_alone"
    NO_SELF_CARE = "no_self_care"
    MEDIUM_SCORE = "medium_score"
    ORDINARY = "ordinary"


STANDING = frozenset({TierRule.MANUAL, TierRule.WORKBOOK})  # somebody's word: no rule changes it
TIER_RULE_WORDS = {
    TierRule.MANUAL: "由人工确定",
    TierRule.WORKBOOK: "台账里写明",
    TierRule.CRISIS: "评估里有危急情况",
    TierRule.VERY_OLD_ALONE: "80 岁以上独居",
    TierRule.HIGH_SCORE: "评估总分达到高风险",
    TierRule.SUPPORTED: "特困供养人员",
    TierRule.CHILD: "困境儿童",
    TierRule.OLD_ALONE: "60 岁以上独居",
    TierRule.NO_SELF_CARE: "有人生活不能自理",
    TierRule.MEDIUM_SCORE: "评估总分达到中风险",
    TierRule.ORDINARY: "没有特别的风险",
}
HIGH_SCORE, MEDIUM_SCORE = 70, 40  # of 100


def judged(
    category: Category, people: Sequence[Person], sections: dict[str, Any]
) -> tuple[Tier, TierRule]:
    """Return the tier a file has by rule, and the rule: the first that fits, the gravest first."""
    assessment = sections.get("assessment", {})
    score = int(assessment.get("score") or 0)
    ages = [each.age for each in people if each.age is not None]
    alone = len(people) == 1 and bool(ages)
    rules: list[tuple[bool, Tier, TierRule]] = [
        (bool(assessment.get("crisis")), Tier.WEEKLY, TierRule.CRISIS),
        (alone and ages[0] >= VERY_OLD, Tier.WEEKLY, TierRule.VERY_OLD_ALONE),
        (score >= HIGH_SCORE, Tier.WEEKLY, TierRule.HIGH_SCORE),
        (category is Category.TK, Tier.MONTHLY, TierRule.SUPPORTED),
        (category is Category.KJ, Tier.MONTHLY, TierRule.CHILD),
        (alone and ages[0] >= OLD, Tier.MONTHLY, TierRule.OLD_ALONE),
        (any(each.has_no_self_care for each in people), Tier.MONTHLY, TierRule.NO_SELF_CARE),
        (score >= MEDIUM_SCORE, Tier.MONTHLY, TierRule.MEDIUM_SCORE),
    ]
    for fits, tier, rule in rules:
        if fits:
            return tier, rule
    return Tier.QUARTERLY, TierRule.ORDINARY


def said_rule(rule: str) -> str:
    """Return the words of the rule that set a tier; empty when none is noted."""
    return TIER_RULE_WORDS[TierRule(rule)] if rule in set(TierRule) else ""
