"""Forms of needs (需求表单): the shape of what is typed; choices are handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import TextInput

from app.core import clock
from app.core.money import FEN_PER_YUAN, parse_yuan
from app.core.text import squeeze, trim
from app.needs.rules import KINDS, URGENCY_WORDS, Facts, NeedKind, Urgency

SPLIT = "·"
TYPES = [
    SelectChoice(f"{kind.value}{SPLIT}{sub}", sub or f"{words}：其他", optgroup=words)
    for kind, (words, subkinds) in KINDS.items()
    for sub in (*subkinds, "")
]


def _trimmed(value: str | None) -> str:
    return trim(value or "")


class WholeField(IntegerField):
    """A whole number as phones type it, full-width digits included."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; the sentence is ours."""
        text = squeeze(valuelist[0]).replace(",", "") if valuelist else ""
        self.data = None
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - a count
            message = "请填一个整数，比如 4"
            raise ValueError(message)
        if text:
            self.data = int(text)


class DayField(DateField):
    """A day, with our sentence when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            message = "日期请这样填：2026-09-20"
            raise ValueError(message) from None


class MomentField(DateTimeLocalField):
    """A day and time on Foshan's clocks."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the moment."""
        try:
            super().process_formdata([value for value in valuelist if value])
        except ValueError:
            self.data = None
            message = "时间请这样填：2026-09-20 14:30"
            raise ValueError(message) from None

    @property
    def instant(self) -> datetime | None:
        """The instant that was meant."""
        return clock.at(self.data.date(), self.data.time()) if self.data else None


class NeedForm(FlaskForm):
    """A need, told twice: for the station, and for the card."""

    what = SelectField("需要什么", choices=TYPES, validate_choice=True)
    urgency = RadioField(
        "急不急",
        choices=[SelectChoice(urgency.value, words) for urgency, words in URGENCY_WORDS.items()],
        default=Urgency.NORMAL.value,
    )
    story = TextAreaField(
        "内部说明",
        [
            InputRequired("请写几句实际情况，审核的督导要看"),
            Length(max=4000, message="请在 4000 字以内"),
        ],
        filters=[lambda value: (value or "").strip()],
    )
    title = StringField(
        "卡片标题",
        [InputRequired("请用几个字说清楚要做什么"), Length(max=24, message="标题请在 24 字以内")],
        filters=[_trimmed],
    )
    wording = TextAreaField(
        "公开说明",
        [
            InputRequired("请写一两句大家看得到的话"),
            Length(max=300, message="公开说明请在 300 字以内"),
        ],
        filters=[lambda value: (value or "").strip()],
    )
    seats = WholeField("请几位街坊上门", [Optional()])
    visit_from = MomentField("从什么时候", [Optional()])
    visit_until = MomentField("到什么时候", [Optional()])
    skill = StringField(
        "最好会什么", [Optional(), Length(max=20, message="请在 20 字以内")], filters=[_trimmed]
    )
    item = StringField(
        "要什么物资", [Optional(), Length(max=20, message="请在 20 字以内")], filters=[_trimmed]
    )
    quantity = WholeField("数量", [Optional()])
    unit = StringField(
        "单位", [Optional(), Length(max=6, message="单位请在 6 字以内")], filters=[_trimmed]
    )
    programme = SelectField("向哪个慈善项目申请", coerce=str, default="")
    amount = StringField("申请多少", [Optional()], filters=[_trimmed])
    deadline_on = DayField("最晚到哪天", [InputRequired("请选一个日期，过了这天就不再展示")])
    seen_before = BooleanField("看过了，这次是另一件事")

    def __init__(self, programmes: list[tuple[str, str]], **values: Any) -> None:
        """Take the programmes that may be asked, as (id, words)."""
        super().__init__(**values)
        self.programme.choices = [
            SelectChoice(value, words) for value, words in (("", "不申请钱"), *programmes)
        ]

    def validate_amount(self, field: StringField) -> None:
        """An amount in yuan."""
        try:
            fen = parse_yuan(field.data or "0")
        except ValueError:
            fen = -1
        if fen < 0:
            message = "金额请只填数字，例如 1206.50"
            raise ValidationError(message)

    def facts(self) -> Facts:
        """Return what was typed, as the rules read it."""
        kind, _, subkind = (self.what.data or "").partition(SPLIT)
        return Facts(
            kind=NeedKind(kind),
            subkind=subkind,
            urgency=Urgency(self.urgency.data),
            title=self.title.data or "",
            wording=self.wording.data or "",
            story=self.story.data or "",
            deadline_on=self.deadline_on.data or clock.today(),
            seats=self.seats.data or 0,
            visit_from=self.visit_from.instant,
            visit_until=self.visit_until.instant,
            skill=self.skill.data or "",
            item=self.item.data or "",
            quantity=self.quantity.data or 0,
            unit=self.unit.data or "",
            amount_fen=parse_yuan(self.amount.data or "0"),
            programme_id=int(self.programme.data) if self.programme.data else None,
        )

    def show(self, found: dict[str, list[str]]) -> None:
        """Put what the service found beside the fields it concerns."""
        for name, words in found.items():
            field = self[name] if name in self else self["title"]
            field.errors = [*field.errors, "；".join(words)]


def typed(facts: Facts, story: str) -> dict[str, Any]:
    """Return a written need as the form's values."""
    return {
        "what": f"{facts.kind.value}{SPLIT}{facts.subkind}",
        "urgency": facts.urgency.value,
        "story": story,
        "title": facts.title,
        "wording": facts.wording,
        "seats": facts.seats or None,
        "visit_from": _local(facts.visit_from),
        "visit_until": _local(facts.visit_until),
        "skill": facts.skill,
        "item": facts.item,
        "quantity": facts.quantity or None,
        "unit": facts.unit,
        "programme": str(facts.programme_id or ""),
        "amount": f"{facts.amount_fen / FEN_PER_YUAN:.2f}" if facts.amount_fen else "",
        "deadline_on": facts.deadline_on,
    }


def _local(instant: datetime | None) -> datetime | None:
    return instant.astimezone(clock.FOSHAN).replace(tzinfo=None) if instant else None


class ReasonForm(FlaskForm):
    """One reason, for returning and withdrawing."""

    reason = StringField(
        "原因",
        [
            InputRequired("请写一句原因，好让对方知道接下来怎么做"),
            Length(max=100, message="原因请在 100 字以内"),
        ],
        filters=[_trimmed],
    )
