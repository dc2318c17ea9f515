"""Children of a file (未成年人): whether there are any, and whether somebody may see them (DOMAIN §0.12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.households import policy
from app.households.queries.approvals import granted
from app.households.queries.files import Head, box, head, members, person
from app.households.rules.approvals import ApprovalKind
from app.households.rules.masking import mask_name, mask_phone
from app.households.rules.minors import OPEN_DAYS, covered, is_minor

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household, Member


def has_minors(household: Household) -> bool:
    """Say whether anybody of the household is under eighteen; nobody is once it was erased."""
    if household.data_key is None:
        return False
    its_box, today = box(household), clock.today()
    return any(is_minor(person(its_box, one), today) for one in members(household))


def minors_open(actor: Actor, household: Household) -> bool:
    """Say whether somebody may see the children of a file: a supervisor, or whom one agreed to, for some days."""
    if policy.can_open_minors(actor, household):
        return True
    approval = granted(actor, ApprovalKind.MINOR, household.file_no)
    if approval is None or approval.decided_at is None:
        return False
    return clock.now() - approval.decided_at < timedelta(days=OPEN_DAYS)


def clear_person(facts: dict[str, Any], *, minors: bool) -> dict[str, Any]:
    """Return a person's facts as they may be shown in clear: a child's only when the children are open."""
    today = clock.today()
    return facts if minors or not is_minor(facts, today) else covered(facts, today)


def clear_head(household: Household, *, minors: bool) -> Head:
    """Return the cover in clear; the name and phone of a householder who is a child stay covered with them."""
    found = head(household)
    first: Member | None = next(iter(members(household)), None)
    if minors or first is None or not is_minor(person(box(household), first), clock.today()):
        return found
    return Head(mask_name(found.name), mask_phone(found.phone), found.door)
