"""Asking a second person (审批): asked, decided, withdrawn, used; each step once, whoever presses first.

What an approval brings about is the business of the verb that asked for it: `EFFECTS` names it by kind, and it happens
in the decider's own transaction, so that nothing is approved without its effect.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db, one_at_a_time
from app.households import policy, queries
from app.households.errors import NotDecidable, ReasonMissing
from app.households.models import Approval
from app.households.rules.approvals import (
    APPROVAL_NEXT,
    DAYS_OPEN,
    KIND_WORDS,
    STATE_LABELS,
    ApprovalKind,
    ApprovalState,
)
from app.notices import services as notices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.core.access import Actor
    from app.households.models import Household

    Effect = Callable[[Actor, Approval, dict[str, Any]], None]


def ask(
    actor: Actor,
    kind: ApprovalKind,
    *,
    region_code: str,
    subject: str,
    reason: str,
    key: str,
    wanted: Mapping[str, Any] | None = None,
    household: Household | None = None,
) -> Approval:
    """Ask a second person (提请审批); the same key sent again gives the same request.

    The verb that calls this has asked who may. `subject` is a code or file number, `wanted` what the effect will be
    given. ReasonMissing without a reason.
    """
    require(policy.can_ask, actor, region_code)
    if not reason.strip():
        raise ReasonMissing("请写明为什么需要，审批的人会看到")
    one_at_a_time(f"approval {actor.user_id} {key}")
    if (known := queries.asked_before(actor, key)) is not None:
        return known
    approval = Approval(
        code=codes.new("A"),
        kind=kind,
        region_code=region_code,
        household_id=household.id if household else None,
        subject=subject,
        wanted=json.dumps(dict(wanted or {}), ensure_ascii=False),
        reason=reason.strip(),
        asked_by_id=actor.user_id,
        asked_at=clock.now(),
        ends_on=clock.today() + timedelta(days=DAYS_OPEN),
        idempotency_key=key,
    )
    db.session.add(approval)
    db.session.flush()  # its effect may be looked up by its number in the same transaction
    _record(actor, approval, "approval.ask")
    return approval


def decide(
    actor: Actor,
    approval: Approval,
    state: ApprovalState,
    answer: str,
    effects: Mapping[ApprovalKind, Effect],
) -> None:
    """Approve or refuse what somebody else asked for (审批); approving brings its effect about in the same transaction.

    NotDecidable once it was decided, withdrawn, or is too old; ReasonMissing when a refusal has no reason.
    """
    require(policy.can_decide, actor, approval)
    if state is ApprovalState.REFUSED and not answer.strip():
        raise ReasonMissing("请写明不同意的原因，提请的人会看到")
    _step(
        approval, state, decided_by_id=actor.user_id, decided_at=clock.now(), answer=answer.strip()
    )
    _record(actor, approval, f"approval.{state.value}")
    if state is ApprovalState.APPROVED and approval.kind in effects:
        effects[approval.kind](actor, approval, wanted(approval))
    notices.queue(
        approval.asked_by_id,
        f"approval.{state.value}",
        f"{KIND_WORDS[approval.kind]}：{STATE_LABELS[state]}",
        f"/approvals/{approval.code}",
    )


def withdraw(actor: Actor, approval: Approval) -> None:
    """Take back what one asked for oneself (撤回), as long as nobody has decided."""
    require(policy.asked, actor, approval)
    _step(approval, ApprovalState.WITHDRAWN)
    _record(actor, approval, "approval.withdraw")


def use(actor: Actor, approval: Approval) -> None:
    """Note that what was approved has been done (办结); it cannot be done twice."""
    require(policy.asked, actor, approval)
    _step(approval, ApprovalState.USED)
    _record(actor, approval, "approval.use")


def wanted(approval: Approval) -> dict[str, Any]:
    """Return what was asked for, as the verb that asked wrote it down."""
    found: dict[str, Any] = json.loads(approval.wanted or "{}")
    return found


def _step(approval: Approval, state: ApprovalState, **values: Any) -> None:
    before = [one for one, after in APPROVAL_NEXT.items() if state in after]
    if approval.state not in before or approval.ends_on < clock.today():
        raise NotDecidable
    changed_one(
        update(Approval)
        .where(
            Approval.id == approval.id,
            Approval.state.in_(before),
            Approval.ends_on >= clock.today(),
        )
        .values(state=state, **values)
    )
    db.session.refresh(approval)


def _record(actor: Actor, approval: Approval, action: str) -> None:
    audit.record(
        actor,
        action,
        approval.code,
        household_id=approval.household_id,
        region_code=approval.region_code,
        detail={"kind": approval.kind.value, "subject": approval.subject},
    )
