"""What was given into rows (捐赠、发放): stock lines first, then every household's part of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.needs.rules import KINDS, NeedState
from app.portal.services.demo import needs
from app.portal.services.demo.books import Line, add_line, measure_of, post, record
from app.portal.services.demo.chance import dice
from app.portal.services.demo.gifts import DeliveryPlan, Fund, LinePlan
from app.portal.services.demo.plan import Kind
from app.portal.services.demo.texts import Ask
from app.resources.models import Delivery
from app.resources.rules import LineKind, LineState
from app.tasks.rules import TaskKind, TaskState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.portal.services.demo.files import City, Home

WORDING = "家里正需要这一样，收到后由社工送上门签收。"
STORY = "上次走访时看到的，已核实。"


@dataclass(slots=True)
class Stock:
    """Lines from which households receive parts (在库): by file, which part of which line."""

    parts: dict[int, list[tuple[LinePlan, DeliveryPlan]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    lines: dict[int, Line] = field(default_factory=dict)


def write_lines(city: City, plans: Sequence[LinePlan]) -> Stock:
    """Write every line that was given to a programme or the stock; one for a single household comes with its need."""
    stock = Stock()
    for number, plan in enumerate(plans):
        for part in plan.deliveries:
            stock.parts[part.file].append((plan, part))
        if not plan.direct:
            chance = dice(city.seed, "line", number)
            givers = city.cast.givers
            first = plan.kind is LineKind.MONEY and chance.chance(70)
            donor = givers[0] if first else givers[plan.donor % len(givers)]
            values = _values(city, plan) | {
                "donor_id": donor,
                "recorded_by_id": city.cast.accounts["keeper"],
            }
            stock.lines[id(plan)] = add_line(city, chance, received=plan.received_on, **values)
    return stock


def write_gifts(city: City, home: Home, stock: Stock) -> None:
    """Write what a household received."""
    for plan, part in stock.parts.pop(home.plan.number, ()):
        line = stock.lines.get(id(plan)) or _direct(city, home, plan, part)
        _deliver(city, home, plan, part, line)


def _values(city: City, plan: LinePlan) -> dict[str, Any]:
    whole = plan.delivered_quantity == plan.quantity
    return {
        "kind": plan.kind,
        "programme_id": city.cast.programmes.get(plan.ware.fund),
        "charity_id": city.cast.charity if plan.kind is LineKind.MONEY else None,
        "item": plan.ware.item,
        "quantity": plan.quantity,
        "unit": plan.ware.unit,
        "pledged_fen": plan.value_fen,
        "value_fen": plan.value_fen,
        "value_basis": None if plan.kind is LineKind.MONEY else plan.basis,
        "delivered_quantity": plan.delivered_quantity,
        "delivered_fen": plan.delivered_fen,
        "state": LineState.DELIVERED if whole else LineState.RECEIVED,
        "pledged_at": city.at(plan.received_on - timedelta(days=3), 20),
    }


def _direct(city: City, home: Home, plan: LinePlan, part: DeliveryPlan) -> Line:
    """Write a gift that one neighbour made for one household: the need, its task, the claim, the line."""
    chance = home.chance
    ask = _ask(plan)
    posted = city.at(min(plan.received_on - timedelta(days=6), part.on), 10)
    state = chance.choice((NeedState.MET, NeedState.CLOSED))
    settled = city.at(part.on, 17)
    course = needs.Course(state, posted, part.on + timedelta(days=14), settled)
    need = needs.add_need(city, home, ask, course)
    units = part.quantity
    task = needs.add_task(
        city, home, ask, course, need, state=TaskState.DONE, taken=units, capacity=units
    )
    donor, user = city.cast.people[plan.donor % len(city.cast.people)]
    claimed = city.at(plan.received_on - timedelta(days=3), 20)
    claim = needs.confirmed(city, home, task, user, units, claimed, settled)
    values = _values(city, plan) | {
        "donor_id": donor,
        "recorded_by_id": user,
        "task_id": task,
        "claim_id": claim,
        "household_id": home.id,
        "town_code": home.plan.region[:9],
    }
    return add_line(city, chance, received=plan.received_on, **values)


def _ask(plan: LinePlan) -> Ask:
    """Say how a household asked for what it then received."""
    ware = plan.ware
    words = KINDS[ware.need]
    subkind = words[1][0] if words[1] else words[0]
    if plan.kind is LineKind.MONEY:
        return Ask(
            ware.need,
            subkind,
            TaskKind.MONEY,
            f"向{ware.fund.value}申请{ware.item}",
            "希望得到项目的支持，款项由慈善组织拨付。",
            STORY,
            fen=plan.quantity,
            fund=ware.fund,
        )
    return Ask(
        ware.need,
        subkind,
        TaskKind.GOODS,
        f"需要{ware.item}",
        WORDING,
        STORY,
        item=ware.item,
        unit=ware.unit,
        quantity=plan.quantity,
        fund=Fund.NONE,
    )


def _deliver(city: City, home: Home, plan: LinePlan, part: DeliveryPlan, line: Line) -> None:
    chance = home.chance
    measure = measure_of(plan.kind, plan.basis if plan.kind is LineKind.GOODS else None)
    amount = part.value_fen if measure is Measure.GOODS else part.quantity
    held = Leg(Account.HELD, measure, amount, city.cast.programmes.get(plan.ware.fund), line.donor)
    legs = move(held, Account.DELIVERED, household_id=home.id, town_code=home.plan.region[:9])
    entry = post(city, home.worker, EntryKind.DELIVER, part.on, line.code, legs, chance.code("E"))
    delivery = chance.code("S")
    at = city.at(part.on, 17)
    city.rows.add(
        Delivery,
        code=delivery,
        line_id=line.id,
        household_id=home.id,
        quantity=part.quantity,
        value_fen=part.value_fen,
        delivered_on=part.on,
        signatory="guardian" if home.plan.kind is Kind.CHILD else "self",
        entry_id=entry,
        recorded_by_id=home.worker,
        recorded_at=at,
        idempotency_key=chance.code("demo"),
    )
    record(city, home.worker, "resource.deliver", line.code, home, at)
