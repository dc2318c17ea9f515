"""Family changes through all of the house (家庭变动): the file, and what is open of it in every other feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core.access import SYSTEM
from app.core.db import db
from app.households.errors import CannotSeparate
from app.households.services import families
from app.needs import queries as needs
from app.needs.models import Need
from app.resources.models import Delivery
from app.tasks import services as tasks
from app.visits import services as visits
from app.visits.models import Visit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.families import Choices
    from app.households.services.families import Death, Join, Move, Split

ENDED = "家里的情况变了，这件事不用再办"
CLOSED = "家里已经没有人了，档案结案"
MERGED = "档案并入另一份。还需要的话，请在那份档案里再提出来"


def move(actor: Actor, household: Household, move: Move, *, reason: str, version: int) -> None:
    """Let a household move, with its open needs, tasks and promises; its past stays where it was."""
    before = household.worker_id
    families.move(actor, household, move, reason=reason, version=version)
    # it may lie outside the scope of whoever moved it now: the system brings the rest after it
    tasks.follow(SYSTEM, household)
    visits.hand_over(SYSTEM, household, before)


def join(
    actor: Actor,
    household: Household,
    join: Join,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Let people go to another household; the cards of both say who is there now."""
    families.join(
        actor, household, join, reason=reason, version=version, other_version=other_version
    )
    _follow(actor, household, join.target)


def split(
    actor: Actor, household: Household, split: Split, *, reason: str, version: int
) -> Household:
    """Give some people a file of their own; returns it."""
    new = families.split(actor, household, split, reason=reason, version=version)
    _follow(actor, household)
    return new


def record_death(
    actor: Actor,
    household: Household,
    death: Death,
    *,
    over: Collection[str],
    reason: str,
    version: int,
) -> bool:
    """Note a death and take back the needs that were for whoever died (`over`, by code); all when nobody is left.

    Returns whether anybody is.
    """
    is_going_on = families.record_death(actor, household, death, reason=reason, version=version)
    if not is_going_on:
        tasks.end_all(actor, household, CLOSED)
        return False
    for need in needs.open_of(household.id):
        if need.code in over:
            tasks.withdraw(actor, need, ENDED)
    _follow(actor, household)
    return True


def merge(
    actor: Actor,
    mine: Household,
    other: Household,
    choices: Choices,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Let a file come into another one; what is open of it ends kindly, its past is counted with the other's."""
    families.merge(
        actor, mine, other, choices, reason=reason, version=version, other_version=other_version
    )
    tasks.end_all(actor, other, MERGED)
    _follow(actor, mine)
    visits.note(
        other.id
    )  # what came into it before is the survivor's now; and the survivor's figures follow


def separate(
    actor: Actor,
    mine: Household,
    other: Household,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Take a wrong merge back, as long as nothing was built on it; CannotSeparate says why not."""
    ours, _ = families.merge_between(mine, other)
    if built_since(mine.id, ours.at):
        raise CannotSeparate
    families.separate(
        actor, mine, other, reason=reason, version=version, other_version=other_version
    )
    _follow(actor, mine, other)
    visits.note(mine.id)
    visits.note(other.id)


def built_since(household_id: int, at: datetime) -> bool:
    """Say whether a visit, a need or a delivery was written down for a household since an instant."""
    looks = (
        select(Visit.id).where(Visit.household_id == household_id, Visit.created_at > at),
        select(Need.id).where(Need.household_id == household_id, Need.posted_at > at),
        select(Delivery.id).where(Delivery.household_id == household_id, Delivery.recorded_at > at),
    )
    return any(db.session.scalar(look.limit(1)) is not None for look in looks)


def _follow(actor: Actor, *households: Household | None) -> None:
    for household in households:
        if household is not None:
            tasks.follow(actor, household)
