"""Visits of the old platform (历史探访导入): compared first, then taken in, all of them or none.

They are confirmed records without a claim: nothing of them earns volunteer hours (C4 §19). Who went is a name in the
sealed notes; who takes the responsibility is the person who brings them in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import func, select

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import bulk_insert, db
from app.core.sheets import Form
from app.households import policy as files
from app.households.services import old_records
from app.households.services.old_records import Comparison
from app.visits import policy
from app.visits.models import Visit
from app.visits.rules import Opinion, VisitState
from app.visits.rules.history import ERRORS, NEEDED, WARNINGS, WORDS, OldVisit, read_visit
from app.visits.services.rollups import mend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.core.access import Actor
    from app.core.sheets import Sheet
    from app.households.queries import Linked

History: TypeAlias = Comparison[OldVisit]

AT_ONCE = 2_000
FORM = Form(WORDS, NEEDED)
COLUMNS = (
    "code", "household_id", "visitor_id", "recorded_by_id", "region_code", "town_code", "district_code",
    "visited_on", "minutes", "manner", "result", "companions", "opinion", "needs_found", "notes", "state",
    "counts_hours", "confirmed_by_id", "confirmed_at", "return_reason", "amend_reason", "submitted_at",
    "created_at", "updated_at", "source_key", "version",
)  # fmt: skip


class Totals(NamedTuple):
    """Confirmed records, and households with one, within somebody's scope (探访记录数、有记录的户数)."""

    records: int
    households: int


def compare(actor: Actor, sheets: Iterable[Sheet]) -> History:
    """Read a workbook of old visits and compare it with the records; reads only.

    A record is known by its own number, or else by household, day, visitor and text; the same workbook a second time
    has nothing new.
    """
    today = clock.today()
    read = ((line, *read_visit(line.cells, today)) for line in FORM.lines(sheets))
    made: History = Comparison(ERRORS, WARNINGS)
    return old_records.compare(actor, made, read, _key, Visit.source_key)


def take_in(actor: Actor, made: History, subject: str = "workbook") -> None:
    """Take the new records in, in the caller's one transaction; the figures of their files follow.

    A row that somebody else took in meanwhile is refused by its key, and the whole import with it (IntegrityError).
    """
    require(files.can_list, actor)
    table: Any = Visit.__table__
    bulk_insert(table, COLUMNS, _rows(actor, made))
    last: int | None = 0
    while last is not None:
        _, last = mend(clock.today(), last)
    audit.record(
        actor, "visits.import", subject, detail={"new": len(made.new), "known": made.known}
    )


def totals(actor: Actor) -> Totals:
    """Return how many confirmed records somebody oversees, and of how many households."""
    scope = (Visit.state == VisitState.CONFIRMED, policy.visible_to(actor))
    of = func.count(), func.count(Visit.household_id.distinct())
    return Totals(*db.session.execute(select(*of).where(*scope)).one())


def after(before: Totals, made: History) -> Totals:
    """Return the totals as they will be once a compared workbook is in."""
    ids = {each.file.id for each in made.new}
    return Totals(before.records + len(made.new), before.households + len(ids - _visited(ids)))


def _key(visit: OldVisit, file: Linked) -> bytes:
    by = visit.record_no or f"{visit.visited_on}|{visit.visitor}|{visit.text}"
    return ring().index("old visit", f"{file.file_no}|{by}")


def _visited(ids: Iterable[int]) -> set[int]:
    every, found = list(ids), set[int]()
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        rows = select(Visit.household_id).where(
            Visit.household_id.in_(some), Visit.state == VisitState.CONFIRMED
        )
        found.update(db.session.scalars(rows.distinct()))
    return found


def _rows(actor: Actor, made: History) -> Iterator[tuple[Any, ...]]:
    now, me = clock.now(), actor.user_id
    for visit, file, key in made.new:
        code = codes.new("V")
        box = ring().box(file.data_key or b"", file.file_no)
        said = {"visitor": visit.visitor, "text": visit.text, "record_no": visit.record_no}
        notes = {name: words for name, words in said.items() if words}
        yield (
            code, file.id, me, me, file.region_code, file.town_code, file.district_code,
            visit.visited_on, visit.minutes, visit.manner, visit.result, 0, Opinion.SAME, [],
            box.seal_json(notes, f"visit.notes:{code}"), VisitState.CONFIRMED, False, me, now, "", "",
            now, now, now, key, 1,
        )  # fmt: skip
