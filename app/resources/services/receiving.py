"""Receiving a gift (收到登记): counted, valued once, and frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.crypto import ring
from app.core.db import changed_one, db
from app.ledger import services as ledger
from app.ledger.rules import Account, EntryKind, Leg, move, reversed_legs
from app.media import services as media
from app.notices import services as notices
from app.resources import policy, rules
from app.resources.errors import (
    AlreadyReceived,
    BasisMissing,
    EvidenceMissing,
    GovernmentMoney,
    ReceiptMissing,
    WrongDay,
)
from app.resources.models import ResourceLine
from app.resources.rules import NEEDS_EVIDENCE, LineKind, LineState, Receipt, ValueBasis

if TYPE_CHECKING:
    from app.core.access import Actor

FROZEN_BY = (LineState.RECEIVED, LineState.IN_STOCK, LineState.EARMARKED, LineState.DELIVERED)


def receive(
    actor: Actor, line: ResourceLine, receipt: Receipt, evidence: bytes | None = None
) -> None:
    """Record that a promise came in (收到): its quantity as counted, its value as evidenced, frozen afterwards.

    The promise leaves the pledged account and what really came enters the held one, in one entry. Refused:
    ReceiptMissing for money without receipt code and number (慈善法 §38), BasisMissing, EvidenceMissing, WrongDay,
    AlreadyReceived; the same person sending the same receipt again changes nothing.
    """
    require(policy.can_receive, actor, line)
    if _is_repetition(actor, line, receipt):
        return
    if line.state is not LineState.PLEDGED:
        raise AlreadyReceived
    value_fen, basis = _checked(line, receipt, evidence)
    pledged = rules.pledged_as(line.kind, line.pledged_quantity, line.pledged_fen)
    received = rules.received_as(line.kind, basis, receipt.quantity, value_fen)
    changed_one(
        update(ResourceLine)
        .where(
            ResourceLine.id == line.id,
            ResourceLine.state == LineState.PLEDGED,
            ResourceLine.version == line.version,
        )
        .values(
            state=LineState.RECEIVED,
            quantity=receipt.quantity,
            value_fen=value_fen,
            value_basis=basis,
            received_on=receipt.received_on,
            received_by_id=actor.user_id,
            receipt_code=receipt.receipt_code.strip() or None,
            receipt_no=receipt.receipt_no.strip() or None,
            version=line.version + 1,
        )
    )
    if evidence:
        _keep_evidence(actor, line, receipt, evidence)
    out, into = (
        Leg(Account.DONOR, measure, amount, line.programme_id, line.donor_id)
        for measure, amount in (pledged, received)
    )
    legs = [*reversed_legs(move(out, Account.PLEDGED)), *move(into, Account.HELD)]
    ledger.post(actor, EntryKind.RECEIVE, receipt.received_on, line.code, legs)
    audit.record(
        actor,
        "resource.receive",
        line.code,
        household_id=line.household_id,
        region_code=line.town_code,
        detail={"quantity": receipt.quantity, "value_fen": value_fen},
    )
    notices.queue(
        line.donor.user_id,
        "resource.receive",
        f"你捐的{line.item}已经收到，谢谢你",
        f"/resources/{line.code}",
    )
    db.session.refresh(line)


def _is_repetition(actor: Actor, line: ResourceLine, receipt: Receipt) -> bool:
    """Say whether the same person sends what they have already recorded, in every figure."""
    if line.state not in FROZEN_BY or line.received_by_id != actor.user_id:
        return False
    if (line.quantity, line.received_on) != (receipt.quantity, receipt.received_on):
        return False
    if line.kind is LineKind.MONEY:
        said = (receipt.receipt_code.strip(), receipt.receipt_no.strip())
        return (line.receipt_code, line.receipt_no) == said
    if line.kind is LineKind.SERVICE:
        return True
    worth = 0 if receipt.basis is ValueBasis.UNVALUED else receipt.value_fen
    return (line.value_basis, line.value_fen) == (receipt.basis, worth)


def _checked(
    line: ResourceLine, receipt: Receipt, evidence: bytes | None
) -> tuple[int, ValueBasis | None]:
    """Return the value in fen and its basis, or refuse."""
    if not clock.day_of(line.pledged_at) <= receipt.received_on <= clock.today():
        raise WrongDay
    if line.kind is LineKind.SERVICE:
        return 0, None
    if line.kind is LineKind.MONEY:
        if not (receipt.receipt_code.strip() and receipt.receipt_no.strip()):
            raise ReceiptMissing
        if rules.is_government_benefit(line.item):
            raise GovernmentMoney
        return receipt.quantity, None
    if receipt.basis is None:
        raise BasisMissing
    if receipt.basis is ValueBasis.UNVALUED:
        return 0, receipt.basis
    if receipt.value_fen <= 0:
        raise BasisMissing
    if receipt.basis in NEEDS_EVIDENCE and not evidence:
        raise EvidenceMissing
    return receipt.value_fen, receipt.basis


def _keep_evidence(actor: Actor, line: ResourceLine, receipt: Receipt, evidence: bytes) -> None:
    data_key, box = ring().new_box(line.code)
    kept = media.store_image(
        actor,
        evidence,
        kind="evidence",
        box=box,
        household_id=None,
        code_text=line.code,
        taken_on=receipt.received_on,
    )
    changed_one(
        update(ResourceLine)
        .where(ResourceLine.id == line.id, ResourceLine.evidence_id.is_(None))
        .values(evidence_id=kept.id, data_key=data_key)
    )
