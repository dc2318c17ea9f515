"""Forms of exports (导出表单)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import AnyOf, InputRequired, Length

from app.exports.rules import FOR_WORDS, FORM_WORDS, For, Form

NO_FORM = "请选一种文件"
NO_ONE = "请选给谁用"


class ExportForm(FlaskForm):
    """What kind of file."""

    form = RadioField(
        "文件",
        choices=[SelectChoice(one.value, words) for one, words in FORM_WORDS.items()],
        default=Form.XLSX.value,
        validators=[InputRequired(NO_FORM), AnyOf(list(Form), message=NO_FORM)],
        validate_choice=False,  # its own sentence would be English
    )


class ClearForm(FlaskForm):
    """Why somebody needs files in clear; the second person reads it, and it stands on the file's first sheet."""

    to = RadioField(
        "给谁用",
        choices=[SelectChoice(one.value, words) for one, words in FOR_WORDS.items()],
        default=For.OFFICE.value,
        validators=[InputRequired(NO_ONE), AnyOf(list(For), message=NO_ONE)],
        validate_choice=False,
    )
    reason = TextAreaField(
        "为什么需要明文",
        [
            InputRequired("请写明用来做什么，审批的人会看到"),
            Length(min=6, max=200, message="请用 6 到 200 个字写清楚用途、用多久、谁用"),
        ],
    )
