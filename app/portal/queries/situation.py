"""How a file stands (档案现状): what the file page says of its class, tier, labels, case and requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.households import queries as households
from app.households.rules.approvals import KIND_WORDS
from app.households.rules.casework import ROAD, Stage, place_of
from app.households.rules.classes import Subclass
from app.households.rules.closing import Closing, Leaving
from app.households.rules.kin import needs_visit
from app.households.rules.risk import said_rule
from app.households.rules.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.models import Approval, Household, Member

KINDS = {kind.value: words for kind, words in KIND_WORDS.items()}
ROAD_WORDS = [stage.label for stage in ROAD]


@dataclass(frozen=True, slots=True)
class Stands:
    """What the page says of a file's standing, in words."""

    subclass: str
    rule: str
    by_member: dict[str, list[str]]
    labels: list[str]
    kin_waits: bool
    stage: str
    place: int
    closing: str
    returned: households.Returned | None
    waiting: Sequence[Approval]
    road: list[str]
    kind_words: dict[str, str]


def stands(household: Household, members: Sequence[Member]) -> Stands:
    """Return how a file stands: two statements. Labels are shown with the file and nowhere else."""
    sections = households.sections(household)
    by_member = _labels(sections.get("labels", {}), members)
    return Stands(
        subclass=_label(Subclass, sections.get("class", {}).get("subclass")),
        rule=said_rule(household.tier_rule),
        by_member=by_member,
        labels=list(dict.fromkeys(words for several in by_member.values() for words in several)),
        kin_waits=needs_visit(
            is_kin=household.is_kin, visited_on=household.kin_visited_on, day=clock.today()
        ),
        stage=_label(Stage, household.case_stage),
        place=place_of(household.case_stage),
        closing=_ending(household.closing, sections.get("leaving", {})),
        returned=households.returned(sections) if household.state == "returned" else None,
        waiting=households.open_about(household.id),
        road=ROAD_WORDS,
        kind_words=KINDS,
    )


def _labels(labels: dict[str, dict[str, str]], members: Sequence[Member]) -> dict[str, list[str]]:
    there = [one.code for one in members if one.left_on is None]
    return {code: [_label(Tag, tag) for tag in labels[code]] for code in there if labels.get(code)}


def _ending(closing: str, leaving: dict[str, str]) -> str:
    said, why = _label(Closing, closing), _label(Leaving, leaving.get("why"))
    return f"{said}（{why}）" if said and why else said


def _label(kind: Any, value: Any) -> str:
    return str(kind(value).label) if value in set(kind) else ""
