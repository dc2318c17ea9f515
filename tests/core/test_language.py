"""The interface speaks Chinese even where a form says nothing of its own (界面语言)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

if TYPE_CHECKING:
    from flask import Flask


class Plain(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form whose author forgot the sentence."""

    name = StringField(validators=[DataRequired()])


def test_a_validator_without_words_refuses_in_chinese(app: Flask) -> None:
    with app.test_request_context(method="POST", data={}):
        form = Plain()
        form.validate()

        [sentence] = form.errors["name"]
        assert "必" in sentence
