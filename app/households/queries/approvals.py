"""What waits for a second person (待审批)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core import clock, paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import Approval
from app.households.rules.approvals import ApprovalKind, ApprovalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.access import Actor
    from app.core.paging import Page


def approval_by_code(actor: Actor, code: str) -> Approval:
    """Return a request that this person asked or may decide; NotHere says nothing of the others."""
    found = db.session.scalars(select(Approval).where(Approval.code == code)).one_or_none()
    if found is None or not policy.can_see_approval(actor, found):
        raise NotHere
    return found


def approvals(actor: Actor, state: ApprovalState | None, cursor: str | None) -> Page[Approval]:
    """Return the requests that somebody asked or may decide, the newest first."""
    statement = select(Approval).where(policy.approvals_of(actor))
    if state is not None:
        statement = statement.where(Approval.state == state)
    return paging.fetch(
        db.session, statement, [(Approval.id, True)], cursor, key=lambda row: [row.id]
    )


def granted(actor: Actor, kind: ApprovalKind, subject: str) -> Approval | None:
    """Return the approval by which this person may do something now, until it is used or its days are over."""
    return db.session.scalars(
        select(Approval)
        .where(
            Approval.asked_by_id == actor.user_id,
            Approval.kind == kind,
            Approval.subject == subject,
            Approval.state == ApprovalState.APPROVED,
            Approval.ends_on >= clock.today(),
        )
        .order_by(Approval.id.desc())
        .limit(1)
    ).one_or_none()


def open_about(household_id: int) -> Sequence[Approval]:
    """Return what is asked about a file and not yet decided."""
    return db.session.scalars(
        select(Approval)
        .where(Approval.household_id == household_id, Approval.state == ApprovalState.ASKED)
        .order_by(Approval.id)
    ).all()
