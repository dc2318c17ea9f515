"""What waits for a second person (待审批)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from app.core import clock, paging
from app.core.db import db
from app.core.errors import NotHere
from app.households import policy
from app.households.models import Approval
from app.households.rules.approvals import ApprovalKind, ApprovalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.core.access import Actor
    from app.core.paging import Page


def approval_by_code(actor: Actor, code: str) -> Approval:
    """Return a request that this person asked or may decide; NotHere says nothing of the others."""
    found = db.session.scalars(select(Approval).where(Approval.code == code)).one_or_none()
    if found is None or not policy.can_see_approval(actor, found):
        raise NotHere
    return found


class View(StrEnum):
    """Which requests a list shows (看哪些)."""

    WAITING = "waiting"
    MINE = "mine"
    DONE = "done"


def approvals(
    actor: Actor, view: View, kind: ApprovalKind | None, cursor: str | None
) -> Page[Approval]:
    """Return what waits for this person, what they asked for, or what was settled; the newest first."""
    statement = select(Approval)
    if view is View.WAITING:
        statement = statement.where(waiting_for(actor))
    elif view is View.MINE:
        statement = statement.where(Approval.asked_by_id == actor.user_id)
    else:
        over = or_(Approval.state != ApprovalState.ASKED, Approval.ends_on < clock.today())
        statement = statement.where(policy.approvals_of(actor), over)
    if kind is not None:
        statement = statement.where(Approval.kind == kind)
    return paging.fetch(
        db.session, statement, [(Approval.id, True)], cursor, key=lambda row: [row.id]
    )


def waiting_for(actor: Actor) -> ColumnElement[bool]:
    """Say, in SQL, that a request waits for this person's word."""
    return and_(
        Approval.state == ApprovalState.ASKED,
        Approval.ends_on >= clock.today(),
        policy.decidable_by(actor),
    )


def asked_before(actor: Actor, key: str) -> Approval | None:
    """Return what an equal submission asked for before."""
    return db.session.scalars(
        select(Approval).where(
            Approval.idempotency_key == key, Approval.asked_by_id == actor.user_id
        )
    ).one_or_none()


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
        .where(
            Approval.household_id == household_id,
            Approval.state == ApprovalState.ASKED,
            Approval.ends_on >= clock.today(),
        )
        .order_by(Approval.id)
    ).all()
