"""Looking at a workbook on its way in (对照预览): read, compared, and what is shown kept sealed."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.core.sheets import Sheet, annotate, read_sheets
from app.core.storage import storage
from app.households import queries
from app.households.errors import NoHeader
from app.households.models import ImportBatch, ImportMapping
from app.households.rules import Problem, Reading, mask_name, read_ledger
from app.households.rules.importing import BatchState, Choice, Kind
from app.households.rules.preview import LOOKED_AT, columns_of, told
from app.households.services.importing import Ahead, Plan, plan
from app.households.services.planning import EVERYTHING
from app.households.services.steps import step
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from app.core.access import Actor
    from app.core.crypto import Box
    from app.households.services.steps import Transaction

SHOWN = 20_000  # households of a kind that are listed one by one, and can be left out one by one
BEATS_APART = 10_000  # rows between two signs of life
REMARKED = (
    5_000  # beyond so many remarks only those that keep a household out are written into the cells
)


@dataclass(slots=True)
class _Watched:
    """A sheet whose first rows are kept while it is read, for showing what the columns hold."""

    sheet: Sheet
    first: list[tuple[int, list[Any]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.sheet.name

    @property
    def visible(self) -> bool:
        return self.sheet.visible

    @property
    def height(self) -> int:
        return self.sheet.height

    @property
    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        for row in islice(self.sheet.rows, LOOKED_AT):
            self.first.append(row)
            yield row
        yield from self.sheet.rows


@dataclass(slots=True)
class Look:
    """A workbook as it was read: the plan, and what is shown of it."""

    made: Plan
    sheets: list[dict[str, Any]]
    rows: int
    overrides: Mapping[str, str | None]


def look_at(
    actor: Actor,
    batch: ImportBatch,
    transaction: Transaction,
    ahead: Ahead | None = None,
    choice: Choice = EVERYTHING,
) -> Look:
    """Read the workbook and compare it, with what this sender's columns were corrected to the last time."""
    data, overrides = queries.workbook(batch), dict(batch.overrides)
    reading, sheets = _reading(batch, data, overrides, transaction, ahead)
    remembered = _remembered(batch.sender, sheets)
    if remembered and not overrides:
        overrides, ahead = remembered, None
        reading, sheets = _reading(batch, data, overrides, transaction)
    if not any(sheet["columns"] for sheet in sheets):
        raise NoHeader
    rows = reading.rows
    made = plan(actor, reading, ahead, choice)
    return Look(made, sheets, rows, overrides)


def _reading(
    batch: ImportBatch,
    data: bytes,
    overrides: Mapping[str, str | None],
    transaction: Transaction,
    ahead: Ahead | None = None,
) -> tuple[Reading, list[dict[str, Any]]]:
    watched: list[_Watched] = []

    def sheets() -> Iterator[_Watched]:
        for sheet in read_sheets(data, f"workbook{batch.suffix}"):
            watched.append(_Watched(sheet))
            yield watched[-1]

    follow = ahead.follow if ahead else None
    reading = read_ledger(sheets(), divisions(), overrides, heart(batch, transaction), follow)
    found = []
    for sheet, layout in zip(watched, reading.layouts, strict=True):
        signature, columns = columns_of(layout.columns, sheet.first, layout.header_row)
        found.append(
            {
                "name": layout.sheet,
                "skipped": layout.skipped,
                "signature": signature,
                "columns": columns,
            }
        )
    return reading, found


def _remembered(sender: str, sheets: list[dict[str, Any]]) -> dict[str, str | None]:
    signatures = {sheet["signature"] for sheet in sheets if sheet["signature"]}
    rows = db.session.scalars(
        select(ImportMapping).where(
            ImportMapping.sender == sender, ImportMapping.signature.in_(signatures)
        )
    )
    return {text: field for row in rows for text, field in row.overrides.items()}


def heart(batch: ImportBatch, transaction: Transaction) -> Callable[[int, int], None]:
    """Return a progress callback that now and then writes down how far it is: the page shows it."""
    last = 0

    def beat(done: int, total: int) -> None:
        nonlocal last
        if done - last < BEATS_APART:
            return
        last = done
        with transaction():
            db.session.execute(
                update(ImportBatch)
                .where(ImportBatch.id == batch.id)
                .values(done=done, total=total, updated_at=clock.now())
                .execution_options(synchronize_session=False)
            )

    return beat


def show(
    batch: ImportBatch,
    look: Look,
    transaction: Transaction,
    state: BatchState,
    error: str | None = None,
) -> None:
    """Keep what is shown of a workbook, sealed, and wait for the sender's word."""
    made, box = look.made, queries.batch_box(batch)
    report = {
        "sheets": look.sheets,
        "problems": [
            [each.sheet, each.row, each.letter, each.severity, each.code, each.message]
            for each in made.problems
        ],
        "rejections": _refused(made),
        "new": _new(made),
        "changed": _changed(made),
        "gone": made.gone[:SHOWN],
    }
    old = [key for key in (batch.report_key, batch.errors_key) if key]
    kept = {
        "report_key": _keep(box, json.dumps(report, ensure_ascii=False).encode(), batch, "report"),
        "errors_key": _remarked(batch, box, made),
    }
    with transaction():
        step(
            batch,
            {state},
            BatchState.READY,
            error=error,
            overrides=dict(look.overrides),
            choice=_choice(batch, made).kept(),
            summary=_summary(look) | {"columns_seen": batch.summary.get("columns_seen", False)},
            **kept,
        )
    for key in old:
        storage().delete(key)


def _choice(batch: ImportBatch, made: Plan) -> Choice:
    """Keep what was chosen before, as far as it is still there to be chosen."""
    keys: dict[Kind, set[str]] = {
        Kind.NEW: {each.short for each in made.new},
        Kind.CHANGED: {each.short for each, _ in made.changed},
    }
    return Choice.of(batch.choice).among(keys, made.gone)


def _region(made: Plan) -> str:
    """Return the smallest division that holds everything that would go in: whose second person is asked."""
    codes = [each.row.community_code for each in made.new]
    codes += [
        code
        for each, known in made.changed
        for code in (each.row.community_code, known.region_code)
    ]
    for length in (12, 9, 6):
        if len(found := {code[:length] for code in codes}) == 1:
            return found.pop()
    return codes[0][:4] if codes else ""


def _summary(look: Look) -> dict[str, Any]:
    made = look.made
    columns = [column for sheet in look.sheets for column in sheet["columns"]]
    reasons: dict[str, int] = {}
    for each in made.rejections:
        reasons[each.reason] = reasons.get(each.reason, 0) + 1
    return {
        "counts": made.counts(),
        "households": made.summary["households"],
        "persons": made.summary["persons"],
        "warned": made.summary["warned"],
        "rejected_by": reasons,
        "rows": look.rows,
        "sheets": sum(1 for sheet in look.sheets if not sheet["skipped"]),
        "columns": len({column["heading"] for column in columns if column["field"]}),
        "unplaced": len({column["heading"] for column in columns if not column["field"]}),
        "fingerprint": made.fingerprint,
        "region": _region(made),
    }


def _refused(made: Plan) -> list[list[Any]]:
    """Return the refused: sheet, first row, row and letter of the cell that kept the household out, reason."""
    cells = {
        (each.sheet, each.household_row, each.code): (each.row, each.letter)
        for each in reversed(made.problems)
        if each.severity == "error"
    }
    return [
        [sheet, row, *cells.get((sheet, row, reason), (row, "")), reason]
        for sheet, row, reason in made.rejections
    ]


def _new(made: Plan) -> list[dict[str, Any]]:
    """Return the new households in words that name nobody."""
    return [
        {
            "key": each.short,
            "at": [each.row.sheet, each.row.row],
            "place": each.row.community_code,
            "name": mask_name(each.row.householder.name),
            "category": each.row.category.label,
            "people": len(each.row.persons),
        }
        for each in made.new[:SHOWN]
    ]


def _changed(made: Plan) -> list[dict[str, Any]]:
    """Return the changed files with what would change, in words that name nobody."""
    rows = zip(made.changed[:SHOWN], made.differences, made.people, strict=False)
    return [
        {
            "key": each.short,
            "at": [each.row.sheet, each.row.row],
            "place": each.row.community_code,
            "file_no": known.file_no,
            "told": told(changed, place_short, people),
        }
        for (each, known), changed, people in rows
    ]


def _remarked(batch: ImportBatch, box: Box, made: Plan) -> str | None:
    """Keep the workbook with a remark in every cell that was wrong or untidy."""
    remarks: list[Problem] = made.problems
    if len(remarks) > REMARKED:
        remarks = [each for each in remarks if each.severity == "error"]
    if not remarks:
        return None
    out = io.BytesIO()
    annotate(queries.workbook(batch), remarks, out)
    return _keep(box, out.getvalue(), batch, "errors")


def _keep(box: Box, data: bytes, batch: ImportBatch, what: str) -> str:
    return storage().put(box.seal(data, f"import.{what}:{batch.code}"))
