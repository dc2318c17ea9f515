"""Forms of gifts (捐赠表单)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    RadioField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.core.money import FEN_PER_YUAN, parse_yuan
from app.resources.rules import (
    BASIS_WORDS,
    LONGEST_ITEM,
    MINUTES,
    NEEDS_EVIDENCE,
    PROOF_WORDS,
    SIGNATORY_WORDS,
    Gift,
    Handover,
    LineKind,
    Proof,
    Receipt,
    Signatory,
    ValueBasis,
    read_quantity,
)

ASKS = {LineKind.MONEY: "金额", LineKind.GOODS: "数量", LineKind.SERVICE: "时长（小时）"}
MENDS = {
    LineKind.MONEY: "金额请只填数字，例如 500 或 1206.50",
    LineKind.GOODS: "数量请填整数，例如 4",
    LineKind.SERVICE: "时长请按小时填，例如 2 或 1.5",
}
UNITS = ("件", "床", "箱", "袋", "台", "份", "套", "桶", "盒")


def said(kind: LineKind, quantity: int) -> str:
    """Write a quantity as it is typed: yuan, pieces or hours."""
    if kind is LineKind.GOODS:
        return str(quantity)
    whole = FEN_PER_YUAN if kind is LineKind.MONEY else MINUTES
    return f"{quantity / whole:.2f}".rstrip("0").rstrip(".")


class QuantityForm(FlaskForm):
    """What every step asks: how much."""

    quantity = StringField("数量", [InputRequired("请填写数量")])

    def __init__(self, kind: LineKind, at_most: int | None = None, **values: Any) -> None:
        """Know in what it is counted, and how much there can be."""
        super().__init__(**values)
        self.kind, self.at_most, self.amount = kind, at_most, 0
        self.quantity.label.text = ASKS[kind]

    def validate_quantity(self, field: Field) -> None:
        """A number that can be counted, and not more than there is."""
        try:
            self.amount = read_quantity(self.kind, field.data or "")
        except ValueError:
            raise ValidationError(MENDS[self.kind]) from None
        if self.at_most is not None and self.amount > self.at_most:
            message = f"最多可以填 {said(self.kind, self.at_most)}"
            raise ValidationError(message)


class PledgeForm(QuantityForm):
    """A promise: what, how much, and two declarations that the law asks for."""

    item = StringField(
        "捐什么",
        [
            InputRequired("请写明捐什么，例如 棉被"),
            Length(max=LONGEST_ITEM, message="请在 40 字以内"),
        ],
    )
    unit = StringField("单位", [Optional(), Length(max=8, message="单位请写短一点，例如 床")])
    worth = StringField("大约值多少钱", [Optional()])
    unrelated = BooleanField("我和受助家庭不是亲友，也没有利害关系")
    no_strings = BooleanField("我不附带任何条件，不要求合影、道谢或宣传")

    def __init__(self, kind: LineKind, *, for_claim: bool, **values: Any) -> None:
        """Ask only what this kind of gift needs."""
        super().__init__(kind, **values)
        self.worth_fen = 0
        if kind is LineKind.MONEY:
            del self.item
        if kind is not LineKind.GOODS:
            del self.unit, self.worth
        if not for_claim:
            del self.unrelated

    def validate_worth(self, field: Field) -> None:
        """An amount that is not negative."""
        try:
            self.worth_fen = parse_yuan(field.data or "0")
        except ValueError:
            raise ValidationError(MENDS[LineKind.MONEY]) from None
        if self.worth_fen < 0:
            raise ValidationError(MENDS[LineKind.MONEY])

    def validate_no_strings(self, field: Field) -> None:
        """A gift asks nothing back (慈善法 §15)."""
        if not field.data:
            message = "捐赠不能附带条件，请确认后再登记"
            raise ValidationError(message)

    def validate_unrelated(self, field: Field) -> None:
        """A donor may not choose somebody of their own (慈善法 §40)."""
        if not field.data:
            message = "不能指定亲友或有利害关系的人受助；如果认识这家人，请交回认领"
            raise ValidationError(message)

    def gift(self) -> Gift:
        """Return what was promised."""
        units = {LineKind.MONEY: "元", LineKind.SERVICE: "小时"}
        item = (self.item.data or "").strip() if "item" in self else "资助款"
        unit = units.get(self.kind) or (self.unit.data or "").strip() or "件"
        return Gift(
            kind=self.kind,
            item=item,
            quantity=self.amount,
            unit=unit,
            worth_fen=self.worth_fen,
            no_strings=bool(self.no_strings.data),
            unrelated="unrelated" not in self or bool(self.unrelated.data),
        )


class ReceiveForm(QuantityForm):
    """What came in: counted, receipted or valued."""

    received_on = DateField("收到的日期", [InputRequired("请选收到的日期")])
    receipt_code = StringField(
        "票据代码",
        [InputRequired("请填写捐赠票据的代码"), Length(max=40, message="代码太长了，请核对")],
    )
    receipt_no = StringField(
        "票据号码",
        [InputRequired("请填写捐赠票据的号码"), Length(max=40, message="号码太长了，请核对")],
    )
    basis = RadioField(
        "价值依据",
        [InputRequired("请选一种；说不准就选“未估值”，按件数记")],
        choices=[SelectChoice(basis.value, words) for basis, words in BASIS_WORDS.items()],
    )
    value = StringField("总价值", [Optional()])
    evidence = FileField("依据的照片")

    def __init__(self, kind: LineKind, *, first: date, last: date, **values: Any) -> None:
        """Ask only what this kind of gift needs; it came between two days."""
        super().__init__(kind, **values)
        self.first, self.last, self.value_fen = first, last, 0
        if kind is not LineKind.MONEY:
            del self.receipt_code, self.receipt_no
        if kind is not LineKind.GOODS:
            del self.basis, self.value, self.evidence

    def validate_received_on(self, field: Field) -> None:
        """Between the promise and today."""
        _between(field.data, self.first, self.last)

    def validate_value(self, field: Field) -> None:
        """A positive amount, unless nobody can tell."""
        if self.basis.data == ValueBasis.UNVALUED.value:
            return
        try:
            self.value_fen = parse_yuan(field.data or "")
        except ValueError:
            raise ValidationError(MENDS[LineKind.MONEY]) from None
        if self.value_fen <= 0:
            raise ValidationError(MENDS[LineKind.MONEY])

    def validate_evidence(self, field: Field) -> None:
        """A value is shown, not asserted."""
        needed = {basis.value for basis in NEEDS_EVIDENCE}
        if self.basis.data in needed and not field.data:
            message = "请附一张依据的照片，例如发票、捐赠方声明或询价单"
            raise ValidationError(message)

    def receipt(self) -> Receipt:
        """Return what came in."""
        money, goods = self.kind is LineKind.MONEY, self.kind is LineKind.GOODS
        return Receipt(
            quantity=self.amount,
            received_on=self.received_on.data or self.last,
            value_fen=self.value_fen,
            basis=ValueBasis(self.basis.data) if goods else None,
            receipt_code=(self.receipt_code.data or "").strip() if money else "",
            receipt_no=(self.receipt_no.data or "").strip() if money else "",
        )


class DeliverForm(QuantityForm):
    """What was handed over, to whom, and what shows it."""

    file_no = StringField("送到哪一户", [InputRequired("请填写档案号")])
    delivered_on = DateField("送到的日期", [InputRequired("请选送到的日期")])
    signatory = RadioField(
        "谁签收的",
        [InputRequired("请选签收人")],
        choices=[SelectChoice(one.value, words) for one, words in SIGNATORY_WORDS.items()],
    )
    proof_kind = RadioField(
        "用什么证明",
        choices=[SelectChoice(one.value, words) for one, words in PROOF_WORDS.items()],
        default=Proof.SIGNATURE.value,
    )
    proof = FileField("拍下来")
    version = HiddenField()

    def __init__(
        self,
        kind: LineKind,
        at_most: int,
        *,
        choose_household: bool,
        first: date,
        last: date,
        **values: Any,
    ) -> None:
        """Ask for a household only when none was meant from the start."""
        super().__init__(kind, at_most, **values)
        self.first, self.last = first, last
        if not choose_household:
            del self.file_no

    def validate_delivered_on(self, field: Field) -> None:
        """Between the receipt and today."""
        _between(field.data, self.first, self.last)

    def validate_proof(self, field: Field) -> None:
        """Nothing is delivered on somebody's word alone."""
        if self.kind is not LineKind.SERVICE and not field.data:
            message = "请附上签收单或交接照片，没有凭据不能登记送达"
            raise ValidationError(message)

    @property
    def seen(self) -> int | None:
        """The version of the gift that the page showed."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else None

    def handover(self) -> Handover:
        """Return what was handed over."""
        return Handover(
            quantity=self.amount,
            delivered_on=self.delivered_on.data or self.last,
            signatory=Signatory(self.signatory.data),
            proof=Proof(self.proof_kind.data),
        )


def _between(day: date | None, first: date, last: date) -> None:
    if day is not None and not first <= day <= last:
        message = f"日期应在 {first.month}月{first.day}日 和今天之间"
        raise ValidationError(message)
