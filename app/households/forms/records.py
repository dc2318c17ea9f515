"""The forms of requests, periods and impact assessments (合规表单)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.households.rules.requests import (
    ASKER_WORDS,
    DUTIES,
    GROUND_WORDS,
    REQUEST_WORDS,
    Asker,
    Ground,
    RequestKind,
)
from app.households.rules.retention import LONGEST, RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONG = 2000
CONCLUSIONS = {"go": "可以开展", "mend": "补好措施再开展", "stop": "不应开展"}


def _not_later(field: DateField, today: date) -> None:
    if isinstance(field.data, date) and field.data > today:
        message = "日期不能晚于今天"
        raise ValidationError(message)


class RequestForm(FlaskForm):
    """What somebody asks about their data."""

    kind = RadioField(
        "要什么",
        [InputRequired("请选要什么")],
        choices=[SelectChoice(one.value, words) for one, words in REQUEST_WORDS.items()],
    )
    member = SelectField("关于谁", choices=[], default="")
    asker = RadioField(
        "谁提的",
        [InputRequired("请选谁提的")],
        choices=[
            SelectChoice(one.value, words)
            for one, words in ASKER_WORDS.items()
            if one is not Asker.RETENTION
        ],
        default="subject",
    )
    ground = SelectField(
        "清除的理由",
        choices=[
            SelectChoice("", "不是清除，不用选"),
            *(
                SelectChoice(one.value, words)
                for one, words in GROUND_WORDS.items()
                if one is not Ground.PERIOD
            ),
        ],
        default="",
    )
    words = TextAreaField(
        "谁、说了什么、怎么联系",
        [InputRequired("请写下是谁提的、说了什么、怎么联系"), Length(max=LONG)],
    )
    received_on = DateField("哪天收到", [InputRequired("请填写收到的日期")])

    def __init__(self, today: date, members: Mapping[str, str]) -> None:
        """Know which day it is, and who belongs to the file (masked)."""
        super().__init__()
        self.today = today
        self.member.choices = [
            SelectChoice("", "整份档案"),
            *(SelectChoice(*pair) for pair in members.items()),
        ]

    def validate_received_on(self, field: DateField) -> None:
        """Nothing was received in the future."""
        _not_later(field, self.today)

    def validate_ground(self, field: SelectField) -> None:
        """Erasing needs a ground of the law (个人信息保护法 §47, 49); only kin speak for the deceased."""
        if self.kind.data == RequestKind.ERASE and not field.data:
            message = "要求清除时，请选理由"
            raise ValidationError(message)
        if (field.data == Ground.DECEASED) != (self.asker.data == Asker.KIN) and field.data:
            message = "“本人去世”这个理由由近亲属提出，两处要对得上"
            raise ValidationError(message)


class AnswerForm(FlaskForm):
    """What is decided about a request: ask a second person, say no, or note that it was done."""

    duties = SelectMultipleField(
        "有没有必须保留的理由",
        [Optional()],
        choices=[SelectChoice(*pair) for pair in DUTIES.items()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    answer = TextAreaField(
        "怎么答复，为什么", [InputRequired("请写明理由或怎么办的"), Length(max=LONG)]
    )


class PeriodForm(FlaskForm):
    """A period for a kind of data."""

    kind = SelectField(
        "哪一类", choices=[SelectChoice(one.value, rule.words) for one, rule in RULES.items()]
    )
    months = IntegerField(
        "保存多少个月",
        [
            InputRequired("请填写月数，只写数字"),
            NumberRange(1, LONGEST, message="请填 1 到 600 之间的月数"),
        ],
    )
    valid_from = DateField("从哪天起", [InputRequired("请填写从哪天起")])
    basis = StringField(
        "依据",
        [InputRequired("请写在哪里定的，例如文号"), Length(max=120, message="请在 120 字以内")],
    )


class AssessmentForm(FlaskForm):
    """An impact assessment as the law wants it (个人信息保护法 §56)."""

    region = SelectField("哪里的处理活动", choices=[])
    title = StringField(
        "评估什么", [InputRequired("请写评估的是什么"), Length(max=120, message="请在 120 字以内")]
    )
    purpose = TextAreaField(
        "目的和方式是否合法、正当、必要", [InputRequired("请写这一项"), Length(max=LONG)]
    )
    risk = TextAreaField("对个人的影响和安全风险", [InputRequired("请写这一项"), Length(max=LONG)])
    measures = TextAreaField(
        "保护措施，和风险是否相称", [InputRequired("请写这一项"), Length(max=LONG)]
    )
    conclusion = RadioField(
        "结论",
        [InputRequired("请选结论")],
        choices=[SelectChoice(*pair) for pair in CONCLUSIONS.items()],
    )
    assessors = StringField(
        "评估人", [InputRequired("请写谁做的评估"), Length(max=120, message="请在 120 字以内")]
    )
    assessed_on = DateField("评估日期", [InputRequired("请填写评估日期")])

    def __init__(self, today: date, regions: Sequence[tuple[str, str]]) -> None:
        """Know which day it is, and whose region it may be."""
        super().__init__()
        self.today = today
        self.region.choices = [SelectChoice(*pair) for pair in regions]

    def validate_assessed_on(self, field: DateField) -> None:
        """Nobody has assessed in the future."""
        _not_later(field, self.today)
