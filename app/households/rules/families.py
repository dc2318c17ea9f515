"""What happens between households (家庭变动): who leaves, who comes, who is the householder; as changes of documents.

Whoever leaves stays on file with the day and the reason: their household's history is theirs too, and the relatives of
somebody who died keep their rights (个人信息保护法 §49).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.households.rules.categories import Tier
from app.households.rules.codes import Relationship
from app.households.rules.identity import normal_number
from app.households.rules.risk import TierRule
from app.households.rules.states import HouseholdState
from app.households.rules.twins import sounds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from app.households.rules.document import Document

Facts = dict[str, Any]

HOUSEHOLDER, OTHER = "0", "8"
LEFT_PLACE = 900  # those who left stand behind all who are there


class FamilyChange(StrEnum):
    """What may happen (变更类型)."""

    MOVE = "move"
    JOIN = "join"
    SPLIT = "split"
    MERGE = "merge"
    DEATH = "death"


class LeftWhy(StrEnum):
    """Why somebody is no longer of a household (离户原因)."""

    DIED = "died"
    MARRIED = "married"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"


CHANGE_WORDS = {
    FamilyChange.MOVE: "全家搬走",
    FamilyChange.JOIN: "转到另一户",
    FamilyChange.SPLIT: "分户",
    FamilyChange.MERGE: "合户",
    FamilyChange.DEATH: "去世",
}
CHANGE_NOTES = {
    FamilyChange.MOVE: "搬到别的村居，档案跟着走",
    FamilyChange.JOIN: "结婚、投靠亲人，到一户已经建档的家里",
    FamilyChange.SPLIT: "几位家人分出去，另立一份档案",
    FamilyChange.MERGE: "两份档案其实是一家，或者两家并成一家",
    FamilyChange.DEATH: "有家人过世，户主过世时换户主",
}
LEFT_WORDS = {
    LeftWhy.DIED: "去世",
    LeftWhy.MARRIED: "结婚",
    LeftWhy.MOVED: "投靠或搬走",
    LeftWhy.SPLIT: "分户",
    LeftWhy.MERGED: "合户",
}
# Who somebody is to the new householder, by who they were to the old one (GB/T 4761): in-laws count as parents there.
# What cannot be known from two words is 其他, and the worker puts it right on the same page.
SEEN_FROM: dict[str, dict[str, str]] = {
    "1": {"0": "1", "2": "2", "3": "3", "4": "4", "5": "5", "6": "6", "7": "7"},
    "2": {"0": "5", "1": "5", "2": "7", "3": "7", "5": "6"},
    "3": {"0": "5", "1": "5", "2": "7", "3": "7", "5": "6"},
    "4": {"0": "6", "1": "6", "4": "7"},
    "5": {"1": "8", "2": "4", "3": "4", "5": "1", "6": "5", "7": "8"},
    "6": {"2": "8", "3": "8", "5": "8", "6": "1"},
    "7": {"5": "5", "6": "6", "7": "7"},
}


@dataclass(frozen=True, slots=True)
class Successor:
    """Who becomes the householder (新户主), who the others are to them, and how they are reached."""

    code: str
    relations: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """How two files come together (合并的选择): who is one person, whose word counts where, who the others are."""

    same: Mapping[str, str] = field(default_factory=dict)
    theirs: Collection[str] = ()
    relations: Mapping[str, str] = field(default_factory=dict)


def known_relation(code: str | None) -> str:
    """Return a relationship that the list knows; anything else is 其他."""
    return code if code in set(Relationship) and code != HOUSEHOLDER else OTHER


def living(document: Document) -> list[tuple[str, Facts]]:
    """Return those who are there with their codes, the householder first (在户成员)."""
    found = [
        (code, one) for code, one in document.get("members", {}).items() if not one.get("left_on")
    ]
    return sorted(found, key=lambda pair: int(pair[1].get("position", 0)))


def head_of(document: Document) -> str:
    """Return the code of the householder; empty when nobody is there."""
    return next((code for code, _ in living(document)), "")


def relation_to(new_head: str, other: str) -> str:
    """Return who somebody is to a new householder, from who both were to the old one (关系换算)."""
    return SEEN_FROM.get(new_head, {}).get(other, OTHER)


def guessed_relations(document: Document, code: str, staying: Iterable[str]) -> dict[str, str]:
    """Return for everybody who stays who they are to a new householder, as far as two words can tell."""
    members = document.get("members", {})
    new = str(members.get(code, {}).get("relationship_code") or OTHER)
    return {
        one: relation_to(new, str(members[one].get("relationship_code") or OTHER))
        for one in staying
        if one != code
    }


def leave(document: Document, codes: Iterable[str], day: date, why: LeftWhy) -> Document:
    """Let people leave a household; they stay on file."""
    after = deepcopy(document)
    for code in codes:
        one = after["members"][code]
        place = int(one.get("position", 0)) + LEFT_PLACE
        one |= {"left_on": day.isoformat(), "left_why": why.value, "position": place}
    return after


def come(document: Document, people: Mapping[str, Facts], relations: Mapping[str, str]) -> Document:
    """Let people stand in a household, behind those who are there; whoever was there before stands there again."""
    after = deepcopy(document)
    members = after.setdefault("members", {})
    place = max((int(one.get("position", 0)) for _, one in living(after)), default=-1) + 1
    for number, (code, facts) in enumerate(people.items()):
        kept = {k: v for k, v in facts.items() if k not in {"left_on", "left_why", "relationship"}}
        relation = known_relation(relations.get(code))
        members[code] = kept | {"position": place + number, "relationship_code": relation}
    return after


def headed_by(document: Document, successor: Successor) -> Document:
    """Make somebody the householder (换户主): the cover carries their name, their phone and the door.

    What was not said anew stays: a family keeps its door, and its phone when the new householder has none.
    """
    after = deepcopy(document)
    cover = after["cover"]
    there = [code for code, _ in living(after) if code != successor.code]
    guess = guessed_relations(after, successor.code, there)
    for place, code in enumerate(there, start=1):
        one = after["members"][code]
        one.pop("relationship", None)  # the old workbook's word spoke of the old householder
        one |= {
            "position": place,
            "relationship_code": known_relation(successor.relations.get(code) or guess.get(code)),
        }
    head = after["members"][successor.code]
    head.pop("relationship", None)
    head |= {"position": 0, "relationship_code": HOUSEHOLDER}
    cover["name"] = head.get("name")
    cover["phone"] = successor.phone or head.get("phone") or cover.get("phone")
    cover["door"] = successor.door or cover.get("door")
    return after


def without(
    document: Document,
    codes: Collection[str],
    day: date,
    why: LeftWhy,
    successor: Successor | None,
) -> Document:
    """Return a household after people left it: under its new householder, or closed when nobody is left."""
    after = leave(document, codes, day, why)
    if successor is not None:
        return headed_by(after, successor)
    state = str(after["cover"].get("state"))
    if not living(after) and state in {HouseholdState.ACTIVE, HouseholdState.PAUSED}:
        after["cover"]["state"] = HouseholdState.CLOSED.value
    return after


def split_off(document: Document, codes: Collection[str], head: Successor, day: date) -> Document:
    """Return the first document of those who part from a household (分户).

    The class is the old household's until a second person has looked at the new one: it waits for review. Aid is paid
    to a household, and stays with the old one.
    """
    cover = document["cover"]
    kept = ("region_code", "category", "cause", "income_fen", "worker_id", "is_kin", "class_until")
    first: Document = {
        "cover": {name: cover.get(name) for name in kept}
        | {
            "tier": Tier.QUARTERLY.value,
            "tier_rule": TierRule.ORDINARY.value,
            "filed_on": day.isoformat(),
            "state": HouseholdState.UNDER_REVIEW.value,
        },
        "papers": {},
        "members": {},
        "sections": {},
    }
    guess = guessed_relations(document, head.code, codes)
    ordered = [code for code, _ in living(document) if code in codes]
    people = {code: document["members"][code] for code in ordered}
    first = come(first, people, guess | dict(head.relations))
    return headed_by(
        first, Successor(head.code, guess | dict(head.relations), head.phone, head.door)
    )


# what of two covers may be taken from either; a class never: it is asked for and approved
MERGED_COVER = ("income_fen", "aid_fen", "housing", "cause", "phone", "door")


def same_people(mine: Document, other: Document) -> dict[str, str]:
    """Return who of another file seems to be whom of this one (同一个人): by number, or by name's sound and birth."""
    by_sign = {sign: code for code, one in living(mine) for sign in _signs(one)}
    found: dict[str, str] = {}
    for code, one in living(other):
        match = next((by_sign[sign] for sign in _signs(one) if sign in by_sign), None)
        if match is not None and match not in found.values():
            found[code] = match
    return found


def _signs(one: Facts) -> list[str]:
    number, heard = (
        normal_number(one.get("id_number")),
        sounds(one.get("name"), one.get("birth"), ""),
    )
    return [sign for sign in (number, heard) if sign]


def clashes(mine: Document, other: Document) -> list[str]:
    """Return the places at which two files say different things, so that somebody has to choose (有出入的地方)."""
    places = [
        f"cover/{name}"
        for name in MERGED_COVER
        if mine["cover"].get(name)
        and other["cover"].get(name)
        and mine["cover"][name] != other["cover"][name]
    ]
    here, there = mine.get("sections", {}), other.get("sections", {})
    return places + [
        f"sections/{k}" for k in sorted(here.keys() & there.keys()) if here[k] != there[k]
    ]


def merged(mine: Document, other: Document, choices: Choices) -> Document:
    """Return a file into which another one came (合户): what only one says is kept, where both speak one was chosen."""
    after = deepcopy(mine)
    for name in MERGED_COVER:
        said = other["cover"].get(name)
        if said and (f"cover/{name}" in choices.theirs or not after["cover"].get(name)):
            after["cover"][name] = said
    after["papers"] = other.get("papers", {}) | mine.get("papers", {})
    sections = after.setdefault("sections", {})
    for kind, facts in other.get("sections", {}).items():
        if f"sections/{kind}" in choices.theirs or kind not in sections:
            sections[kind] = deepcopy(facts)
    for code, facts in living(other):
        if twin := choices.same.get(code):
            _one_person(after["members"][twin], facts, theirs=f"members/{twin}" in choices.theirs)
    newcomers = {code: one for code, one in living(other) if code not in choices.same}
    after = come(after, newcomers, choices.relations)
    head = after["members"].get(head_of(after), {})
    after["cover"]["name"] = head.get("name") or after["cover"].get("name")
    return after


def _one_person(here: Facts, facts: Facts, *, theirs: bool) -> None:
    """Let one person's two records become one; where they stand in this household stays."""
    bound = {"position", "relationship_code", "relationship", "left_on", "left_why"}
    for name, value in facts.items():
        if name not in bound and value and (theirs or not here.get(name)):
            here[name] = deepcopy(value)


def emptied(document: Document, day: date) -> Document:
    """Return a file after everybody of it went into another one (并入): archived, with all that it said."""
    after = leave(document, [code for code, _ in living(document)], day, LeftWhy.MERGED)
    after["cover"]["state"] = HouseholdState.ARCHIVED.value
    return after
