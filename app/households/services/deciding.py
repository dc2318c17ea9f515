"""What an approval brings about (审批的结果), by kind: each verb lives in the module of what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.households.rules.approvals import ApprovalKind
from app.households.services import erasure

if TYPE_CHECKING:
    from app.households.services.approvals import Effect

EFFECTS: dict[ApprovalKind, Effect] = {
    ApprovalKind.ERASURE: erasure.erase,
}
