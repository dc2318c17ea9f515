"""What writes the audit log (记审计), seals it, and proves that nothing was slipped in or out."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select, update

from app.audit.models import AuditRow, AuditSeal
from app.core import clock
from app.core.access import Actor
from app.core.crypto import ring
from app.core.db import bulk_insert, db, write_with_commit

BATCH = 20_000
GENESIS = bytes(32)
FIELDS = tuple(AuditRow.__table__.columns)  # rows, not objects: a long log fills no memory
LEAF = struct.Struct(">q16s")  # a row's number and the digest of its fields


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
    write_with_commit(
        AuditRow.__table__,
        at=clock.now(),
        user_id=actor.user_id,
        action=action,
        subject=subject,
        household_id=household_id,
        region_code=region_code,
        reason=reason[:120] if reason else None,
        detail=detail or {},
    )


def record_each(
    actor: Actor,
    action: str,
    things: Iterable[tuple[str, int, str]],
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one row for each (file number, household, region) of a great many, such as the files of an export."""
    now, why = clock.now(), reason[:120] if reason else None
    bulk_insert(
        AuditRow.metadata.tables[AuditRow.__tablename__],
        (
            "at",
            "user_id",
            "action",
            "subject",
            "household_id",
            "region_code",
            "reason",
            "detail",
        ),
        (
            (now, actor.user_id, action, subject, household_id, region_code, why, detail or {})
            for subject, household_id, region_code in things
        ),
    )


def seal() -> int:
    """Seal the rows that no seal covers yet; returns how many. Writers never wait for this: they only insert."""
    rows = db.session.execute(
        select(*FIELDS).where(AuditRow.seal_id.is_(None)).order_by(AuditRow.id).limit(BATCH)
    ).all()
    if not rows:
        return 0
    last = db.session.scalars(
        select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)
    ).one_or_none()
    # one scheduler seals; the primary key refuses a second one
    number = (last.id if last else 0) + 1
    previous = last.digest if last else GENESIS
    leaves = b"".join(LEAF.pack(row.id, leaf(row)) for row in rows)
    now = clock.now()
    db.session.add(
        AuditSeal(
            id=number,
            sealed_at=now,
            rows=len(rows),
            previous=previous,
            leaves=leaves,
            digest=digest(number, previous, leaves),
        )
    )
    db.session.flush()  # the rows below refer to the seal
    taken = [row.id for row in rows]
    for start in range(0, len(taken), 500):
        db.session.execute(
            update(AuditRow)
            .where(AuditRow.id.in_(taken[start : start + 500]))
            .values(seal_id=number)
            .execution_options(synchronize_session=False)
        )
    return len(taken)


def digest(number: int, previous: bytes, leaves: bytes) -> bytes:
    """Return the seal over a batch and over the seal before it.

    It is keyed with the look-up key, which the database holds only wrapped: whoever can write to the tables alone
    cannot seal anew what they changed.
    """
    return hmac.digest(
        ring().index_key, b"audit seal\0" + struct.pack(">q", number) + previous + leaves, "sha256"
    )


def leaf(row: Any) -> bytes:
    """Return the digest of every field of a row, so that a seal can name the very row that was touched."""
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
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), key=ring().index_key, digest_size=16).digest()


def verify() -> Iterator[str]:
    """Say every way in which the log is not what was sealed: broken seals; altered, missing and added rows.

    Walks seal by seal, so that memory does not grow with the log.
    """
    number, previous = 0, GENESIS
    while True:
        known = db.session.execute(
            select(*AuditSeal.__table__.columns)
            .where(AuditSeal.id > number)
            .order_by(AuditSeal.id)
            .limit(1)
        ).one_or_none()
        if known is None:
            return
        if known.id != number + 1:
            yield f"seal {number + 1} is missing"
        if known.previous != previous:
            yield f"seal {known.id} does not follow the seal before it"
        if not hmac.compare_digest(known.digest, digest(known.id, known.previous, known.leaves)):
            yield f"seal {known.id} is broken"
        yield from _verify_rows(known)
        number, previous = known.id, known.digest


def _verify_rows(known: Any) -> Iterable[str]:
    whole = len(known.leaves) - len(known.leaves) % LEAF.size
    sealed = dict(LEAF.iter_unpack(known.leaves[:whole]))
    if len(sealed) != known.rows:
        yield f"seal {known.id} speaks of {known.rows} rows and holds {len(sealed)}"
    for row in _rows_of(known.id, sealed):
        expected = sealed.pop(row.id, None)
        if expected is None:
            yield f"row {row.id} was added to seal {known.id}"
        elif row.seal_id != known.id:
            yield f"row {row.id} was taken out of seal {known.id}"
        elif not hmac.compare_digest(expected, leaf(row)):
            yield f"row {row.id} was altered"
    for row_id in sealed:
        yield f"row {row_id} is missing"


def _rows_of(seal_id: int, sealed: dict[int, bytes]) -> Iterator[Any]:
    """Give the rows that carry a seal, and those which the seal names and which carry it no longer."""
    found = set()
    for row in db.session.execute(
        select(*FIELDS)
        .where(AuditRow.seal_id == seal_id)
        .order_by(AuditRow.id)
        .execution_options(yield_per=1000)
    ):
        found.add(row.id)
        yield row
    lost: Sequence[int] = sorted(set(sealed) - found)
    for start in range(0, len(lost), 500):
        yield from db.session.execute(
            select(*FIELDS).where(AuditRow.id.in_(lost[start : start + 500]))
        )
