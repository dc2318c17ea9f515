"""What a read workbook holds (读表结果): households, persons, problems."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.households.rules.categories import Category, Tier
from app.households.rules.codes import (
    Cause,
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    Housing,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
)
from app.households.rules.columns import Columns
from app.households.rules.identity import IdKind

ERROR, WARNING = "error", "warning"
_HOUSEHOLDER = Relationship.HOUSEHOLDER


class PersonRow(NamedTuple):
    """One person as a row tells it (人员); ``row`` is the sheet row counted from 1.

    Where the sender's word is on no list (``health`` is None) the word itself is in ``words``.
    """

    row: int
    name: str
    relationship: Relationship
    relationship_word: str
    sex: Sex
    id_number: str
    id_kind: IdKind
    birth: dt.date | None
    birth_precision: str
    ethnicity: str
    phones: tuple[str, ...]
    health: Health | None
    self_care: SelfCare | None
    disability_kind: DisabilityKind | None
    disability_level: DisabilityLevel | None
    disability_certificate: str
    labour: LabourAbility | None
    employment: Employment | None
    schooling: Education | None
    bank_name: str
    bank_account: str
    note: str

    @property
    def phone(self) -> str:
        """Return the first phone, or an empty text."""
        return self.phones[0] if self.phones else ""


class HouseholdRow(NamedTuple):
    """One household as its rows tell it (家庭); ``row`` is its first sheet row counted from 1.

    ``income_fen`` is per head and month, ``aid_fen`` per household and month, both whole fen.
    """

    sheet: str
    row: int
    last_row: int
    serial: str
    source_no: str
    district_code: str
    town_code: str
    community_code: str
    householder_name: str
    category: Category
    category_word: str
    member_count: int | None
    income_fen: int | None
    aid_fen: int | None
    address: str
    cause: Cause | None
    cause_word: str
    housing: Housing | None
    housing_word: str
    tier: Tier | None
    filed_on: dt.date | None
    last_visited_on: dt.date | None
    worker_name: str
    persons: tuple[PersonRow, ...]

    @property
    def householder(self) -> PersonRow:
        """Return the person whose row says 户主; a household without one is never read."""
        for person in self.persons:
            if person.relationship is _HOUSEHOLDER:
                return person
        message = "a household without a householder is never read"
        raise ValueError(message)


class Problem(NamedTuple):
    """Something wrong or untidy in one cell; never carries the cell's value.

    ``row`` and ``column`` count from 1, column 0 is the row as a whole; ``household_row`` is the
    first row of the household it belongs to.
    """

    code: str
    severity: str
    sheet: str
    row: int
    column: int
    message: str
    household_row: int

    @property
    def letter(self) -> str:
        """Return the column as the sheet shows it: A, AE; empty for the whole row."""
        number, letters = self.column, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


class Rejection(NamedTuple):
    """A household refused whole, by its first row and the first reason found."""

    sheet: str
    row: int
    reason: str


class SheetLayout(NamedTuple):
    """How one sheet was taken: its columns and first data row, or None and why it was left out."""

    sheet: str
    columns: Columns | None
    header_row: int
    skipped: str = ""


@dataclass(slots=True)
class Reading:
    """Everything a workbook said (读表结果): who goes in, who does not, and why."""

    households: list[HouseholdRow] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warned: Counter[str] = field(default_factory=Counter)
    layouts: list[SheetLayout] = field(default_factory=list)
    rows: int = 0

    @property
    def errors(self) -> list[Problem]:
        """Return the problems that kept a household out."""
        return [problem for problem in self.problems if problem.severity == ERROR]

    def summary(self) -> dict[str, Any]:
        """Return the figures of the import as plain data (户, 人, 分 and what was refused)."""
        by_category = Counter(each.category for each in self.households)
        return {
            "households": len(self.households),
            "persons": sum(len(each.persons) for each in self.households),
            "by_category": {
                each.label: by_category[each] for each in Category if by_category[each]
            },
            "by_district": dict(sorted(Counter(h.district_code for h in self.households).items())),
            "income_fen_sum": sum(each.income_fen or 0 for each in self.households),
            "aid_fen_sum": sum(each.aid_fen or 0 for each in self.households),
            "warned": dict(sorted(self.warned.items())),
            "rejected": [each._asdict() for each in self.rejections],
        }
