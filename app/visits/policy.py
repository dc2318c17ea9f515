"""Who may record, see, confirm and amend visits (探访权限)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, true

from app.accounts.rules import Role
from app.households import policy as files
from app.households.models import Household
from app.regions.policy import lies_under
from app.tasks.models import Claim, Task
from app.tasks.rules import LIVE
from app.visits.models import FollowUp, Visit

if TYPE_CHECKING:
    from app.core.access import Actor

READERS = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
JUDGES = (Role.WORKER, Role.SUPERVISOR)
CITY = 4


@dataclass(frozen=True, slots=True)
class Errand:
    """What a record would be about (这一趟): a claim's task, or a file that its worker visits by themselves."""

    household: Household
    claim: Claim | None = None
    task: Task | None = None


def in_reach(actor: Actor, errand: Errand) -> bool:
    """Say whether somebody may know that the file of an errand exists."""
    return files.can_view(actor, errand.household)


def can_record(actor: Actor, errand: Errand) -> bool:
    """The holder of a claim writes its record; without a claim, a worker of the region does."""
    if errand.claim is not None:
        return actor.user_id is not None and errand.claim.user_id == actor.user_id
    return files.can_edit(actor, errand.household)


def in_scope(actor: Actor, visit: Visit) -> bool:
    """Workers, supervisors and officers see the visits of their region, confidences included."""
    return actor.covers(visit.region_code, *READERS)


def can_view(actor: Actor, visit: Visit) -> bool:
    """Those in scope see a record, and whoever went always sees that it exists and how it stands."""
    return in_scope(actor, visit) or (
        actor.user_id is not None and actor.user_id == visit.visitor_id
    )


def can_read(actor: Actor, visit: Visit) -> bool:
    """What stands in a record, and its photos, close to its volunteer when the claim no longer lives."""
    if in_scope(actor, visit):
        return True
    own = actor.user_id is not None and actor.user_id == visit.visitor_id
    return own and visit.claim is not None and visit.claim.state in LIVE


def can_judge(actor: Actor, visit: Visit) -> bool:
    """A worker or supervisor of the region confirms, returns and amends; never the one who went or wrote it."""
    return actor.covers(visit.region_code, *JUDGES) and actor.user_id not in {
        visit.visitor_id,
        visit.recorded_by_id,
    }


def can_finish(actor: Actor, follow_up: FollowUp) -> bool:
    """The person it was given to, or a worker of the region, settles a follow-up."""
    return actor.user_id == follow_up.person_id or actor.covers(
        follow_up.visit.region_code, *JUDGES
    )


def can_set_rhythm(actor: Actor) -> bool:
    """The city's civil affairs officer decides how often each tier is visited."""
    return any(len(prefix) <= CITY for prefix in actor.regions(Role.OFFICER))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_view` in SQL."""
    return or_(*ways_to_see(actor))


def ways_to_see(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the reasons for which somebody may see a visit, in SQL, each of which an index serves."""
    if actor.is_system:
        return [true()]
    places = [in_region(prefix) for prefix in actor.regions(*READERS)]
    return [*places, Visit.visitor_id == (actor.user_id or 0)]


def judged_by(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_judge` in SQL."""
    regions = [in_region(prefix) for prefix in actor.regions(*JUDGES)]
    own = (Visit.visitor_id != (actor.user_id or 0)) & (
        Visit.recorded_by_id != (actor.user_id or 0)
    )
    return or_(*regions) & own if regions else Visit.id.is_(None)


def in_region(prefix: str) -> ColumnElement[bool]:
    """Say, in SQL, that a visit lies under a region prefix."""
    return lies_under(Visit, prefix)
