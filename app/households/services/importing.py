"""Taking a compared workbook into the files (台账入档): made ready first, then all the good households in one go.

Sealing and hashing take nearly all the time, so they are done before the one transaction begins: other people's work
waits only for the bare inserts.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import func, select, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import bulk_insert, db
from app.households import policy
from app.households.models import Change, Household, Member, SearchToken
from app.households.rules import STATE_WORDS, HouseholdState
from app.households.rules.bringing import NOT_IN_LEDGER
from app.households.services import bulk, filing, spans, twins, updating
from app.households.services.ahead import Ahead
from app.households.services.bulk import CHANGE, WORD, Rewrite, table
from app.households.services.filing import Filer
from app.households.services.planning import Plan, plan
from app.households.services.recognising import Candidate, Filed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.core.access import Actor

    Progress = Callable[[int, int], None]

__all__ = ["Ahead", "Plan", "Prepared", "commit", "plan", "prepare"]

T = TypeVar("T")

CHUNK = 500
PLACE_BITS = 24  # a search word and its household's place in the import share one integer while they are sorted
standing = itemgetter(*filing.STANDING)
PLACE = (1 << PLACE_BITS) - 1


@dataclass(slots=True)
class Prepared:
    """A plan whose households are sealed and ready for the tables."""

    new: list[Filed] = field(default_factory=list)
    changed: list[Rewrite] = field(default_factory=list)
    put_away: dict[HouseholdState, list[Rewrite]] = field(default_factory=dict)
    settled: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    by_district: Counter[str] = field(default_factory=Counter)


def prepare(actor: Actor, made: Plan, progress: Progress | None = None) -> Prepared:
    """Seal what is to go in; reads only, and takes the households over from the plan to keep memory bounded.

    `progress` is called with how many households are ready, and of how many.
    """
    require(policy.can_list, actor)
    ready = Prepared(counts=made.counts(), settled=made.settled)
    today, total = clock.today(), len(made.new) + len(made.changed)
    filer, taken = Filer(actor), set[str]()
    # places go up with the regions, so that the sorted words are in their index' own order
    made.new.sort(key=lambda each: each.row.community_code, reverse=True)
    while made.new:
        some = _last(made.new)
        ready.new += _filed(filer, some, taken)
        ready.by_district.update(each.row.district_code for each in some)
        if progress:
            progress(len(ready.new), total)
    while made.changed:
        pairs = _last(made.changed)
        ready.changed += updating.brought_up(pairs, today, made.numbers)
        ready.by_district.update(each.row.district_code for each, _ in pairs)
        if progress:
            progress(len(ready.new) + len(ready.changed), total)
    wanted = {file_no: made.choice.gone.get(file_no) for file_no in made.gone}
    ready.put_away = updating.put_away(actor, {no: state for no, state in wanted.items() if state})
    for place, each in enumerate(ready.new):
        words = array("q")
        words.frombytes(each.words)
        ready.words += [word << PLACE_BITS | place for word in words]
    ready.words.sort()
    return ready


class Touched(NamedTuple):
    """The files that an import made, and those that it changed with the version it left them at."""

    new: list[int]
    changed: list[tuple[int, int]]


def commit(actor: Actor, ready: Prepared, subject: str = "workbook") -> Touched:
    """Take the prepared households in, all of them or none: the caller owns the one transaction.

    StalePage when a file was changed, or a person was put on file elsewhere, since the plan was made.
    """
    require(policy.can_list, actor)
    now = clock.now()
    away = [each for some in ready.put_away.values() for each in some]
    bulk.release([*ready.changed, *away])
    new = _next_ids(len(ready.new))
    bulk_insert(table(Household), ("id", *filing.NEW_FILE), _with_ids(new, ready.new))
    members = (
        (place, *member)
        for place, each in zip(new, ready.new, strict=True)
        for member in each.members
    )
    bulk_insert(table(Member), ("household_id", *filing.MEMBER), members)
    notes = ((place, now, actor.user_id, "imported", "从台账建档", None, "") for place in new)
    bulk_insert(table(Change), CHANGE, notes)
    stood = ((place, *standing(each.cover)) for place, each in zip(new, ready.new, strict=True))
    spans.begin(stood)
    regions = [each.cover[1] for each in ready.new]
    found = ((word >> PLACE_BITS, regions[word & PLACE], new[word & PLACE]) for word in ready.words)
    bulk_insert(table(SearchToken), WORD, found)
    if new:
        twins.find_among(new[0], new[-1])
    bulk.write_all(actor, ready.changed, "imported", "按新台账更新")
    for state, some in ready.put_away.items():
        bulk.write_all(actor, some, "state", f"档案{STATE_WORDS[state]}", NOT_IN_LEDGER)
    _settle(ready.settled)
    if ready.new or ready.changed or away:
        detail = {**ready.counts, "by_district": dict(ready.by_district), "put_away": len(away)}
        audit.record(actor, "households.import", subject, detail=detail)
    return Touched(new, [(each.id, each.version + 1) for each in (*ready.changed, *away)])


def _last(waiting: list[T]) -> list[T]:
    """Take some off the end of a list, and so out of memory once they are done with."""
    some = waiting[: -CHUNK - 1 : -1]
    del waiting[-CHUNK:]
    return some


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


def _settle(files: Sequence[tuple[int, bytes, bytes]]) -> None:
    """Let files that say already what the workbook says be known by it; nothing of what they say changes."""
    if files:
        db.session.execute(
            update(Household),
            [
                {"id": number, "source_key": key, "source_digest": digest}
                for number, key, digest in files
            ],
        )


def _filed(filer: Filer, some: Sequence[Candidate], taken: set[str]) -> list[Filed]:
    """Seal what was not sealed ahead, and anew what was sealed under a number that somebody has."""
    found = []
    for each in some:
        filed = each.filed
        if filed is None or filed.cover[0] in taken:
            filed = filer.file(each, filer.draw(each.row, taken))
        taken.add(filed.cover[0])
        found.append(filed)
    numbers = Household.file_no
    while used := set(
        db.session.scalars(select(numbers).where(numbers.in_([each.cover[0] for each in found])))
    ):
        for place, filed in enumerate(found):
            if filed.cover[0] in used:
                number = filer.draw(some[place].row, taken)
                taken.add(number)
                found[place] = filer.file(some[place], number)
    return found
