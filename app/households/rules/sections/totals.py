"""What follows from a section's answers (合计): sums, the income per head, the score; nothing here changes a file.

A difference between what is stated on the cover and what comes out is told, never put right silently.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from app.households.rules.sections.kinds import DIMENSIONS, PUBLIC, TOP_LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.households.rules.sections.shape import Section

INCOME_KINDS = ("wage", "business", "property", "transfer")
SPENDING_KINDS = ("living", "medical", "education", "rehab", "other")
FINANCIAL = ("deposits", "securities", "funds", "insurance", "claims", "online")
MONTHS = 12
FULL = 100


class Total(NamedTuple):
    """A figure that follows from answers: fen unless `unit` says otherwise."""

    label: str
    value: int
    unit: str = ""
    note: str = ""


class Odd(NamedTuple):
    """Two figures of a file that should be one: stated on the cover, and computed."""

    label: str
    stated: int
    computed: int


def derived(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept beside the answers, because rules read it: the score of 100 and whether there is a crisis."""
    if kind != "assessment" or not values:
        return {}
    return {"score": score(values), "crisis": bool(values.get("crises"))}


def unasked(section: Section, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept in a section that its form does not ask: somebody else's, or an older form's; it stays."""
    asked = {one.key for one in section.questions} | {"score", "crisis"}
    return {key: value for key, value in values.items() if key not in asked}


def score(values: Mapping[str, Any]) -> int:
    """Return the score of 100: each weight in proportion to its level; what was not asked counts nothing."""
    points = sum(weight * int(values.get(key) or 0) for key, (_, weight, _) in DIMENSIONS.items())
    return (points + TOP_LEVEL // 2) // TOP_LEVEL


def sum_of(values: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """Return a sum; None when nothing of it was answered."""
    known = [int(values[key]) for key in keys if values.get(key) is not None]
    return sum(known) if known else None


def per_head(total: int, heads: int) -> int:
    """Return an amount per head, to the fen, half up."""
    return (2 * total + heads) // (2 * heads) if heads > 0 else total


def income_per_head(income: Mapping[str, Any], heads: int) -> int | None:
    """Return the monthly income per head (人均收入, 最低生活保障审核确认办法 §13); government aid is no part of it."""
    total = sum_of(income, INCOME_KINDS)
    return None if total is None else per_head(total, heads)


def proposed(sections: Mapping[str, Any], heads: int) -> dict[str, int]:
    """Return what the sections propose for the cover."""
    income = sections.get("income", {})
    found = {"income_fen": income_per_head(income, heads), "aid_fen": income.get("aid")}
    return {name: int(value) for name, value in found.items() if value is not None}


def oddities(cover: Mapping[str, Any], sections: Mapping[str, Any], heads: int) -> list[Odd]:
    """Return where the cover says something else than the sections."""
    words = {"income_fen": "月人均收入", "aid_fen": "每月救助金额"}
    return [
        Odd(words[name], int(cover.get(name) or 0), value)
        for name, value in proposed(sections, heads).items()
        if int(cover.get(name) or 0) != value
    ]


def totals(kind: str, sections: Mapping[str, Any], heads: int, today: date) -> list[Total]:
    """Return the figures that stand under a section."""
    values = sections.get(kind, {})
    makers = {
        "income": _income,
        "spending": _spending,
        "assets": _assets,
        "assistance": _assistance,
        "assessment": _assessment,
    }
    return makers[kind](values, sections, heads, today) if values and kind in makers else []


def _income(
    values: Mapping[str, Any], _sections: Mapping[str, Any], heads: int, _today: date
) -> list[Total]:
    total = sum_of(values, INCOME_KINDS)
    if total is None:
        return []
    return [
        Total("全家每月", total),
        Total("人均每月", per_head(total, heads), note=f"按在户 {heads} 人算"),
    ]


def _spending(
    values: Mapping[str, Any], sections: Mapping[str, Any], _heads: int, _today: date
) -> list[Total]:
    total = sum_of(values, SPENDING_KINDS)
    if total is None:
        return []
    found = [Total("全年合计", total)]
    income = sum_of(sections.get("income", {}), INCOME_KINDS)
    if income:
        share = (total * FULL + income * MONTHS // 2) // (income * MONTHS)
        note = "佛山的认定比例没有公布，只供参考"
        found.append(Total("占全年收入", share, "%", note))
    return found


def _assets(
    values: Mapping[str, Any], _sections: Mapping[str, Any], _heads: int, _today: date
) -> list[Total]:
    total = sum_of(values, FINANCIAL)
    return [] if total is None else [Total("金融资产", total)]


def _assistance(
    values: Mapping[str, Any], _sections: Mapping[str, Any], _heads: int, today: date
) -> list[Total]:
    """Sum up what comes every month now, the public purse and others apart: the two are never one figure."""
    monthly = [
        row
        for row in values.get("received", [])
        if row.get("per") == "month" and row.get("amount") and _runs(row, today)
    ]
    public = sum(row["amount"] for row in monthly if row.get("giver") in PUBLIC)
    others = sum(row["amount"] for row in monthly if row.get("giver") not in PUBLIC)
    found = [Total("政府每月", public)] if public else []
    return found + ([Total("社会帮扶每月", others)] if others else [])


def _runs(row: Mapping[str, Any], today: date) -> bool:
    return str(row.get("since") or "") <= today.isoformat() <= str(row.get("until") or "9999")


def _assessment(
    values: Mapping[str, Any], _sections: Mapping[str, Any], _heads: int, _today: date
) -> list[Total]:
    missing = sum(1 for key in DIMENSIONS if key not in values)
    note = f"还有 {missing} 项没评，按没有困难算" if missing else "满分 100，越高越需要帮"
    return [Total("总分", int(values.get("score") or 0), "分", note)]
