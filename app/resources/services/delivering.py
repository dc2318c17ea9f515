"""Handing a gift over (发放签收): in parts if need be, to the last fen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import SYSTEM, require
from app.core.db import changed_one, db, one_at_a_time
from app.core.errors import StalePage
from app.households import queries as households
from app.ledger import services as ledger
from app.ledger.rules import Account, EntryKind, Leg, move
from app.media import services as media
from app.notices import services as notices
from app.regions.queries import place_short
from app.resources import policy, queries, rules
from app.resources.errors import (
    MoreThanLeft,
    NoConsent,
    NoPhotoConsent,
    NotReceived,
    ProofMissing,
    WrongDay,
    WrongHousehold,
)
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import DELIVERABLE, Handover, LineKind, LineState, Proof
from app.tasks import services as tasks
from app.tasks.rules import ClaimState

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household
    from app.ledger.models import Entry


def deliver(
    actor: Actor,
    line: ResourceLine,
    household: Household,
    handover: Handover,
    proof: bytes | None = None,
    *,
    key: str,
    seen: int | None = None,
) -> Delivery:
    """Record that a household received (part of) a gift against a signature or photo (签收).

    The value of a part is its share of the frozen value; the last part takes the odd fen. When all units of the claim
    behind it have arrived, the claim is confirmed. Refused: NotReceived, WrongHousehold, MoreThanLeft, WrongDay,
    NoConsent (个人信息保护法 §23), NoPhotoConsent, ProofMissing. The same key answers the same delivery.

    `seen` is the version that the page showed: what a colleague wrote down meanwhile is not written down twice.
    """
    require(policy.can_deliver, actor, line, household)
    one_at_a_time(f"delivery {actor.user_id} {key}")
    again = queries.repeated_delivery(actor, key)
    if again is not None:
        return again
    if seen is not None and seen != line.version:
        raise StalePage
    _check(line, household, handover, proof)
    part, done = handover.quantity, (line.delivered_quantity, line.delivered_fen)
    value_fen = rules.share(line.value_fen, line.quantity, done, part)
    is_all = line.delivered_quantity + part == line.quantity
    changed_one(
        update(ResourceLine)
        .where(
            ResourceLine.id == line.id,
            ResourceLine.state == line.state,
            ResourceLine.version == line.version,
        )
        .values(
            delivered_quantity=line.delivered_quantity + part,
            delivered_fen=line.delivered_fen + value_fen,
            state=LineState.DELIVERED if is_all else line.state,
            version=line.version + 1,
        )
    )
    entry = _post(actor, line, household, handover, value_fen)
    delivery = Delivery(
        code=codes.new("S"),
        line_id=line.id,
        household_id=household.id,
        quantity=part,
        value_fen=value_fen,
        delivered_on=handover.delivered_on,
        signatory=handover.signatory.value,
        entry_id=entry.id if entry else None,
        recorded_by_id=actor.user_id,
        recorded_at=clock.now(),
        idempotency_key=key,
    )
    if proof:
        _keep_proof(actor, delivery, household, handover, proof)
    db.session.add(delivery)
    db.session.flush()  # a repeated key is refused here, before anything is told to anybody
    _tell(actor, line, household, delivery)
    db.session.refresh(line)
    _settle_claim(line)
    return delivery


def _check(
    line: ResourceLine, household: Household, handover: Handover, proof: bytes | None
) -> None:
    if line.state not in DELIVERABLE or line.received_on is None:
        raise NotReceived
    meant = line.household
    if meant is not None and households.carried_on(meant).id != household.id:
        raise WrongHousehold
    if not 0 < handover.quantity <= line.quantity - line.delivered_quantity:
        raise MoreThanLeft
    if not line.received_on <= handover.delivered_on <= clock.today():
        raise WrongDay
    if not queries.has_agreed(household, line.kind):
        raise NoConsent
    if line.kind is not LineKind.SERVICE and not proof:
        raise ProofMissing
    if proof and handover.proof is Proof.PHOTO and not queries.may_be_photographed(household):
        raise NoPhotoConsent


def _post(
    actor: Actor, line: ResourceLine, household: Household, handover: Handover, value_fen: int
) -> Entry | None:
    measure, amount = rules.received_as(line.kind, line.value_basis, handover.quantity, value_fen)
    if amount == 0:
        return None  # a share smaller than a fen moves nothing; a later part brings it
    held = Leg(Account.HELD, measure, amount, line.programme_id, line.donor_id)
    legs = move(held, Account.DELIVERED, household_id=household.id, town_code=household.town_code)
    return ledger.post(actor, EntryKind.DELIVER, handover.delivered_on, line.code, legs)


def _keep_proof(
    actor: Actor, delivery: Delivery, household: Household, handover: Handover, proof: bytes
) -> None:
    kept = media.store_image(
        actor,
        proof,
        kind=handover.proof.value,
        box=households.box(household),
        household_id=household.id,
        code_text=delivery.code,
        taken_on=handover.delivered_on,
    )
    delivery.proof_id = kept.id


def _tell(actor: Actor, line: ResourceLine, household: Household, delivery: Delivery) -> None:
    audit.record(
        actor,
        "resource.deliver",
        line.code,
        household_id=household.id,
        region_code=household.region_code,
        detail={"delivery": delivery.code, "quantity": delivery.quantity},
    )
    notices.queue(
        line.donor.user_id,
        "resource.deliver",
        f"你捐的{line.item}已经送到{place_short(household.region_code)}的一户街坊手上",
        f"/resources/{line.code}",
    )


def _settle_claim(line: ResourceLine) -> None:
    """What was claimed has arrived: the signature confirms it, nobody needs to say so again.

    The charity or keeper that hands over has no say over claims; the system draws the conclusion.
    """
    claim = line.claim
    if claim is None or claim.state not in {ClaimState.HELD, ClaimState.HANDED_IN}:
        return
    whole = line.state is LineState.DELIVERED
    if line.kind is not LineKind.SERVICE:
        whole = queries.delivered_on(claim) >= claim.units
    if not whole:
        return
    tasks.confirm(SYSTEM, claim)
