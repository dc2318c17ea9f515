"""Forms of a file's life (档案流转表单): its states, what is decided about it, and what is added to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.core.errors import StalePage
from app.households.errors import Wrong
from app.households.rules import Category, Tier
from app.households.rules.casework import CaseSource
from app.households.rules.classes import SUBCLASSES
from app.households.rules.closing import Closing, Leaving, Wanting
from app.households.rules.documents import LONGEST_TITLE, DocumentKind
from app.households.rules.kin import Kinship, Post
from app.households.rules.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.households.rules.codes import Labelled

REASON = Length(max=120, message="原因请在 120 字以内")
ENOUGH = Length(max=2_000, message="请在 2,000 字以内")
DAY = "请填日期，例如 2026-03-01"


def choices(kind: Iterable[Labelled]) -> list[SelectChoice]:
    """Return a code list as choices."""
    return [SelectChoice(one.value, one.label) for one in kind]


def chosen(kind: type[Labelled], value: Any) -> Any:
    """Return the member that was chosen; None for none, and for what is not in the list."""
    return kind(value) if value in set(kind) else None


class LifeForm(FlaskForm):
    """A form about a file as it stood when the page was shown."""

    version = HiddenField()

    @property
    def at_version(self) -> int:
        """The version that was shown; StalePage without one."""
        try:
            return int(self.version.data or "")
        except ValueError:
            raise StalePage from None

    def say(self, refusal: Wrong) -> None:
        """Put a refusal beside its field."""
        field = self[refusal.field]
        field.errors = [*field.errors, refusal.message]


class StateForm(LifeForm):
    """A step of the file's life, with what it needs to know."""

    state = HiddenField()
    until = DateField("暂停到哪一天", [Optional()])
    closing = RadioField("怎么结束的", [Optional()], choices=choices(Closing))
    leaving = SelectField(
        "退出的原因", choices=[SelectChoice("", "请选择"), *choices(Leaving)], default=""
    )
    reason = TextAreaField("原因", [REASON])


class ReviewForm(LifeForm):
    """A reviewer's word: approve, or send back with what is wanting."""

    points = SelectMultipleField(
        "要补什么",
        choices=choices(Wanting),
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    note = TextAreaField("给写档案的同事", [Length(max=500, message="请在 500 字以内")])


class DecideForm(FlaskForm):
    """The second person's word on a request."""

    answer = TextAreaField("意见", [Length(max=500, message="意见请在 500 字以内")])


class ClassForm(LifeForm):
    """The class that is asked for."""

    category = RadioField("申请的类别", [InputRequired("请选类别")], choices=choices(Category))
    subclass = SelectField(
        "细分",
        choices=[
            SelectChoice("", "不细分"),
            *(
                SelectChoice(one.value, f"{category.label} · {one.label}")
                for category, several in SUBCLASSES.items()
                for one in several
            ),
        ],
        default="",
    )
    since = DateField("认定日期", [InputRequired(DAY)])
    until = DateField("有效期到", [Optional()])
    evidence = SelectField("认定依据", validate_choice=False)
    reason = TextAreaField("为什么变更", [Length(max=500, message="请在 500 字以内")])


class TierForm(LifeForm):
    """A tier by hand, or by the rules again."""

    tier = RadioField(
        "风险档",
        [InputRequired("请选一项")],
        choices=[*choices(Tier), SelectChoice("rules", "按规则评定")],
    )
    reason = TextAreaField("为什么", [REASON])


class TagForm(LifeForm):
    """A label for somebody."""

    member = RadioField("谁", validate_choice=False)
    tag = SelectField("标签", choices=[SelectChoice("", "请选择"), *choices(Tag)], default="")
    on = DateField("依据上的日期", [Optional()])


class ReasonForm(LifeForm):
    """A reason, for what is taken off or withdrawn."""

    reason = StringField("原因", [REASON])


class KinForm(LifeForm):
    """Who of the staff is related."""

    staff = StringField("工作人员的姓名", [Length(max=30, message="姓名请在 30 字以内")])
    post = RadioField("身份", [InputRequired("请选身份")], choices=choices(Post))
    kinship = SelectField(
        "和这一家的关系",
        [InputRequired("请选关系")],
        choices=[SelectChoice("", "请选择"), *choices(Kinship)],
    )


class KinVisitForm(LifeForm):
    """That the district was there."""

    on = DateField("入户日期", [Optional()])
    first = StringField("入户人员一", [Length(max=30, message="姓名请在 30 字以内")])
    second = StringField("入户人员二", [Length(max=30, message="姓名请在 30 字以内")])


class CaseForm(LifeForm):
    """One step of a case."""

    stage = HiddenField()
    on = DateField("哪一天", [Optional()])
    source = RadioField("怎么来的", [Optional()], choices=choices(CaseSource))
    closing = RadioField("怎么结束的", [Optional()], choices=choices(Closing))
    referred_to = StringField("转给哪里", [Length(max=60, message="请在 60 字以内")])
    note = TextAreaField("记录", [ENOUGH])


class DocumentForm(LifeForm):
    """A paper or picture for the file."""

    kind = RadioField("是什么", [InputRequired("请选种类")], choices=choices(DocumentKind))
    dated_on = DateField("材料上的日期", [Optional()])
    title = StringField(
        "标题", [Length(max=LONGEST_TITLE, message=f"标题请在 {LONGEST_TITLE} 字以内")]
    )
    file = FileField("文件")
