"""The reason for a look at clear data (查看原因)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from app.portal.rules import REASONS

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
