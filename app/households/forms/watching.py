"""What came of an alert (核查结果)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length


class NoteForm(FlaskForm):
    """A sentence that stays with the alert, sealed: it may name people."""

    note = TextAreaField(
        "核查结果",
        [
            InputRequired("请写一句核查的结果，以后查得到"),
            Length(max=300, message="请控制在 300 个字以内"),
        ],
    )
