"""Who may promise, receive, hand over, correct and see a gift (捐赠权限)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.accounts.rules import Role
from app.households.models import Household
from app.programmes.models import Donor, Programme
from app.programmes.rules import CITY, touches
from app.resources.models import ResourceLine
from app.resources.rules import LineKind

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.resources.models import Delivery
    from app.tasks.models import Claim

READERS = (Role.WORKER, Role.SUPERVISOR, Role.KEEPER, Role.OFFICER, Role.AUDITOR)
HANDS = (Role.WORKER, Role.SUPERVISOR, Role.KEEPER)
GIVERS = (Role.DONOR, Role.VOLUNTEER)
DISTRICT = 6
TOWN = 9


def can_pledge(actor: Actor, claim: Claim | None) -> bool:
    """The holder of a claim gives for it; donors and volunteers give to an open programme."""
    if claim is not None:
        return actor.user_id is not None and claim.user_id == actor.user_id
    return actor.has(*GIVERS)


def is_donor(actor: Actor, line: ResourceLine) -> bool:
    """Say whether this is the person's own gift."""
    return actor.user_id is not None and line.donor.user_id == actor.user_id


def of_organisation(actor: Actor, line: ResourceLine) -> bool:
    """Say whether the person works for the charity that receives it, or the foundation whose programme it is for."""
    mine = actor.organisations(Role.FOUNDATION)
    foundation = line.programme.foundation_id if line.programme else None
    return line.charity_id in mine or foundation in mine


def can_receive(actor: Actor, line: ResourceLine) -> bool:
    """Money is received by its charity (慈善法 §38); goods and services by keepers and workers of the place."""
    if actor.is_system:
        return True
    if is_donor(actor, line):
        return False  # nobody writes down and values what they gave themselves
    if of_organisation(actor, line):
        return True
    return line.kind is not LineKind.MONEY and _reaches(actor, line, *HANDS)


def can_deliver(actor: Actor, line: ResourceLine, household: Household) -> bool:
    """Workers and keepers of the household's place hand over; a charity pays what was meant for that household."""
    if actor.is_system:
        return True
    if is_donor(actor, line):
        return False  # a donor does not choose who receives (慈善法 §40)
    if actor.covers(household.region_code, *HANDS):
        return True
    return line.household_id == household.id and of_organisation(actor, line)


def can_reach_out(actor: Actor, line: ResourceLine) -> bool:
    """Say whether the person may hand over something of this line to anybody: whether the button is shown."""
    if line.household is not None:
        return can_deliver(actor, line, line.household)
    return actor.is_system or (not is_donor(actor, line) and _reaches(actor, line, *HANDS))


def can_reverse(actor: Actor, line: ResourceLine) -> bool:
    """Who may receive may correct; a donor may take back a promise."""
    return can_receive(actor, line) or is_donor(actor, line)


def can_reverse_delivery(actor: Actor, delivery: Delivery) -> bool:
    """Who may hand over may say that it did not happen so."""
    return can_deliver(actor, delivery.line, delivery.household)


def can_view(actor: Actor, line: ResourceLine) -> bool:
    """The donor, the organisation it passes through, and the staff of the place."""
    if actor.is_system or is_donor(actor, line) or of_organisation(actor, line):
        return True
    return _reaches(actor, line, *READERS)


def can_see_papers(actor: Actor, line: ResourceLine) -> bool:
    """Evidence and proofs are for those who receive, hand over and audit; a donor sees that it came."""
    if actor.is_system or of_organisation(actor, line):
        return True
    return _reaches(actor, line, *READERS)


def can_see_proof(actor: Actor, delivery: Delivery) -> bool:
    """A proof shows a household's hand or face: for the staff of that household's place alone."""
    return actor.is_system or actor.covers(delivery.household.region_code, *READERS)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_view` in SQL."""
    if actor.is_system:
        return true()
    rules = [_in_region(prefix) for prefix in actor.regions(*READERS)]
    mine = actor.organisations(Role.FOUNDATION)
    if mine:
        own = select(Programme.id).where(Programme.foundation_id.in_(mine))
        rules += [ResourceLine.charity_id.in_(mine), ResourceLine.programme_id.in_(own)]
    if actor.user_id is not None:
        rules.append(
            ResourceLine.donor_id.in_(select(Donor.id).where(Donor.user_id == actor.user_id))
        )
    return or_(*rules) if rules else false()


def _reaches(actor: Actor, line: ResourceLine, *names: str) -> bool:
    if line.household is not None:
        return actor.covers(line.household.region_code, *names)
    if line.town_code:
        return actor.covers(line.town_code, *names)
    region = line.programme.region_code if line.programme else ""
    return any(touches(region, prefix) for prefix in actor.regions(*names))


def _in_region(prefix: str) -> ColumnElement[bool]:
    if len(prefix) <= len(CITY):
        return true()
    here: ColumnElement[bool]
    if len(prefix) == DISTRICT:
        here = and_(ResourceLine.town_code >= prefix, ResourceLine.town_code < prefix + "~")
    elif len(prefix) == TOWN:
        here = ResourceLine.town_code == prefix
    else:
        here = and_(
            ResourceLine.town_code == prefix[:TOWN],
            ResourceLine.household_id.in_(
                select(Household.id).where(Household.region_code == prefix)
            ),
        )
    above = ["", *(prefix[:length] for length in (4, 6, 9, 12) if length <= len(prefix))]
    shared = or_(
        Programme.region_code.in_(above),
        and_(Programme.region_code >= prefix, Programme.region_code < prefix + "~"),
    )
    unplaced = and_(
        ResourceLine.town_code == "",
        or_(
            ResourceLine.programme_id.is_(None),
            ResourceLine.programme_id.in_(select(Programme.id).where(shared)),
        ),
    )
    return or_(here, unplaced)
