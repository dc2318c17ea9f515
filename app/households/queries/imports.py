"""Workbooks on their way in (导入批次)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.core.access import require
from app.core.crypto import Box, ring
from app.core.db import db
from app.core.errors import NotHere
from app.core.storage import storage
from app.households import policy
from app.households.models import Approval, ImportBatch, ImportMapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.access import Actor


def batch_by_code(actor: Actor, code: str) -> ImportBatch:
    """Return one of the actor's own imports; NotHere when it is another's, or none."""
    found = db.session.scalars(select(ImportBatch).where(ImportBatch.code == code)).one_or_none()
    if found is None or not policy.owns_batch(actor, found):
        raise NotHere
    return found


def my_batches(actor: Actor, limit: int = 8) -> Sequence[ImportBatch]:
    """Return the actor's latest imports, newest first."""
    return db.session.scalars(
        select(ImportBatch)
        .where(ImportBatch.user_id == actor.user_id)
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    ).all()


def approval_about(batch: ImportBatch) -> Approval | None:
    """Return the request by which a second person decides on an import; None when nobody was asked."""
    if batch.approval is None:
        return None
    return db.session.scalars(select(Approval).where(Approval.code == batch.approval)).one_or_none()


def mappings(actor: Actor, sender: str) -> Sequence[ImportMapping]:
    """Return how a sender's columns were placed, the same for everybody of their organisation or region."""
    require(policy.can_list, actor)
    return db.session.scalars(
        select(ImportMapping)
        .where(ImportMapping.sender == sender)
        .order_by(ImportMapping.signature)
    ).all()


def batch_box(batch: ImportBatch) -> Box:
    """Open an import's data key."""
    return ring().box(batch.data_key, batch.code)


def workbook(batch: ImportBatch) -> bytes:
    """Return the workbook of an import; NotHere once it is deleted."""
    return _stored(batch, batch.storage_key, "file")


def remarked_workbook(batch: ImportBatch) -> bytes:
    """Return the workbook with its remarks; NotHere when there is none, or none any more."""
    return _stored(batch, batch.errors_key, "errors")


def report(batch: ImportBatch) -> dict[str, Any]:
    """Return what an import shows: sheets, problems, rejections, new, changed, gone; empty once it is deleted."""
    if batch.report_key is None:
        return {
            "sheets": [],
            "problems": [],
            "rejections": [],
            "new": [],
            "changed": [],
            "gone": [],
        }
    found: dict[str, Any] = json.loads(_stored(batch, batch.report_key, "report"))
    return found


def _stored(batch: ImportBatch, key: str | None, what: str) -> bytes:
    if key is None:
        raise NotHere
    try:
        sealed = storage().get(key)
    except FileNotFoundError:
        raise NotHere from None
    return batch_box(batch).open(sealed, f"import.{what}:{batch.code}")
