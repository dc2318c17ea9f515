"""Forms about the people of a file (成员表单、离户)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.households.forms.sections import REASON
from app.households.forms.typing import TypedForm, a_select, options, some_checks
from app.households.rules.codes import (
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    Labelled,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
)
from app.households.rules.person import (
    ABILITIES,
    ID_KIND_WORDS,
    LEAVING_WORDS,
    NO_ID_WORDS,
    PersonRead,
    read_person,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEN = "我核对过原件，就按填的保存"


def labels(words: type[Labelled]) -> dict[str, str]:
    """Return a code list as words by code."""
    return {one.value: one.label for one in words}


class MemberForm(TypedForm):
    """Everything that is asked about one person."""

    name = StringField("姓名")
    relationship_code = a_select("与户主关系", labels(Relationship))
    id_kind = a_select("证件类型", ID_KIND_WORDS)
    id_number = StringField("证件号")
    id_why = a_select("没有证件的，为什么", NO_ID_WORDS)
    birth = StringField("出生日期")
    sex = RadioField(
        "性别", choices=options({"1": Sex.MALE.label, "2": Sex.FEMALE.label}), validate_choice=False
    )
    ethnicity = StringField("民族")
    phone = StringField("电话")
    phones = StringField("其他电话")
    health = a_select("健康状况", labels(Health))
    illness = StringField("患病病种")
    cannot = some_checks("哪几样自己做不了", ABILITIES)
    self_care = a_select("自理能力", labels(SelfCare))
    certificate = StringField("残疾证号")
    disability_kind = a_select("残疾类别", labels(DisabilityKind))
    disability_level = a_select("残疾等级", labels(DisabilityLevel))
    labour = a_select("劳动能力", labels(LabourAbility))
    employment = a_select("就业状况", labels(Employment))
    schooling = a_select("文化程度或就学", labels(Education))
    bank = StringField("开户银行")
    account = StringField("银行账号")
    drop_account = BooleanField("不再留这个账号")
    note = TextAreaField("备注")
    confirmed = BooleanField(SEEN)
    warned = False  # something does not fit together
    reason = StringField("为什么改", [REASON])

    def read(self, today: date) -> PersonRead | None:
        """Return the person; None when something is wrong, or does not fit together and nobody said that it does."""
        is_whole = self.validate()
        found = read_person(self.typed(), today)
        self.refuse(found.errors)
        self.warned = bool(found.warnings)
        is_clear = not self.warned or bool(self.confirmed.data)
        if not is_clear:
            self.refuse(found.warnings)
        return found if is_whole and not found.errors and is_clear else None


def typed_person(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a person; the bank account is never shown again."""
    shown = {name: value for name, value in facts.items() if name != "account"}
    return shown | {"phones": "、".join(facts.get("phones") or [])}


class LeaveForm(TypedForm):
    """Somebody leaves the household."""

    left_on = StringField("哪一天")
    why = RadioField("为什么", choices=options(LEAVING_WORDS), validate_choice=False)
    reason = StringField("说明", [REASON])

    def __init__(self, today: date, **values: Any) -> None:
        """Know what day it is."""
        super().__init__(**values)
        self._today = self.day = today

    def validate_left_on(self, field: StringField) -> None:
        """A day that has come."""
        try:
            self.day = date.fromisoformat(field.data or "")
        except ValueError:
            message = "请写是哪一天，例如 2026-09-03"
            raise ValidationError(message) from None
        if self.day > self._today:
            message = "这一天还没到，请再核对"
            raise ValidationError(message)

    def validate_why(self, field: RadioField) -> None:
        """One of the reasons."""
        if field.data not in LEAVING_WORDS:
            message = "请选一个原因"
            raise ValidationError(message)
