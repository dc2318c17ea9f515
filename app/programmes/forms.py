"""Forms of programmes (项目表单)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.programmes.rules import STATE_WORDS, ProgrammeState

if TYPE_CHECKING:
    from collections.abc import Sequence


class ProgrammeForm(FlaskForm):
    """What a foundation says about a programme."""

    name = StringField(
        "项目名称",
        [InputRequired("请给项目起个名字"), Length(max=60, message="名称请在 60 字以内")],
    )
    purpose = TextAreaField(
        "用途和帮助的人",
        [
            InputRequired("请写明用途：捐给这个项目的每一分钱都只能用在这里"),
            Length(max=600, message="用途请在 600 字以内"),
        ],
    )
    foundation = SelectField("发起单位")
    charity = SelectField("收款和开票单位")
    region = SelectField("地区")
    starts_on = DateField("开始日期", [InputRequired("请选开始日期")])
    ends_on = DateField("结束日期", [Optional()])
    state = RadioField(
        "状态",
        choices=[SelectChoice(state.value, STATE_WORDS[state]) for state in ProgrammeState],
        default=ProgrammeState.OPEN.value,
    )
    version = HiddenField(default="1")

    def __init__(
        self,
        foundations: Sequence[tuple[str, str]],
        charities: Sequence[tuple[str, str]],
        regions: Sequence[tuple[str, str]],
        **values: Any,
    ) -> None:
        """Take the choices; a form looks nothing up."""
        super().__init__(**values)
        self.foundation.choices = [SelectChoice(*pair) for pair in foundations]
        self.charity.choices = [SelectChoice(*pair) for pair in charities]
        self.region.choices = [SelectChoice(*pair) for pair in regions]

    def validate_ends_on(self, field: DateField) -> None:
        """A programme does not end before it begins."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            message = "结束日期早于开始日期，请再看一下"
            raise ValidationError(message)
