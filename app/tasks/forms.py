"""Forms of tasks (任务表单)."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional

from app.core.money import parse_yuan
from app.core.text import squeeze, trim
from app.tasks.models import Claimable
from app.tasks.rules import DOOR_KINDS, RELEASE_REASONS, TaskKind

OTHER = "other"


class ClaimForm(FlaskForm):
    """How much somebody takes on, and what they promise."""

    units = StringField("认领多少", filters=[lambda value: trim(value or "")])
    pledge = BooleanField(
        "我会保密",
        [InputRequired("请先勾选保密承诺")],
        description="看到的姓名、住址和家里的情况，不告诉别人，也不拍照外传",
    )
    unrelated = BooleanField(
        "我和这户人家没有亲友或利益关系",
        [InputRequired("请先确认不是帮自己的亲友")],
        description="慈善法要求：不能指定自己的亲友受益",
    )

    class Meta(FlaskForm.Meta):
        """The edge has checked the token of every POST; a second one of the form's own is shown nowhere."""

        csrf = False

    def __init__(self, task: Claimable) -> None:
        """Read units in the task's own unit: yuan for money, whole pieces for goods, one person for a visit."""
        super().__init__()
        self.task = task
        self.wanted = 0

    def validate_units(self, field: StringField) -> None:
        """A number above zero, and no more than the whole."""
        if self.task.kind in DOOR_KINDS:
            self.wanted = 1
            return
        left = self.task.capacity - self.task.taken
        text = squeeze(field.data or "")
        try:
            money = self.task.kind is TaskKind.MONEY
            self.wanted = parse_yuan(text) if money else int(text)
        except ValueError:
            message = "请填一个数，比如 2"
            raise ValidationError(message) from None
        if not 0 < self.wanted <= self.task.capacity:
            message = "请填大于零、不超过还缺数量的数" if left else "已经领满了，可以排队"
            raise ValidationError(message)


class ReleaseForm(FlaskForm):
    """Why something is given back."""

    reason = RadioField(
        "为什么交回",
        [InputRequired("请选一个原因，社工好接着安排")],
        choices=[SelectChoice(reason, words) for reason, words in RELEASE_REASONS.items()],
    )
    more = StringField(
        "想多说一句",
        [Optional(), Length(max=60, message="请在 60 字以内，不要写姓名和住址")],
        filters=[lambda value: trim(value or "")],
    )

    @property
    def said(self) -> str:
        """The reason in words."""
        words = RELEASE_REASONS.get(self.reason.data or "", "")
        more = self.more.data or ""
        return (
            more if self.reason.data == OTHER and more else "：".join(filter(None, (words, more)))
        )
