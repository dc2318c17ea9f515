"""The form of a consent (同意书表单)."""

from __future__ import annotations

from datetime import date, timedelta

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    RadioField,
    SelectMultipleField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired

from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS

LONGEST_CONSENT = timedelta(days=3 * 366)


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
