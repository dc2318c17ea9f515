"""How a household of a workbook stands in the tables (装档): its cover and members, sealed under its own key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from app.core import clock, codes
from app.core.crypto import ring
from app.core.db import db
from app.households.models import Household, Member
from app.households.rules import HouseholdRow, HouseholdState, PersonRow, Relationship, Tier
from app.households.rules.codes import DISABLED, ILL, NO_SELF_CARE
from app.households.rules.risk import TierRule, judged
from app.households.rules.traits import INTERVAL_DAYS, Person, age_on, traits_of
from app.households.rules.twins import sounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from app.core.access import Actor
    from app.core.crypto import Box
    from app.households.services.planning import Candidate, Known

COVER = (
    "region_code", "town_code", "district_code", "category", "cause", "housing", "member_count",
    "income_fen", "aid_fen", "traits", "head", "papers", "tier", "tier_rule", "source_digest",
)  # fmt: skip
NEW_FILE = (
    *COVER, "file_no", "data_key", "filed_on", "state", "source", "source_key",
    "created_by_id", "created_at", "updated_at", "version", "visit_count", "next_visit_on",
)  # fmt: skip
MEMBER = ("code", "position", "relationship_code", "sex", "id_index", "alike", "person")


class Filed(NamedTuple):
    """A household as it goes into the tables: COVER or NEW_FILE of its file, and MEMBER of each person."""

    cover: tuple[Any, ...]
    members: list[tuple[Any, ...]]


class Brought(NamedTuple):
    """A known file brought up to a changed workbook, and what it said before, sealed."""

    known: Known
    filed: Filed
    history: bytes


class Difference(NamedTuple):
    """What a known file says and what the workbook says, in clear: for the history, and masked for a preview."""

    file: Any
    box: Box
    before: dict[str, Any]
    after: dict[str, Any]


def new_file(actor: Actor, each: Candidate, file_no: str, today: date) -> Filed:
    """Seal a household that has no file yet."""
    row, now = each.row, clock.now()
    data_key, box = ring().new_box(file_no)
    people = _people(row, today)
    tier, rule = (row.tier, TierRule.WORKBOOK) if row.tier else judged(row.category, people, {})
    cover = (
        *_cover(each, box, file_no, (tier, rule), people),
        file_no,
        data_key,
        row.filed_on or today,
        HouseholdState.ACTIVE,
        "workbook",
        each.key,
        actor.user_id,
        now,
        now,
        1,
        0,
        _first_visit(row, INTERVAL_DAYS[tier], today, file_no),
    )
    return Filed(cover, _members(each, box, _persons_in_order(row)))


def brought_up(some: Sequence[tuple[Candidate, Known]], today: date) -> Iterator[Brought]:
    """Seal households whose files the workbook changes; what they said before stays in their history."""
    for (each, known), found in zip(some, differences(some), strict=True):
        file, box = found.file, found.box
        tier, rule = (
            (each.row.tier, TierRule.WORKBOOK) if each.row.tier else (file.tier, file.tier_rule)
        )
        filed = Filed(
            _cover(each, box, file.file_no, (tier, rule), _people(each.row, today)),
            _members(each, box, found.after["members"]),
        )
        changed = {
            name: [value, found.after[name]]
            for name, value in found.before.items()
            if value != found.after[name]
        }
        yield Brought(known, filed, box.seal_json(changed, f"change.fields:{file.file_no}"))


def differences(some: Sequence[tuple[Candidate, Known]]) -> Iterator[Difference]:
    """Open known files beside what the workbook says of them; whoever shows this masks it."""
    ids = [known.id for _, known in some]
    files = {
        file.id: file
        for file in db.session.execute(
            select(*Household.__table__.columns).where(Household.id.in_(ids))
        )
    }
    people: dict[int, list[Any]] = {number: [] for number in ids}
    members = select(Member.household_id, Member.code, Member.person)
    for one in db.session.execute(
        members.where(Member.household_id.in_(ids)).order_by(Member.position)
    ):
        people[one.household_id].append(one)
    for each, known in some:
        file = files[known.id]
        box = ring().box(file.data_key, file.file_no)
        yield Difference(file, box, _said(box, file, people[known.id]), _says(each.row, file))


def _said(box: Box, file: Any, people: Sequence[Any]) -> dict[str, Any]:
    head = box.open_json(file.head, f"household.head:{file.file_no}")
    return {
        "category": file.category.label,
        "tier": file.tier.label,
        "income_fen": file.income_fen,
        "aid_fen": file.aid_fen,
        "region": file.region_code,
        "phone": head.get("phone") or "",
        "door": head.get("door") or "",
        "members": [box.open_json(one.person, f"member.person:{one.code}") for one in people],
    }


def _says(row: HouseholdRow, file: Any) -> dict[str, Any]:
    return {
        "category": row.category.label,
        "tier": (row.tier or file.tier).label,
        "income_fen": row.income_fen or 0,
        "aid_fen": row.aid_fen or 0,
        "region": row.community_code,
        "phone": row.householder.phone,
        "door": row.address,
        "members": _persons_in_order(row),
    }


def _cover(
    each: Candidate, box: Box, file_no: str, tier: tuple[Tier, str], people: Sequence[Person]
) -> tuple[Any, ...]:
    row = each.row
    head = row.householder
    cover = {"name": head.name, "phone": head.phone, "door": row.address}
    papers = {
        "source_no": row.source_no,
        "worker": row.worker_name,
        "last_visited_on": row.last_visited_on.isoformat() if row.last_visited_on else "",
        "cause": row.cause_word,
        "housing": row.housing_word,
    }
    return (
        row.community_code,
        row.town_code,
        row.district_code,
        row.category,
        row.cause.value if row.cause else "",
        row.housing.value if row.housing else "",
        len(row.persons),
        row.income_fen or 0,
        row.aid_fen or 0,
        traits_of(people),
        box.seal_json(cover, f"household.head:{file_no}"),
        box.seal_json(papers, f"household.papers:{file_no}"),
        *tier,
        each.digest,
    )


def _people(row: HouseholdRow, today: date) -> list[Person]:
    return [
        Person(
            age_on(person.birth, today),
            is_disabled=person.disability_kind is not None or person.health in DISABLED,
            is_ill=person.health in ILL,
            has_no_self_care=person.self_care in NO_SELF_CARE,
        )
        for person in row.persons
    ]


def _is_first(person: PersonRow) -> bool:
    return person.relationship is Relationship.HOUSEHOLDER


def _persons_in_order(row: HouseholdRow) -> list[dict[str, Any]]:
    """Return what is sealed of each person, the householder first."""
    return [_facts(person) for person in sorted(row.persons, key=_is_first, reverse=True)]


def _members(each: Candidate, box: Box, facts: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    pairs = zip(each.row.persons, each.people, strict=True)
    ordered = sorted(pairs, key=lambda pair: _is_first(pair[0]), reverse=True)
    found = []
    for position, ((person, index), sealed) in enumerate(zip(ordered, facts, strict=True)):
        code = codes.new()
        found.append(
            (
                code,
                position,
                person.relationship.value,
                person.sex.value,
                index,
                _alike(person, each.row.community_code),
                box.seal_json(sealed, f"member.person:{code}"),
            )
        )
    return found


def _alike(person: PersonRow, community: str) -> bytes | None:
    heard = sounds(person.name, person.birth, community)
    return ring().index("alike", heard) if heard else None


def _facts(person: PersonRow) -> dict[str, Any]:
    """Return what is sealed of one person, empty facts left out; codes are texts and go into JSON as they are."""
    facts = {
        "name": person.name,
        "id_number": person.id_number,
        "id_kind": person.id_kind,
        "birth": person.birth.isoformat() if person.birth else "",
        "sex": person.sex,
        "relationship": person.relationship_word or person.relationship.label,
        "phone": person.phone,
        "phones": list(person.phones[1:]),
        "ethnicity": person.ethnicity,
        "health": person.health or "",
        "self_care": person.self_care or "",
        "disability_kind": person.disability_kind or "",
        "disability_level": person.disability_level or "",
        "certificate": person.disability_certificate,
        "labour": person.labour or "",
        "employment": person.employment or "",
        "schooling": person.schooling or "",
        "bank": person.bank_name,
        "account": person.bank_account,
        "note": person.note,
    }
    return {name: value for name, value in facts.items() if value}


def _first_visit(row: HouseholdRow, days: int, today: date, file_no: str) -> date:
    """Return when the first visit is due.

    A whole town comes in on one day; what would all be overdue at once is spread over the tier's interval, by the
    file number, so that the same file always gets the same day.
    """
    since = row.last_visited_on or row.filed_on
    if since and today < (due := since + timedelta(days=days)) <= today + timedelta(days=days):
        return due
    return today + timedelta(days=int(file_no[-6:]) % days + 1)
