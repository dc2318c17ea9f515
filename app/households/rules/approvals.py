"""What needs a second person (双人审批), who that may be, and where a request stands."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from app.accounts.rules import Role


class ApprovalKind(StrEnum):
    """What may be asked for; the words are in KIND_WORDS."""

    CLASS_CHANGE = "class_change"
    CLEAR_EXPORT = "clear_export"
    ERASURE = "erasure"
    IMPORT = "import"
    MERGE = "merge"
    MINOR = "minor"


class ApprovalState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED = "used"
    EXPIRED = "expired"


_S = ApprovalState
APPROVAL_NEXT: dict[ApprovalState, frozenset[ApprovalState]] = {
    _S.ASKED: frozenset({_S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.EXPIRED}),
    _S.APPROVED: frozenset({_S.USED}),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.USED: frozenset(),
    _S.EXPIRED: frozenset(),
}
KIND_WORDS = {
    ApprovalKind.CLASS_CHANGE: "救助类别变更",
    ApprovalKind.CLEAR_EXPORT: "明文导出",
    ApprovalKind.ERASURE: "清除个人信息",
    ApprovalKind.IMPORT: "大批量导入",
    ApprovalKind.MERGE: "合并两份档案",
    ApprovalKind.MINOR: "查看未成年人资料",
}
STATE_LABELS = {
    _S.ASKED: "等待审批",
    _S.APPROVED: "已同意",
    _S.REFUSED: "未同意",
    _S.WITHDRAWN: "已撤回",
    _S.USED: "已办结",
    _S.EXPIRED: "过期未审批",
}
# Who decides within the region: a class is a matter of civil affairs too, a child's data of the supervisor (DOMAIN §9).
DECIDERS: dict[ApprovalKind, tuple[Role, ...]] = {
    ApprovalKind.CLASS_CHANGE: (Role.SUPERVISOR, Role.OFFICER),
    ApprovalKind.CLEAR_EXPORT: (Role.SUPERVISOR, Role.OFFICER),
    ApprovalKind.ERASURE: (Role.SUPERVISOR, Role.OFFICER),
    ApprovalKind.IMPORT: (Role.SUPERVISOR, Role.OFFICER),
    ApprovalKind.MERGE: (Role.SUPERVISOR, Role.OFFICER),
    ApprovalKind.MINOR: (Role.SUPERVISOR,),
}
DAYS_OPEN = 30  # a request nobody decides, or nobody uses, ends by itself


def standing(state: ApprovalState, ends_on: date, today: date) -> ApprovalState:
    """Return where a request stands today: one whose days are over waits for nobody, even before the night says so."""
    return _S.EXPIRED if state is _S.ASKED and ends_on < today else state
