"""What stands in a file, section by section (档案内容): covered, or clear after a reason was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.households import queries as households
from app.households.rules import HouseholdState
from app.households.rules.completeness import Gap, gaps
from app.households.rules.sections import Odd, Shown, oddities, shown

if TYPE_CHECKING:
    from datetime import date

    from app.households.models import Household

UNFINISHED = (HouseholdState.DRAFT, HouseholdState.RETURNED)


@dataclass(frozen=True, slots=True)
class Record:
    """The sections of a file, what is missing before a review, and figures that do not agree."""

    shown: list[Shown]
    gaps: list[Gap]
    odd: list[Odd]


def record(household: Household, today: date, *, clear: bool = False) -> Record:
    """Return what a file holds; free text only if `clear`, whose caller wrote the audit row."""
    if household.data_key is None:
        return Record([], [], [])
    said = households.document(household)
    sections = said.get("sections", {})
    heads = household.member_count
    return Record(
        shown(sections, heads, today, clear=clear),
        gaps(said) if household.state in UNFINISHED else [],
        oddities(said["cover"], sections, heads),
    )
