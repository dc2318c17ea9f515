"""Promising a gift (认捐)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import db
from app.ledger import services as ledger
from app.ledger.rules import Account, EntryKind, Leg, move
from app.notices import services as notices
from app.programmes import services as programmes
from app.programmes.errors import ProgrammeClosed
from app.programmes.rules import ProgrammeState
from app.resources import policy, queries, rules
from app.resources.errors import (
    ClaimNotHeld,
    GovernmentMoney,
    MoreThanClaimed,
    NoCharity,
    NothingToGive,
    RelatedParty,
    StringsAttached,
)
from app.resources.models import ResourceLine
from app.resources.rules import Gift, LineKind
from app.tasks import services as tasks
from app.tasks.rules import ClaimState, TaskKind

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.programmes.models import Programme
    from app.tasks.models import Claim

COUNTED = frozenset({TaskKind.GOODS, TaskKind.MONEY})  # tasks whose units are pieces or fen


def pledge(
    actor: Actor,
    gift: Gift,
    *,
    claim: Claim | None = None,
    programme: Programme | None = None,
    key: str,
) -> ResourceLine:
    """Promise a gift for a claim or to a programme (认捐); money is never taken here, its charity receives it.

    Refused: StringsAttached (慈善法 §15), RelatedParty (§40), GovernmentMoney, NoCharity (§38), ProgrammeClosed, and
    for a claim ClaimNotHeld, NothingToGive, MoreThanClaimed. The same key answers the same gift.
    """
    require(policy.can_pledge, actor, claim)
    again = queries.repeated(actor, key)
    if again is not None:
        return again
    _check_gift(gift, claim)
    already = 0
    if claim is not None:
        programme = claim.task.programme or (claim.task.need.programme if claim.task.need else None)
        already = _check_claim(claim, gift)
    _check_programme(gift, programme)
    donor = programmes.ensure_donor(actor, queries.giver(actor))
    task = claim.task if claim else None
    line = ResourceLine(
        code=codes.new("R"),
        kind=gift.kind,
        donor_id=donor.id,
        programme_id=programme.id if programme else None,
        charity_id=programme.charity_id if programme and gift.kind is LineKind.MONEY else None,
        task_id=task.id if task else None,
        claim_id=claim.id if claim else None,
        household_id=task.household_id if task else None,
        town_code=task.town_code if task else "",
        item=gift.item,
        quantity=gift.quantity,
        pledged_quantity=gift.quantity,
        unit=gift.unit,
        pledged_fen=gift.worth_fen,
        pledged_at=clock.now(),
        recorded_by_id=actor.user_id,
        idempotency_key=key,
    )
    try:
        with db.session.begin_nested():  # of two equal submissions at once, one is the first
            db.session.add(line)
            db.session.flush()
    except IntegrityError:
        again = queries.repeated(actor, key)
        if again is None:
            raise
        return again
    measure, amount = rules.pledged_as(gift.kind, gift.quantity, gift.worth_fen)
    source = Leg(Account.DONOR, measure, amount, line.programme_id, line.donor_id)
    ledger.post(actor, EntryKind.PLEDGE, clock.today(), line.code, move(source, Account.PLEDGED))
    audit.record(
        actor,
        "resource.pledge",
        line.code,
        household_id=line.household_id,
        region_code=line.town_code,
    )
    if claim is not None and task is not None:
        if task.kind not in COUNTED or already + gift.quantity == claim.units:
            tasks.hand_in(
                actor, claim
            )  # wholly promised: what remains is not in the holder's hands
        notices.queue(
            task.contact_id,
            "resource.pledge",
            f"有人为「{task.title}」认捐了{gift.item}，收到后请登记",
            f"/resources/{line.code}",
        )
    return line


def _check_gift(gift: Gift, claim: Claim | None) -> None:
    if not gift.no_strings:
        raise StringsAttached
    if claim is not None and not (claim.unrelated and gift.unrelated):
        raise RelatedParty
    if rules.is_government_benefit(gift.item):
        raise GovernmentMoney


def _check_claim(claim: Claim, gift: Gift) -> int:
    """Return how many units were promised before, or refuse."""
    if claim.state is not ClaimState.HELD:
        raise ClaimNotHeld
    if claim.task.kind is TaskKind.VISIT or claim.task.kind.value != gift.kind.value:
        raise NothingToGive
    if claim.task.kind not in COUNTED:
        return 0
    already = queries.promised_on(claim)
    if already + gift.quantity > claim.units:
        raise MoreThanClaimed
    return already


def _check_programme(gift: Gift, programme: Programme | None) -> None:
    if programme is None:
        if gift.kind is LineKind.MONEY:
            raise NoCharity
    elif programme.state is not ProgrammeState.OPEN:
        raise ProgrammeClosed
