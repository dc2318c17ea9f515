"""Forms of files (档案表单)."""

from __future__ import annotations

from datetime import date, timedelta

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.core.money import parse_yuan
from app.households.errors import NotAWorkbook
from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, Category, Tier
from app.households.rules.codes import Cause, Housing, Labelled

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv")
LONGEST_CONSENT = timedelta(days=3 * 366)


def _or_nothing(kind: type[Labelled]) -> list[SelectChoice]:
    return [SelectChoice("", "未填"), *(SelectChoice(each.value, each.label) for each in kind)]


class EditForm(FlaskForm):
    """The facts of the cover that a worker may put right."""

    category = SelectField("救助类别", choices=[SelectChoice(c.value, c.label) for c in Category])
    tier = RadioField("风险档", choices=[SelectChoice(t.value, t.label) for t in Tier])
    cause = SelectField("致困原因", choices=_or_nothing(Cause))
    housing = SelectField("住房情况", choices=_or_nothing(Housing))
    income = StringField("月人均收入", [InputRequired("没有收入请填 0")])
    phone = StringField(
        "联系电话", [Optional(), Length(max=20, message="电话太长了，只填一个号码")]
    )
    door = StringField("住址", [Optional(), Length(max=120, message="住址请在 120 字以内")])
    reason = StringField(
        "为什么改",
        [
            InputRequired("请写一句为什么改，这会留在变更记录里"),
            Length(max=120, message="原因请在 120 字以内"),
        ],
    )
    version = HiddenField(validators=[InputRequired()])

    def validate_income(self, field: StringField) -> None:
        """An amount in yuan that is not negative."""
        try:
            fen = parse_yuan(field.data or "")
        except ValueError:
            message = "金额请只填数字，例如 1206.50"
            raise ValidationError(message) from None
        if fen < 0:
            message = "收入不能是负数，没有收入请填 0"
            raise ValidationError(message)


class ConsentForm(FlaskForm):
    """A consent as the household signed it."""

    purposes = SelectMultipleField(
        "同意用于",
        [InputRequired("请至少选一项")],
        choices=[SelectChoice(purpose.value, words) for purpose, words in PURPOSE_WORDS.items()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    recipient = RadioField(
        "提供给",
        [InputRequired("请选择提供给谁")],
        choices=[
            SelectChoice(recipient.value, words) for recipient, words in RECIPIENT_WORDS.items()
        ],
    )
    signatory = RadioField(
        "谁签的",
        [InputRequired("请选择签字人")],
        choices=[SelectChoice("self", "本人"), SelectChoice("guardian", "监护人代签")],
    )
    given_on = DateField("签字日期", [InputRequired("请填写签字日期")])
    expires_on = DateField("有效期到", [InputRequired("请填写有效期")])

    def validate_given_on(self, field: DateField) -> None:
        """Nobody has signed in the future."""
        if isinstance(field.data, date) and field.data > self.today:
            message = "签字日期不能晚于今天"
            raise ValidationError(message)

    def validate_expires_on(self, field: DateField) -> None:
        """A consent ends, after the day it was given and within three years."""
        given = self.given_on.data
        if not isinstance(field.data, date) or not isinstance(given, date):
            return
        if field.data <= given:
            message = "有效期要晚于签字日期"
            raise ValidationError(message)
        if field.data - given > LONGEST_CONSENT:
            message = "一次同意最长三年，到期再征得同意"
            raise ValidationError(message)

    def __init__(self, today: date) -> None:
        """Know which day it is."""
        super().__init__()
        self.today = today


class ImportForm(FlaskForm):
    """A workbook to be taken in."""

    file = FileField("台账文件", [FileRequired("请先选一份表格")])

    def validate_file(self, field: FileField) -> None:
        """A name that ends like a workbook; what is in it is judged by reading it."""
        name = (field.data.filename or "").lower()
        if not name.endswith(SUFFIXES):
            raise ValidationError(NotAWorkbook.message)


class StateForm(FlaskForm):
    """A step of the file's life, with its reason."""

    state = HiddenField(validators=[InputRequired()])
    version = HiddenField(validators=[InputRequired()])
    reason = TextAreaField(
        "原因",
        [
            InputRequired("请写明原因，这会留在变更记录里"),
            Length(max=120, message="原因请在 120 字以内"),
        ],
    )
