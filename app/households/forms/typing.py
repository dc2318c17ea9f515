"""Forms whose fields carry what was typed and judge nothing (填写的样子): the rules read them and say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import FieldList, FormField, HiddenField, SelectField, SelectMultipleField, widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.core.errors import StalePage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wtforms import Field

UNSAID = SelectChoice("", "未填")


def options(words: Mapping[Any, str]) -> list[SelectChoice]:
    """Return a code list as choices."""
    return [SelectChoice(str(key), said) for key, said in words.items()]


def a_select(label: str, words: Mapping[Any, str], **more: Any) -> SelectField:
    """One of many, or nothing."""
    return SelectField(label, choices=[UNSAID, *options(words)], validate_choice=False, **more)


def some_checks(label: str, words: Mapping[Any, str], **more: Any) -> SelectMultipleField:
    """Any of several, each a card."""
    return SelectMultipleField(
        label,
        choices=options(words),
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
        validate_choice=False,
        **more,
    )


class TypedForm(FlaskForm):
    """A form that is read by rules; `version` is that of the file when the page was shown."""

    version = HiddenField()
    is_stale = False  # somebody wrote in the file since the page was shown

    def typed(self) -> dict[str, Any]:
        """Return what was typed, rows as lists."""
        return {field.short_name: field.data for field in self}

    def seen_version(self) -> int:
        """Return the version that the page was made from."""
        try:
            return int(self.version.data or "")
        except ValueError:
            raise StalePage from None

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Put each error beside its field, and a list's rows together at its head, too."""
        fields = dict(_named(self))
        for name, words in errors.items():
            if name in fields:
                fields[name].errors = [words]
            else:
                self.form_errors.append(words)
        for field in self:
            if isinstance(field, FieldList):
                field.errors = [*(field.errors or ()), *_rows_wrong(field)]


def _named(form: Any) -> Iterator[tuple[str, Field]]:
    for field in form:
        yield field.name, field
        for entry in field.entries if isinstance(field, FieldList) else ():
            if isinstance(entry, FormField):
                yield from _named(entry.form)


def _rows_wrong(field: FieldList[Any]) -> list[str]:
    return [
        f"第 {number} 行，{inner.label.text}：{inner.errors[0]}"
        for number, entry in enumerate(field.entries, start=1)
        for inner in entry.form
        if inner.errors
    ]
