"""Forms of a file (档案表单)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.core.money import parse_yuan
from app.households.rules.codes import Cause, Housing, Labelled


def _or_nothing(kind: type[Labelled]) -> list[SelectChoice]:
    return [SelectChoice("", "未填"), *(SelectChoice(each.value, each.label) for each in kind)]


class EditForm(FlaskForm):
    """The facts of the cover that a worker may put right."""

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


class NoteForm(FlaskForm):
    """A note that only its author reads."""

    text = TextAreaField("记点什么", [Length(max=2000, message="便条请在 2000 字以内")])
