"""The form of a section (栏目表单), made from the rules' own data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from app.households.forms.typing import TypedForm, a_select, options, some_checks
from app.households.rules.sections import SECTIONS, Kind, Question, Section, answers, typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

SPARE_ROWS = 2  # so that a draft kept on the phone finds its rows again
FEW = 5  # so many choices stand side by side as cards; more are a list
REASON = Length(max=120, message="原因请在 120 字以内")


class SectionForm(TypedForm):
    """What every section's form has beside its questions."""

    section: ClassVar[Section]
    reason: StringField
    adopt: BooleanField

    def read(self, today: date) -> dict[str, Any] | None:
        """Return clean values; None when something is wrong, which then stands beside its field."""
        is_whole = self.validate()
        said = answers(self.section, self.typed(), today)
        self.refuse(said.errors)
        return said.values if is_whole and not said.errors else None

    def add_row(self, key: str) -> None:
        """Offer one more empty row of a list, for those without scripts."""
        field = self._fields.get(key)
        if isinstance(field, FieldList):
            field.append_entry()


def section_form(kind: str, values: Mapping[str, Any] | None, version: int) -> SectionForm:
    """Return the form of a section, filled from what was sent or, before that, from what is kept."""
    section = SECTIONS[kind]
    kept = typed(section.questions, values or {})
    for one in section.questions:
        if one.kind is Kind.ROWS:
            kept[one.key] += [{}] * SPARE_ROWS
    made: SectionForm = _form_of(kind)(data=kept | {"version": str(version)})
    return made


@cache
def _form_of(kind: str) -> type[SectionForm]:
    section = SECTIONS[kind]
    fields = {one.key: _field(one) for one in section.questions}
    # made last, so that they stand last in the list of what is wrong
    fields["adopt"] = BooleanField("封面的月人均收入和救助金额，按这里算出来的改")
    fields["reason"] = StringField("为什么改", [REASON])
    return type(f"{kind.title()}Form", (SectionForm,), {"section": section, **fields})


def _field(question: Question, *, in_row: bool = False) -> Any:
    label = question.label
    said: dict[str, Any] = {"description": question.help}
    if question.kind is Kind.ROWS:
        within = {one.key: _field(one, in_row=True) for one in question.within}
        row = type(f"{question.key.title()}Row", (Form,), within)
        return FieldList(FormField(row), label, **said)
    if question.kind is Kind.CHOICES:
        return some_checks(label, question.choices, **said)
    if question.choices:
        if in_row or len(question.choices) > FEW:
            return a_select(label, question.choices, **said)
        return RadioField(label, choices=options(question.choices), validate_choice=False, **said)
    maker = TextAreaField if question.kind is Kind.LONG else StringField
    return maker(label, **said)
