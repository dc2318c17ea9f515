"""Who may see and change a file (档案权限): the people whose scope it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.accounts.rules import Role
from app.households.models import Approval, Household, ImportBatch, ReadingAlert, Twins
from app.households.rules.approvals import DECIDERS
from app.households.rules.kin import DISTRICT_DIGITS
from app.regions.policy import lies_under

if TYPE_CHECKING:
    from app.core.access import Actor

READERS = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
RECORD_KEEPERS = (Role.SUPERVISOR, Role.OFFICER)
CITY = 4  # digits of a prefix that is the whole city
WATCHERS = (Role.SUPERVISOR, Role.AUDITOR)


def can_list(actor: Actor) -> bool:
    """Say whether somebody works with files at all."""
    return actor.is_system or bool(actor.regions(*READERS))


def can_view(actor: Actor, household: Household) -> bool:
    """Workers, supervisors and officers see the files of their region; administrators and helpers see none."""
    return actor.is_system or actor.covers(household.region_code, *READERS)


def can_edit(actor: Actor, household: Household) -> bool:
    """Workers and supervisors write in the files of their region."""
    return actor.is_system or actor.covers(household.region_code, Role.WORKER, Role.SUPERVISOR)


def can_open(actor: Actor, region_code: str) -> bool:
    """Workers and supervisors open files in the communities of their own region (建档)."""
    return actor.is_system or actor.covers(region_code, Role.WORKER, Role.SUPERVISOR)


def works_in(actor: Actor, region_code: str) -> bool:
    """A social worker is responsible for the files they open; a supervisor who opens one is not."""
    return actor.covers(region_code, Role.WORKER)


def can_review(actor: Actor, household: Household) -> bool:
    """Supervisors and civil-affairs officers of the region review; that the writer may not is a refusal of its own."""
    return actor.covers(household.region_code, Role.SUPERVISOR, Role.OFFICER)


def can_visit_kin(actor: Actor, household: Household) -> bool:
    """A district visits relatives of staff: a supervisor or officer whose scope is a district or more (§20)."""
    reach = actor.regions(Role.SUPERVISOR, Role.OFFICER)
    return any(
        len(prefix) <= DISTRICT_DIGITS and household.region_code.startswith(prefix)
        for prefix in reach
    )


def can_write(actor: Actor, household: Household) -> bool:
    """What `services.write` asks of whoever stands behind a verb; an officer's approval may change a file, too."""
    return actor.is_system or actor.covers(household.region_code, *READERS)


def can_merge(actor: Actor, mine: Household, other: Household) -> bool:
    """Two files are merged by those who write in both of them."""
    return can_edit(actor, mine) and can_edit(actor, other)


def merges_alone(actor: Actor, mine: Household, other: Household) -> bool:
    """A supervisor of both, or the one worker of both, needs no second person; everybody else asks one (双人审批)."""
    if actor.is_system or all(
        actor.covers(file.region_code, Role.SUPERVISOR) for file in (mine, other)
    ):
        return True
    workers = {mine.worker_id, other.worker_id} - {None, actor.user_id}
    return can_merge(actor, mine, other) and not workers


def can_see_twins(actor: Actor, twins: Twins) -> bool:
    """A pair is seen by those who work with either of its files."""
    return actor.is_system or any(
        actor.covers(region, *READERS) for region in (twins.region_code, twins.second_region_code)
    )


def can_judge_twins(actor: Actor, twins: Twins) -> bool:
    """Workers and supervisors of either file say whether the two are one."""
    return actor.is_system or any(
        actor.covers(region, Role.WORKER, Role.SUPERVISOR)
        for region in (twins.region_code, twins.second_region_code)
    )


def twins_of(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_see_twins` in SQL."""
    if actor.is_system:
        return true()
    rules = [
        column.between(prefix, prefix + "~")
        for prefix in actor.regions(*READERS)
        for column in (Twins.region_code, Twins.second_region_code)
    ]
    return or_(*rules) if rules else false()


def can_ask(actor: Actor, region_code: str) -> bool:
    """Whoever works with the files of a region may ask a second person about them."""
    return actor.is_system or any(
        region_code.startswith(prefix) or prefix.startswith(region_code)
        for prefix in actor.regions(*READERS)
    )


def can_decide(actor: Actor, approval: Approval) -> bool:
    """Decide what somebody else asked for, in the region and role that the kind calls for (双人审批)."""
    return approval.asked_by_id != actor.user_id and actor.covers(
        approval.region_code, *DECIDERS[approval.kind]
    )


def asked(actor: Actor, approval: Approval) -> bool:
    """A request is its asker's to withdraw and to use."""
    return approval.asked_by_id == actor.user_id


def can_see_approval(actor: Actor, approval: Approval) -> bool:
    """A request is seen by its asker and by those who may decide such."""
    return asked(actor, approval) or actor.covers(approval.region_code, *DECIDERS[approval.kind])


def approvals_of(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_see_approval` in SQL."""
    rules = [Approval.asked_by_id == actor.user_id]
    for kind, deciders in DECIDERS.items():
        for prefix in actor.regions(*deciders):
            low, high = prefix, prefix + "~"
            rules.append(and_(Approval.kind == kind, Approval.region_code.between(low, high)))
    return or_(*rules)


def can_set_periods(actor: Actor) -> bool:
    """The city's civil affairs officer decides how long what is kept."""
    return any(len(prefix) <= CITY for prefix in actor.regions(Role.OFFICER))


def can_assess(actor: Actor, region_code: str) -> bool:
    """Supervisors and officers write the impact assessments of their own region."""
    return region_code in actor.regions(*RECORD_KEEPERS)


def can_hand_over(actor: Actor, region_code: str) -> bool:
    """Supervisors let the files of their region change hands; an administrator, who sees no household, does not."""
    return actor.covers(region_code, Role.SUPERVISOR)


def decidable_by(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_decide` in SQL."""
    rules = [
        and_(Approval.kind == kind, Approval.region_code.between(prefix, prefix + "~"))
        for kind, deciders in DECIDERS.items()
        for prefix in actor.regions(*deciders)
    ]
    return and_(Approval.asked_by_id != actor.user_id, or_(*rules)) if rules else false()


def can_see_alert(actor: Actor, alert: ReadingAlert) -> bool:
    """Supervisors and auditors of the place look into unusual reading; nobody into their own."""
    return alert.user_id != actor.user_id and actor.covers(alert.region_code, *WATCHERS)


def alerts_of(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_see_alert` in SQL."""
    rules = [
        ReadingAlert.region_code.between(prefix, prefix + "~")
        for prefix in actor.regions(*WATCHERS)
    ]
    return and_(ReadingAlert.user_id != actor.user_id, or_(*rules)) if rules else false()


def can_open_minors(actor: Actor, household: Household) -> bool:
    """The person responsible opens children's data (未成年人网络保护条例 §36); others ask them first."""
    return actor.is_system or actor.covers(household.region_code, Role.SUPERVISOR)


def can_import(actor: Actor, region_code: str) -> bool:
    """Workers, supervisors and officers bring in the files of their own region."""
    return actor.is_system or actor.covers(region_code, *READERS)


def owns_batch(actor: Actor, batch: ImportBatch) -> bool:
    """A workbook on its way in is its sender's alone, as long as they work with files."""
    return can_list(actor) and batch.user_id == actor.user_id


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_view` in SQL."""
    if actor.is_system:
        return true()
    rules = [in_region(prefix) for prefix in actor.regions(*READERS)]
    return or_(*rules) if rules else false()


def in_region(prefix: str) -> ColumnElement[bool]:
    """Say, in SQL, that a file lies under a region prefix."""
    return lies_under(Household, prefix)


def places_of(actor: Actor, region: str = "") -> list[str]:
    """Return the prefixes that somebody reads files under, narrowed to a region they chose; "" is everywhere."""
    own = [""] if actor.is_system else [*actor.regions(*READERS)]
    within = [
        max(prefix, region, key=len)
        for prefix in own
        if prefix.startswith(region) or region.startswith(prefix)
    ]
    return [
        one
        for one in dict.fromkeys(within)
        if not any(one != other and one.startswith(other) for other in within)
    ]
