"""Taking an import back (撤回导入): as long as nothing was built on it, and all of it or nothing.

New files lose what they say about people and can be found no more; their numbers stay taken, and what was done stays in
the history and the log. Changed files go back through their own history. What was built since is asked of the tables
themselves: a row about one of the files, in any of them, that is younger than the import.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update

from app.audit import services as audit
from app.core import clock
from app.core.db import bulk_insert, db
from app.core.errors import StalePage
from app.households import queries
from app.households.models import (
    Change,
    Household,
    ImportBatch,
    Member,
    SearchToken,
    Section,
    Span,
    Twins,
)
from app.households.rules import HouseholdState
from app.households.rules.document import difference, rewound
from app.households.services import bulk
from app.households.services.bulk import CHANGE, Rewrite, pieces, table
from app.households.services.writing import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.core.access import Actor
    from app.households.services.importing import Touched

SHOWN = 50  # files in the way that are named
WHY = {
    "household_change": "后来改过",
    "consent": "登记了同意书",
    "need": "发了需求",
    "task": "有了任务",
    "visit": "有了探访",
    "follow_up": "有了跟进",
    "approval": "有审批",
    "media": "有了照片或附件",
    "entry": "记了账",
}
SOMETHING = "有了别的记录"
# what an import writes itself, what only repeats it, and who looked: none of it is built on a file
_OWN = {
    each.__tablename__ for each in (Household, Member, SearchToken, Section, Span)
} | {"audit_row"}  # fmt: skip


class Emptied(NamedTuple):
    """A file that the import made, with the words it must no longer be found by."""

    id: int
    words: list[tuple[int, str]]


class Ready(NamedTuple):
    """An undoing, made ready before its transaction begins."""

    emptied: list[Emptied]
    restored: list[Rewrite]


def remembered(touched: Touched) -> dict[str, Any]:
    """Return what an import must remember to be undone; asked in its own transaction, after all that it wrote."""
    return {
        "new": _ranges(touched.new),
        "changed": [list(pair) for pair in touched.changed],
        "marks": {
            each.name: db.session.scalar(select(func.max(each.c.id))) or 0 for each in _built()
        },
    }


def count(batch: ImportBatch) -> int:
    """Return how many files an import made or changed."""
    touched = batch.touched
    made = sum(last - first + 1 for first, last in touched.get("new", ()))
    return int(made + len(touched.get("changed", ())))


def in_the_way(batch: ImportBatch) -> list[tuple[str, str]]:
    """Return the first files on which something was built, and what; by sets, however many files there are."""
    touched = batch.touched
    found: dict[int, str] = {}
    versions = dict(map(tuple, touched.get("changed", ())))
    for ids in _all_ids(touched):
        for row in db.session.execute(
            select(Household.id, Household.version).where(Household.id.in_(ids))
        ):
            if row.version != versions.get(row.id, 1):
                found.setdefault(row.id, WHY["household_change"])
        for each in _built():
            mark = touched["marks"].get(each.name, 0)
            rows = select(each.c.household_id).where(each.c.household_id.in_(ids), each.c.id > mark)
            for number in db.session.scalars(rows.distinct()):
                found.setdefault(number, WHY.get(each.name, SOMETHING))
        if len(found) >= SHOWN:
            break
    numbers = select(Household.id, Household.file_no).where(Household.id.in_(list(found)[:SHOWN]))
    return sorted((row.file_no, found[row.id]) for row in db.session.execute(numbers))


def prepare(batch: ImportBatch) -> Ready:
    """Open the files and seal what they go back to; reads only, so that nobody waits for it."""
    ready = Ready([], [])
    for ids in _pieces(batch.touched.get("new", ())):
        ready.emptied.extend(
            Emptied(
                number,
                [(token, opened.file.region_code) for token in tokens_of(opened.document)],
            )
            for number, opened in queries.open_files(ids).items()
        )
    for some in pieces([number for number, _ in batch.touched.get("changed", ())]):
        ready.restored.extend(_restored(some))
    return ready


def undo(actor: Actor, batch: ImportBatch, ready: Ready) -> None:
    """Take it all back in the caller's one transaction; StalePage when a file was touched since it was opened."""
    if len(ready.emptied) + len(ready.restored) != count(batch):
        raise StalePage
    bulk.release(ready.restored)
    for some in pieces(ready.emptied):
        _empty(actor, some)
    bulk.write_all(actor, ready.restored, "import_undone", "撤回导入，恢复原来的内容")
    detail = {"new": len(ready.emptied), "changed": len(ready.restored)}
    audit.record(actor, "households.import_undone", batch.code, detail=detail)


def _restored(ids: Sequence[int]) -> Iterator[Rewrite]:
    last = (
        select(func.max(Change.id))
        .where(Change.household_id.in_(ids))
        .group_by(Change.household_id)
    )
    changes = {
        change.household_id: change.fields
        for change in db.session.scalars(select(Change).where(Change.id.in_(last)))
    }
    for number, (file, box, said) in queries.open_files(ids).items():
        fields = box.open_json(changes[number], f"change.fields:{file.file_no}")
        before = rewound(said, fields)
        # the digest goes: the same workbook, sent again, is to be seen as a change again
        opened = queries.Opened(file, box, said)
        yield bulk.rewrite(opened, before, difference(said, before), {"source_digest": None})


def _empty(actor: Actor, some: Sequence[Emptied]) -> None:
    """Let files that should never have been say nothing any more, under a number that nobody else will get."""
    ids, now, today = [each.id for each in some], clock.now(), clock.today()
    changed = db.session.execute(
        update(Household)
        .where(Household.id.in_(ids), Household.version == 1)
        .values(
            # without its key nothing of the file opens any more, wherever it is kept (个人信息保护法 §47)
            state=HouseholdState.ERASED,
            data_key=None,
            head=b"",
            papers=b"",
            source_key=None,
            source_digest=None,
            next_visit_on=None,
            member_count=0,
            income_fen=0,
            aid_fen=0,
            traits="",
            version=2,
            updated_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != len(ids):  # type: ignore[attr-defined]  # an UPDATE has it
        raise StalePage
    db.session.execute(delete(Member).where(Member.household_id.in_(ids)))
    db.session.execute(delete(Twins).where(Twins.first_id.in_(ids) | Twins.second_id.in_(ids)))
    words = [
        {"of_token": token, "of_region": region, "of_household": each.id}
        for each in some
        for token, region in each.words
    ]
    if words:
        db.session.connection().execute(
            delete(table(SearchToken)).where(
                SearchToken.token == bindparam("of_token"),
                SearchToken.region_code == bindparam("of_region"),
                SearchToken.household_id == bindparam("of_household"),
            ),
            words,
        )
    spans = Span.household_id.in_(ids) & Span.until_on.is_(None)
    db.session.execute(delete(Span).where(spans, Span.from_on == today))
    db.session.execute(update(Span).where(spans).values(until_on=today))
    notes = (
        (number, now, actor.user_id, "import_undone", "撤回导入，档案作废", None, "")
        for number in ids
    )
    bulk_insert(table(Change), CHANGE, notes)
    db.session.expire_all()


def _built() -> list[Any]:
    """Return every table whose rows are about a file and have a number of their own."""
    return [
        each
        for each in db.metadata.sorted_tables
        if "household_id" in each.c and "id" in each.c and each.name not in _OWN
    ]


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Return going-up numbers as first and last of every unbroken run: a city's files are one."""
    runs = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        some = [number for _, number in run]
        runs.append([some[0], some[-1]])
    return runs


def _all_ids(touched: dict[str, Any]) -> Iterator[Sequence[int]]:
    yield from _pieces(touched.get("new", ()))
    yield from pieces([number for number, _ in touched.get("changed", ())])


def _pieces(ranges: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    yield from pieces([number for first, last in ranges for number in range(first, last + 1)])
