"""A family change as it would be (家庭变动预览): each file it touches, before and after; and carrying it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import changed_one, db
from app.households import policy, queries
from app.households.errors import FamilyWrong, NotInState, ReasonMissing
from app.households.models import Change, Household
from app.households.rules.families import head_of, living
from app.households.rules.states import STATE_WORDS, WRITABLE
from app.households.services.writing import write

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from app.core.access import Actor
    from app.households.rules.document import Document
    from app.households.rules.families import Successor
    from app.households.rules.states import HouseholdState

NO_REASON = "请写一句原因，这会留在变更记录里"


@dataclass(frozen=True, slots=True)
class Step:
    """One file's part of a change; a file that is only being made has no household yet."""

    household: Household | None
    before: Document
    after: Document
    kind: str = ""
    title: str = ""


def guard(
    actor: Actor, household: Household, states: Collection[HouseholdState] = WRITABLE
) -> None:
    """Refuse unless this person writes in the file and somebody works on it."""
    require(policy.can_edit, actor, household)
    if household.state not in states:
        words = STATE_WORDS[household.state]
        message = f"档案 {household.file_no} 现在{words}，家里的变动要等它恢复或审核完再办"
        raise NotInState(message)


def said(reason: str) -> str:
    """Return a reason; ReasonMissing when there is none."""
    if not reason.strip():
        raise ReasonMissing(NO_REASON)
    return reason.strip()


def carry_out(
    actor: Actor, step: Step, other: Household | None, *, version: int, reason: str, action: str
) -> None:
    """Write one file's part; the other file of the change is named in its history, even if this one says the same."""
    if step.household is None:  # pragma: no cover - a file is made before it is written
        message = "a step without a file cannot be written"
        raise ValueError(message)
    is_different = write(
        actor,
        step.household,
        step.after,
        version=version,
        kind=step.kind,
        title=step.title,
        reason=reason,
        action=action,
        other=other,
    )
    if not is_different:
        _tell(actor, step, step.household, other, version=version, reason=reason, action=action)


def _tell(
    actor: Actor,
    step: Step,
    household: Household,
    other: Household | None,
    *,
    version: int,
    reason: str,
    action: str,
) -> None:
    """Keep in a file's history that something happened which changed nothing it says: who came was known already."""
    changed_one(
        update(Household)
        .where(Household.id == household.id, Household.version == version)
        .values(version=version + 1, updated_at=clock.now())
    )
    nothing: dict[str, Any] = {}
    place = f"change.fields:{household.file_no}"
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind=step.kind,
            title=step.title,
            fields=queries.box(household).seal_json(nothing, place),
            reason=reason[:120],
            other_id=other.id if other else None,
        )
    )
    audit.record(
        actor,
        action,
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
    )
    db.session.flush()  # the same order as `write`: what is asked next sees it
    db.session.expire(household)


def wrong_leaving(
    document: Document, people: Collection[str], day: date, successor: Successor | None
) -> dict[str, str]:
    """Return what is wrong with people leaving a household, by field, in the phone's words."""
    wrong: dict[str, str] = {}
    there = {code for code, _ in living(document)}
    if not people:
        wrong["people"] = "请选一位家人"
    elif not set(people) <= there:
        wrong["people"] = "选的人已经不在这一户了，请重新选"
    if day > clock.today():
        wrong["on"] = "日子还没到，请填今天或以前"
    staying = there - set(people)
    if head_of(document) in people and staying:
        if successor is None or not successor.code:
            wrong["head"] = "户主不在了，请选一位新户主"
        elif successor.code not in staying:
            wrong["head"] = "新户主要从留下的家人里选"
    return wrong


def refuse(wrong: Mapping[str, str]) -> None:
    """Refuse what does not make sense, field by field."""
    if wrong:
        raise FamilyWrong(dict(wrong))
