"""What a section of a file is made of (栏目的形状): questions with a kind, a label and what may be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    CHOICES = "choices"
    MONEY = "money"
    NUMBER = "number"
    DAY = "day"
    YES_NO = "yes_no"
    TEXT = "text"
    LONG = "long"
    ROWS = "rows"


FREE = frozenset({Kind.TEXT, Kind.LONG})  # somebody's own words: they may speak of people
YES, NO = "yes", "no"
YES_NO_WORDS = {YES: "是", NO: "否"}
MOST_ROWS = 30
LONGEST = {Kind.TEXT: 60, Kind.LONG: 1000}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a section (一问): its answer is kept under its key."""

    key: str
    label: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)
    help: str = ""
    unit: str = ""
    most: int = 0  # of a number
    needed: bool = False
    ahead: bool = False  # a day that may lie in the future
    within: tuple[Question, ...] = ()  # of rows

    @property
    def is_free(self) -> bool:
        """Free text stays covered until somebody says why they must read it."""
        return self.kind in FREE


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a file (栏目): `law` names the article that its questions come from."""

    kind: str
    title: str
    lead: str
    questions: tuple[Question, ...]
    law: str = ""

    def question(self, key: str) -> Question:
        """Return one question by its key."""
        return next(one for one in self.questions if one.key == key)


def choice(
    key: str, label: str, words: Mapping[str, str], hint: str = "", *, needed: bool = False
) -> Question:
    """One of several."""
    return Question(key, label, Kind.CHOICE, choices=words, help=hint, needed=needed)


def choices(key: str, label: str, words: Mapping[str, str], hint: str = "") -> Question:
    """Any of several."""
    return Question(key, label, Kind.CHOICES, choices=words, help=hint)


def money(key: str, label: str, hint: str = "", unit: str = "元") -> Question:
    """An amount, kept in fen."""
    return Question(key, label, Kind.MONEY, help=hint, unit=unit)


def number(key: str, label: str, unit: str, most: int, hint: str = "") -> Question:
    """A number with at most two decimals."""
    return Question(key, label, Kind.NUMBER, help=hint, unit=unit, most=most)


def day(
    key: str, label: str, hint: str = "", *, ahead: bool = False, needed: bool = False
) -> Question:
    """A day; in the past unless `ahead`."""
    return Question(key, label, Kind.DAY, help=hint, ahead=ahead, needed=needed)


def yes_no(key: str, label: str, hint: str = "") -> Question:
    """Yes, no, or not asked yet."""
    return Question(key, label, Kind.YES_NO, choices=YES_NO_WORDS, help=hint)


def text(key: str, label: str, hint: str = "", *, needed: bool = False) -> Question:
    """A few words."""
    return Question(key, label, Kind.TEXT, help=hint, needed=needed)


def long(key: str, label: str, hint: str = "") -> Question:
    """Some sentences."""
    return Question(key, label, Kind.LONG, help=hint)


def rows(key: str, label: str, within: tuple[Question, ...], hint: str = "") -> Question:
    """A list of things with the same questions each."""
    return Question(key, label, Kind.ROWS, help=hint, within=within)
