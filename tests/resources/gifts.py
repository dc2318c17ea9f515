"""Builders of gifts: each goes through the services, so that the ledger knows it."""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, Any

from PIL import Image

from app.core import clock
from app.core.db import db, transaction
from app.resources import queries, services
from app.resources.rules import Gift, Handover, LineKind, Proof, Receipt, Signatory, ValueBasis
from app.tasks.rules import TaskKind
from tests.factories import a_claim, a_household, a_programme, a_task, a_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.accounts.models import User
    from app.households.models import Household
    from app.programmes.models import Programme
    from app.resources.models import Delivery, ResourceLine
    from app.tasks.models import Claim


def a_picture() -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "JPEG")
    return out.getvalue()


def key() -> str:
    """A fresh idempotency key."""
    return secrets.token_urlsafe(18)


def quilts(quantity: int = 4, worth_fen: int = 0, **facts: Any) -> Gift:
    """Some quilts, given freely to strangers."""
    values = {"no_strings": True, "unrelated": True} | facts
    return Gift(LineKind.GOODS, values.pop("item", "棉被"), quantity, "床", worth_fen, **values)


def money(fen: int = 50_000, **facts: Any) -> Gift:
    """Some money."""
    return Gift(LineKind.MONEY, "资助款", fen, "元", no_strings=True, unrelated=True, **facts)


def time(minutes: int = 90) -> Gift:
    """Some hours of service."""
    return Gift(LineKind.SERVICE, "理发", minutes, "小时", no_strings=True, unrelated=True)


GIFTS: dict[LineKind, Callable[..., Gift]] = {
    LineKind.GOODS: quilts,
    LineKind.MONEY: money,
    LineKind.SERVICE: time,
}


def a_gift_claim(
    kind: TaskKind = TaskKind.GOODS,
    units: int = 4,
    household: Household | None = None,
    user: User | None = None,
    programme: Programme | None = None,
    **facts: Any,
) -> Claim:
    """A donor's held claim on a task for goods or money."""
    task = a_task(
        household,
        kind=kind,
        capacity=units,
        unit="床",
        title="棉被 4 床",
        programme_id=programme.id if programme else None,
    )
    return a_claim(task, user or a_user("donor"), units=units, **facts)


def pledged(
    gift: Gift | None = None,
    *,
    donor: User | None = None,
    programme: Programme | None = None,
    claim: Claim | None = None,
) -> ResourceLine:
    """A promise, to a programme unless a claim is given."""
    donor = donor or (claim.user if claim else a_user("donor"))
    if claim is None:
        programme = programme or a_programme()
    with transaction():
        line = services.pledge(
            donor.actor, gift or quilts(), claim=claim, programme=programme, key=key()
        )
    return queries.by_code(line.code)


def receipt(
    line: ResourceLine,
    quantity: int | None = None,
    value_fen: int = 40_001,
    basis: ValueBasis = ValueBasis.INVOICE,
) -> Receipt:
    """What came in: as promised unless said otherwise."""
    counted = quantity or line.quantity
    if line.kind is LineKind.GOODS:
        worth = 0 if basis is ValueBasis.UNVALUED else value_fen
        return Receipt(counted, clock.today(), worth, basis)
    return Receipt(counted, clock.today(), receipt_code="44060125", receipt_no="0000000123")


def received(line: ResourceLine | None = None, actor: Any = None, **facts: Any) -> ResourceLine:
    """A gift that came in."""
    line = line or pledged()
    keeper = actor or a_keeper_for(line)
    with transaction():
        services.receive(keeper, line, receipt(line, **facts), a_picture())
    db.session.expire_all()
    return queries.by_code(line.code)


def a_keeper_for(line: ResourceLine) -> Any:
    """Somebody who may receive this line."""
    if line.kind is LineKind.MONEY:
        return a_user("foundation", region="", organisation=line.charity).actor
    return a_user("keeper").actor


def handover(quantity: int = 1, **facts: Any) -> Handover:
    """A delivery of today, signed by the householder."""
    values = {"signatory": Signatory.SELF, "proof": Proof.SIGNATURE} | facts
    return Handover(quantity, values.pop("on", clock.today()), **values)


def delivered(
    line: ResourceLine,
    quantity: int = 1,
    household: Household | None = None,
    actor: Any = None,
) -> Delivery:
    """A part of a gift that was signed for."""
    household = household or line.household or a_household()
    worker = actor or a_user("worker").actor
    with transaction():
        return services.deliver(
            worker,
            line,
            household,
            handover(quantity),
            a_picture(),
            key=key(),
        )
