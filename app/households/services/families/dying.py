"""Death of a member (家人去世): their file goes on under whom the family chose, or is closed when nobody is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.households import queries
from app.households.rules.families import LeftWhy, head_of, living, without
from app.households.services.consents import end_consents
from app.households.services.families.steps import (
    Step,
    carry_out,
    guard,
    refuse,
    said,
    wrong_leaving,
)

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.families import Successor


@dataclass(frozen=True, slots=True)
class Death:
    """Who died, when, and who is the householder now, if it was theirs to be."""

    person: str
    on: date
    successor: Successor | None = None


def plan_death(actor: Actor, household: Household, death: Death) -> Step:
    """Return a household as it would stand after a death."""
    guard(actor, household)
    before = queries.document(household)
    refuse(wrong_leaving(before, [death.person] if death.person else [], death.on, death.successor))
    after = without(before, [death.person], death.on, LeftWhy.DIED, death.successor)
    if not living(after):
        title = "唯一的家人去世，档案结案"
    elif death.person == head_of(before):
        title = "户主去世，换了户主"
    else:
        title = "一位家人去世"
    return Step(household, before, after, "death", title)


def record_death(
    actor: Actor, household: Household, death: Death, *, reason: str, version: int
) -> bool:
    """Note that somebody died (去世): nothing finds or names them any more; returns whether anybody is left.

    What is on file of them stays: their relatives may ask for it (个人信息保护法 §49). A consent that the householder
    signed for themselves ends with them (§14: consent is one's own); the new householder is asked.
    """
    step = plan_death(actor, household, death)
    reason = said(reason)
    carry_out(actor, step, None, version=version, reason=reason, action="household.death")
    if not living(step.after):
        end_consents(actor, household, "结案，同意书到此为止")
    elif death.person == head_of(step.before):
        end_consents(
            actor, household, "户主去世，本人签的同意书到此为止，请重新征得同意", signatory="self"
        )
    return bool(living(step.after))
