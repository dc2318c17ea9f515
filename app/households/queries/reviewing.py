"""A whole file as its reviewer sees it (审核页): covered, with what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.households.queries.documents import Paper, papers
from app.households.queries.files import Head, document, masked_head
from app.households.rules.closing import Wanting
from app.households.rules.codes import Health, Relationship, SelfCare, Sex
from app.households.rules.masking import mask_id, mask_name, mask_phone
from app.households.rules.reviewing import gaps

if TYPE_CHECKING:
    from app.households.models import Household
    from app.households.rules.codes import Labelled


@dataclass(frozen=True, slots=True)
class Person:
    """A member, covered (家庭成员)."""

    name: str
    relationship: str
    sex: str
    birth_year: str
    id_number: str
    phone: str
    health: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is reviewed (审核内容)."""

    head: Head
    people: list[Person]
    gaps: list[str]
    papers: list[Paper]


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a file came back (退回原因)."""

    points: list[str]
    note: str
    on: str
    by: int | None


def sheet(household: Household) -> Sheet:
    """Return the whole file, covered."""
    said = document(household)
    people = [
        _person(one)
        for one in sorted(
            said.get("members", {}).values(), key=lambda one: int(one.get("position", 0))
        )
        if not one.get("left_on")
    ]
    return Sheet(masked_head(household), people, gaps(said), papers(household))


def returned(sections: dict[str, dict[str, Any]]) -> Returned | None:
    """Return why a file came back, as its writer reads it; None when it did not."""
    found = sections.get("review")
    if not found:
        return None
    points = [Wanting(one).label for one in found.get("points", []) if one in set(Wanting)]
    return Returned(points, found.get("note", ""), found.get("on", ""), found.get("by"))


def _person(facts: dict[str, Any]) -> Person:
    phone = str(facts.get("phone") or "")
    care = _label(SelfCare, facts.get("self_care"))
    return Person(
        mask_name(str(facts.get("name") or "")),
        _label(Relationship, facts.get("relationship_code")),
        _label(Sex, facts.get("sex")),
        str(facts.get("birth") or "")[:4],
        mask_id(str(facts.get("id_number") or "")),
        mask_phone(phone) if phone else "",
        " · ".join(one for one in (_label(Health, facts.get("health")), care) if one),
    )


def _label(kind: type[Labelled], value: Any) -> str:
    text = str(value or "")
    return kind(text).label if text in set(kind) else text
