"""What an approval brings about (审批的结果): by kind, in the decider's own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.households.rules.approvals import ApprovalKind
from app.households.services.families import merge_approved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.households.services.approvals import Effect

EFFECTS: Mapping[ApprovalKind, Effect] = {
    ApprovalKind.MERGE: merge_approved,
}
