"""Moving (搬家、转户): a whole household to another community, or some of its people to another household."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.accounts import queries as accounts
from app.households import policy, queries
from app.households.rules.families import LEFT_WORDS, LeftWhy, come, living, without
from app.households.rules.states import WRITABLE
from app.households.services import twins
from app.households.services.families.steps import (
    Step,
    carry_out,
    guard,
    refuse,
    said,
    wrong_leaving,
)
from app.notices import services as notices
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.families import Successor

COMMUNITY = 12


@dataclass(frozen=True, slots=True)
class Move:
    """Where a household moves (搬到哪里), and who looks after it there; nobody: its town decides."""

    region_code: str
    door: str
    worker_id: int | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Who goes to which household, why, and who they are there (转户)."""

    people: tuple[str, ...]
    target: Household | None
    on: date
    why: LeftWhy
    relations: Mapping[str, str] = field(default_factory=dict)
    successor: Successor | None = None


def plan_move(actor: Actor, household: Household, move: Move) -> Step:
    """Return a household as it would stand after it moved; FamilyWrong names what does not make sense."""
    guard(actor, household)
    wrong = {}
    if len(move.region_code) != COMMUNITY or move.region_code not in divisions():
        wrong["region_code"] = "请选要搬去的村居"
    elif move.region_code == household.region_code:
        wrong["region_code"] = "他们现在就在这个村居。只是换了门牌，改住址就好"
    if not move.door.strip():
        wrong["door"] = "请填新的住址，上门的人要靠它"
    there = {user.id for user in accounts.workers_of(move.region_code)} if not wrong else set()
    if move.worker_id is not None and move.worker_id not in there and not wrong:
        wrong["worker"] = "这位社工不负责那个村居，请另选一位，或先留空"
    refuse(wrong)
    before = queries.document(household)
    after = deepcopy(before)
    after["cover"] |= {
        "region_code": move.region_code,
        "door": move.door.strip(),
        "worker_id": move.worker_id,
    }
    return Step(household, before, after, "move", "全家搬走，档案转到新的村居")


def move(actor: Actor, household: Household, move: Move, *, reason: str, version: int) -> None:
    """Let a household move to another community (全家搬走): its scope, search words and spans move with it.

    The number of its file stays, and so does everything that happened: visits and postings belong to the place where
    they were.
    """
    step = plan_move(actor, household, move)
    reason = said(reason)
    carry_out(actor, step, None, version=version, reason=reason, action="household.move")
    twins.follow(household)
    notices.queue(
        move.worker_id,
        "household.moved_in",
        "有一户街坊搬到你负责的村居，请接手看看",
        f"/households/{household.file_no}",
    )


def plan_join(actor: Actor, household: Household, join: Join) -> tuple[Step, Step]:
    """Return both households as they would stand after people went from one to the other."""
    guard(actor, household)
    before = queries.document(household)
    wrong = wrong_leaving(before, join.people, join.on, join.successor)
    if join.people and len(set(join.people)) == len(living(before)):
        wrong["people"] = "全家都过去的话，请用“合户”，两份档案才会接在一起"
    wrong |= _wrong_target(actor, household, join.target)
    refuse(wrong)
    target = join.target
    assert target is not None  # noqa: S101 - refused above
    theirs = queries.document(target)
    people = {code: before["members"][code] for code in join.people}
    words = LEFT_WORDS[join.why]
    return (
        Step(
            household,
            before,
            without(before, join.people, join.on, join.why, join.successor),
            "left",
            f"家人因{words}转到档案 {target.file_no}",
        ),
        Step(
            target,
            theirs,
            come(theirs, people, join.relations),
            "came",
            f"家人因{words}从档案 {household.file_no} 转来",
        ),
    )


def join(
    actor: Actor,
    household: Household,
    join: Join,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Let people go to another household (转户、婚嫁): they leave one and stand in the other, or nothing happens."""
    leaving, coming = plan_join(actor, household, join)
    reason = said(reason)
    action = "household.join"
    # left first: a number stands in one household at a time
    carry_out(actor, leaving, join.target, version=version, reason=reason, action=action)
    carry_out(actor, coming, household, version=other_version, reason=reason, action=action)


def _wrong_target(actor: Actor, household: Household, target: Household | None) -> dict[str, str]:
    if target is None or not policy.can_edit(actor, target):
        return {"to": "在你负责的地方没有找到这个档案号，请再核对一次"}
    if target.id == household.id:
        return {"to": "这就是他们现在的档案，请填另一户的档案号"}
    if target.state not in WRITABLE:
        return {"to": "那份档案现在不在办，不能转进去。请先恢复它"}
    return {}
