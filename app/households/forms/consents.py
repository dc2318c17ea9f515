"""The forms of a consent and of a refusal (同意书表单)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, Recipient
from app.households.rules.consent import REASON_WORDS, RELATION_WORDS, SIGNATORY_WORDS, Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_CONSENT = timedelta(days=3 * 366)


def _checks(label: str, choices: Mapping[Any, str], message: str) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        [InputRequired(message)] if message else [Optional()],
        choices=[SelectChoice(str(value), words) for value, words in choices.items()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


def _or_nothing(choices: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice("", "请选择"), *(SelectChoice(*pair) for pair in choices.items())]


def _recipients() -> list[SelectChoice]:
    return [SelectChoice(one.value, words) for one, words in RECIPIENT_WORDS.items()]


class ConsentForm(FlaskForm):
    """A consent as the household signed it."""

    purposes = _checks("同意用于", PURPOSE_WORDS, "请至少选一项")
    recipient = RadioField(
        "提供给", [InputRequired("请选择提供给谁")], choices=_recipients(), default="helpers"
    )
    # not Optional: that would stop before the name is asked for
    recipient_name = StringField(
        "慈善组织名称和联系方式", [Length(max=120, message="请在 120 字以内")]
    )
    signatory = RadioField(
        "谁签的",
        [InputRequired("请选择签字人")],
        choices=[SelectChoice(one.value, words) for one, words in SIGNATORY_WORDS.items()],
        default="self",
    )
    relation = SelectField("签字的人是他们的", choices=_or_nothing(RELATION_WORDS), default="")
    reason = SelectField("户主为什么不能自己签", choices=_or_nothing(REASON_WORDS), default="")
    guardian_name = StringField(
        "监护人姓名", [Optional(), Length(max=40, message="姓名请在 40 字以内")]
    )
    guardian_phone = StringField(
        "监护人电话", [Optional(), Length(max=20, message="电话太长了，只填一个号码")]
    )
    children = _checks("同时替这些孩子同意", {}, "")
    given_on = DateField("签字日期", [InputRequired("请填写签字日期")])
    expires_on = DateField("有效期到", [InputRequired("请填写有效期")])
    scan = MultipleFileField("签好的同意书照片")
    own_wish = BooleanField("这家人自己提出的")

    def __init__(self, today: date, children: Mapping[str, str] | None = None) -> None:
        """Know which day it is, and which children there are."""
        super().__init__()
        self.today = today
        self.children.choices = [SelectChoice(*pair) for pair in (children or {}).items()]

    def validate_recipient_name(self, field: StringField) -> None:
        """A charity is named, so that the household knows who has its data (个人信息保护法 §23)."""
        if self.recipient.data == Recipient.CHARITY and not (field.data or "").strip():
            message = "提供给慈善组织时，要写明是哪一家、怎么联系"
            raise ValidationError(message)

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

    @property
    def terms(self) -> Terms:
        """Who stood behind the signature."""
        guardian = self.signatory.data == "guardian"
        children = tuple(self.children.data or ())
        return Terms(
            relation=(self.relation.data or "") if guardian or children else "",
            reason=(self.reason.data or "") if guardian else "",
            guardian_name=(self.guardian_name.data or "").strip() if guardian else "",
            guardian_phone=(self.guardian_phone.data or "").strip() if guardian else "",
            children=children,
        )

    @property
    def page(self) -> bytes | None:
        """The photographed page, if one came along."""
        sent = [one for one in self.scan.data or [] if getattr(one, "filename", "")]
        return sent[0].read() if sent else None


class RefusalForm(FlaskForm):
    """What a household did not agree to."""

    purposes = _checks("没有同意的", PURPOSE_WORDS, "请至少选一项")
    recipient = RadioField(
        "提供给", [InputRequired("请选择提供给谁")], choices=_recipients(), default="helpers"
    )
    refused_on = DateField("哪天说的", [InputRequired("请填写日期")])

    def __init__(self, today: date) -> None:
        """Know which day it is; its fields stand beside another form's on one page."""
        super().__init__(prefix="no-")
        self.today = today

    def validate_refused_on(self, field: DateField) -> None:
        """Nobody has refused in the future."""
        if isinstance(field.data, date) and field.data > self.today:
            message = "日期不能晚于今天"
            raise ValidationError(message)
