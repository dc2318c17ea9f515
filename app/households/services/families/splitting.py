"""Splitting (分户): some people part from a household and get a file of their own, which a second person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.core.crypto import ring
from app.core.db import db
from app.households import queries
from app.households.models import Household
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.families import LeftWhy, living, split_off, without
from app.households.services.families.steps import (
    Step,
    carry_out,
    guard,
    refuse,
    said,
    wrong_leaving,
)
from app.households.services.numbering import new_file_no
from app.regions.rules import prefixes

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.rules.document import Document
    from app.households.rules.families import Successor


@dataclass(frozen=True, slots=True)
class Split:
    """Who parts (分出去的人), who is their householder, and who is the old household's if its own goes."""

    people: tuple[str, ...]
    on: date
    head: Successor
    successor: Successor | None = None


def plan_split(actor: Actor, household: Household, split: Split) -> tuple[Step, Step]:
    """Return both households as they would stand after a split; the second one's file is not made yet."""
    guard(actor, household)
    before = queries.document(household)
    wrong = wrong_leaving(before, split.people, split.on, split.successor)
    if split.people and len(set(split.people)) == len(living(before)):
        wrong["people"] = "全家都分出去就没有人留下了。搬家的话，请用“全家搬走”"
    if not split.head.code or split.head.code not in split.people:
        wrong["new_head"] = "请从分出去的家人里选一位新档案的户主"
    if not split.head.door.strip():
        wrong["door"] = "请填新家的住址，上门的人要靠它"
    refuse(wrong)
    return (
        Step(
            household,
            before,
            without(before, split.people, split.on, LeftWhy.SPLIT, split.successor),
            "split",
            "分户，几位家人另立档案",
        ),
        Step(None, {}, split_off(before, split.people, split.head, clock.today()), "created"),
    )


def split(
    actor: Actor, household: Household, split: Split, *, reason: str, version: int
) -> Household:
    """Give some people of a household a file of their own (分户); returns it.

    Nobody alone decides that a household has a class: the new file carries the old one's and waits for review, sent
    there by whoever split, so that somebody else looks at it.
    """
    leaving, starting = plan_split(actor, household, split)
    reason = said(reason)
    new = _new_file(actor, starting.after)
    leaving = Step(
        household, leaving.before, leaving.after, "split", f"分户，几位家人另立档案 {new.file_no}"
    )
    starting = Step(
        new, {}, starting.after, "created", f"从档案 {household.file_no} 分户建档，等待审核"
    )
    action = "household.split"
    carry_out(actor, leaving, new, version=version, reason=reason, action=action)
    carry_out(actor, starting, household, version=1, reason=reason, action=action)
    return new


def _new_file(actor: Actor, document: Document) -> Household:
    """Make the row of a file that says nothing yet; what it says is written, and so has a history."""
    cover = document["cover"]
    district, town = prefixes(cover["region_code"])
    category = Category(cover["category"])
    file_no, now = new_file_no(district, category), clock.now()
    data_key, box = ring().new_box(file_no)
    nothing: dict[str, Any] = {}
    household = Household(
        file_no=file_no,
        region_code=cover["region_code"],
        town_code=town,
        district_code=district,
        category=category,
        tier=Tier.QUARTERLY,
        filed_on=clock.today(),
        data_key=data_key,
        head=box.seal_json(nothing, f"household.head:{file_no}"),
        papers=box.seal_json(nothing, f"household.papers:{file_no}"),
        state=HouseholdState.DRAFT,
        source="split",
        created_by_id=actor.user_id,
        submitted_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
        version=1,
    )
    db.session.add(household)
    db.session.flush()  # its members and its history name it
    return household
