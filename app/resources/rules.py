"""Resources (捐赠与资源): kinds, states and how a value is known."""

from __future__ import annotations

from enum import StrEnum


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
    _L.DELIVERED: frozenset({_L.ACKNOWLEDGED, _L.REVERSED}),
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
