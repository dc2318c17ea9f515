"""Taking steps back (冲正): with a reason, by a second entry, never by a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock
from app.core.access import SYSTEM, require
from app.core.db import changed_one, db
from app.ledger import queries as entries
from app.ledger import services as ledger
from app.ledger.models import Entry
from app.needs import queries as needs
from app.needs.errors import ReasonTellsTooMuch
from app.notices import services as notices
from app.resources import policy
from app.resources.errors import AlreadyReversed, AskTheCharity, ReasonMissing
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineState
from app.tasks import services as tasks
from app.tasks.rules import ClaimState

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household


def reverse_delivery(actor: Actor, delivery: Delivery, reason: str) -> None:
    """Say that a delivery did not happen so (冲正发放): what was handed over is held again.

    A claim that it confirmed stays confirmed; whoever corrects speaks with its holder. Refused: AlreadyReversed,
    ReasonMissing.
    """
    require(policy.can_reverse_delivery, actor, delivery)
    line = delivery.line
    _check_reason(delivery.household, reason)
    if delivery.reversed_at is not None or line.state is LineState.REVERSED:
        raise AlreadyReversed
    changed_one(
        update(ResourceLine)
        .where(ResourceLine.id == line.id, ResourceLine.version == line.version)
        .values(
            delivered_quantity=line.delivered_quantity - delivery.quantity,
            delivered_fen=line.delivered_fen - delivery.value_fen,
            state=LineState.RECEIVED,
            version=line.version + 1,
        )
    )
    changed_one(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.reversed_at.is_(None))
        .values(reversed_at=clock.now())
    )
    entry = db.session.get(Entry, delivery.entry_id) if delivery.entry_id else None
    if entry is not None:
        ledger.reverse(actor, entry, reason)
    audit.record(
        actor,
        "resource.reverse_delivery",
        line.code,
        household_id=delivery.household_id,
        region_code=delivery.household.region_code,
        reason=reason,
        detail={"delivery": delivery.code},
    )
    db.session.refresh(line)
    db.session.refresh(delivery)


def _check_reason(household: Household | None, reason: str) -> None:
    """A reason stays in clear and the donor reads it: it names nobody."""
    if not reason.strip():
        raise ReasonMissing
    if household is not None and (found := needs.told_by(household, reason)):
        raise ReasonTellsTooMuch(found)


def reverse(actor: Actor, line: ResourceLine, reason: str) -> None:
    """Take a whole gift back (整笔冲正): every standing entry is reversed, newest first, and nothing remains counted.

    A donor may so withdraw a promise; AskTheCharity once it was received. Refused: AlreadyReversed, ReasonMissing.
    """
    require(policy.can_reverse, actor, line)
    _check_reason(line.household, reason)
    if line.state is LineState.REVERSED:
        raise AlreadyReversed
    if line.state is not LineState.PLEDGED and not policy.can_receive(actor, line):
        raise AskTheCharity
    now = clock.now()
    changed_one(
        update(ResourceLine)
        .where(
            ResourceLine.id == line.id,
            ResourceLine.state != LineState.REVERSED,
            ResourceLine.version == line.version,
        )
        .values(
            state=LineState.REVERSED,
            delivered_quantity=0,
            delivered_fen=0,
            reversed_at=now,
            reverse_reason=reason.strip()[:120],
            version=line.version + 1,
        )
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.line_id == line.id, Delivery.reversed_at.is_(None))
        .values(reversed_at=now)
    )
    for entry in entries.standing(line.code):
        ledger.reverse(actor, entry, reason)
    audit.record(
        actor,
        "resource.reverse",
        line.code,
        household_id=line.household_id,
        region_code=line.town_code,
        reason=reason,
    )
    claim = line.claim
    if claim is not None and claim.state is ClaimState.HANDED_IN:
        tasks.take_back(SYSTEM, claim)  # nothing is promised any more: its holder decides anew
    if not policy.is_donor(actor, line):
        notices.queue(
            line.donor.user_id,
            "resource.reverse",
            f"你捐的{line.item}的登记已更正，点开看看原因",
            f"/resources/{line.code}",
        )
    db.session.refresh(line)
    for delivery in line.deliveries:
        db.session.refresh(delivery)
