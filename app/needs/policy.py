"""Who may see, write and review needs (需求权限): the people in whose scope the household lies."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, true

from app.accounts.rules import Role
from app.core.access import Actor
from app.households.models import Household
from app.needs.models import Need
from app.regions.policy import lies_under

READERS = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
REVIEWERS = (Role.SUPERVISOR,)


def can_list(actor: Actor) -> bool:
    """Say whether somebody works with needs at all."""
    return actor.is_system or bool(actor.regions(*READERS))


def can_view(actor: Actor, need: Need) -> bool:
    """Workers, supervisors and officers see the needs of their region, inside story included."""
    return actor.is_system or actor.covers(need.region_code, *READERS)


def can_post(actor: Actor, household: Household) -> bool:
    """Workers and supervisors write needs for the files of their region."""
    return actor.is_system or actor.covers(household.region_code, Role.WORKER, Role.SUPERVISOR)


def can_edit(actor: Actor, need: Need) -> bool:
    """The same people change and withdraw them: a colleague stands in for a sick one."""
    return actor.is_system or actor.covers(need.region_code, Role.WORKER, Role.SUPERVISOR)


def can_review(actor: Actor, need: Need) -> bool:
    """Supervisors review; that the writer may not is a refusal of its own, with a sentence of its own."""
    return actor.is_system or actor.covers(need.region_code, *REVIEWERS)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_view` in SQL."""
    if actor.is_system:
        return true()
    rules = [in_region(prefix) for prefix in actor.regions(*READERS)]
    return or_(*rules) if rules else false()


def in_region(prefix: str) -> ColumnElement[bool]:
    """Say, in SQL, that a need lies under a region prefix."""
    return lies_under(Need, prefix)
