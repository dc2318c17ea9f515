"""Resources of the old platform (历史资源): what its sheets call things, and what a row of them says."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from app.core.text import squeeze, trim
from app.households.rules.references import (
    REFERENCE_ERRORS,
    REFERENCE_WORDS,
    Reference,
    Remark,
    read_past_day,
    read_reference,
)
from app.households.rules.tidy import NOTHING, as_text, read_money
from app.resources.rules import (
    BASIS_WORDS,
    LONGEST_ITEM,
    MINUTES,
    MOST_MINUTES,
    MOST_PIECES,
    SIGNATORY_WORDS,
    LineKind,
    Signatory,
    ValueBasis,
    is_government_benefit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

WORDS = {
    **REFERENCE_WORDS,
    "record_no": "登记编号 资源编号 记录编号 编号 流水号",
    "given_on": "送达日期 发放日期 帮扶日期 登记日期 资助日期 日期",
    "donor": "捐赠方 捐赠人 捐赠单位 资源来源 来源 爱心企业 链接单位",
    "programme": "项目名称 慈善项目 帮扶项目 项目",
    "kind": "资源类型 帮扶类型 类型 类别",
    "item": "品名 物资名称 资源名称 帮扶内容 物品 内容 名称",
    "quantity": "数量 件数 份数",
    "unit": "单位",
    "amount": "金额 价值 资源价值 折价 折价金额 估值 金额合计",
    "basis": "估值依据 计价依据 价值依据 依据",
    "receipt_code": "票据代码",
    "receipt_no": "票据号码 票据号",
    "signatory": "签收人 签收 签收人关系",
}
NEEDED = (("given_on",), tuple(REFERENCE_WORDS), ("amount", "quantity"))
KINDS = {
    LineKind.MONEY: "资金 现金 货币 慰问金 助学金 资助款 善款 钱款",
    LineKind.GOODS: "实物 物资 物品 慰问品 用品",
    LineKind.SERVICE: "服务 志愿服务 专业服务",
}
ERRORS = {
    **REFERENCE_ERRORS,
    "kind_unknown": "类型要写资金、实物或服务",
    "amount_unreadable": "金额不是确定的数，或者不大于零",
    "quantity_unreadable": "数量要是大于零的整数；服务写小时，最小到一分钟",
    "basis_missing": "有金额却没有估值依据：请写发票、捐赠方声明、市场询价、评估或统一折价表，不作价就空着金额",
    "government_benefit": "这是政府待遇，不算社会资源",
    "programme_unknown": "没有这个慈善项目，请先建项目，或把这一格空着",
}
WARNINGS = {
    "unvalued": "没有金额，按未估值件数登记",
    "donor_missing": "没写捐赠方，记为热心街坊",
    "item_missing": "没写品名，用类型代替",
    "signatory_missing": "没写谁签收",
    "receipt_missing": "没有捐赠票据的代码和号码",
}
UNSTATED = "unstated"  # the old sheet does not say who signed
SOMEBODY = "热心街坊"
_UNITS = {LineKind.MONEY: "元", LineKind.GOODS: "件", LineKind.SERVICE: "小时"}


class OldGift(NamedTuple):
    """A resource as an old record tells it, delivered already; quantity in fen, pieces or minutes."""

    reference: Reference
    record_no: str
    given_on: date
    kind: LineKind
    item: str
    quantity: int
    unit: str
    value_fen: int
    basis: ValueBasis | None
    donor: str
    programme: str
    receipt_code: str
    receipt_no: str
    signatory: str


_KINDS = {word: kind for kind, said in KINDS.items() for word in said.split()}
_BASES = {words: basis for basis, words in BASIS_WORDS.items()}
_SIGNATORIES: dict[str, Signatory] = {words: one for one, words in SIGNATORY_WORDS.items()} | {
    "家属": Signatory.FAMILY,
    "家人": Signatory.FAMILY,
    "监护人": Signatory.GUARDIAN,
    "村居": Signatory.VILLAGE,
    "村干部": Signatory.VILLAGE,
}


def read_gift(cells: Mapping[str, object], today: date) -> tuple[OldGift | None, list[Remark]]:
    """Return what a row says and the remarks on it; None when it is refused, never guessed."""
    reference, wrong = read_reference(cells)
    day, wrong_day = read_past_day(cells, "given_on", today)
    if wrong or day is None:
        return None, [one for one in (wrong, wrong_day) if one]
    said = {name: trim(as_text(cells.get(name))) for name in WORDS}
    kind = _KINDS.get(squeeze(said["kind"]))
    if kind is None:
        return None, [Remark("kind", "kind_unknown")]
    if is_government_benefit(" ".join((said["item"], said["donor"], said["programme"]))):
        return None, [Remark("item", "government_benefit")]
    worth = _worth(kind, cells, said)
    if isinstance(worth, Remark):
        return None, [worth]
    gift = OldGift(
        reference,
        squeeze(said["record_no"]),
        day,
        kind,
        (said["item"] or said["kind"])[:LONGEST_ITEM],
        worth.quantity,
        said["unit"][:10] if kind is LineKind.GOODS and said["unit"] else _UNITS[kind],
        worth.value_fen,
        worth.basis,
        said["donor"][:60] or SOMEBODY,
        said["programme"],
        squeeze(said["receipt_code"])[:40],
        squeeze(said["receipt_no"])[:40],
        _SIGNATORIES.get(squeeze(said["signatory"]), UNSTATED),
    )
    return gift, _remarks(gift, said)


class _Worth(NamedTuple):
    quantity: int
    value_fen: int
    basis: ValueBasis | None


def _worth(kind: LineKind, cells: Mapping[str, object], said: Mapping[str, str]) -> _Worth | Remark:
    """Return how much it was and what that is worth: money by itself, goods by evidence, service never in money."""
    amount = read_money(cells.get("amount"))
    if not amount.readable or (amount.value is not None and amount.value < 0):
        return Remark("amount", "amount_unreadable")
    fen = amount.value or 0
    if kind is LineKind.MONEY:
        return _Worth(fen, fen, None) if fen else Remark("amount", "amount_unreadable")
    quantity = _count(said["quantity"], said["unit"], kind)
    if quantity is None:
        return Remark("quantity", "quantity_unreadable")
    return _Worth(quantity, 0, None) if kind is LineKind.SERVICE else _goods(quantity, fen, said)


def _goods(quantity: int, fen: int, said: Mapping[str, str]) -> _Worth | Remark:
    basis = _BASES.get(squeeze(said["basis"]))
    if not fen:
        return _Worth(quantity, 0, ValueBasis.UNVALUED)
    if basis in (None, ValueBasis.UNVALUED):
        return Remark("basis", "basis_missing")
    return _Worth(quantity, fen, basis)


def _count(word: str, unit: str, kind: LineKind) -> int | None:
    plain = squeeze(word).removesuffix("小时").removesuffix(unit or "件")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    most = MOST_PIECES
    if kind is LineKind.SERVICE:
        number *= 1 if squeeze(unit) in ("分", "分钟") else MINUTES
        most = MOST_MINUTES
    if number != number.to_integral_value() or not 0 < number <= most:
        return None
    return int(number)


def _remarks(gift: OldGift, said: Mapping[str, str]) -> list[Remark]:
    no_receipt = gift.kind is LineKind.MONEY and not (gift.receipt_code and gift.receipt_no)
    found = [
        (gift.basis is ValueBasis.UNVALUED, "amount", "unvalued"),
        (squeeze(said["donor"]) in NOTHING, "donor", "donor_missing"),
        (squeeze(said["item"]) in NOTHING, "item", "item_missing"),
        (gift.signatory == UNSTATED, "signatory", "signatory_missing"),
        (no_receipt, "receipt_no", "receipt_missing"),
    ]
    return [Remark(meaning, code) for is_so, meaning, code in found if is_so]
