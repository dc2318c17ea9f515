"""What writes the audit log (记审计)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.audit.models import AuditRow, AuditSeal
from app.core import clock
from app.core.db import db

if TYPE_CHECKING:
    from app.core.access import Actor

BATCH = 20_000
GENESIS = bytes(32)


def record(
    actor: Actor,
    action: str,
    subject: str,
    *,
    household_id: int | None = None,
    region_code: str = "",
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write a row in the caller's transaction: what is rolled back leaves no row, what is kept leaves one."""
    db.session.add(
        AuditRow(
            at=clock.now(),
            user_id=actor.user_id,
            action=action,
            subject=subject,
            household_id=household_id,
            region_code=region_code,
            reason=reason[:120] if reason else None,
            detail=detail or {},
        )
    )


def seal() -> int:
    """Seal the rows that no seal covers yet; returns how many. Writers never wait for this: they only insert."""
    ids = list(
        db.session.scalars(
            select(AuditRow.id).where(AuditRow.seal_id.is_(None)).order_by(AuditRow.id).limit(BATCH)
        )
    )
    if not ids:
        return 0
    last = db.session.scalars(
        select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)
    ).one_or_none()
    number = (
        last.id if last else 0
    ) + 1  # one scheduler seals; the primary key refuses a second one
    previous = last.digest if last else GENESIS
    covered = (AuditRow.seal_id.is_(None), AuditRow.id >= ids[0], AuditRow.id <= ids[-1])
    # a slow writer may have come in between; the statement below says which rows really were sealed
    sealed = db.session.scalars(
        select(AuditRow)
        .where(*covered)
        .order_by(AuditRow.id)
        .execution_options(populate_existing=True)
    ).all()
    digest = batch_digest(previous, sealed)
    db.session.add(
        AuditSeal(
            id=number, sealed_at=clock.now(), rows=len(sealed), previous=previous, digest=digest
        )
    )
    db.session.flush()  # the rows below refer to the seal
    taken = [row.id for row in sealed]
    for start in range(0, len(taken), 500):
        db.session.execute(
            update(AuditRow)
            .where(AuditRow.id.in_(taken[start : start + 500]))
            .values(seal_id=number)
            .execution_options(synchronize_session=False)
        )
    return len(taken)


def batch_digest(previous: bytes, rows: Any) -> bytes:
    """Return the SHA-256 over the seal before and every field of every row, in order."""
    running = hashlib.sha256(previous)
    for row in rows:
        fields = [
            row.id,
            row.at.isoformat(),
            row.user_id,
            row.action,
            row.subject,
            row.household_id,
            row.region_code,
            row.reason,
            row.detail,
        ]
        running.update(
            json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        )
        running.update(b"\n")
    return running.digest()
