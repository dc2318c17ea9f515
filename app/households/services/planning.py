"""Comparing a read workbook with the files (对照台账): what is new, changed, gone, and what may not come in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from app.core.access import require
from app.core.crypto import ring
from app.core.db import db
from app.households import policy
from app.households.models import Household, Member
from app.households.rules import (
    ERROR,
    Field,
    HouseholdRow,
    HouseholdState,
    Problem,
    Reading,
    Rejection,
    SheetLayout,
)
from app.households.rules.importing import COMPARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.core.access import Actor
    from app.core.crypto import KeyRing

AT_ONCE = 2_000  # values looked up by one statement
SHUT = frozenset({HouseholdState.ARCHIVED, HouseholdState.ERASED})

_HOUSEHOLD_FACTS = attrgetter(
    "community_code", "category", "member_count", "income_fen", "aid_fen", "address", "cause_word",
    "housing_word", "tier", "filed_on", "last_visited_on", "worker_name", "source_no",
)  # fmt: skip
_PERSON_FACTS = attrgetter(
    "name", "id_number", "id_kind", "birth", "sex", "relationship", "relationship_word", "phones",
    "ethnicity", "health", "self_care", "disability_kind", "disability_level",
    "disability_certificate", "labour", "employment", "schooling", "bank_name", "bank_account",
    "note",
)  # fmt: skip

_FACTS_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Known(NamedTuple):
    """A file that an earlier import made."""

    id: int
    file_no: str
    digest: bytes | None
    version: int
    region_code: str
    state: HouseholdState


class Candidate(NamedTuple):
    """A household of the workbook with what it is compared by: keyed hashes, never compared in clear."""

    row: HouseholdRow
    key: bytes
    digest: bytes
    people: tuple[bytes | None, ...]


@dataclass(slots=True)
class Plan:
    """What an import would do: shown before anything is changed."""

    new: list[Candidate] = field(default_factory=list)
    changed: list[tuple[Candidate, Known]] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""

    def counts(self) -> dict[str, int]:
        """Return the plan as numbers of households (户)."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "gone": len(self.gone),
            "rejected": len(self.rejections),
        }


def plan(actor: Actor, reading: Reading) -> Plan:
    """Compare a read workbook with the files; reads only. The plan takes the households over from the reading.

    A household is recognised by its householder's ID number (or, without one, name and community) and district. A
    person who is on file in another household keeps that household, and the row is refused, unless that household's
    own row in this workbook lets the person go. Rows outside the sender's own region are refused.
    """
    require(policy.can_list, actor)
    keys = ring()
    candidates = [_candidate(keys, row) for row in reading.households]
    reading.households.clear()
    known = _known([each.key for each in candidates])
    refused = _refused(actor, candidates, known)
    made = Plan(rejections=list(reading.rejections), problems=list(reading.problems))
    accepted = []
    columns = {layout.sheet: layout for layout in reading.layouts}
    for each in candidates:
        found, row = known.get(each.key), each.row
        if reason := refused.get(id(each)):
            made.rejections.append(Rejection(row.sheet, row.row, reason))
            made.problems.append(_problem(columns[row.sheet], row, reason))
            continue
        accepted.append(row)
        if found is None:
            made.new.append(each)
        elif found.digest == each.digest:
            made.unchanged += 1
        else:
            made.changed.append((each, found))
    made.summary = replace(reading, households=accepted, rejections=made.rejections).summary()
    made.fingerprint = _fingerprint(made)
    made.gone = _gone(actor, {row.town_code for row in accepted}, {each.key for each in candidates})
    return made


def _candidate(keys: KeyRing, row: HouseholdRow) -> Candidate:
    head = row.householder
    who = head.id_number or f"{head.name}|{row.community_code}|{head.birth or ''}"
    facts = [_HOUSEHOLD_FACTS(row), [_PERSON_FACTS(person) for person in row.persons]]
    plain = _FACTS_TO_JSON(facts)
    return Candidate(
        row,
        keys.index("household", f"{who}|{row.district_code}"),
        hmac.digest(keys.index_key, plain.encode(), "sha256")[:16],
        tuple(
            keys.index("id", person.id_number) if person.id_number else None
            for person in row.persons
        ),
    )


def _known(keys: list[bytes]) -> dict[bytes, Known]:
    columns = (
        Household.source_key,
        Household.id,
        Household.file_no,
        Household.source_digest,
        Household.version,
        Household.region_code,
        Household.state,
    )
    found: dict[bytes, Known] = {}
    for some in _in_pieces(keys):
        rows = db.session.execute(select(*columns).where(Household.source_key.in_(some)))
        found |= {row.source_key: Known(*row[1:]) for row in rows}
    return found


def _refused(
    actor: Actor, candidates: list[Candidate], known: dict[bytes, Known]
) -> dict[int, str]:
    """Return why candidates may not come in, by identity."""
    refused: dict[int, str] = {}
    seen: set[bytes] = set()
    owners: dict[int, Candidate] = {}
    may = cache(lambda region: policy.can_import(actor, region))
    for each in candidates:
        found = known.get(each.key)
        if not may(each.row.community_code) or (found and not may(found.region_code)):
            refused[id(each)] = "outside_scope"
        elif each.key in seen:
            refused[id(each)] = "household_twice"
        elif found and found.state in SHUT:
            refused[id(each)] = "file_archived"
        elif found:
            owners[found.id] = each
        seen.add(each.key)
    lives_in = _lives_in([index for each in candidates for index in each.people if index])
    # a refused household keeps its people, which may refuse the next one: until nothing changes any more
    while found_now := _strangers(candidates, known, refused, owners, lives_in):
        for each in found_now:
            refused[id(each)] = "person_in_another_household"
    return refused


def _strangers(
    candidates: list[Candidate],
    known: dict[bytes, Known],
    refused: dict[int, str],
    owners: dict[int, Candidate],
    lives_in: dict[bytes, int],
) -> list[Candidate]:
    """Return the households of which somebody lives in another file that does not let them go."""
    if not lives_in:
        return []
    found = []
    for each in candidates:
        if id(each) in refused:
            continue
        own = known[each.key].id if each.key in known else None
        for index in each.people:
            home = lives_in.get(index) if index else None
            if home is None or home == own:
                continue
            other = owners.get(home)
            if other is None or id(other) in refused or index in other.people:
                found.append(each)
                break
    return found


def _lives_in(people: list[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in _in_pieces(people):
        rows = db.session.execute(
            select(Member.id_index, Member.household_id).where(Member.id_index.in_(some))
        )
        found |= {index: household_id for index, household_id in rows if index}
    return found


def _problem(layout: SheetLayout, row: HouseholdRow, reason: str) -> Problem:
    """Say a refusal in the cell it is about, as far as one cell is."""
    about = Field.COMMUNITY if reason == "outside_scope" else Field.ID_NUMBER
    places = layout.columns.places if layout.columns else {}
    column = places[about] + 1 if about in places else 0
    return Problem(reason, ERROR, row.sheet, row.row, column, COMPARED[reason], row.row)


def _gone(actor: Actor, towns: Iterable[str], seen: set[bytes]) -> list[str]:
    """Return the files that earlier workbooks brought for these towns and this one does not name."""
    rows = db.session.execute(
        select(Household.file_no, Household.source_key)
        .where(
            Household.town_code.in_(sorted(towns)),
            policy.visible_to(actor),
            Household.source == "workbook",
            Household.state == HouseholdState.ACTIVE,
        )
        .order_by(Household.file_no)
        .execution_options(yield_per=5_000)
    )
    return [file_no for file_no, key in rows if key not in seen]


def _fingerprint(made: Plan) -> str:
    """Return what two plans share that would do the same: a confirmed one is compared with the one shown."""
    running = hashlib.sha256()
    for each in made.new:
        running.update(each.key + each.digest)
    for each, known in made.changed:
        running.update(each.key + each.digest + known.version.to_bytes(8, "big"))
    refused = sorted(Counter(made.rejections).items())
    running.update(f"{len(made.new)} {made.unchanged} {refused}".encode())
    return running.hexdigest()[:32]


def _in_pieces(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
