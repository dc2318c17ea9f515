"""Forms about files that may be one (疑似重复表单)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length

LONG = Length(max=120, message="请在 120 字以内")
KEEP = "请选保留哪一份"


class DifferentForm(FlaskForm):
    """Why two files are not one."""

    reason = TextAreaField(
        "凭什么看出不是同一家",
        [InputRequired("请写一句凭什么看出不是同一家，以后的人会看到"), LONG],
        description="例如“核过户口本，是同名的两个人”。不要写证件号和电话",
    )


class AskMergeForm(FlaskForm):
    """Which of two files is kept, and why they are one."""

    keep = RadioField(
        "保留哪一份",
        [InputRequired(KEEP), AnyOf(["first", "second"], message=KEEP)],
        choices=[
            SelectChoice("first", "左边（上面）这一份"),
            SelectChoice("second", "右边（下面）这一份"),
        ],
        validate_choice=False,
    )
    why = TextAreaField(
        "为什么是同一家",
        [InputRequired("请写一句为什么是同一家，审批的人会看到"), LONG],
    )
