"""How a section is read on a page (栏目的样子): answers as words and figures; free text covered unless opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from app.households.rules.sections.kinds import SECTIONS
from app.households.rules.sections.shape import Kind, Section
from app.households.rules.sections.totals import Total, totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.households.rules.sections.shape import Question


@dataclass(frozen=True, slots=True)
class Line:
    """One answer (一条): `covered` when there is free text that this reader has not opened."""

    label: str
    kind: Kind
    value: Any
    unit: str = ""
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A question answered by rows."""

    label: str
    rows: list[list[Line]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A section on the file page."""

    section: Section
    lines: list[Line] = field(default_factory=list)
    lists: list[Listed] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Say whether nobody wrote anything yet."""
        return not (self.lines or self.lists)


def shown(sections: Mapping[str, Any], heads: int, today: date, *, clear: bool) -> list[Shown]:
    """Return all sections in order, the empty ones, too."""
    found = []
    for kind, section in SECTIONS.items():
        values = sections.get(kind, {})
        lists = [
            Listed(one.label, [_lines(one.within, row, clear=clear) for row in values[one.key]])
            for one in section.questions
            if one.kind is Kind.ROWS and values.get(one.key)
        ]
        lines = _lines(section.questions, values, clear=clear)
        found.append(Shown(section, lines, lists, totals(kind, sections, heads, today)))
    return found


def _lines(questions: Sequence[Question], values: Mapping[str, Any], *, clear: bool) -> list[Line]:
    found = []
    for one in questions:
        if one.kind is Kind.ROWS or values.get(one.key) is None:
            continue
        if one.is_free and not clear:
            found.append(Line(one.label, one.kind, None, covered=True))
        else:
            found.append(Line(one.label, one.kind, said(one, values[one.key]), one.unit))
    return found


def said(question: Question, value: Any) -> Any:
    """Return an answer as it is read: a choice's words, a day; an amount stays fen for the page to write."""
    if question.kind is Kind.CHOICE:
        return question.choices.get(value, value)
    if question.kind is Kind.CHOICES:
        return "、".join(question.choices.get(each, each) for each in value)
    if question.kind is Kind.YES_NO:
        return "是" if value else "否"
    if question.kind is Kind.DAY:
        return date.fromisoformat(value)
    if question.kind is Kind.NUMBER:
        return f"{value} {question.unit}"
    return value
