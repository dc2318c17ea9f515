"""The form that opens a file (建档表单)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)

from app.households.forms.people import SEEN, labels
from app.households.forms.typing import UNSAID, TypedForm, a_select, options
from app.households.rules.categories import Category
from app.households.rules.codes import Cause, Housing, Relationship, Sex
from app.households.rules.intake import IntakeRead, read_intake
from app.households.rules.person import ID_KIND_WORDS, NO_ID_WORDS
from app.households.rules.tidy import read_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

SPARE_ROWS = 3
BESIDE_HEAD = {
    code: words for code, words in labels(Relationship).items() if code != Relationship.HOUSEHOLDER
}


class PersonRow(Form):
    """A member in one row; everything else is asked on their own page."""

    code = HiddenField()
    name = StringField("姓名")
    relationship_code = a_select("与户主关系", BESIDE_HEAD)
    id_number = StringField("证件号")
    birth = StringField("出生日期")


class IntakeForm(TypedForm):
    """What a file is opened with, in the order in which it is asked at the door."""

    region_code = SelectField("哪个村居", validate_choice=False)
    category = RadioField("救助类别", choices=options(labels(Category)), validate_choice=False)
    code = HiddenField()
    name = StringField("户主姓名")
    id_kind = a_select("证件类型", ID_KIND_WORDS)
    id_number = StringField("证件号")
    id_why = a_select("没有证件的，为什么", NO_ID_WORDS)
    birth = StringField("出生日期")
    sex = RadioField(
        "性别", choices=options({"1": Sex.MALE.label, "2": Sex.FEMALE.label}), validate_choice=False
    )
    phone = StringField("电话")
    door = StringField("住址")
    people = FieldList(FormField(PersonRow), "家里还有谁")
    cause = a_select("致困原因", labels(Cause))
    housing = a_select("住房情况", labels(Housing))
    income = StringField("月人均收入")
    confirmed = BooleanField(SEEN)
    warned = False  # something does not fit together

    def __init__(self, places: Mapping[str, Sequence[tuple[str, str]]], **values: Any) -> None:
        """Offer the communities, town by town."""
        super().__init__(**values)
        self.region_code.choices = {"": [("", UNSAID.label)], **places}
        self._places: Collection[str] = {code for some in places.values() for code, _ in some}

    def where(self, number: str) -> str:
        """Return the field in which this ID number was typed."""
        for entry in self.people.entries:
            if number and number == read_id(entry.form.id_number.data or "").value:
                return f"{entry.name}-id_number"
        return "id_number"

    def read(self, today: date) -> IntakeRead | None:
        """Return the household; None when something is wrong, or does not fit together and nobody said that it does."""
        is_whole = self.validate()
        found = read_intake(self.typed(), today, self._places)
        self.refuse(found.errors)
        self.warned = bool(found.warnings)
        is_clear = not self.warned or bool(self.confirmed.data)
        if not is_clear:
            self.refuse(found.warnings)
        return found if is_whole and not found.errors and is_clear else None
