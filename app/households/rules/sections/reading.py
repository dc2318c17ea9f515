"""Reading what was typed into a section (读栏目): clean values, or what is wrong in the phone's words.

`answers` and `typed` are each other's way back: what was kept can be shown in the form and read again unchanged.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.money import FEN_PER_YUAN, parse_yuan
from app.core.text import trim
from app.households.rules.sections.shape import FREE, LONGEST, MOST_ROWS, NO, YES, Kind
from app.households.rules.sections.totals import derived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.households.rules.sections.shape import Question, Section

Typed = dict[str, Any]
EARLIEST = date(1900, 1, 1)
FARTHEST_YEARS = 50
HUNDREDTH = Decimal("0.01")


class Answers(NamedTuple):
    """A section as it is kept, and what is wrong by the field's name: `helpers-0-name` is the first row's name."""

    values: dict[str, Any]
    errors: dict[str, str]


class UnclearError(ValueError):
    """What was typed is no answer; the message says what is."""


def answers(section: Section, typed: Mapping[str, Any], today: date) -> Answers:
    """Read a whole section; what was left empty is left out, and what follows from the rest is added."""
    errors: dict[str, str] = {}
    values = _read(section.questions, typed, today, "", errors)
    return Answers(values | derived(section.kind, values), errors)


def _read(
    questions: Sequence[Question],
    typed: Mapping[str, Any],
    today: date,
    prefix: str,
    errors: dict[str, str],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in questions:
        given = typed.get(one.key)
        if one.kind is Kind.ROWS:
            value: Any = _rows(one, given or [], today, f"{prefix}{one.key}-", errors)
        else:
            try:
                value = _value(one, given, today)
            except UnclearError as wrong:
                errors[prefix + one.key] = str(wrong)
                continue
        if value is None or value in ("", []):
            if one.needed:
                errors[prefix + one.key] = f"请{'选' if one.choices else '填'}一下：{one.label}"
            continue
        values[one.key] = value
    return values


def _rows(
    question: Question,
    given: Sequence[Mapping[str, Any]],
    today: date,
    prefix: str,
    errors: dict[str, str],
) -> list[dict[str, Any]]:
    """Read rows; one in which nothing was typed is not there, and the others keep their places for their errors."""
    found = []
    for number, row in enumerate(given):
        if any(_is_said(value) for value in row.values()):
            found.append(_read(question.within, row, today, f"{prefix}{number}-", errors))
    if len(found) > MOST_ROWS:
        errors[prefix.removesuffix("-")] = f"最多写 {MOST_ROWS} 行，其余的请写进补充说明"
    return found


def _is_said(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _value(question: Question, given: Any, today: date) -> Any:
    if question.kind is Kind.CHOICES:
        return _several(question, given or [])
    plain = trim(str(given or ""))
    if not plain:
        return None
    if question.kind is Kind.DAY:
        return _day(question, plain, today)
    if question.kind in FREE:
        return _words(question, str(given))
    readers = {Kind.CHOICE: _one, Kind.YES_NO: _yes, Kind.MONEY: _fen, Kind.NUMBER: _number}
    return readers[question.kind](question, plain)


def _yes(question: Question, plain: str) -> bool:
    return _one(question, plain) == YES


def _one(question: Question, plain: str) -> str:
    if plain not in question.choices:
        raise UnclearError("请从里面选一项")
    return plain


def _several(question: Question, given: Sequence[str]) -> list[str]:
    if any(each not in question.choices for each in given):
        raise UnclearError("请从里面选")
    return [key for key in question.choices if key in given]


def _fen(_question: Question, plain: str) -> int:
    try:
        fen = parse_yuan(plain)
    except ValueError:
        raise UnclearError("金额请只填数字，例如 1206.50") from None
    if fen < 0:
        raise UnclearError("金额不能是负数，没有请填 0")
    return fen


def _number(question: Question, plain: str) -> int | float:
    try:
        number = Decimal(plain.removesuffix(question.unit).strip())
    except InvalidOperation:
        raise UnclearError(f"请只填数字，单位是{question.unit}") from None
    if not number.is_finite() or not 0 <= number <= question.most:
        raise UnclearError(f"请填 0 到 {question.most} 之间的数")
    if number != number.quantize(HUNDREDTH):
        raise UnclearError("最多写两位小数")
    return int(number) if number == number.to_integral_value() else float(number)


def _day(question: Question, plain: str, today: date) -> str:
    try:
        found = date.fromisoformat(plain)
    except ValueError:
        raise UnclearError("日子没有看懂，请从日历里选，例如 2026-09-03") from None
    if found > today and not question.ahead:
        raise UnclearError("这一天还没到，请再核对")
    if found < EARLIEST or found.year > today.year + FARTHEST_YEARS:
        raise UnclearError("年份好像不对，请再核对")
    return found.isoformat()


def _words(question: Question, given: str) -> str:
    longest = LONGEST[question.kind]
    lines = [trim(line) for line in given.splitlines()]
    words = "\n".join(lines).strip() if question.kind is Kind.LONG else " ".join(lines).strip()
    if len(words) > longest:
        raise UnclearError(f"写短一点，{longest} 字以内")
    return words


def yuan(fen: int) -> str:
    """Return an amount as it is typed."""
    return f"{Decimal(fen) / FEN_PER_YUAN:.2f}"


def changed_meanwhile(
    section: Section, now: Mapping[str, Any], kept: Mapping[str, Any]
) -> list[Question]:
    """Return the questions that a stale page answers otherwise than the file does now."""
    there = typed(section.questions, kept)
    return [
        one
        for one in section.questions
        if _said_rows(now.get(one.key)) != _said_rows(there[one.key])
    ]


def _said_rows(value: Any) -> Any:
    if isinstance(value, list):
        return [
            {name: said for name, said in row.items() if _is_said(said)}
            if isinstance(row, dict)
            else row
            for row in value
            if not isinstance(row, dict) or any(_is_said(said) for said in row.values())
        ]
    return value or ""


def typed(questions: Sequence[Question], values: Mapping[str, Any]) -> Typed:
    """Return what a form shows for what is kept."""
    found: Typed = {}
    for one in questions:
        value = values.get(one.key)
        if one.kind is Kind.ROWS:
            found[one.key] = [typed(one.within, row) for row in value or []]
        elif one.kind is Kind.CHOICES:
            found[one.key] = list(value or [])
        elif value is None:
            found[one.key] = ""
        elif one.kind is Kind.MONEY:
            found[one.key] = yuan(value)
        elif one.kind is Kind.YES_NO:
            found[one.key] = YES if value else NO
        else:
            found[one.key] = str(value)
    return found
