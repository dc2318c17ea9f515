"""How the values of a document are said (档案里的话): in words, and covered unless somebody said why they look.

What is not known to be harmless is covered: a text that a person wrote may name somebody.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.phrases import NOTHING, money
from app.households.rules.categories import Category, Tier
from app.households.rules.codes import (
    Cause,
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    Housing,
    Labelled,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
)
from app.households.rules.document import EMPTY, SLASH
from app.households.rules.identity import IdKind
from app.households.rules.labels import (
    COVER_WORDS,
    MEMBER_WORDS,
    PAPER_WORDS,
    question_at,
    words_of,
)
from app.households.rules.masking import (
    STAR,
    mask_address,
    mask_bank_account,
    mask_certificate,
    mask_id,
    mask_name,
    mask_phone,
)
from app.households.rules.risk import TIER_RULE_WORDS
from app.households.rules.sections import Kind
from app.households.rules.states import STATE_WORDS
from app.households.rules.traits import age_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.households.rules.document import Difference, Document

COVERED = "已遮住"
REGION, PERSON = "region", "person"  # what only the page can name: a place, and a member of staff

MASKS: dict[str, Callable[[str], str]] = {
    "account": mask_bank_account,
    "birth": lambda text: f"{text[:4]}年",
    "certificate": mask_certificate,
    "door": mask_address,
    "id_number": mask_id,
    "name": mask_name,
    "phone": mask_phone,
    "phones": mask_phone,
}
CODES: dict[str, type[Labelled]] = {
    "category": Category,
    "cause": Cause,
    "disability_kind": DisabilityKind,
    "disability_level": DisabilityLevel,
    "employment": Employment,
    "health": Health,
    "housing": Housing,
    "labour": LabourAbility,
    "relationship_code": Relationship,
    "schooling": Education,
    "self_care": SelfCare,
    "sex": Sex,
    "tier": Tier,
}
WORDS: dict[str, dict[Any, str]] = {
    "id_kind": {
        IdKind.RESIDENT: "居民身份证",
        IdKind.RESIDENCE_PERMIT: "港澳台居民居住证",
        IdKind.HOME_RETURN: "港澳居民来往内地通行证",
        IdKind.PASSPORT: "护照",
        IdKind.OTHER: "其他证件",
        IdKind.NONE: "没有证件",
    },
    "state": dict(STATE_WORDS),
    "tier_rule": dict(TIER_RULE_WORDS),
}
TOLD = {  # of a person, each with what makes it a sentence
    "health": "",
    "disability_kind": "",
    "disability_level": "",
    "self_care": "",
    "labour": "劳动能力",
    "employment": "",
    "schooling": "",
}
HARMLESS = frozenset({"bank", "ethnicity", "relationship", "source_no"})
KINDS = {"region_code": REGION, "worker_id": PERSON}
COVER_ORDER = (
    "state", "category", "class_until", "tier", "tier_rule", "region_code", "door", "phone", "cause",
    "housing", "income_fen", "aid_fen", "case_stage", "is_kin", "worker_id", "filed_on",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIGURES = re.compile(r"[\d.,%-]+")


class Place(NamedTuple):
    """One place of a document that a change touched (字段): what stood there before and after, in words.

    `kind` says that the values are a region's code or a user's key, which the page names.
    """

    path: str
    words: str
    member: str
    kind: str
    before: Any
    after: Any


class Fact(NamedTuple):
    """One fact of a document in words."""

    words: str
    kind: str
    said: Any


class PersonLine(NamedTuple):
    """A member as they stood on a day (当日成员)."""

    name: str
    relationship: str
    sex: str
    age: int | None
    id_number: str
    phone: str
    facts: tuple[str, ...]
    left_on: str


def places(changed: Difference, *, clear: bool) -> list[Place]:
    """Return each single place that a change touched; a person who came or left is every fact of theirs."""
    found = [
        Place(
            path,
            place_words(path),
            path.split(SLASH)[1] if path.startswith("members/") else "",
            KINDS.get(path.rpartition(SLASH)[2], ""),
            said(path, before, clear=clear),
            said(path, after, clear=clear),
        )
        for path, before, after in _leaves(changed)
    ]
    return sorted(found, key=lambda place: place.path)


def _leaves(changed: Difference) -> Iterator[tuple[str, Any, Any]]:
    for path, (before, after) in changed.items():
        if isinstance(before, dict) or isinstance(after, dict):
            old = before if isinstance(before, dict) else {}
            new = after if isinstance(after, dict) else {}
            within = {
                f"{path}{SLASH}{name}": [old.get(name), new.get(name)]
                for name in old.keys() | new.keys()
                if old.get(name) != new.get(name)
            }
            yield from _leaves(within)
        else:
            yield path, before, after


def place_words(path: str) -> str:
    """Return what a single place is called; whose it is, the page says beside it."""
    part, _, rest = path.partition(SLASH)
    name = rest.rpartition(SLASH)[2]
    if part == "members" and SLASH in rest:
        return MEMBER_WORDS.get(name, "其他")
    return words_of(path)


def said(path: str, value: Any, *, clear: bool) -> Any:
    """Say a value; what the page must name (KINDS) stays as it is."""
    name = path.rpartition(SLASH)[2]
    if value in EMPTY:
        return "" if name in KINDS else NOTHING
    if name in KINDS:
        return value
    if isinstance(value, list):
        return "、".join(str(said(path, one, clear=clear)) for one in value)
    if isinstance(value, dict):
        within = (f"{path}{SLASH}{key}" for key in value)
        return "；".join(
            f"{place_words(key)} {said(key, value[key.rpartition(SLASH)[2]], clear=clear)}"
            for key in within
        )
    if path.startswith("sections/") and (answer := _answered(path, value)):
        return answer
    # a cover's columns are codes and days; what of it names somebody has its mask
    return _said(name, value, clear=clear or (path.startswith("cover/") and name not in MASKS))


def _answered(path: str, value: Any) -> str:
    """Say an answer that is an amount, a number or one of the choices; empty for somebody's own words."""
    asked = question_at(path)
    if asked is None:
        return ""
    if asked.kind in {Kind.CHOICE, Kind.CHOICES}:
        return asked.choices.get(str(value), "")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if asked.kind is Kind.MONEY:
        return money(int(value))
    return f"{value} {asked.unit}".strip()


def _said(name: str, value: Any, *, clear: bool) -> str:
    text = str(value)
    if name in MASKS:
        return _day(text) if clear else MASKS[name](text)
    if coded := _coded(name, value, text):
        return coded
    if clear or name in HARMLESS or isinstance(value, (int, float)) or _FIGURES.fullmatch(text):
        return _day(text)
    return f"{STAR * 3}（{len(text)} 字，{COVERED}）"


def _coded(name: str, value: Any, text: str) -> str:
    """Say what is no text of somebody's own: yes or no, an amount, a code; empty for anything else."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_fen"):
        return money(int(value))
    if name in WORDS:
        return WORDS[name].get(text, text)
    if name in CODES:
        return CODES[name](text).label if text in set(CODES[name]) else text
    return ""


def _day(text: str) -> str:
    if not _DAY.fullmatch(text):
        return text
    year, month, day = (int(part) for part in text.split("-"))
    return f"{year}年{month}月{day}日"


def cover_facts(document: Document, *, clear: bool) -> list[Fact]:
    """Return what a cover says, in the order in which it is read; the householder's name is the page's heading."""
    cover = document.get("cover", {})
    names = [*COVER_ORDER, *sorted(cover.keys() - set(COVER_ORDER) - {"name"})]
    return [
        Fact(
            COVER_WORDS[name], KINDS.get(name, ""), said(f"cover/{name}", cover[name], clear=clear)
        )
        for name in names
        if name in COVER_WORDS and cover.get(name) not in EMPTY
    ]


def paper_facts(document: Document, *, clear: bool) -> list[Fact]:
    """Return what an old ledger said in its own words."""
    return [
        Fact(PAPER_WORDS.get(name, name), "", said(f"papers/{name}", value, clear=clear))
        for name, value in document.get("papers", {}).items()
    ]


def section_facts(document: Document, *, clear: bool) -> list[tuple[str, list[Fact]]]:
    """Return what each section says, under its title."""
    return [
        (
            words_of(f"sections/{kind}"),
            [
                Fact(_short(words_of(path), name), "", said(path, facts[name], clear=clear))
                for name in facts
                for path in [f"sections/{kind}/{name}"]
            ],
        )
        for kind, facts in document.get("sections", {}).items()
        if isinstance(facts, dict)
    ]


def _short(words: str, name: str) -> str:
    """Cut the section's title off a place's words: it stands above."""
    return words.rpartition("·")[2] if "·" in words else name


def person_lines(document: Document, day: date, *, clear: bool) -> list[PersonLine]:
    """Return the people of a document, the householder first, who left last."""
    people = sorted(
        document.get("members", {}).items(),
        key=lambda pair: (bool(pair[1].get("left_on")), int(pair[1].get("position") or 0)),
    )
    return [_person(f"members/{code}", facts, day, clear=clear) for code, facts in people]


def _person(path: str, facts: dict[str, Any], day: date, *, clear: bool) -> PersonLine:
    def words(name: str) -> str:
        found = said(f"{path}/{name}", facts.get(name), clear=clear)
        return "" if found == NOTHING else str(found)

    try:
        born = date.fromisoformat(str(facts.get("birth")))
    except ValueError:
        born = None
    return PersonLine(
        words("name"),
        words("relationship_code") or words("relationship"),
        words("sex"),
        age_on(born, day),
        words("id_number"),
        words("phone"),
        tuple(TOLD[name] + words(name) for name in TOLD if words(name)),
        _day(str(facts.get("left_on") or "")),
    )
