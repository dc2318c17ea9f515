"""Forms of the file page (档案页表单): why one looks, what is handed to a person, who takes over, family changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from app.households.rules.codes import Relationship
from app.households.rules.families import LEFT_WORDS, LeftWhy, Successor
from app.portal.rules import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

    urgent = BooleanField(
        "现在就要看孩子的资料，情况紧急",
        description="会马上告诉督导，事后要复核",
    )

    @property
    def reason(self) -> str:
        """The reason as it is kept."""
        words = (self.words.data or "").strip()
        chosen = REASONS[self.why.data]
        return f"{chosen}：{words}" if words else chosen


UNASKED = ("csrf_token", "version", "other_version", "reason")
ORDER = (
    "on",
    "why",
    "region",
    "new",
    "there",
    "head",
    "relation",
    "phone",
    "door",
    "worker",
    "over",
)
GUESSED = "按原来的关系推算"
RELATIONS = [(one.value, one.label) for one in Relationship if one is not Relationship.HOUSEHOLDER]


def checks(label: str, choices: Sequence[tuple[str, str]], sentence: str = "") -> Any:
    """Make a field of boxes, one or more of which are ticked."""
    return SelectMultipleField(
        label,
        [InputRequired(sentence)] if sentence else [],
        choices=[SelectChoice(value, words) for value, words in choices],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
        validate_choice=False,
    )


def cards(label: str, choices: Sequence[tuple[str, str]], sentence: str = "") -> Any:
    """Make a field of big choices, one of which is made; what does not make sense is said by the service."""
    return RadioField(
        label,
        [InputRequired(sentence)] if sentence else [Optional()],
        choices=[SelectChoice(value, words) for value, words in choices],
        validate_choice=False,
    )


def picks(label: str, choices: Sequence[tuple[str, str]]) -> Any:
    """Make a list to pick one from."""
    return SelectField(
        label,
        choices=[SelectChoice(value, words) for value, words in choices],
        validate_choice=False,
    )


def made(form: type[FlaskForm], fields: Mapping[str, Any], **known: Any) -> Any:
    """Make a form with fields of its own: one for each person it is about."""
    return type(form.__name__, (form,), dict(fields))(**known)


class FirstForm(FlaskForm):
    """What a family change begins with (先选): chosen in the address, so that the page can be come back to."""

    class Meta:
        """It changes nothing."""

        csrf = False

    wrong: Mapping[str, str] = MappingProxyType({})

    def validate(self, extra_validators: Any = None) -> bool:
        """Its own checks, and what the page found wrong beyond them."""
        is_whole = bool(super().validate(extra_validators))
        for name, words in self.wrong.items():
            if not self[name].errors:
                self[name].errors = [words]
        return is_whole and not self.wrong


class FamilyForm(FlaskForm):
    """What every family change asks (家庭变动): why, and which pages it was decided on."""

    reason = TextAreaField(
        "原因",
        [
            InputRequired("请写一句原因，这会留在变更记录里"),
            Length(max=120, message="原因请在 120 字以内"),
        ],
        description="写清楚是怎么回事，不要写姓名、电话和证件号",
    )
    version = HiddenField(validators=[InputRequired()])
    other_version = HiddenField()

    def in_order(self) -> list[Any]:
        """Return what is asked, in the order of a conversation: when, who, who to whom, where, and what ends."""
        asked = [one for one in self if one.name not in UNASKED]
        place = {name: number for number, name in enumerate(ORDER)}
        return sorted(
            asked,
            key=lambda one: (place[one.name.partition("_")[0]], not one.name.endswith("head")),
        )

    def starting(self, prefix: str) -> dict[str, str]:
        """Return what was chosen for each person, by code; nothing chosen is left out."""
        found = {
            name.removeprefix(prefix): str(field.data or "")
            for name, field in self._fields.items()
            if name.startswith(prefix)
        }
        return {code: value for code, value in found.items() if value}

    def show(self, wrong: Mapping[str, str]) -> None:
        """Put what a service found wrong beside its field, or on top where it has none here."""
        for name, words in wrong.items():
            if name in self._fields:
                self._fields[name].errors = [words]
            else:
                self.form_errors.append(words)


class MoveForm(FamilyForm):
    """Where a household moves."""

    region_code = SelectField("搬到哪个村居", validate_choice=False)
    door = StringField(
        "新的住址",
        [
            InputRequired("请填新的住址，上门的人要靠它"),
            Length(max=120, message="住址请在 120 字以内"),
        ],
    )
    worker = SelectField("交给哪位社工", validate_choice=False)


class LeaveForm(FamilyForm):
    """When somebody leaves, and who is the householder then; the second part only where their householder goes."""

    on = DateField("哪一天", [InputRequired("请填日期")])
    head = cards("谁接着当户主", ())
    phone = StringField("新户主的电话", [Optional(), Length(max=20, message="只填一个号码")])
    door = StringField("住址", [Optional(), Length(max=120, message="住址请在 120 字以内")])

    def successor(self) -> Successor | None:
        """Return who becomes the householder; None when the householder stays."""
        if "head" not in self._fields:
            return None
        return Successor(
            str(self.head.data or ""),
            self.starting("relation_"),
            (self.phone.data or "").strip(),
            (self.door.data or "").strip(),
        )


class JoinForm(LeaveForm):
    """Why somebody goes to another household."""

    why = cards(
        "为什么转过去",
        [(one.value, LEFT_WORDS[one]) for one in (LeftWhy.MARRIED, LeftWhy.MOVED)],
        "请选一个原因",
    )


class SplitForm(LeaveForm):
    """Where those live who part, and who is their householder."""

    new_head = cards("新档案的户主", (), "请从分出去的家人里选一位户主")
    new_phone = StringField("新家的电话", [Optional(), Length(max=20, message="只填一个号码")])
    new_door = StringField(
        "新家的住址",
        [
            InputRequired("请填新家的住址，上门的人要靠它"),
            Length(max=120, message="住址请在 120 字以内"),
        ],
    )


class DeathForm(LeaveForm):
    """Which needs were for whoever died."""

    over = checks("哪些需求是为逝者提的，不用再办", ())


class MergeForm(FamilyForm):
    """How two files come together; who is one person, and whose word counts, is asked person by person."""


class SeparateForm(FamilyForm):
    """Why a merge was wrong."""


def relation_fields(
    people: Iterable[tuple[str, str]], prefix: str, *, guess: bool
) -> dict[str, Any]:
    """Make a list for each person of who they are to a householder."""
    first = [("", GUESSED)] if guess else []
    return {
        f"{prefix}{code}": picks(f"{name} 是户主的", first + RELATIONS) for code, name in people
    }


class MinorsForm(FlaskForm):
    """Why somebody needs the children's data of one file; the supervisor reads it."""

    reason = TextAreaField(
        "为什么要看孩子的资料",
        [
            InputRequired("请写明为什么需要，督导会看到"),
            Length(max=200, message="请控制在 200 个字以内"),
        ],
    )


class SubjectForm(FlaskForm):
    """Who wants what is held about whom."""

    member = RadioField("要谁的资料", [InputRequired("请选是哪一位")], choices=[])
    reason = StringField(
        "谁来要的，身份怎么核对的",
        [
            InputRequired("请写明谁来要的、身份核对过没有"),
            Length(max=110, message="请控制在 110 个字以内"),
        ],
        description="写事由即可，例如：本人到站里，看过身份证。不要写姓名和号码",
    )

    def __init__(self, people: Sequence[tuple[str, str]]) -> None:
        """Know who belongs to the file, masked."""
        super().__init__()
        self.member.choices = [SelectChoice(*pair) for pair in people]


class CorrectionForm(FlaskForm):
    """What a person says is wrong in what is held about them."""

    member = HiddenField()
    words = TextAreaField(
        "哪里不对，应该是什么",
        [InputRequired("请写哪里不对"), Length(max=500, message="请控制在 500 个字以内")],
    )


class HandoverForm(FlaskForm):
    """To whom a worker's files go; villages may go to somebody else, see `handover_form`."""

    to = SelectField("都交给", [InputRequired("请选接手的人")], choices=[])
    note = TextAreaField(
        "交接说明",
        [
            InputRequired("请写几句交接说明，接手的人能看到"),
            Length(max=1000, message="请控制在 1000 个字以内"),
        ],
    )


class PassOnForm(FlaskForm):
    """Who is asked to take what a volunteer held; volunteers are invited, never assigned (志愿服务条例 §25)."""

    to = SelectField("请谁接手", choices=[])
    note = TextAreaField(
        "说明",
        [InputRequired("请写一句为什么"), Length(max=120, message="请控制在 120 个字以内")],
        description="不要写这些家庭的姓名和住址",
    )


def handover_form(
    people: Sequence[tuple[str, str]], villages: Sequence[str], **more: Any
) -> HandoverForm:
    """Return the form with one choice for each village."""
    choices = [SelectChoice(*pair) for pair in people]
    fields = {
        f"village_{code}": SelectField(
            code, choices=[SelectChoice("", "和上面一样"), *choices], default=""
        )
        for code in villages
    }
    form: HandoverForm = type("HandoverForm", (HandoverForm,), fields)(**more)
    form.to.choices = [SelectChoice("", "请选择"), *choices]
    return form
