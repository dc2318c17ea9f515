"""Resources (捐赠与资源): kinds, states and how a value is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.core.money import LARGEST_FEN, parse_yuan
from app.ledger.rules import Measure

MINUTES = 60
MOST_PIECES = 1_000_000
MOST_MINUTES = 100_000
LONGEST_ITEM = 40


class LineKind(StrEnum):
    """What is given (慈善法 §36, and service)."""

    MONEY = "money"
    GOODS = "goods"
    SERVICE = "service"


class LineState(StrEnum):
    """Where a resource line stands."""

    PLEDGED = "pledged"
    RECEIVED = "received"
    IN_STOCK = "in_stock"
    EARMARKED = "earmarked"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    REVERSED = "reversed"


_L = LineState
NEXT: dict[LineState, frozenset[LineState]] = {
    _L.PLEDGED: frozenset({_L.RECEIVED, _L.REVERSED}),
    _L.RECEIVED: frozenset({_L.IN_STOCK, _L.EARMARKED, _L.DELIVERED, _L.REVERSED}),
    _L.IN_STOCK: frozenset({_L.EARMARKED, _L.DELIVERED, _L.REVERSED}),
    _L.EARMARKED: frozenset({_L.DELIVERED, _L.IN_STOCK, _L.REVERSED}),
    _L.DELIVERED: frozenset({_L.ACKNOWLEDGED, _L.RECEIVED, _L.REVERSED}),
    _L.ACKNOWLEDGED: frozenset({_L.REVERSED}),
    _L.REVERSED: frozenset(),
}
STATE_WORDS = {
    _L.PLEDGED: "已认捐",
    _L.RECEIVED: "已收到",
    _L.IN_STOCK: "在库",
    _L.EARMARKED: "已指定",
    _L.DELIVERED: "已送达",
    _L.ACKNOWLEDGED: "已回执",
    _L.REVERSED: "已冲正",
}


class ValueBasis(StrEnum):
    """How the value is known (value_basis); what has no value counts zero and is shown as items."""

    INVOICE = "invoice"
    DONOR = "donor"
    ENQUIRY = "enquiry"
    APPRAISAL = "appraisal"
    STANDARD = "standard"
    UNVALUED = "unvalued"


BASIS_WORDS = {
    ValueBasis.INVOICE: "发票",
    ValueBasis.DONOR: "捐赠方声明",
    ValueBasis.ENQUIRY: "市场询价",
    ValueBasis.APPRAISAL: "评估",
    ValueBasis.STANDARD: "统一折价表",
    ValueBasis.UNVALUED: "未估值",
}
KIND_WORDS = {LineKind.MONEY: "资金", LineKind.GOODS: "实物", LineKind.SERVICE: "服务"}
UNIT_WORDS = {LineKind.MONEY: "元", LineKind.GOODS: "件", LineKind.SERVICE: "小时"}
DELIVERABLE = frozenset({_L.RECEIVED, _L.IN_STOCK, _L.EARMARKED})
# the price list is its own evidence; what has no value needs none
NEEDS_EVIDENCE = frozenset(ValueBasis) - {ValueBasis.STANDARD, ValueBasis.UNVALUED}


class Signatory(StrEnum):
    """Who signed for it (签收人与本人的关系)."""

    SELF = "self"
    FAMILY = "family"
    GUARDIAN = "guardian"
    VILLAGE = "village"


SIGNATORY_WORDS = {
    Signatory.SELF: "本人",
    Signatory.FAMILY: "家人代签",
    Signatory.GUARDIAN: "监护人代签",
    Signatory.VILLAGE: "村居干部见证代签",
}


class Proof(StrEnum):
    """How it is shown that it arrived."""

    SIGNATURE = "signature"
    PHOTO = "photo"


PROOF_WORDS = {Proof.SIGNATURE: "签收单", Proof.PHOTO: "交接照片"}
# what government pays is a right, not a gift, and is never counted as linked resources (DESIGN §2.8)
GOVERNMENT_WORDS = (
    "低保金",
    "低保补贴",
    "特困供养金",
    "临时救助",
    "救助金",
    "残疾人补贴",
    "两项补贴",
    "高龄津贴",
    "抚恤金",
    "养老金",
    "孤儿基本生活费",
    "财政拨款",
    "财政资金",
)


@dataclass(frozen=True, slots=True)
class Gift:
    """What somebody promises (认捐): quantity in fen, pieces or minutes."""

    kind: LineKind
    item: str
    quantity: int
    unit: str
    worth_fen: int = 0
    no_strings: bool = False
    unrelated: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came in (收到登记): quantity as counted, value as evidenced; a receipt's code and number for money."""

    quantity: int
    received_on: date
    value_fen: int = 0
    basis: ValueBasis | None = None
    receipt_code: str = ""
    receipt_no: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """What was handed over (发放签收), on which day, who signed, and what shows it."""

    quantity: int
    delivered_on: date
    signatory: Signatory
    proof: Proof = Proof.SIGNATURE


def is_government_benefit(text: str) -> bool:
    """Say whether words name a government benefit."""
    return any(word in text for word in GOVERNMENT_WORDS)


def measure_of(kind: LineKind, basis: ValueBasis | None) -> Measure:
    """Say in which measure a received line counts."""
    if kind is LineKind.MONEY:
        return Measure.MONEY
    if kind is LineKind.SERVICE:
        return Measure.HOURS
    return Measure.UNVALUED if basis in {None, ValueBasis.UNVALUED} else Measure.GOODS


def pledged_as(kind: LineKind, quantity: int, worth_fen: int) -> tuple[Measure, int]:
    """Say how a promise counts: goods at their declared worth, or as pieces when none was declared."""
    if kind is LineKind.GOODS and worth_fen:
        return Measure.GOODS, worth_fen
    return measure_of(kind, None), quantity


def received_as(
    kind: LineKind, basis: ValueBasis | None, quantity: int, value_fen: int
) -> tuple[Measure, int]:
    """Say how what was received counts: goods at their frozen value, the rest as they are counted."""
    measure = measure_of(kind, basis)
    return measure, value_fen if measure is Measure.GOODS else quantity


def share(value_fen: int, quantity: int, done: tuple[int, int], part: int) -> int:
    """Return the fen of a delivery of `part` pieces; `done` is (pieces, fen) delivered so far.

    Each delivery brings the fen delivered up to the rounded-down share of all pieces so far; the last takes the rest
    (尾差归末户), so that all of them together are the value to the fen, whatever was reversed between.
    """
    done_quantity, done_fen = done
    if done_quantity + part == quantity:
        return value_fen - done_fen
    due = value_fen * (done_quantity + part) // quantity
    return max(0, due - done_fen)


def read_quantity(kind: LineKind, text: str) -> int:
    """Read how much, as a person types it: yuan, pieces or hours; returns fen, pieces or minutes, or ValueError."""
    if kind is LineKind.MONEY:
        amount, most = parse_yuan(text), LARGEST_FEN
    elif kind is LineKind.SERVICE:
        amount, most = _minutes(text), MOST_MINUTES
    else:
        amount, most = int(text.strip()), MOST_PIECES
    if not 0 < amount <= most:
        raise ValueError(text)
    return amount


def _minutes(text: str) -> int:
    try:
        minutes = Decimal(text.strip().removesuffix("小时").strip()) * MINUTES
    except InvalidOperation:
        raise ValueError(text) from None
    if not minutes.is_finite() or minutes != minutes.to_integral_value():
        raise ValueError(text)
    return int(minutes)
