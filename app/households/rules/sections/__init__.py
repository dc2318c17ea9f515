"""Sections of a file (档案内容): what is asked, how it is read, what follows from it, how it is shown."""

from app.households.rules.sections.kinds import DIMENSIONS, SECTIONS
from app.households.rules.sections.reading import (
    Answers,
    Typed,
    answers,
    changed_meanwhile,
    typed,
    yuan,
)
from app.households.rules.sections.shape import Kind, Question, Section
from app.households.rules.sections.shown import Line, Listed, Shown, shown
from app.households.rules.sections.totals import (
    Odd,
    Total,
    income_per_head,
    oddities,
    per_head,
    proposed,
    score,
    totals,
    unasked,
)

__all__ = [
    "DIMENSIONS",
    "SECTIONS",
    "Answers",
    "Kind",
    "Line",
    "Listed",
    "Odd",
    "Question",
    "Section",
    "Shown",
    "Total",
    "Typed",
    "answers",
    "changed_meanwhile",
    "income_per_head",
    "oddities",
    "per_head",
    "proposed",
    "score",
    "shown",
    "totals",
    "typed",
    "unasked",
    "yuan",
]
