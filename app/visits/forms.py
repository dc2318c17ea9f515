"""Forms of visits (探访表单): they check shape; whether it can have happened is the service's question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core import clock
from app.households.rules import Tier
from app.needs.rules import KIND_WORDS as NEED_WORDS
from app.visits.rules import (
    BODY_WORDS,
    LONGEST_INTERVAL,
    MANNER_WORDS,
    MAX_COMPANIONS,
    MOOD_WORDS,
    OPINION_WORDS,
    RESULT_WORDS,
    SAFETY_WORDS,
    Facts,
    Manner,
    Opinion,
    Promise,
    Result,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from app.visits.models import Visit

SHORT = Length(max=200, message="写短一点，200 字以内")
LONG = Length(max=2000, message="写短一点，2000 字以内")
WORDS = ("medicine", "income", "care", "school", "policies", "text")
UNSAID = "unsaid"


def _choices(words: Mapping[Any, str]) -> list[Any]:
    return [SelectChoice(key.value, said) for key, said in words.items()]


class Day(DateField):
    """A day, refused in Chinese."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a day."""
        try:
            super().process_formdata(list(valuelist))
        except ValueError:
            message = "日子没有看懂，请从日历里选，例如 2026-09-03"
            raise ValueError(message) from None


class Clock(TimeField):
    """A time of day, refused in Chinese; seconds are dropped."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a time."""
        try:
            super().process_formdata([value[:5] for value in valuelist])
        except ValueError:
            message = "时间没有看懂，请写成 14:30 这样"
            raise ValueError(message) from None


class Whole(IntegerField):
    """A whole number, refused in Chinese."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a number."""
        try:
            super().process_formdata(list(valuelist))
        except ValueError:
            message = "请只填数字"
            raise ValueError(message) from None


def _checks(label: str, words: Mapping[Any, str]) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=_choices(words),
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


class VisitForm(FlaskForm):
    """What is asked after a visit, in the order in which it is remembered."""

    result = RadioField(
        "这次见到谁了", [InputRequired("请先选一项：这次见到谁了")], choices=_choices(RESULT_WORDS)
    )
    manner = RadioField("怎么去的", [Optional()], choices=_choices(MANNER_WORDS))
    visited_on = Day("哪一天", [InputRequired("请写是哪一天去的")])
    starts = Clock("几点到的", [Optional()])
    ends = Clock("几点离开", [Optional()])
    minutes = Whole("待了多久", [Optional()])
    companions = Whole(
        "几个人同行",
        [Optional(), NumberRange(0, MAX_COMPANIONS, message="同行人数请填 0 到 20")],
    )
    body = RadioField("身体", [Optional()], choices=_choices(BODY_WORDS))
    mood = RadioField("精神和心情", [Optional()], choices=_choices(MOOD_WORDS))
    safety = _checks("家里有没有不安全的地方", SAFETY_WORDS)
    medicine = StringField("用药", [SHORT])
    income = StringField("收入和支出的变化", [SHORT])
    care = StringField("谁在照顾", [SHORT])
    school = StringField("孩子上学", [SHORT])
    needs_found = _checks("还缺什么", NEED_WORDS)
    goods = TextAreaField("带去了什么", [Length(max=600, message="写短一点，600 字以内")])
    policies = StringField("讲过哪些政策", [SHORT])
    opinion = RadioField("和上次比，你觉得风险", [Optional()], choices=_choices(OPINION_WORDS))
    promise_1 = StringField("接下来要做的事", [SHORT])
    promise_1_due = Day("哪天之前", [Optional()])
    promise_2 = StringField("还有一件", [SHORT])
    promise_2_due = Day("哪天之前", [Optional()])
    text = TextAreaField("想让社工知道的", [LONG])
    photos = MultipleFileField("照片")
    asked_for_photos = BooleanField("拍之前问过他们，他们点了头")

    def loosen(self) -> None:
        """Ask for nothing that a draft may still lack; what is there must be readable even so."""
        for field in (self.result, self.visited_on):
            field.validators = (Optional(),)

    def facts(self, today: date) -> Facts:
        """Return what was said; what a draft leaves out is filled with the day and the commonest answers."""
        notes: dict[str, object] = {
            "health": self.body.data or "",
            "mood": self.mood.data or "",
            "safety": self.safety.data or [],
            "goods": [
                line.strip() for line in (self.goods.data or "").splitlines() if line.strip()
            ],
            "asked_for_photos": bool(self.asked_for_photos.data),
            UNSAID: [f.name for f in (self.result, self.manner) if not _known(f)],
        }
        notes.update({name: (self[name].data or "").strip() for name in WORDS})
        return Facts(
            visited_on=self.visited_on.data or today,
            result=Result(self.result.data) if _known(self.result) else Result.MET,
            manner=Manner(self.manner.data) if _known(self.manner) else Manner.HOME,
            starts=self.starts.data,
            ends=self.ends.data,
            minutes=self.minutes.data,
            companions=max(0, min(self.companions.data or 0, MAX_COMPANIONS)),
            opinion=Opinion(self.opinion.data) if _known(self.opinion) else Opinion.SAME,
            needs_found=tuple(code for code in self.needs_found.data or () if code in NEED_WORDS),
            notes=notes,
            promises=self._promises(today),
            asked_for_photos=bool(self.asked_for_photos.data),
        )

    def _promises(self, today: date) -> tuple[Promise, ...]:
        pairs = (
            (self.promise_1.data, self.promise_1_due.data),
            (self.promise_2.data, self.promise_2_due.data),
        )
        return tuple(
            Promise(what.strip(), due or today) for what, due in pairs if what and what.strip()
        )

    def pictures(self) -> list[bytes]:
        """Return the bytes of the photos that came along."""
        files = [file for file in self.photos.data or [] if file and file.filename]
        return [file.read() for file in files]


class AmendForm(VisitForm):
    """The same, and why."""

    reason = StringField(
        "为什么更正",
        [
            InputRequired("请写一句为什么更正，这会和两个版本一起留下"),
            Length(max=120, message="原因请在 120 字以内"),
        ],
    )


class JudgeForm(FlaskForm):
    """A worker's word on the version that the page showed."""

    version = HiddenField(validators=[InputRequired()])
    reason = StringField("要补什么、改什么", [Length(max=120, message="请在 120 字以内")])

    @property
    def seen(self) -> int:
        """The version of the page; 0, which no record has, when it was tampered with."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else 0


class RhythmForm(FlaskForm):
    """How often a tier is visited, from which day on."""

    tier = RadioField(
        "哪一档",
        [InputRequired("请选一档")],
        choices=[SelectChoice(tier.value, tier.label) for tier in Tier],
    )
    days = Whole(
        "隔几天去一次",
        [
            InputRequired("请填隔几天去一次"),
            NumberRange(1, LONGEST_INTERVAL, message="间隔请填 1 到 366 天"),
        ],
    )
    valid_from = Day("从哪天起", [InputRequired("请选从哪天起")])


def said_before(
    visit: Visit, notes: Mapping[str, Any], promises: Sequence[tuple[str, date]]
) -> dict[str, Any]:
    """Return a record as the form shows it again."""
    unsaid = notes.get(UNSAID) or []
    said: dict[str, Any] = {name: notes.get(name, "") for name in (*WORDS, "mood")}
    said["body"] = notes.get("health", "")
    said |= {
        "result": None if "result" in unsaid else visit.result.value,
        "manner": None if "manner" in unsaid else visit.manner.value,
        "visited_on": visit.visited_on,
        "starts": _time(visit.started_at),
        "ends": _time(visit.ended_at),
        "minutes": visit.minutes or None,
        "companions": visit.companions or None,
        "opinion": visit.opinion.value,
        "needs_found": visit.needs_found,
        "safety": notes.get("safety") or [],
        "goods": "\n".join(notes.get("goods") or []),
        "asked_for_photos": bool(notes.get("asked_for_photos")),
    }
    for number, (what, due) in enumerate(promises[:2], start=1):
        said |= {f"promise_{number}": what, f"promise_{number}_due": due}
    return said


def _known(field: RadioField) -> bool:
    return bool(field.data) and field.data != "None"


def _time(instant: Any) -> Any:
    return instant.astimezone(clock.FOSHAN).time() if instant else None
