"""What a known file says once a changed workbook has come in (按新台账更新): silence takes nothing away.

What the workbook speaks of is taken. An empty cell changes no fact; a tier that somebody chose stays; the sections and
what was written by hand stay. A person is the same by their ID number, or else by name and birth, and keeps their code.
Somebody whom an earlier workbook brought and this one no longer names has left, unless the workbook itself says that it
does not name everybody; somebody who was written in by hand stays, unless the workbook names them in another household.
"""

from __future__ import annotations

from copy import deepcopy
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from app.households.rules.codes import Relationship, Sex
from app.households.rules.identity import IdKind
from app.households.rules.risk import TierRule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date

    from app.households.rules.document import Document
    from app.households.rules.records import HouseholdRow, PersonRow

WORKBOOK: Final = "workbook"  # a member's `source`: an earlier workbook brought them
NOT_IN_LEDGER: Final = "不在新台账里"
ELSEWHERE: Final = "新台账写在另一户"


# as they are called in a file, and in a row
_PLACES = {
    "name": "name", "id_number": "id_number", "id_kind": "id_kind", "sex": "sex", "ethnicity": "ethnicity",
    "health": "health", "self_care": "self_care", "disability_kind": "disability_kind",
    "disability_level": "disability_level", "certificate": "disability_certificate", "labour": "labour",
    "employment": "employment", "schooling": "schooling", "bank": "bank_name", "account": "bank_account",
    "note": "note",
}  # fmt: skip
_FACTS = tuple(_PLACES)
_of_person = attrgetter(*_PLACES.values())


def facts_of(person: PersonRow) -> dict[str, Any]:
    """Return what is sealed of one person, empty facts left out; codes are texts and go into JSON as they are."""
    facts = {name: value for name, value in zip(_FACTS, _of_person(person), strict=True) if value}
    facts["source"] = WORKBOOK
    facts["relationship"] = person.relationship_word or person.relationship.label
    if person.birth:
        facts["birth"] = person.birth.isoformat()
    if person.phones:
        facts["phone"] = person.phones[0]
        if len(person.phones) > 1:
            facts["phones"] = list(person.phones[1:])
    return facts


def papers_of(row: HouseholdRow) -> dict[str, Any]:
    """Return what a household's rows say in words of their own, empty facts left out."""
    papers = {
        "source_no": row.source_no,
        "worker": row.worker_name,
        "last_visited_on": row.last_visited_on.isoformat() if row.last_visited_on else "",
        "cause": row.cause_word,
        "housing": row.housing_word,
    }
    return {name: value for name, value in papers.items() if value}


def in_order(row: HouseholdRow) -> Sequence[PersonRow]:
    """Return a household's people, the householder first."""
    if _is_householder(row.persons[0]):
        return row.persons
    return sorted(row.persons, key=_is_householder, reverse=True)


def brought_up(
    before: Document,
    row: HouseholdRow,
    today: date,
    elsewhere: Collection[str],
    new_code: Callable[[], str],
) -> Document:
    """Return a file's document as it stands once the workbook's row has come in.

    `elsewhere` are the ID numbers that the same workbook names in other households.
    """
    after = deepcopy(before)
    cover = after["cover"]
    cover |= _said(row, cover)
    papers = after.setdefault("papers", {})
    papers |= papers_of(row)
    members = after.setdefault("members", {})
    named = _members(members, row, new_code)
    for code, one in members.items():
        if code in named or one.get("left_on"):
            continue
        if one.get("id_number") in elsewhere:
            one |= {"left_on": today.isoformat(), "left_why": ELSEWHERE}
        elif one.get("source") == WORKBOOK and is_whole(row):
            one |= {"left_on": today.isoformat(), "left_why": NOT_IN_LEDGER}
    _head(after, row, named)
    return after


def is_whole(row: HouseholdRow) -> bool:
    """Say whether the rows name everybody that the workbook counts in this household."""
    return row.member_count is None or row.member_count <= len(row.persons)


def left_by_hand(before: Document, row: HouseholdRow) -> list[PersonRow]:
    """Return the people of a row whom somebody has written down as having left: no workbook brings them back."""
    gone = {
        one["id_number"]
        for one in before.get("members", {}).values()
        if one.get("left_on") and one.get("id_number") and not _left_by_workbook(one)
    }
    return [person for person in row.persons if person.id_number in gone] if gone else []


def _said(row: HouseholdRow, cover: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "region_code": row.community_code,
        "category": row.category.value,
        "cause": row.cause.value if row.cause else "",
        "housing": row.housing.value if row.housing else "",
        "income_fen": row.income_fen,
        "aid_fen": row.aid_fen,
        "door": row.address,
        "filed_on": row.filed_on.isoformat() if row.filed_on else "",
    }
    if row.tier and cover.get("tier_rule") != TierRule.MANUAL:
        said |= {"tier": row.tier.value, "tier_rule": TierRule.WORKBOOK.value}
    return {name: value for name, value in said.items() if value not in ("", None)}


def _members(
    members: dict[str, Any], row: HouseholdRow, new_code: Callable[[], str]
) -> dict[str, PersonRow]:
    """Bring the people of a row into a document's members; returns by whose codes."""
    by_number = {one["id_number"]: code for code, one in members.items() if one.get("id_number")}
    by_name: dict[tuple[Any, Any], list[str]] = {}
    for code, one in members.items():
        if not one.get("left_on"):
            by_name.setdefault((one.get("name"), one.get("birth")), []).append(code)
    named: dict[str, PersonRow] = {}
    stay_away = {person.row for person in left_by_hand({"members": members}, row)}
    unknown = []
    for person in in_order(row):
        if person.row in stay_away:
            continue
        found = by_number.get(person.id_number) if person.id_number else None
        if found is None or found in named:
            unknown.append(person)
        else:
            named[found] = person
    for person in unknown:
        birth = person.birth.isoformat() if person.birth else None
        alike = [code for code in by_name.get((person.name, birth), ()) if code not in named]
        named[alike[0] if alike else new_code()] = person
    last = max((int(one.get("position", 0)) for one in members.values()), default=-1)
    for code, person in named.items():
        if code not in members:
            last += 1
            members[code] = {"position": last}
        _person(members[code], person)
    return named


def _person(one: dict[str, Any], person: PersonRow) -> None:
    said = facts_of(person)
    is_known = bool(one.get("name") or one.get("id_number"))
    if is_known:
        # what a workbook cannot know better than the file: nothing is unlearnt
        if person.id_kind is IdKind.NONE:
            said.pop("id_kind", None)
        if person.sex is Sex.UNKNOWN:
            said.pop("sex", None)
        if not one.get("source"):
            said.pop("source")
        if not person.relationship_word and person.relationship is Relationship.OTHER:
            said.pop("relationship", None)
    one |= {name: _plain(value) for name, value in said.items()}
    if "relationship" in said or not is_known:
        one["relationship_code"] = person.relationship.value
    if one.get("left_on"):
        for name in ("left_on", "left_why"):
            one.pop(name, None)


def _head(after: Document, row: HouseholdRow, named: dict[str, PersonRow]) -> None:
    """Let the householder stand first and the cover say who that is."""
    members, head = after["members"], row.householder
    first = next((code for code, person in named.items() if person is head), None)
    if first is None:
        return  # they have left by hand: whoever stands first now does so by hand, too
    if int(members[first].get("position", 0)) != 0:
        living = sorted(
            (code for code, one in members.items() if not one.get("left_on") and code != first),
            key=lambda code: int(members[code].get("position", 0)),
        )
        for position, code in enumerate([first, *living]):
            members[code]["position"] = position
    after["cover"] |= {"name": head.name} if head.name else {}
    after["cover"] |= {"phone": head.phone} if head.phone else {}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _is_householder(person: PersonRow) -> bool:
    return person.relationship is Relationship.HOUSEHOLDER


def _left_by_workbook(one: dict[str, Any]) -> bool:
    return one.get("left_why") in (NOT_IN_LEDGER, ELSEWHERE)
