"""Taking a compared workbook into the files (台账入档): made ready first, then all the good households in one go.

Sealing and hashing take nearly all the time, so they are done before the one transaction begins: other people's work
waits only for the bare inserts.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import delete, func, select, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.crypto import ring
from app.core.db import bulk_insert, db
from app.core.errors import StalePage
from app.households import policy
from app.households.models import Change, Household, Member, SearchToken
from app.households.rules import HouseholdRow
from app.households.rules.search import door_tokens, name_tokens, person_tokens
from app.households.services import filing, twins
from app.households.services.filing import Brought, Filed
from app.households.services.planning import Candidate, Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.core.access import Actor

    Progress = Callable[[int, int], None]

__all__ = ["Plan", "Prepared", "commit", "plan", "prepare"]

T = TypeVar("T")

CHUNK = 500
PLACE_BITS = 24  # a search word and its household's place in the import share one integer while they are sorted
PLACE = (1 << PLACE_BITS) - 1

CHANGE = ("household_id", "at", "user_id", "kind", "title", "fields", "reason")
WORD = ("token", "region_code", "household_id")


@dataclass(slots=True)
class Prepared:
    """A plan whose households are sealed and ready for the tables."""

    new: list[Filed] = field(default_factory=list)
    changed: list[Brought] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    by_district: Counter[str] = field(default_factory=Counter)


def prepare(actor: Actor, made: Plan, progress: Progress | None = None) -> Prepared:
    """Seal what is to go in; reads only, and takes the households over from the plan to keep memory bounded.

    `progress` is called with how many households are ready, and of how many.
    """
    require(policy.can_list, actor)
    ready = Prepared(counts=made.counts())
    today, total = clock.today(), len(made.new) + len(made.changed)
    words = _Words(ready)
    # places go up with the regions, so that the sorted words are in their index' own order
    made.new.sort(key=lambda each: each.row.community_code, reverse=True)
    taken: set[str] = set()
    while made.new:
        some = _last(made.new)
        for each, file_no in zip(some, _new_numbers(some, today.year, taken), strict=True):
            ready.new.append(filing.new_file(actor, each, file_no, today))
            words.add(each.row)
        if progress:
            progress(len(ready.new), total)
    while made.changed:
        pairs = _last(made.changed)
        ready.changed += filing.brought_up(pairs, today)
        for each, _ in pairs:
            words.add(each.row)
        if progress:
            progress(len(ready.new) + len(ready.changed), total)
    ready.words.sort()
    return ready


def commit(actor: Actor, ready: Prepared, subject: str = "workbook") -> None:
    """Take the prepared households in, all of them or none: the caller owns the one transaction.

    StalePage when a file was changed, or a person was put on file elsewhere, since the plan was made.
    """
    require(policy.can_list, actor)
    now = clock.now()
    _make_room(ready.changed)
    new = _next_ids(len(ready.new))
    bulk_insert(_table(Household), ("id", *filing.NEW_FILE), _with_ids(new, ready.new))
    _update(ready.changed, now)
    ids = [*new, *(each.known.id for each in ready.changed)]
    everyone = [*ready.new, *(each.filed for each in ready.changed)]
    members = (
        (place, *member)
        for place, each in zip(ids, everyone, strict=True)
        for member in each.members
    )
    bulk_insert(_table(Member), ("household_id", *filing.MEMBER), members)
    notes: list[tuple[Any, ...]] = [
        (place, now, actor.user_id, "imported", "从台账建档", None, "") for place in new
    ]
    notes += [
        (each.known.id, now, actor.user_id, "imported", "按新台账更新", each.history, "")
        for each in ready.changed
    ]
    bulk_insert(_table(Change), CHANGE, notes)
    found = (
        (word >> PLACE_BITS, ready.regions[word & PLACE], ids[word & PLACE]) for word in ready.words
    )
    bulk_insert(_table(SearchToken), WORD, found)
    if new:
        twins.find_among(new[0], new[-1])
    if everyone:
        detail = {**ready.counts, "by_district": dict(ready.by_district)}
        audit.record(actor, "households.import", subject, detail=detail)


class _Words:
    """Collects what the prepared households can be found by, by their place in the import."""

    def __init__(self, ready: Prepared) -> None:
        self._ready = ready
        token = ring().token
        self._of_name = lru_cache(16_384)(lambda name: tuple(map(token, name_tokens(name))))
        self._token = token

    def add(self, row: HouseholdRow) -> None:
        """Note one household; it takes the next place."""
        ready, place = self._ready, len(self._ready.regions)
        ready.regions.append(row.community_code)
        ready.by_district[row.district_code] += 1
        found = set(map(self._token, door_tokens(row.address)))
        for person in row.persons:
            found.update(self._of_name(person.name))
            numbers = person_tokens("", person.id_number, person.phones)
            found.update(map(self._token, numbers))
        ready.words += [word << PLACE_BITS | place for word in found]


def _last(waiting: list[T]) -> list[T]:
    """Take some off the end of a list, and so out of memory once they are done with."""
    some = waiting[: -CHUNK - 1 : -1]
    del waiting[-CHUNK:]
    return some


def _table(model: Any) -> Any:
    return model.__table__


def _with_ids(ids: Sequence[int], filed: Sequence[Filed]) -> Iterator[tuple[Any, ...]]:
    return ((number, *each.cover) for number, each in zip(ids, filed, strict=True))


def _next_ids(count: int) -> list[int]:
    """Reserve keys for new files, going up: on SQLite nobody else writes now, on PostgreSQL the sequence gives them."""
    if not count:
        return []
    if db.session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("household", "id")
        numbers = select(func.nextval(sequence)).select_from(func.generate_series(1, count).alias())
        return sorted(db.session.scalars(numbers))
    last = db.session.scalar(select(func.max(Household.id))) or 0
    return list(range(last + 1, last + 1 + count))


def _make_room(changed: Sequence[Brought]) -> None:
    """Take the old members and words out of the changed files, which must be as the plan saw them."""
    for some in _pieces(changed):
        versions = {each.known.id: each.known.version for each in some}
        found = db.session.execute(
            select(Household.id, Household.version)
            .where(Household.id.in_(versions))
            .with_for_update()
        )
        if {row.id: row.version for row in found} != versions:
            raise StalePage
        db.session.execute(delete(Member).where(Member.household_id.in_(versions)))
        db.session.execute(delete(SearchToken).where(SearchToken.household_id.in_(versions)))


def _update(changed: Sequence[Brought], now: Any) -> None:
    for some in _pieces(changed):
        values = [
            dict(zip(filing.COVER, each.filed.cover, strict=True))
            | {"id": each.known.id, "version": each.known.version + 1, "updated_at": now}
            for each in some
        ]
        db.session.execute(update(Household), values)
    if changed:
        db.session.expire_all()


def _new_numbers(some: Sequence[Candidate], year: int, taken: set[str]) -> list[str]:
    """Draw file numbers that nobody has: district 6, category 2, year 4, six digits nobody can count through."""
    found: list[str] = []
    for each in some:
        row = each.row
        prefix = f"{row.district_code}{row.category.value}{(row.filed_on or date(year, 1, 1)).year}"
        found.append(_draw(prefix, taken))
    while used := set(
        db.session.scalars(select(Household.file_no).where(Household.file_no.in_(found)))
    ):
        found = [_draw(number[:12], taken) if number in used else number for number in found]
    return found


def _draw(prefix: str, taken: set[str]) -> str:
    while (number := f"{prefix}{secrets.randbelow(10**6):06d}") in taken:
        pass
    taken.add(number)
    return number


def _pieces(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
