"""Recognising households (认户): by what a household of a workbook is known again, and who is on file where."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import select

from app.core.db import db
from app.households.models import Household, Member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.core.crypto import KeyRing
    from app.households.rules import HouseholdRow, HouseholdState

T = TypeVar("T")

AT_ONCE = 2_000  # values looked up by one statement

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


class Home(NamedTuple):
    """Where a person is on file, and whether they stand first there (0)."""

    household_id: int
    position: int


class Filed(NamedTuple):
    """A new file as it goes in: `filing.NEW_FILE` of its cover, MEMBER of each person, its words as 64-bit integers."""

    cover: tuple[Any, ...]
    members: list[tuple[Any, ...]]
    words: bytes


class Candidate(NamedTuple):
    """A household of the workbook with what it is compared by: keyed hashes, never compared in clear."""

    row: HouseholdRow
    key: bytes
    digest: bytes
    people: tuple[bytes | None, ...]
    filed: Filed | None = None  # sealed ahead, in case it has no file yet

    @property
    def short(self) -> str:
        """Return the household's name while its sender chooses; nothing can be read from it."""
        return self.key.hex()[:16]


def candidate_of(keys: KeyRing, row: HouseholdRow) -> Candidate:
    """Return a household with what it is compared by: householder's number (or name, village, birth) and district."""
    head = row.householder
    who = head.id_number or f"{head.name}|{row.community_code}|{head.birth or ''}"
    facts = [_HOUSEHOLD_FACTS(row), [_PERSON_FACTS(person) for person in row.persons]]
    plain = _FACTS_TO_JSON(facts)
    return Candidate(
        row,
        keys.index("household", f"{who}|{row.district_code}"),
        keys.digest(plain.encode()),
        tuple(
            keys.index("id", person.id_number) if person.id_number else None
            for person in row.persons
        ),
    )


def known_by_key(keys: Sequence[bytes]) -> dict[bytes, Known]:
    """Return the files that a workbook brought or changed before, by what they were known by then."""
    found: dict[bytes, Known] = {}
    for some in in_pieces(keys):
        rows = db.session.execute(
            select(Household.source_key, *_KNOWN).where(Household.source_key.in_(some))
        )
        found |= {row.source_key: Known(*row[1:]) for row in rows}
    return found


def known_by_householder(
    candidates: Sequence[Candidate], known: dict[bytes, Known], lives_in: dict[bytes, Home]
) -> dict[bytes, Known]:
    """Recognise files of which the workbook's householder is the householder: written by hand, or passed on to them."""
    homes: dict[int, list[Candidate]] = {}
    for each in candidates:
        index = each.people[each.row.persons.index(each.row.householder)]
        home = lives_in.get(index) if index and each.key not in known else None
        if home is not None and home.position == 0:
            homes.setdefault(home.household_id, []).append(each)
    found: dict[bytes, Known] = {}
    for some in in_pieces(list(homes)):
        for row in db.session.execute(select(*_KNOWN).where(Household.id.in_(some))):
            file = Known(*row)
            found |= {
                each.key: file
                for each in homes[file.id]
                if file.region_code.startswith(each.row.district_code)
            }
    return found


_KNOWN = (
    Household.id,
    Household.file_no,
    Household.source_digest,
    Household.version,
    Household.region_code,
    Household.state,
)


def lives_in(people: list[bytes]) -> dict[bytes, Home]:
    """Return where these people are on file, by their ID numbers' hashes."""
    found: dict[bytes, Home] = {}
    columns = (Member.id_index, Member.household_id, Member.position)
    for some in in_pieces(people):
        rows = db.session.execute(select(*columns).where(Member.id_index.in_(some)))
        found |= {row.id_index: Home(row.household_id, row.position) for row in rows}
    return found


def in_pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a list into pieces that one statement can look up."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
