"""Visits of the old platform (历史探访导入): compared first, then taken in, all of them or none.

They are confirmed records without a claim: nothing of them earns volunteer hours (C4 §19). Who went is a name in the
sealed notes; who takes the responsibility is the person who brings them in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import bulk_insert, db
from app.core.sheets import CellNote, Form
from app.households import policy as files
from app.households import queries as households
from app.households.rules.references import Remark
from app.visits import policy
from app.visits.models import Visit
from app.visits.rules import Opinion, VisitState
from app.visits.rules.history import ERRORS, NEEDED, WARNINGS, WORDS, OldVisit, read_visit
from app.visits.services.rollups import mend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.core.access import Actor
    from app.core.sheets import Line, Sheet
    from app.households.queries import Linked

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


NOTHING = Totals(0, 0)


class Refused(NamedTuple):
    """A row that stays outside, by its sheet and number (from 1), and why."""

    sheet: str
    row: int
    reason: str


@dataclass(slots=True)
class History:
    """What an import of old visits would do (对照): shown before anything is changed."""

    rows: int = 0
    new: list[tuple[OldVisit, Linked, bytes]] = field(default_factory=list)
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    notes: list[CellNote] = field(default_factory=list)
    warned: Counter[str] = field(default_factory=Counter)
    before: Totals = NOTHING
    after: Totals = NOTHING

    def summary(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "rows": self.rows,
            "new": len(self.new),
            "known": self.known,
            "warned": dict(sorted(self.warned.items())),
            "rejected": [each._asdict() for each in self.refused],
            "before": self.before._asdict(),
            "after": self.after._asdict(),
        }


def compare(actor: Actor, sheets: Iterable[Sheet]) -> History:
    """Read a workbook of old visits and compare it with the records; reads only.

    A record is known by its own number, or else by household, day, visitor and text; the same workbook a second time
    has nothing new. Rows outside the reader's scope are refused like rows of nobody.
    """
    require(files.can_list, actor)
    made, today = History(), clock.today()
    read: list[tuple[Line, OldVisit]] = []
    for line in FORM.lines(sheets):
        made.rows += 1
        visit, remarks = read_visit(line.cells, today)
        _remark(made, line, remarks, refused=visit is None)
        if visit is not None:
            read.append((line, visit))
    _link(actor, made, read)
    made.before = totals(actor)
    fresh = {file.id for _, file, _ in made.new} - _visited({file.id for _, file, _ in made.new})
    made.after = Totals(made.before.records + len(made.new), made.before.households + len(fresh))
    return made


def take_in(actor: Actor, made: History, subject: str = "workbook") -> None:
    """Take the new records in, in the caller's one transaction; the figures of their files follow.

    A row that somebody else took in meanwhile is refused by its key, and the whole import with it (IntegrityError).
    """
    require(files.can_list, actor)
    bulk_insert(Visit.__table__, COLUMNS, _rows(actor, made))  # type: ignore[arg-type]  # declared as FromClause
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


def _link(actor: Actor, made: History, read: Sequence[tuple[Line, OldVisit]]) -> None:
    """Sort the rows that read well into new ones, known ones and those whose household is not to be found."""
    links = households.linked(actor, [visit.reference for _, visit in read])
    found: dict[bytes, tuple[OldVisit, Linked]] = {}
    for line, visit in read:
        file = links.find(visit.reference)
        if isinstance(file, Remark):
            _remark(made, line, [file], refused=True)
        elif (key := _key(visit, file)) in found:
            made.known += 1
        else:
            found[key] = visit, file
    there = _there(list(found))
    made.known += len(there)
    made.new = [(*pair, key) for key, pair in found.items() if key not in there]


def _key(visit: OldVisit, file: Linked) -> bytes:
    by = visit.record_no or f"{visit.visited_on}|{visit.visitor}|{visit.text}"
    return ring().index("old visit", f"{file.file_no}|{by}")


def _there(keys: Sequence[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        rows = db.session.scalars(select(Visit.source_key).where(Visit.source_key.in_(some)))
        found.update(key for key in rows if key)
    return found


def _visited(ids: Iterable[int]) -> set[int]:
    every, found = list(ids), set[int]()
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        rows = select(Visit.household_id).where(
            Visit.household_id.in_(some), Visit.state == VisitState.CONFIRMED
        )
        found.update(db.session.scalars(rows.distinct()))
    return found


def _remark(made: History, line: Line, remarks: Sequence[Remark], *, refused: bool) -> None:
    for remark in remarks:
        wrong = remark.code in ERRORS
        if not wrong:
            made.warned[remark.code] += 1
        words = ERRORS.get(remark.code) or WARNINGS[remark.code]
        severity = "error" if wrong else "warning"
        made.notes.append(
            CellNote(line.sheet, line.row, line.column(remark.meaning), severity, words)
        )
    if refused:
        reason = next(remark.code for remark in remarks if remark.code in ERRORS)
        made.refused.append(Refused(line.sheet, line.row, reason))


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
