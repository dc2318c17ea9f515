"""What is written down of everything (记账、审计): entries of the ledger, resource lines, and who did what."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.audit.models import AuditRow
from app.ledger.models import Entry, Posting
from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.portal.services.demo.gifts import WARES
from app.resources.models import ResourceLine
from app.resources.rules import LineKind, LineState, ValueBasis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.portal.services.demo.chance import Dice
    from app.portal.services.demo.files import City, Home
    from app.portal.services.demo.texts import Ask

RECENT = 45  # days: what is older has its follow-ups done and its audit rows put away
PRICES = {ware.item: ware.price for ware in WARES}  # fen a piece


class Line(NamedTuple):
    """A line that was written (登记行)."""

    id: int
    code: str
    donor: int


def record(
    city: City, actor: int | None, action: str, subject: str, home: Home, at: datetime, **more: Any
) -> None:
    """Write an audit row of a recent event; older ones would be put away by now."""
    if at < city.at(city.before(RECENT), 0):
        return
    city.rows.add(
        AuditRow,
        at=at,
        user_id=actor,
        action=action,
        subject=subject,
        household_id=home.id,
        region_code=home.plan.region,
        **more,
    )


def post(
    city: City, user: int, kind: EntryKind, on: date, subject: str, legs: Sequence[Leg], code: str
) -> int:
    """Write an entry of the ledger with its postings."""
    entry = city.rows.add(
        Entry,
        code=code,
        kind=kind,
        happened_on=on,
        recorded_at=city.at(on, 17, 30),
        user_id=user,
        subject=subject,
    )
    for leg in legs:
        city.rows.add(Posting, entry_id=entry, **leg._asdict())
    return entry


def measure_of(kind: LineKind, basis: ValueBasis | None) -> Measure:
    """Say in which measure a line counts."""
    if kind is LineKind.MONEY:
        return Measure.MONEY
    return Measure.UNVALUED if basis is ValueBasis.UNVALUED else Measure.GOODS


def add_line(city: City, chance: Dice, *, received: date | None, **values: Any) -> Line:
    """Write a resource line with the entries of its promise and of its coming in."""
    code = chance.code("R")
    kind, basis = values["kind"], values.get("value_basis")
    measure = measure_of(kind, basis)
    amount = values["quantity"] if measure is not Measure.GOODS else values["pledged_fen"]
    pledged_on = values["pledged_at"].astimezone(city.now.tzinfo).date()
    if kind is LineKind.MONEY and received:
        values |= {
            "receipt_code": "4406002026",
            "receipt_no": f"{chance.randrange(10**10):010d}",
        }
    line = city.rows.add(
        ResourceLine,
        code=code,
        pledged_quantity=values["quantity"],
        received_on=received,
        received_by_id=city.cast.accounts["keeper"] if received else None,
        idempotency_key=chance.code("demo"),
        **values,
    )
    source = Leg(Account.DONOR, measure, amount, values.get("programme_id"), values["donor_id"])
    by = values["recorded_by_id"]
    on = min(pledged_on, received) if received else pledged_on
    legs = move(source, Account.PLEDGED)
    post(city, by, EntryKind.PLEDGE, on, code, legs, chance.code("E"))
    if received:
        legs = move(source._replace(account=Account.PLEDGED), Account.HELD)
        keeper = city.cast.accounts["keeper"]
        post(city, keeper, EntryKind.RECEIVE, received, code, legs, chance.code("E"))
    return Line(line, code, values["donor_id"])


def promise(
    city: City, home: Home, ask: Ask, task: int, claim: int, holder: int, units: int, at: datetime
) -> None:
    """Write what a donor promised for a need; some of it has come in and waits to be handed over."""
    chance = home.chance
    is_money = bool(ask.fen)
    worth = units if is_money else PRICES[ask.item] * units
    came = at < city.now - timedelta(days=1) and chance.chance(60)
    received = min((at + timedelta(days=1)).date(), city.today) if came else None
    add_line(
        city,
        chance,
        received=received,
        kind=LineKind.MONEY if is_money else LineKind.GOODS,
        donor_id=city.cast.donors[holder],
        programme_id=city.cast.programmes.get(ask.fund),
        charity_id=city.cast.charity if is_money else None,
        task_id=task,
        claim_id=claim,
        household_id=home.id,
        town_code=home.plan.region[:9],
        item=f"{ask.subkind}资助款" if is_money else ask.item,
        quantity=units,
        unit="元" if is_money else ask.unit,
        pledged_fen=worth,
        value_fen=worth if received else 0,
        value_basis=None if is_money or not received else ValueBasis.STANDARD,
        state=LineState.RECEIVED if received else LineState.PLEDGED,
        pledged_at=at,
        recorded_by_id=holder,
    )
