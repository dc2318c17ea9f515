"""Giving a person what is held about them (给本人一份): with a reason, and a row that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.rules import Role
from app.audit import services as audit
from app.core.access import require
from app.core.errors import Forbidden
from app.households import policy
from app.households import queries as households
from app.households.errors import ReasonMissing
from app.households.rules.approvals import ApprovalKind
from app.portal.queries import subject

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household


def copy_for(
    actor: Actor, household: Household, code: str, *, reason: str, form: str
) -> dict[str, Any]:
    """Return what is held about one member (个人信息副本, 个人信息保护法 §45); a child's needs a supervisor."""
    require(policy.can_edit, actor, household)
    if not reason.strip():
        raise ReasonMissing("请写明谁来要的、身份核对过没有")
    if subject.is_minor(household, code) and not _may_see_child(actor, household):
        raise Forbidden("未成年人的资料要由督导来导出，或先请督导批准")
    audit.record(
        actor,
        "household.export_subject",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        reason=reason.strip(),
        detail={"member": code, "as": form},
    )
    return subject.held_about(household, code)


def _may_see_child(actor: Actor, household: Household) -> bool:
    return actor.covers(household.region_code, Role.SUPERVISOR) or (
        households.granted(actor, ApprovalKind.MINOR, household.file_no) is not None
    )
