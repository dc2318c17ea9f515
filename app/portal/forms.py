"""Forms of the file page (档案页表单): why one looks, what is handed to a person, who takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from app.portal.rules import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_REASON = "请选一个原因，这次查看会留下记录"


class UnmaskForm(FlaskForm):
    """Why somebody opens a file; what is chosen and typed stays in the file's record for its worker to read."""

    why = RadioField(
        "为什么要查看",
        choices=[SelectChoice(key, words) for key, words in REASONS.items()],
        validators=[
            InputRequired(NO_REASON),
            AnyOf(list(REASONS), message=NO_REASON),
        ],
        validate_choice=False,  # its own sentence would be English
    )
    words = TextAreaField(
        "补充说明",
        validators=[Length(max=80, message="说明请控制在 80 个字以内")],
        description="写事由即可，不要写姓名、电话和证件号",
    )

    def validate_words(self, field: TextAreaField) -> None:
        """“Other” says nothing by itself."""
        if self.why.data == "other" and not (field.data or "").strip():
            message = "选了“其他”，请写一句是什么事"
            raise ValidationError(message)

    @property
    def reason(self) -> str:
        """The reason as it is kept."""
        words = (self.words.data or "").strip()
        chosen = REASONS[self.why.data]
        return f"{chosen}：{words}" if words else chosen


class SubjectForm(FlaskForm):
    """Who wants what is held about whom."""

    member = RadioField("要谁的资料", [InputRequired("请选是哪一位")], choices=[])
    reason = StringField(
        "谁来要的，身份怎么核对的",
        [
            InputRequired("请写明谁来要的、身份核对过没有"),
            Length(max=110, message="请控制在 110 个字以内"),
        ],
        description="写事由即可，例如：本人到站里，看过身份证。不要写姓名和号码",
    )

    def __init__(self, people: Sequence[tuple[str, str]]) -> None:
        """Know who belongs to the file, masked."""
        super().__init__()
        self.member.choices = [SelectChoice(*pair) for pair in people]


class CorrectionForm(FlaskForm):
    """What a person says is wrong in what is held about them."""

    member = HiddenField()
    words = TextAreaField(
        "哪里不对，应该是什么",
        [InputRequired("请写哪里不对"), Length(max=500, message="请控制在 500 个字以内")],
    )


class HandoverForm(FlaskForm):
    """To whom a worker's files go; villages may go to somebody else, see `handover_form`."""

    to = SelectField("都交给", [InputRequired("请选接手的人")], choices=[])
    note = TextAreaField(
        "交接说明",
        [
            InputRequired("请写几句交接说明，接手的人能看到"),
            Length(max=1000, message="请控制在 1000 个字以内"),
        ],
    )


class PassOnForm(FlaskForm):
    """Who is asked to take what a volunteer held; volunteers are invited, never assigned (志愿服务条例 §25)."""

    to = SelectField("请谁接手", choices=[])
    note = TextAreaField(
        "说明",
        [InputRequired("请写一句为什么"), Length(max=120, message="请控制在 120 个字以内")],
        description="不要写这些家庭的姓名和住址",
    )


def handover_form(
    people: Sequence[tuple[str, str]], villages: Sequence[str], **more: Any
) -> HandoverForm:
    """Return the form with one choice for each village."""
    choices = [SelectChoice(*pair) for pair in people]
    fields = {
        f"village_{code}": SelectField(
            code, choices=[SelectChoice("", "和上面一样"), *choices], default=""
        )
        for code in villages
    }
    form: HandoverForm = type("HandoverForm", (HandoverForm,), fields)(**more)
    form.to.choices = [SelectChoice("", "请选择"), *choices]
    return form
