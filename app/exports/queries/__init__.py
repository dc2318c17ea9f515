"""What pages ask about exports (导出查询)."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core import clock
from app.core.crypto import Box
from app.core.db import db
from app.core.errors import NotHere
from app.core.storage import storage
from app.exports import policy
from app.exports.models import Export
from app.exports.queries.lists import LISTS, Listed
from app.exports.rules import SHOWN
from app.households.models import Approval
from app.households.rules.approvals import ApprovalKind, ApprovalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.access import Actor

CLEAR_SUBJECT = "households"  # what a clear export is about; its filter is in what was asked for


def listed(actor: Actor, name: str) -> Listed:
    """Return a list that this person may take out; NotHere when there is none such for them."""
    found = LISTS.get(name)
    if found is None or not policy.can_export(actor, found.roles):
        raise NotHere
    return found


def by_code(actor: Actor, code: str) -> Export:
    """Return one of the actor's own exports; NotHere when it is another's, or none."""
    found = db.session.scalars(select(Export).where(Export.code == code)).one_or_none()
    if found is None or not policy.owns(actor, found):
        raise NotHere
    return found


def mine(actor: Actor) -> Sequence[Export]:
    """Return somebody's latest exports, the newest first."""
    return db.session.scalars(
        select(Export)
        .where(Export.user_id == actor.user_id)
        .order_by(Export.id.desc())
        .limit(SHOWN)
    ).all()


def asked_in_clear(actor: Actor) -> Sequence[Approval]:
    """Return somebody's requests for exports in clear that wait, or that may be used now, the newest first."""
    return db.session.scalars(
        select(Approval)
        .where(
            Approval.asked_by_id == actor.user_id,
            Approval.kind == ApprovalKind.CLEAR_EXPORT,
            Approval.state.in_([ApprovalState.ASKED, ApprovalState.APPROVED]),
            Approval.ends_on >= clock.today(),
        )
        .order_by(Approval.id.desc())
        .limit(SHOWN)
    ).all()


def approval_by_code(actor: Actor, code: str) -> Approval:
    """Return the actor's own request for an export in clear; NotHere otherwise."""
    found = db.session.scalars(
        select(Approval).where(Approval.code == code, Approval.kind == ApprovalKind.CLEAR_EXPORT)
    ).one_or_none()
    if found is None or not policy.may_use(actor, found):
        raise NotHere
    return found


def box(export: Export) -> Box:
    """Open an export's own key; NotHere once it went with its file."""
    if export.key is None:
        raise NotHere
    return Box(b64decode(export.key))


def content(export: Export) -> bytes:
    """Return the file of an export in clear bytes; NotHere once it is deleted."""
    try:
        sealed = storage().get(export.storage_key or "")
    except FileNotFoundError:
        raise NotHere from None
    return box(export).open(sealed, place(export))


def place(export: Export) -> str:
    """Return what the sealed file of an export is bound to."""
    return f"export.file:{export.code}"
