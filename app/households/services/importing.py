"""Taking a read workbook into the files (台账入档): compare first, then all the good households in one go."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, delete, insert, select, update

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import db
from app.households import policy, queries
from app.households.models import Change, Household, Member, SearchToken
from app.households.rules import (
    Health,
    HouseholdRow,
    HouseholdState,
    PersonRow,
    Reading,
    Rejection,
    person_tokens,
)
from app.households.rules.traits import INTERVAL_DAYS, Person, age_on, first_tier, traits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.core.access import Actor
    from app.core.crypto import Box, KeyRing

CHUNK = 500
FEW = 2_000  # up to so many households the search words go straight in, unsorted

Progress = "Callable[[int, int], None]"


@dataclass(frozen=True, slots=True)
class Known:
    """A file that an earlier import made."""

    id: int
    file_no: str
    digest: bytes | None
    version: int


@dataclass(slots=True)
class Plan:
    """What an import would do: shown before anything is changed."""

    new: list[tuple[HouseholdRow, bytes, bytes]] = field(default_factory=list)
    changed: list[tuple[HouseholdRow, bytes, Known]] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the plan as numbers."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "gone": len(self.gone),
            "rejected": len(self.rejections),
        }


def plan(actor: Actor, reading: Reading) -> Plan:
    """Compare a read workbook with the files; reads only.

    A household is recognised by its householder's ID number (or, without one, name and community) and district. A
    person who is on file in another household keeps that household, and the row is refused. Rows outside the
    sender's own region are refused too.
    """
    require(policy.can_list, actor)
    keys = ring()
    made = Plan(rejections=list(reading.rejections))
    seen: set[bytes] = set()
    for rows in _chunks(reading.households):
        marked = [(row, source_key(keys, row), digest_of(keys, row)) for row in rows]
        known = _known([key for _, key, _ in marked])
        strangers = _living_elsewhere(keys, marked, known)
        for row, key, digest in marked:
            found = known.get(key)
            reason = _refusal(actor, row, key, seen, strangers)
            if reason:
                made.rejections.append(Rejection(row.sheet, row.row, reason))
            elif found is None:
                made.new.append((row, key, digest))
            elif found.digest == digest:
                made.unchanged += 1
            else:
                made.changed.append((row, digest, found))
            seen.add(key)
    made.gone = _gone({row.town_code for row in reading.households}, seen)
    return made


def commit(actor: Actor, made: Plan, progress: Callable[[int, int], None] | None = None) -> None:
    """Take the planned households in, all of them or none: the caller owns the one transaction."""
    require(policy.can_list, actor)
    today = clock.today()
    total = len(made.new) + len(made.changed)
    tokens = _Tokens(sorted_in=len(made.new) > FEW)
    done = 0
    taken: set[str] = set()
    for chunk in _chunks(made.new):
        _insert(actor, chunk, today, tokens, taken)
        done += len(chunk)
        if progress:
            progress(done, total)
    for row, digest, known in made.changed:
        _replace(actor, row, digest, known, tokens)
        done += 1
        if progress and done % CHUNK == 0:
            progress(done, total)
    tokens.write()
    if total:
        places = Counter(row.district_code for row, *_ in (*made.new, *made.changed))
        audit.record(
            actor,
            "households.import",
            f"{len(made.new)}+{len(made.changed)}",
            detail={**made.counts(), "by_district": dict(places)},
        )


def source_key(keys: KeyRing, row: HouseholdRow) -> bytes:
    """Return by what a household is recognised in the next workbook."""
    head = row.householder
    who = head.id_number or f"{head.name}|{row.community_code}|{head.birth or ''}"
    return keys.index("household", f"{who}|{row.district_code}")


def digest_of(keys: KeyRing, row: HouseholdRow) -> bytes:
    """Return a keyed digest of everything the rows say; equal digests mean nothing has changed."""
    plain = json.dumps(_facts(row), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(keys.index_key, plain.encode(), hashlib.sha256)[:16]


def _facts(row: HouseholdRow) -> list[Any]:
    return [
        row.community_code,
        row.category.value,
        row.member_count,
        row.income_fen,
        row.aid_fen,
        row.address,
        row.cause_word,
        row.housing_word,
        row.tier.value if row.tier else None,
        str(row.filed_on or ""),
        str(row.last_visited_on or ""),
        row.worker_name,
        row.source_no,
        [_person_facts(person) for person in row.persons],
    ]


def _person_facts(person: PersonRow) -> dict[str, Any]:
    """Return what is sealed of one person (JSON-able, empty facts left out)."""
    facts = {
        "name": person.name,
        "id_number": person.id_number,
        "id_kind": person.id_kind.value,
        "birth": person.birth.isoformat() if person.birth else "",
        "sex": person.sex.value,
        "relationship": person.relationship_word or person.relationship.label,
        "phone": person.phone,
        "phones": list(person.phones[1:]),
        "ethnicity": person.ethnicity,
        "health": person.health.value if person.health else "",
        "self_care": person.self_care.value if person.self_care else "",
        "disability_kind": person.disability_kind.value if person.disability_kind else "",
        "disability_level": person.disability_level.value if person.disability_level else "",
        "certificate": person.disability_certificate,
        "labour": person.labour.value if person.labour else "",
        "employment": person.employment.value if person.employment else "",
        "schooling": person.schooling.value if person.schooling else "",
        "bank": person.bank_name,
        "account": person.bank_account,
        "note": person.note,
    }
    return {name: value for name, value in facts.items() if value}


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _known(keys: list[bytes]) -> dict[bytes, Known]:
    rows = db.session.execute(
        select(
            Household.source_key,
            Household.id,
            Household.file_no,
            Household.source_digest,
            Household.version,
        ).where(Household.source_key.in_(keys))
    )
    return {row[0]: Known(*row[1:]) for row in rows}


def _living_elsewhere(
    keys: KeyRing, marked: list[tuple[HouseholdRow, bytes, bytes]], known: dict[bytes, Known]
) -> set[bytes]:
    """Return the households of which somebody is on file in another household."""
    lives_in: dict[bytes, bytes] = {}
    for row, key, _ in marked:
        for person in row.persons:
            if person.id_number:
                lives_in[keys.index("id", person.id_number)] = key
    elsewhere: set[bytes] = set()
    numbers = list(lives_in)
    for start in range(0, len(numbers), CHUNK):
        found = db.session.execute(
            select(Member.id_index, Member.household_id).where(
                Member.id_index.in_(numbers[start : start + CHUNK])
            )
        )
        for index, household_id in found:
            key = lives_in[index]
            if key not in known or known[key].id != household_id:
                elsewhere.add(key)
    return elsewhere


def _refusal(
    actor: Actor, row: HouseholdRow, key: bytes, seen: set[bytes], strangers: set[bytes]
) -> str | None:
    if not policy.can_import(actor, row.community_code):
        return "outside_scope"
    if key in seen:
        return "household_twice"
    if key in strangers:
        return "person_in_another_household"
    return None


def _gone(towns: Iterable[str], seen: set[bytes]) -> list[str]:
    """Return the files that earlier workbooks brought for these towns and this one does not name."""
    rows = db.session.execute(
        select(Household.file_no, Household.source_key)
        .where(
            Household.town_code.in_(sorted(towns)),
            Household.source == "workbook",
            Household.state == HouseholdState.ACTIVE,
        )
        .execution_options(yield_per=5_000)
    )
    return [file_no for file_no, key in rows if key not in seen]


def _new_numbers(
    rows: Sequence[tuple[HouseholdRow, bytes, bytes]], year: int, taken: set[str]
) -> list[str]:
    """Draw file numbers that nobody has: district 6, category 2, year 4, six digits nobody can count through."""
    found: list[str] = []
    for row, *_ in rows:
        prefix = f"{row.district_code}{row.category.value}{(row.filed_on or date(year, 1, 1)).year}"
        number = _draw(prefix, taken)
        found.append(number)
        taken.add(number)
    while used := set(
        db.session.scalars(select(Household.file_no).where(Household.file_no.in_(found)))
    ):
        for position, number in enumerate(found):
            if number in used:
                found[position] = _draw(number[:12], taken)
                taken.add(found[position])
    return found


def _draw(prefix: str, taken: set[str]) -> str:
    while (number := f"{prefix}{secrets.randbelow(10**6):06d}") in taken:
        pass
    return number


def _insert(
    actor: Actor,
    chunk: Sequence[tuple[HouseholdRow, bytes, bytes]],
    today: date,
    tokens: _Tokens,
    taken: set[str],
) -> None:
    keys, now = ring(), clock.now()
    numbers = _new_numbers(chunk, today.year, taken)
    prepared: list[tuple[HouseholdRow, Box]] = []
    values = []
    for (row, key, digest), file_no in zip(chunk, numbers, strict=True):
        data_key, box = keys.new_box(file_no)
        prepared.append((row, box))
        tier = row.tier or first_tier(row.category, _people(row, today))
        values.append(
            _cover(row, box, file_no, today)
            | {
                "file_no": file_no,
                "tier": tier,
                "data_key": data_key,
                "filed_on": row.filed_on or today,
                "state": HouseholdState.ACTIVE,
                "state_reason": "",
                "source": "workbook",
                "source_key": key,
                "source_digest": digest,
                "created_by_id": actor.user_id,
                "created_at": now,
                "updated_at": now,
                "version": 1,
                "visit_count": 0,
                "next_visit_on": _first_visit(row, INTERVAL_DAYS[tier], today, file_no),
            }
        )
    db.session.execute(insert(Household), values)
    ids: dict[str, int] = {
        file_no: household_id
        for file_no, household_id in db.session.execute(
            select(Household.file_no, Household.id).where(Household.file_no.in_(numbers))
        )
    }
    people: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for (row, box), file_no in zip(prepared, numbers, strict=True):
        household_id = ids[file_no]
        people += _members(row, box, household_id)
        tokens.add(row, household_id)
        changes.append(
            {
                "household_id": household_id,
                "at": now,
                "user_id": actor.user_id,
                "kind": "imported",
                "title": "从台账建档",
                "reason": "",
            }
        )
    db.session.execute(insert(Member), people)
    db.session.execute(insert(Change), changes)


def _replace(actor: Actor, row: HouseholdRow, digest: bytes, known: Known, tokens: _Tokens) -> None:
    """Bring one file up to a changed workbook; what it said before stays in its history, sealed."""
    household = db.session.get_one(Household, known.id)
    box = queries.box(household)
    before = {
        "category": household.category.label,
        "income_fen": household.income_fen,
        "aid_fen": household.aid_fen,
        "region": household.region_code,
        "members": [queries.person(box, member) for member in queries.members(household)],
    }
    values = _cover(row, box, known.file_no, clock.today())
    db.session.execute(
        update(Household)
        .where(Household.id == known.id)
        .values(
            **values,
            tier=row.tier or household.tier,
            source_digest=digest,
            updated_at=clock.now(),
            version=Household.version + 1,
        )
    )
    db.session.execute(delete(Member).where(Member.household_id == known.id))
    db.session.execute(delete(SearchToken).where(SearchToken.household_id == known.id))
    db.session.execute(insert(Member), _members(row, box, known.id))
    tokens.add(row, known.id)
    after = {
        "category": row.category.label,
        "income_fen": values["income_fen"],
        "aid_fen": values["aid_fen"],
        "region": row.community_code,
        "members": [_person_facts(person) for person in row.persons],
    }
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    db.session.add(
        Change(
            household_id=known.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="imported",
            title="按新台账更新",
            fields=box.seal_json(changed, f"change.fields:{known.file_no}"),
        )
    )
    db.session.expire(household)


def _cover(row: HouseholdRow, box: Box, file_no: str, today: date) -> dict[str, Any]:
    head = row.householder
    cover = {"name": head.name, "phone": head.phone, "door": row.address}
    papers = {
        "source_no": row.source_no,
        "worker": row.worker_name,
        "last_visited_on": row.last_visited_on.isoformat() if row.last_visited_on else "",
        "cause": row.cause_word,
        "housing": row.housing_word,
    }
    return {
        "region_code": row.community_code,
        "town_code": row.town_code,
        "district_code": row.district_code,
        "category": row.category,
        "cause": row.cause.value if row.cause else "",
        "housing": row.housing.value if row.housing else "",
        "member_count": len(row.persons),
        "income_fen": row.income_fen or 0,
        "aid_fen": row.aid_fen or 0,
        "traits": traits_of(_people(row, today)),
        "head": box.seal_json(cover, f"household.head:{file_no}"),
        "papers": box.seal_json(papers, f"household.papers:{file_no}"),
    }


def _people(row: HouseholdRow, today: date) -> list[Person]:
    return [
        Person(
            age_on(person.birth, today),
            is_disabled=person.disability_kind is not None or person.health is Health.DISABLED,
            is_ill=person.health is Health.SERIOUS,
        )
        for person in row.persons
    ]


def _members(row: HouseholdRow, box: Box, household_id: int) -> list[dict[str, Any]]:
    keys = ring()
    found = []
    ordered = sorted(row.persons, key=lambda person: person is not row.householder)
    for position, person in enumerate(ordered):
        code = codes.new()
        found.append(
            {
                "code": code,
                "household_id": household_id,
                "position": position,
                "relationship_code": person.relationship.value,
                "sex": person.sex.value,
                "id_index": keys.index("id", person.id_number) if person.id_number else None,
                "person": box.seal_json(_person_facts(person), f"member.person:{code}"),
            }
        )
    return found


def _first_visit(row: HouseholdRow, days: int, today: date, file_no: str) -> date:
    """Return when the first visit is due.

    A whole town comes in on one day; what would all be overdue at once is spread over the tier's interval, by the
    file number, so that the same file always gets the same day.
    """
    due = (row.last_visited_on or row.filed_on or today) + timedelta(days=days)
    return (
        due
        if today < due <= today + timedelta(days=days)
        else today + timedelta(days=int(file_no[-6:]) % days + 1)
    )


class _Tokens:
    """Collects search words; many of them are sorted by the database before they go into their index."""

    def __init__(self, *, sorted_in: bool) -> None:
        self._sorted_in = sorted_in
        self._rows: list[dict[str, Any]] = []
        self._heap = Table(
            "new_search_token",
            MetaData(),
            Column("token", BigInteger),
            Column("region_code", String(12)),
            Column("household_id", BigInteger),
            prefixes=["TEMPORARY"],
        )
        if sorted_in:
            self._heap.create(db.session.connection(), checkfirst=False)

    def add(self, row: HouseholdRow, household_id: int) -> None:
        """Note what one household can be found by."""
        token = ring().token
        words = {
            word
            for person in row.persons
            for word in person_tokens(person.name, person.id_number, person.phones)
        }
        region = row.community_code
        self._rows += [
            {"token": number, "region_code": region, "household_id": household_id}
            for number in {token(word) for word in words}
        ]
        if self._sorted_in and len(self._rows) > CHUNK * 100:
            self._flush()

    def write(self) -> None:
        """Put the words where searches look."""
        if not self._sorted_in:
            if self._rows:
                db.session.execute(insert(SearchToken), self._rows)
            return
        self._flush()
        heap = self._heap
        db.session.execute(
            insert(SearchToken).from_select(
                ["token", "region_code", "household_id"],
                select(heap.c.token, heap.c.region_code, heap.c.household_id).order_by(
                    heap.c.token, heap.c.region_code, heap.c.household_id
                ),
            )
        )
        heap.drop(db.session.connection())

    def _flush(self) -> None:
        if self._rows:
            db.session.execute(insert(self._heap), self._rows)
            self._rows.clear()
