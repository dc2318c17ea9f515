"""Who may see and take tasks (任务权限)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, true

from app.accounts.rules import Role
from app.core import clock
from app.core.access import Actor
from app.households.rules import HouseholdState
from app.regions.policy import lies_under
from app.tasks.models import Claim, Claimable, Task
from app.tasks.rules import DONOR_KINDS, DOOR_KINDS, LIVE, VOLUNTEER_KINDS, TaskKind

STAFF = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)


def kinds_for(actor: Actor) -> frozenset[TaskKind]:
    """Return what somebody may take on: volunteers visit, donors give; nobody else claims."""
    kinds: frozenset[TaskKind] = frozenset()
    if actor.has(Role.VOLUNTEER):
        kinds |= VOLUNTEER_KINDS
    if actor.has(Role.DONOR):
        kinds |= DONOR_KINDS
    return kinds


def kinds_shown(actor: Actor) -> frozenset[TaskKind]:
    """Return what somebody's list shows; who claims nothing may look at everything."""
    return kinds_for(actor) or frozenset(TaskKind)


def can_claim(actor: Actor, task: Claimable) -> bool:
    """Helpers claim; a household's own worker visits it as work, not as service (C4 §19)."""
    own = actor.user_id in {task.contact_id, task.worker_id}
    return actor.user_id is not None and task.kind in kinds_for(actor) and not own


def can_manage(actor: Actor, task: Task) -> bool:
    """Workers and supervisors of the place, keepers of its goods, and the foundation whose programme pays."""
    if actor.is_system or actor.covers(task.region_code, Role.WORKER, Role.SUPERVISOR, Role.KEEPER):
        return True
    programme = task.programme
    return programme is not None and programme.foundation_id in actor.organisations(Role.FOUNDATION)


def can_view_inside(actor: Actor, task: Task) -> bool:
    """Workers, supervisors and officers see whose task it is."""
    return actor.is_system or actor.covers(task.region_code, *STAFF)


def holds(actor: Actor, claim: Claim) -> bool:
    """Say whether the claim is this person's own."""
    return actor.user_id is not None and claim.user_id == actor.user_id


def can_view_claim(actor: Actor, claim: Claim) -> bool:
    """A claim is seen by its holder and by those who look after the household."""
    return holds(actor, claim) or can_view_inside(actor, claim.task)


def can_confirm(actor: Actor, claim: Claim) -> bool:
    """Somebody else than the holder confirms."""
    return not holds(actor, claim) and can_manage(actor, claim.task)


def can_hand_in(actor: Actor, claim: Claim) -> bool:
    """The holder hands in; a worker may do it for somebody who sent a paper record."""
    return holds(actor, claim) or can_manage(actor, claim.task)


def sees_household(actor: Actor, claim: Claim) -> bool:
    """Name, door and phone: for the holder who pledged, where a door is needed, while the claim lives (个保法 §6).

    A file that is paused or closed closes the window at once, whatever the night has yet to tidy.
    """
    return (
        holds(actor, claim)
        and claim.pledged_at is not None
        and claim.state in LIVE
        and claim.task.household.state is HouseholdState.ACTIVE
        and claim.task.kind in DOOR_KINDS
        and claim.expires_at is not None
        and clock.now() < claim.expires_at
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say `can_view_inside` in SQL."""
    if actor.is_system:
        return true()
    rules = [in_region(prefix) for prefix in actor.regions(*STAFF)]
    return or_(*rules) if rules else false()


def in_region(prefix: str) -> ColumnElement[bool]:
    """Say, in SQL, that a task lies under a region prefix."""
    return lies_under(Task, prefix)
