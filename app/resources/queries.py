"""What pages and proofs ask about gifts (捐赠查询)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, cast, func, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.core import paging
from app.core.crypto import Box, ring
from app.core.db import db
from app.core.errors import NotHere
from app.households import queries as households
from app.households.rules import Purpose, Recipient
from app.ledger.models import Entry, Posting
from app.ledger.rules import Account, EntryKind
from app.programmes.models import Donor, Programme
from app.resources import policy
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import DELIVERABLE, LineKind, LineState, ValueBasis
from app.tasks.models import Claim, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor
    from app.core.paging import Page
    from app.households.models import Household

PURPOSES = {
    LineKind.MONEY: Purpose.MONEY,
    LineKind.GOODS: Purpose.GOODS,
    LineKind.SERVICE: Purpose.SERVICE,
}
LIVING = sorted(DELIVERABLE)
STEPPED = (*LIVING, LineState.DELIVERED, LineState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of gifts is narrowed to."""

    state: LineState | None = None
    kind: LineKind | None = None


def by_code(code: str) -> ResourceLine:
    """Return a gift with everything its page shows, in two statements; NotHere when there is none."""
    found = db.session.scalars(
        _whole()
        .options(
            selectinload(ResourceLine.deliveries).joinedload(Delivery.household),
            selectinload(ResourceLine.deliveries).joinedload(Delivery.proof),
            joinedload(ResourceLine.evidence),
        )
        .where(ResourceLine.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def seen_by(actor: Actor, code: str) -> ResourceLine:
    """Return a gift that this person may see; NotHere otherwise."""
    found = by_code(code)
    if not policy.can_view(actor, found):
        raise NotHere
    return found


def delivery_of(line: ResourceLine, code: str) -> Delivery:
    """Return one delivery of a gift; NotHere when there is none."""
    found = next((delivery for delivery in line.deliveries if delivery.code == code), None)
    if found is None:
        raise NotHere
    return found


def listing(actor: Actor, wanted: Wanted, cursor: str | None = None) -> Page[ResourceLine]:
    """Return the gifts that this person may see, newest first: one statement, whatever there is."""
    return _newest_first(chosen(actor, wanted), cursor)


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Read a filter as it stands in an address."""
    return Wanted(
        next((one for one in LineState if one.value == asked.get("state")), None),
        next((one for one in LineKind if one.value == asked.get("kind")), None),
    )


def chosen(actor: Actor, wanted: Wanted) -> Select[ResourceLine]:
    """Select all the gifts that a list is narrowed to, each with everything its row shows."""
    found = _whole().where(policy.visible_to(actor))
    if wanted.state is not None:
        found = found.where(ResourceLine.state == wanted.state)
    if wanted.kind is not None:
        found = found.where(ResourceLine.kind == wanted.kind)
    return found


def gifts_of(donor: Donor | None, cursor: str | None = None) -> Page[ResourceLine]:
    """Return what a donor gave, newest first."""
    if donor is None:
        return paging.Page([], None)
    chosen = _whole().where(ResourceLine.donor_id == donor.id)
    return _newest_first(chosen, cursor)


def to_receive(actor: Actor, limit: int = 10) -> Sequence[ResourceLine]:
    """Return the oldest promises that this person could receive: for a worklist."""
    return db.session.scalars(
        _whole()
        .where(
            ResourceLine.state == LineState.PLEDGED,
            policy.visible_to(actor),
            ResourceLine.donor_id.not_in(select(Donor.id).where(Donor.user_id == actor.user_id)),
        )
        .order_by(ResourceLine.id)
        .limit(limit)
    ).all()


def for_household(household_id: int, limit: int = 10) -> Sequence[Delivery]:
    """Return the latest deliveries to a household with their gifts; the file's total is the ledger's."""
    return db.session.scalars(
        select(Delivery)
        .options(joinedload(Delivery.line).joinedload(ResourceLine.programme))
        .where(Delivery.household_id == household_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    ).all()


def pledged_for(household_id: int, limit: int = 10) -> Sequence[ResourceLine]:
    """Return what is on its way to a household: promised or received, and not yet wholly delivered."""
    return db.session.scalars(
        select(ResourceLine)
        .where(
            ResourceLine.household_id == household_id,
            ResourceLine.state.in_([LineState.PLEDGED, *LIVING]),
        )
        .order_by(ResourceLine.id.desc())
        .limit(limit)
    ).all()


def repeated(actor: Actor, key: str) -> ResourceLine | None:
    """Return the gift that the same submission promised before."""
    return db.session.scalars(
        select(ResourceLine).where(
            ResourceLine.recorded_by_id == actor.user_id, ResourceLine.idempotency_key == key
        )
    ).one_or_none()


def repeated_delivery(actor: Actor, key: str) -> Delivery | None:
    """Return the delivery that the same submission recorded before."""
    return db.session.scalars(
        select(Delivery).where(
            Delivery.recorded_by_id == actor.user_id, Delivery.idempotency_key == key
        )
    ).one_or_none()


def claim_by_code(code: str) -> Claim:
    """Return a claim with its task and programme; NotHere when there is none."""
    found = db.session.scalars(
        select(Claim)
        .options(
            joinedload(Claim.task).joinedload(Task.programme).joinedload(Programme.charity),
            joinedload(Claim.task).joinedload(Task.need),
            joinedload(Claim.user),
        )
        .where(Claim.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def promised_on(claim: Claim) -> int:
    """Return the units of a claim for which a gift was promised; locks the claim against a second form."""
    db.session.execute(select(Claim.id).where(Claim.id == claim.id).with_for_update())
    return _sum(ResourceLine.quantity, claim)


def delivered_on(claim: Claim) -> int:
    """Return the units of a claim that reached the household."""
    return _sum(ResourceLine.delivered_quantity, claim)


def giver(actor: Actor) -> User:
    """Return the person behind an actor; NotHere for nobody."""
    found = db.session.get(User, actor.user_id) if actor.user_id else None
    if found is None:
        raise NotHere
    return found


def has_agreed(household: Household, kind: LineKind) -> bool:
    """Say whether the household agreed to this kind of help, whoever brings it."""
    return any(
        households.has_consent(household.id, PURPOSES[kind], recipient) for recipient in Recipient
    )


def may_be_photographed(household: Household) -> bool:
    """Say whether the household agreed to photos."""
    return any(
        households.has_consent(household.id, Purpose.PHOTO, recipient) for recipient in Recipient
    )


def evidence_box(line: ResourceLine) -> Box:
    """Open the line's own key; NotHere when it has no evidence."""
    if line.data_key is None:
        raise NotHere
    return ring().box(line.data_key, line.code)


def verify() -> list[str]:
    """Prove that gifts, deliveries and the ledger say the same, by set; one line per ill."""
    return [*_wrong_steps(), *_wrong_deliveries(), *_wrong_owners(), *_nobodys_entries()]


def _sum(column: Any, claim: Claim) -> int:
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(column), 0)).where(
                ResourceLine.claim_id == claim.id, ResourceLine.state != LineState.REVERSED
            )
        )
        or 0
    )


def _whole() -> Select[ResourceLine]:
    return select(ResourceLine).options(
        joinedload(ResourceLine.donor),
        joinedload(ResourceLine.programme),
        joinedload(ResourceLine.charity),
        joinedload(ResourceLine.household),
        joinedload(ResourceLine.claim),
        joinedload(ResourceLine.task),
    )


def _newest_first(chosen: Select[ResourceLine], cursor: str | None) -> Page[ResourceLine]:
    return paging.fetch(
        db.session, chosen, [(ResourceLine.id, True)], cursor, key=lambda line: [line.id]
    )


def _counts_as(quantity: Any, fen: Any) -> ColumnElement[Any]:
    """Say in SQL what `rules.received_as` says: fen for valued goods, the quantity for the rest."""
    valued = and_(
        ResourceLine.kind == LineKind.GOODS,
        ResourceLine.value_basis.is_not(None),
        ResourceLine.value_basis != ValueBasis.UNVALUED,
    )
    return case((valued, fen), else_=quantity)


def _promised() -> ColumnElement[Any]:
    worth = and_(ResourceLine.kind == LineKind.GOODS, ResourceLine.pledged_fen > 0)
    return case((worth, ResourceLine.pledged_fen), else_=ResourceLine.pledged_quantity)


def _wrong_steps() -> list[str]:
    """What a line says of itself, against the sum of its postings on each account."""
    stepped = ResourceLine.state.in_(STEPPED)
    received = _counts_as(ResourceLine.quantity, ResourceLine.value_fen)
    delivered = _counts_as(ResourceLine.delivered_quantity, ResourceLine.delivered_fen)
    said = {
        Account.PLEDGED: case((ResourceLine.state == LineState.PLEDGED, _promised()), else_=0),
        Account.HELD: case((stepped, received - delivered), else_=0),
        Account.DELIVERED: case((stepped, delivered), else_=0),
    }
    posted = (
        select(
            Entry.subject,
            *(
                func.sum(case((Posting.account == account, Posting.amount), else_=0)).label(account)
                for account in said
            ),
        )
        .join(Posting, Posting.entry_id == Entry.id)
        .group_by(Entry.subject)
        .subquery()
    )
    differs = [
        (account, said[account], func.coalesce(posted.c[account.value], 0)) for account in said
    ]
    rows = db.session.execute(
        select(ResourceLine.code, *(column for _, a, b in differs for column in (a, b)))
        .outerjoin(posted, posted.c.subject == ResourceLine.code)
        .where(or_(*(a != b for _, a, b in differs)))
        .order_by(ResourceLine.id)
        .execution_options(yield_per=1000)
    )
    return [
        f"line {code} says {said_amount} on {account}, its postings {amount}"
        for code, *amounts in rows
        for account, said_amount, amount in zip(said, amounts[::2], amounts[1::2], strict=True)
        if said_amount != amount
    ]


def _wrong_deliveries() -> list[str]:
    """The deliveries of a line to a household, against the line and the postings to that household."""
    counted = _counts_as(Delivery.quantity, Delivery.value_fen)
    rows = (
        select(
            cast(ResourceLine.code, String(40)).label("code"),
            Delivery.household_id.label("household_id"),
            counted.label("amount"),
        )
        .join(ResourceLine, ResourceLine.id == Delivery.line_id)
        .where(Delivery.reversed_at.is_(None))
    )
    posted = (
        select(
            cast(Entry.subject, String(40)),
            Posting.household_id,
            -Posting.amount,
        )
        .join(Entry, Entry.id == Posting.entry_id)
        .join(ResourceLine, ResourceLine.code == Entry.subject)
        .where(Posting.account == Account.DELIVERED)
    )
    both = union_all(rows, posted).subquery()
    keys = (both.c.code, both.c.household_id)
    found = db.session.execute(
        select(*keys, func.sum(both.c.amount))
        .group_by(*keys)
        .having(func.sum(both.c.amount) != 0)
        .order_by(*keys)
        .execution_options(yield_per=1000)
    )
    handed = func.coalesce(func.sum(Delivery.quantity), 0)
    fen = func.coalesce(func.sum(Delivery.value_fen), 0)
    counts = db.session.scalars(
        select(ResourceLine.code)
        .outerjoin(
            Delivery, and_(Delivery.line_id == ResourceLine.id, Delivery.reversed_at.is_(None))
        )
        .group_by(
            ResourceLine.id,
            ResourceLine.code,
            ResourceLine.delivered_quantity,
            ResourceLine.delivered_fen,
        )
        .having(or_(handed != ResourceLine.delivered_quantity, fen != ResourceLine.delivered_fen))
        .order_by(ResourceLine.id)
        .execution_options(yield_per=1000)
    )
    return [
        *(
            f"deliveries of line {code} to household {household} differ from their postings by {amount}"
            for code, household, amount in found
        ),
        *(f"line {code} does not say what its deliveries add up to" for code in counts),
    ]


def _wrong_owners() -> list[str]:
    """A posting names its line's donor and programme, and nobody else's."""
    rows = db.session.scalars(
        select(ResourceLine.code)
        .join(Entry, Entry.subject == ResourceLine.code)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(
            or_(
                Posting.donor_id.is_distinct_from(ResourceLine.donor_id),
                Posting.programme_id.is_distinct_from(ResourceLine.programme_id),
            )
        )
        .distinct()
        .order_by(ResourceLine.code)
        .execution_options(yield_per=1000)
    )
    return [f"postings of line {code} name another donor or programme" for code in rows]


def _nobodys_entries() -> list[str]:
    rows = db.session.scalars(
        select(Entry.code)
        .outerjoin(ResourceLine, ResourceLine.code == Entry.subject)
        .where(
            Entry.kind.in_([EntryKind.PLEDGE, EntryKind.RECEIVE, EntryKind.DELIVER]),
            ResourceLine.id.is_(None),
        )
        .order_by(Entry.id)
        .execution_options(yield_per=1000)
    )
    return [f"entry {code} belongs to no line" for code in rows]
