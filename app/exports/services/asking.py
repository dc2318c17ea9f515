"""Files in clear (明文导出): asked for with a reason, decided by a second person, made once by whoever asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.core import clock
from app.core.access import require
from app.exports import policy
from app.exports.errors import NotGranted, NothingThere, TooManyInClear
from app.exports.queries import CLEAR_SUBJECT, clear
from app.exports.queries.lists import LISTS
from app.exports.rules import CLEAR_DAYS, FOR_WORDS, MOST_CLEAR, For, Form
from app.exports.services.starting import Planned, begin, region_of
from app.households.errors import NotDecidable
from app.households.rules.approvals import ApprovalKind, ApprovalState
from app.households.services import approvals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.access import Actor
    from app.exports.models import Export
    from app.households.models import Approval

FILES = LISTS[CLEAR_SUBJECT]


def plan_clear(actor: Actor, asked: Mapping[str, str], to: For) -> Planned:
    """Say which files a request in clear would hold, and for whom."""
    require(policy.can_export, actor, FILES.roles)
    wanted = FILES.chosen(asked) | {clear.TO: to.value}
    return Planned(FILES, wanted, clear.count(actor, wanted))


def ask_for_clear(actor: Actor, planned: Planned, reason: str, key: str) -> Approval:
    """Ask a second person for the files of a list in clear (提请明文导出): what, how many and why."""
    require(policy.can_export, actor, FILES.roles)
    if planned.total > MOST_CLEAR:
        raise TooManyInClear(MOST_CLEAR)
    if not planned.total:
        raise NothingThere
    return approvals.ask(
        actor,
        ApprovalKind.CLEAR_EXPORT,
        region_code=region_of(actor, planned),
        subject=CLEAR_SUBJECT,
        reason=reason,
        key=key,
        wanted={
            "filters": planned.asked,
            "said": [
                *(f"{name} {value}" for name, value in FILES.said(planned.asked)),
                FOR_WORDS[For(planned.asked[clear.TO])],
            ],
            "files": planned.total,
        },
    )


def may_be_used(approval: Approval) -> bool:
    """Say whether an approval still opens anything: within a week of the decision, and once."""
    return (
        approval.state is ApprovalState.APPROVED
        and approval.decided_at is not None
        and clock.now() - approval.decided_at < timedelta(days=CLEAR_DAYS)
        and approval.ends_on >= clock.today()
    )


def start_clear(actor: Actor, approval: Approval) -> Export:
    """Make the export that was agreed to (生成明文文件); the approval is used up with it."""
    require(policy.may_use, actor, approval)
    asked = approvals.wanted(approval).get("filters", {})
    planned = plan_clear(actor, asked, For(asked.get(clear.TO, For.OFFICE)))
    if planned.total > MOST_CLEAR:  # more files came under the filter than were agreed to
        raise TooManyInClear(MOST_CLEAR)
    if approval.state is ApprovalState.USED:  # the same press twice
        return begin(actor, planned, Form.XLSX, f"approval-{approval.code}", approval)
    if not may_be_used(approval):
        raise NotGranted
    try:
        approvals.use(actor, approval)
    except NotDecidable:
        raise NotGranted from None
    return begin(actor, planned, Form.XLSX, f"approval-{approval.code}", approval)
