"""What an approval brings about (审批生效): one effect for each kind, in the decider's own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import services as audit
from app.core.access import require
from app.households import policy
from app.households.rules.approvals import ApprovalKind
from app.households.services import approvals, erasure
from app.households.services.classes import apply_class
from app.households.services.families import merge_approved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.access import Actor
    from app.households.models import Approval
    from app.households.rules.approvals import ApprovalState

EFFECTS: Mapping[ApprovalKind, approvals.Effect] = {
    ApprovalKind.CLASS_CHANGE: apply_class,
    ApprovalKind.ERASURE: erasure.erase,
    ApprovalKind.MERGE: merge_approved,
}


def decide(actor: Actor, approval: Approval, state: ApprovalState, answer: str) -> None:
    """Approve or refuse a request (审批); what cannot take effect any more is not approved either."""
    approvals.decide(actor, approval, state, answer, EFFECTS)


def read(actor: Actor, approval: Approval) -> None:
    """Note that somebody opened a request (查看审批单): why it was asked may speak of people."""
    require(policy.can_see_approval, actor, approval)
    audit.record(
        actor,
        "approval.read",
        approval.code,
        household_id=approval.household_id,
        region_code=approval.region_code,
    )
