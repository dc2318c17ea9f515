"""The form of a workbook (导入表单)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField, ValidationError
from wtforms.validators import Length

from app.households.errors import NotAWorkbook

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv")


class ImportForm(FlaskForm):
    """A workbook to be taken in."""

    file = FileField("台账文件", [FileRequired("请先选一份表格")])

    def validate_file(self, field: FileField) -> None:
        """A name that ends like a workbook; what is in it is judged by reading it."""
        name = (field.data.filename or "").lower()
        if not name.endswith(SUFFIXES):
            raise ValidationError(NotAWorkbook.message)


class WhyForm(FlaskForm):
    """A word to the second person, or why an import is taken back."""

    reason = TextAreaField("写一句为什么", [Length(max=200, message="请在 200 字以内")])
