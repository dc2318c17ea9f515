"""A family change before it happens (家庭变动预览): who is where before and after, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.core.phrases import money
from app.households.rules import STATE_WORDS, HouseholdState
from app.households.rules.codes import Cause, Housing, Relationship
from app.households.rules.families import head_of, living
from app.households.rules.labels import COVER_WORDS
from app.households.rules.masking import mask_address, mask_name, mask_phone
from app.households.rules.traits import age_on
from app.portal.queries.file import names_of
from app.regions.queries import place

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.households.rules.document import Document
    from app.households.services.families import Step

SHOWN_COVER = (
    "region_code",
    "state",
    "name",
    "phone",
    "door",
    "income_fen",
    "aid_fen",
    "housing",
    "cause",
    "worker_id",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in a household, masked; `mark` says what is new about it: left, came, head."""

    code: str
    name: str
    relationship: str
    age: int | None
    mark: str = ""

    @property
    def words(self) -> str:
        """How a form names them: 霍*志（妻，62 岁）."""
        age = f"，{self.age} 岁" if self.age is not None else ""
        return f"{self.name}（{self.relationship}{age}）"


@dataclass(frozen=True, slots=True)
class Note:
    """What else becomes different on a cover."""

    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Side:
    """One file before and after a change."""

    file_no: str
    before: list[Standing]
    after: list[Standing]
    notes: list[Note]


def standing(document: Document) -> list[Standing]:
    """Return who is there, the householder first."""
    return [_standing(code, one) for code, one in living(document)]


def _standing(code: str, one: dict[str, Any], mark: str = "") -> Standing:
    relation = str(one.get("relationship_code") or "8")
    return Standing(
        code,
        mask_name(str(one.get("name") or "")) or "没有姓名",
        Relationship(relation).label if relation in set(Relationship) else "其他",
        age_on(_day(one.get("birth")), clock.today()),
        mark,
    )


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def side(step: Step) -> Side:
    """Return one file's part of a change as its page shows it."""
    was, now = dict(living(step.before)), dict(living(step.after))
    head_before, head_after = head_of(step.before), head_of(step.after)
    before = [_standing(code, one, "" if code in now else "left") for code, one in was.items()]
    after = [
        _standing(
            code,
            one,
            "came"
            if was and code not in was
            else "head"
            if was and code == head_after != head_before
            else "",
        )
        for code, one in now.items()
    ]
    file_no = step.household.file_no if step.household else ""
    return Side(file_no, before, after, _notes(step))


def _notes(step: Step) -> list[Note]:
    was, now = step.before.get("cover", {}), step.after["cover"]
    workers = names_of({was.get("worker_id"), now.get("worker_id")} - {None})
    said = _sayers(workers)
    return [
        Note(COVER_WORDS[name], said[name](was.get(name)), said[name](now.get(name)))
        for name in SHOWN_COVER
        if was.get(name) != now.get(name)
    ]


def cover_words(name: str, value: Any) -> str:
    """Say a value of a cover, masked."""
    return _sayers({})[name](value)


def _sayers(workers: dict[int | None, str]) -> dict[str, Callable[[Any], str]]:
    return {
        "region_code": lambda value: place(value) if value else "",
        "state": lambda value: STATE_WORDS[HouseholdState(value)] if value else "",
        "name": lambda value: mask_name(str(value or "")),
        "phone": lambda value: mask_phone(str(value or "")) or "没有电话",
        "door": lambda value: mask_address(str(value)) if value else "没有住址",
        "income_fen": lambda value: money(int(value or 0)),
        "aid_fen": lambda value: money(int(value or 0)),
        "housing": lambda value: Housing(value).label if value in set(Housing) else "未填",
        "cause": lambda value: Cause(value).label if value in set(Cause) else "未填",
        "worker_id": lambda value: workers.get(value, "还没定") if value else "还没定",
    }
