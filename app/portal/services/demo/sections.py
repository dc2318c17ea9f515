"""What stands in some of the files (档案内容): income as the cover says, a home, who helps, a score, a plan."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.core.money import split
from app.households.rules import HouseholdState, Tier
from app.households.rules.sections import SECTIONS, answers
from app.portal.services.demo.chance import Dice, dice
from app.portal.services.demo.plan import DALIANG

if TYPE_CHECKING:
    from datetime import date

    from app.portal.services.demo.plan import FilePlan

HERE, ELSEWHERE, FULLY = 30, 6, 45  # of a hundred files
ODD = 8  # of a hundred whose cover says something else than their income
LEVELS = {Tier.WEEKLY: "2334", Tier.MONTHLY: "1223", Tier.QUARTERLY: "0011"}
UNWRITTEN = frozenset({HouseholdState.DRAFT, HouseholdState.ERASED})
GOALS = (
    ("medical", "每月按时复诊，药不断", "陪同办门诊特定病种，约好复诊日子", "连续三个月没有断药"),
    ("housing", "浴室装好扶手和防滑垫", "量尺寸，找适老化改造项目", "装好并试用过"),
    ("social", "每周有人来坐坐", "介绍邻居和志愿者，排好轮流", "一个月来过四次"),
    ("growth", "孩子能跟上功课", "联系课业辅导，每周两次", "期末及格"),
    ("basics", "低保金按时到账", "协助补交材料", "到账"),
)


def sections_of(
    seed: int, today: date, file: FilePlan, means: dict[str, int], heads: int
) -> dict[str, Any]:
    """Return the sections of a file; most files have none yet, as in any town that begins with a workbook."""
    chance = dice(seed, "sections", file.number)
    share = HERE if file.region.startswith(DALIANG) else ELSEWHERE
    if file.state in UNWRITTEN or not chance.chance(share):
        return {}
    on = max(file.filed_on, today - timedelta(days=chance.randint(5, 300))).isoformat()
    found = {
        "income": _income(chance, means, heads, on),
        "housing": _housing(chance),
        "assessment": _assessment(today, chance, file, on),
    }
    if chance.chance(FULLY):
        found |= {
            "spending": _spending(chance, on),
            "assets": {"deposits": chance.randint(0, 30_000) * 100, "funds": 0, "on": on},
            "support": _support(chance),
            "assistance": _assistance(chance, means, on),
            "plan": _plan(today, chance, on),
        }
    return found


def _income(chance: Dice, means: dict[str, int], heads: int, on: str) -> dict[str, Any]:
    total = means["income_fen"] * heads
    if chance.chance(ODD):
        total += chance.randint(50, 400) * 100 * heads
    wage, transfer = split(total, [chance.randint(1, 5), chance.randint(1, 5)])
    known = chance.some(("said", "papers", "check", "visit"), 2)
    kept = [key for key in SECTIONS["income"].question("known").choices if key in known]
    return {
        "wage": wage,
        "business": 0,
        "property": 0,
        "transfer": transfer,
        "aid": means["aid_fen"],
        "known": kept,
        "on": on,
    }


def _housing(chance: Dice) -> dict[str, Any]:
    return {
        "right": chance.choice(("private", "homestead", "public", "rented")),
        "area": chance.randint(22, 110),
        "structure": chance.choice(("concrete", "brick", "brick", "brick_wood")),
        "floor": chance.randint(1, 7),
        "lift": chance.chance(25),
        "safety": chance.choice(("a", "a", "b", "unknown")),
        "hazards": chance.some(("leak", "wiring"), 1) if chance.chance(30) else [],
        "access": ["rail", "antislip"] if chance.chance(35) else [],
    }


def _assessment(today: date, chance: Dice, file: FilePlan, on: str) -> dict[str, Any]:
    levels = LEVELS[file.tier]
    section = SECTIONS["assessment"]
    said = {one.key: chance.choice(levels) for one in section.questions if "0" in one.choices}
    said |= {"on": on, "answered": chance.choice(("self", "self", "family"))}
    return answers(section, said, today).values


def _spending(chance: Dice, on: str) -> dict[str, Any]:
    return {
        "living": chance.randint(9_000, 26_000) * 100,
        "medical": chance.randint(300, 18_000) * 100,
        "education": chance.choice((0, 0, 4_200, 6_800)) * 100,
        "until": on,
        "evidence": ["receipt", "medical"],
    }


def _support(chance: Dice) -> dict[str, Any]:
    helpers = [
        {"who": "neighbour", "does": "watch", "often": "daily"},
        {"who": "child", "does": "shopping", "often": "weekly"},
        {"who": "party", "does": "company", "often": "monthly"},
    ]
    return {
        "ties": chance.choice(("many", "some", "few")),
        "helpers": chance.some(helpers, chance.randint(1, 3)),
        "key": chance.chance(40),
    }


def _assistance(chance: Dice, means: dict[str, int], on: str) -> dict[str, Any]:
    received = [{"what": "visit", "giver": "village", "amount": 30_000, "per": "once", "since": on}]
    if means["aid_fen"]:
        living = {"what": "living", "giver": "civil", "amount": means["aid_fen"], "per": "month"}
        received.insert(0, living)
    if chance.chance(30):
        received.append(
            {"what": "charity", "giver": "charity", "amount": 50_000, "per": "once", "since": on}
        )
    return {"received": received}


def _plan(today: date, chance: Dice, on: str) -> dict[str, Any]:
    goals = [
        {
            "area": area,
            "goal": goal,
            "steps": steps,
            "measure": measure,
            "by": (today + timedelta(days=chance.randint(10, 150))).isoformat(),
            "who": chance.choice(("worker", "volunteer", "family")),
            "status": chance.choice(("waiting", "doing", "doing", "reached")),
        }
        for area, goal, steps, measure in chance.some(GOALS, chance.randint(1, 3))
    ]
    review = (today + timedelta(days=chance.randint(20, 90))).isoformat()
    return {"on": on, "agreed": True, "goals": goals, "review_on": review}
