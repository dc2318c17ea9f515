"""The plan of what was given (资源规划): lines and their deliveries, whose values add up to the fen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.core.money import FEN_PER_YUAN
from app.needs.rules import NeedKind
from app.portal.services.demo.chance import Dice, dice
from app.portal.services.demo.plan import FilePlan, Kind, Size
from app.resources.rules import LineKind, ValueBasis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIGNED_AFTER = 4  # days after filing: the consent (its third day) is on record by then
OLDEST_GIFT = 380
ASKED_BEFORE = 8  # days: a need is posted, reviewed and claimed before its gift comes in
DIRECT = 35  # of a hundred lines, so many come from one neighbour for one household


class Fund(StrEnum):
    """Which programme pays (项目)."""

    ELDERS = "和乐颐年"
    SCHOOL = "圆梦助学"
    NONE = ""


class Ware(NamedTuple):
    """Something given: its unit price in fen (0: nobody valued it), and how many one household gets."""

    item: str
    unit: str
    price: int
    most: int
    need: NeedKind
    fund: Fund = Fund.NONE


WARES = (
    Ware("棉被", "床", 16_800, 2, NeedKind.LIVING),
    Ware("大米 10kg", "袋", 5_800, 2, NeedKind.LIVING),
    Ware("食用油 5L", "桶", 6_990, 2, NeedKind.LIVING),
    Ware("电饭煲", "台", 19_900, 1, NeedKind.WISH),
    Ware("落地扇", "台", 13_900, 1, NeedKind.WISH),
    Ware("电磁炉", "台", 25_900, 1, NeedKind.WISH),
    Ware("护眼台灯", "盏", 8_800, 1, NeedKind.WISH, Fund.SCHOOL),
    Ware("书桌", "张", 36_000, 1, NeedKind.SCHOOL, Fund.SCHOOL),
    Ware("助行器", "台", 22_800, 1, NeedKind.MEDICAL, Fund.ELDERS),
    Ware("血压计", "台", 15_900, 1, NeedKind.MEDICAL, Fund.ELDERS),
    Ware("护理床", "张", 148_000, 1, NeedKind.MEDICAL, Fund.ELDERS),
    Ware("轮椅", "台", 69_800, 1, NeedKind.MEDICAL, Fund.ELDERS),
    Ware("浴室扶手", "套", 32_000, 2, NeedKind.HOUSING, Fund.ELDERS),
    Ware("防滑垫", "张", 4_500, 3, NeedKind.HOUSING, Fund.ELDERS),
    Ware("成人护理垫", "箱", 11_800, 3, NeedKind.CARE, Fund.ELDERS),
)
UNVALUED = (
    Ware("旧衣物", "袋", 0, 2, NeedKind.LIVING),
    Ware("手织围巾", "条", 0, 2, NeedKind.WISH),
    Ware("二手图书", "册", 0, 12, NeedKind.SCHOOL),
)
REST = Ware("节日慰问品", "份", 10_597, 1, NeedKind.LIVING)
GRANTS = (
    (Ware("助学金", "元", FEN_PER_YUAN, 1, NeedKind.SCHOOL, Fund.SCHOOL), (1000, 1500, 2000, 3000)),
    (Ware("医疗补助", "元", FEN_PER_YUAN, 1, NeedKind.MEDICAL, Fund.ELDERS), (800, 1500, 2600)),
    (Ware("长者慰问金", "元", FEN_PER_YUAN, 1, NeedKind.LIVING, Fund.ELDERS), (300, 500, 800)),
)
FOR_KINDS = {
    Fund.SCHOOL: frozenset({Kind.CHILD, Kind.SINGLE_PARENT, Kind.FAMILY, Kind.ILL}),
    Fund.ELDERS: frozenset({Kind.ELDER_ALONE, Kind.ELDER_COUPLE, Kind.DISABLED, Kind.ILL}),
    Fund.NONE: frozenset(Kind),
}


class DeliveryPlan(NamedTuple):
    """A part of a line handed over: to which file, how much of it, worth what, when."""

    file: int
    quantity: int
    value_fen: int
    on: date


@dataclass(slots=True)
class LinePlan:
    """A gift to be (登记行): what was received, and where it went; money is counted in fen."""

    ware: Ware
    kind: LineKind
    donor: int
    received_on: date
    basis: ValueBasis
    direct: bool = False
    quantity: int = 0
    value_fen: int = 0
    deliveries: list[DeliveryPlan] = field(default_factory=list)

    @property
    def delivered_quantity(self) -> int:
        """What has been handed over."""
        return sum(part.quantity for part in self.deliveries)

    @property
    def delivered_fen(self) -> int:
        """What of its value has been handed over."""
        return sum(part.value_fen for part in self.deliveries)


def plan_gifts(size: Size, files: Sequence[FilePlan], today: date, seed: int) -> list[LinePlan]:
    """Plan every gift; money delivered and goods delivered are those of `size`, to the fen."""
    chance = dice(seed, "gifts")
    found: list[LinePlan] = []
    pools = _pools(files, today)
    found += _until(size.money_fen, _grants(chance, pools, size, today))
    found += _until(size.goods_fen, _goods(chance, pools, size, today))
    found += [
        next(_lines(chance, pools, size, today, (ware,), ValueBasis.UNVALUED))
        for ware in UNVALUED
        for _ in range(size.donors // 8 + 1)
    ]
    for line in found:
        _stock(chance, line)
    return sorted(found, key=lambda line: line.received_on)


def _pools(files: Sequence[FilePlan], today: date) -> dict[Fund, list[FilePlan]]:
    latest = today - timedelta(days=SIGNED_AFTER + 3)
    open_files = [file for file in files if file.is_open and file.filed_on < latest]
    return {
        fund: [file for file in open_files if file.kind in kinds]
        for fund, kinds in FOR_KINDS.items()
    }


def _until(target: int, lines: Iterator[LinePlan]) -> list[LinePlan]:
    """Take lines until exactly this value was delivered; the last part takes the odd fen (尾差归末户)."""
    found: list[LinePlan] = []
    missing = target
    while missing:
        line = next(lines)
        kept: list[DeliveryPlan] = []
        for part in line.deliveries:
            if part.value_fen <= missing:
                kept.append(part)
                missing -= part.value_fen
                continue
            if not kept and missing:
                line.ware = REST if line.kind is LineKind.GOODS else line.ware
                quantity = 1 if line.kind is LineKind.GOODS else missing
                kept.append(part._replace(quantity=quantity, value_fen=missing))
                line.direct, missing = False, 0
            break
        line.deliveries = kept
        found.append(line)
    return found


def _grants(
    chance: Dice, pools: dict[Fund, list[FilePlan]], size: Size, today: date
) -> Iterator[LinePlan]:
    while True:
        ware, amounts = chance.choice(GRANTS)
        line = _line(chance, size, today, ware, LineKind.MONEY, ValueBasis.DONOR)
        for file, on in _receivers(chance, pools[ware.fund], line, today):
            fen = chance.choice(amounts) * FEN_PER_YUAN
            line.deliveries.append(DeliveryPlan(file.number, fen, fen, on))
        if line.deliveries:
            yield line


def _goods(
    chance: Dice, pools: dict[Fund, list[FilePlan]], size: Size, today: date
) -> Iterator[LinePlan]:
    while True:
        yield next(_lines(chance, pools, size, today, WARES, ValueBasis.STANDARD))


def _lines(
    chance: Dice,
    pools: dict[Fund, list[FilePlan]],
    size: Size,
    today: date,
    wares: Sequence[Ware],
    basis: ValueBasis,
) -> Iterator[LinePlan]:
    while True:
        ware = chance.choice(wares)
        line = _line(chance, size, today, ware, LineKind.GOODS, basis)
        for file, on in _receivers(chance, pools[ware.fund], line, today):
            quantity = chance.randint(1, ware.most)
            part = DeliveryPlan(file.number, quantity, quantity * ware.price, on)
            line.deliveries.append(part)
        if line.deliveries:
            yield line


def _line(
    chance: Dice, size: Size, today: date, ware: Ware, kind: LineKind, basis: ValueBasis
) -> LinePlan:
    direct = chance.chance(DIRECT)
    received = today - timedelta(days=chance.randint(6, 60 if direct else OLDEST_GIFT))
    return LinePlan(ware, kind, chance.randrange(size.donors), received, basis, direct)


def _receivers(
    chance: Dice, pool: Sequence[FilePlan], line: LinePlan, today: date
) -> Iterator[tuple[FilePlan, date]]:
    """Draw who receives parts of a line; nobody before the file was signed, each at most once."""
    wanted = 1 if line.direct else chance.randint(5, 26)
    for file in chance.some(pool, wanted):
        if line.direct and file.signed_on + timedelta(days=ASKED_BEFORE) > line.received_on:
            continue
        first = max(line.received_on, file.filed_on + timedelta(days=SIGNED_AFTER))
        if first <= today:
            yield file, first + timedelta(days=chance.randint(0, min((today - first).days, 20)))


def _stock(chance: Dice, line: LinePlan) -> None:
    """Say how much was received: at least what was delivered; of some goods a part is still in stock."""
    line.quantity, line.value_fen = line.delivered_quantity, line.delivered_fen
    if line.direct or line.ware is REST or not chance.chance(30):
        return
    spare = chance.randint(2, 20)
    if line.kind is LineKind.MONEY:
        spare *= 500 * FEN_PER_YUAN
        line.quantity += spare
        line.value_fen += spare
    elif line.delivered_fen == line.delivered_quantity * line.ware.price:
        line.quantity += spare
        line.value_fen += spare * line.ware.price
