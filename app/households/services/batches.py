"""A workbook's way in (导入批次): received, read, shown, confirmed, taken in; each step once, whoever asks for it.

The long steps cut their work into several transactions; the edge lends its `transaction()` for that, so that it is
still the edge that owns them.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import changed_one, db, one_at_a_time
from app.core.errors import Forbidden, StalePage
from app.core.sheets import Sheet, SheetRefused, annotate, read_sheets
from app.core.storage import storage
from app.households import policy, queries
from app.households.errors import NoHeader, NothingToTakeIn
from app.households.models import ImportBatch, ImportMapping
from app.households.rules import Problem, Reading, read_ledger
from app.households.rules.importing import KEPT_FOR, OVER, STALLED_AFTER, BatchState, may_become
from app.households.rules.preview import LOOKED_AT, columns_of, differences
from app.households.services import filing
from app.households.services.importing import Plan, commit, plan, prepare
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from app.core.access import Actor
    from app.core.crypto import Box

    Transaction = Callable[[], AbstractContextManager[None]]

SMALL = 512 * 1024  # about three thousand rows: read while the sender waits
SHOWN = 500  # changed and vanished files listed one by one
BEATS_APART = 10_000  # rows between two signs of life
REMARKED = (
    5_000  # beyond so many remarks only those that keep a household out are written into the cells
)
OUR_FAULT = "这份表读到一半出了问题，是我们的错。没有任何内容入档，请把编号告诉管理员"
AGAIN = "刚才有人改动了同样的档案，已经重新对照过，请再看一遍"


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
class _Look:
    """A workbook as it was read: the plan, and what is shown of it."""

    made: Plan
    sheets: list[dict[str, Any]]
    rows: int


def receive(actor: Actor, data: bytes, suffix: str, key: str) -> ImportBatch:
    """Take a workbook from its sender, sealed under a key of its own; sent twice it is one and the same batch."""
    require(policy.can_list, actor)
    one_at_a_time(f"import {key}")
    known = db.session.scalars(
        select(ImportBatch).where(
            ImportBatch.idempotency_key == key, ImportBatch.user_id == actor.user_id
        )
    ).one_or_none()
    if known is not None:
        return known
    code, now = codes.new("I"), clock.now()
    data_key, box = ring().new_box(code)
    batch = ImportBatch(
        code=code,
        user_id=actor.user_id,
        sender=sender_of(actor),
        suffix=suffix,
        size=len(data),
        storage_key=storage().put(box.seal(data, f"import.file:{code}")),
        data_key=data_key,
        idempotency_key=key,
        created_at=now,
        updated_at=now,
    )
    db.session.add(batch)
    audit.record(actor, "import.receive", code, detail={"bytes": len(data)})
    return batch


def sender_of(actor: Actor) -> str:
    """Return whose mappings count: an organisation's, else those of the region somebody works for."""
    for organisation in actor.organisations(*policy.READERS):
        return f"organisation:{organisation}"
    return f"region:{next(iter(actor.regions(*policy.READERS)), '')}"


def place_columns(
    actor: Actor, batch: ImportBatch, chosen: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Correct what columns mean, by the signature of their header; remembered for this sender's next workbook."""
    require(policy.owns_batch, actor, batch)
    for signature, overrides in chosen.items():
        row = db.session.get(ImportMapping, (batch.sender, signature))
        if row is None:
            row = ImportMapping(sender=batch.sender, signature=signature, overrides={})
            db.session.add(row)
        row.overrides = dict(overrides)
    merged = {text: field for overrides in chosen.values() for text, field in overrides.items()}
    _step(
        batch,
        {BatchState.READY},
        BatchState.QUEUED,
        overrides=merged,
        summary={"columns_seen": True},
        done=0,
        total=0,
        error=None,
    )
    audit.record(actor, "import.columns", batch.code, detail={"columns": len(merged)})


def confirm(actor: Actor, batch: ImportBatch) -> None:
    """Let what was shown go in; pressed twice it goes in once."""
    require(policy.owns_batch, actor, batch)
    if batch.state in {BatchState.CONFIRMED, BatchState.COMMITTING, BatchState.DONE}:
        return
    counts = batch.summary.get("counts", {})
    if batch.state is BatchState.READY and not counts.get("new", 0) + counts.get("changed", 0):
        raise NothingToTakeIn
    _step(batch, {BatchState.READY}, BatchState.CONFIRMED, error=None)
    audit.record(actor, "import.confirm", batch.code, detail=counts)


def cancel(actor: Actor, batch: ImportBatch) -> None:
    """Give an import up; nothing of it has gone in."""
    require(policy.owns_batch, actor, batch)
    if batch.state is BatchState.CANCELLED:
        return
    _step(batch, may_become(BatchState.CANCELLED), BatchState.CANCELLED)
    audit.record(actor, "import.cancel", batch.code)


def advance(code: str, transaction: Transaction) -> bool:
    """Take a waiting batch one long step on, unless somebody else is doing so; returns whether it did.

    Called in the sender's own request for a small workbook, by the scheduler for any other.
    """
    batch = db.session.scalars(select(ImportBatch).where(ImportBatch.code == code)).one()
    actor = _actor_of(batch)
    steps = {
        BatchState.QUEUED: (BatchState.READING, _read),
        BatchState.CONFIRMED: (BatchState.COMMITTING, _take_in),
    }
    if batch.state not in steps:
        return False
    working, work = steps[batch.state]
    try:
        with transaction():
            _step(batch, {batch.state}, working)
    except StalePage:
        return False
    db.session.refresh(batch)
    try:
        work(actor, batch, transaction)
    except (SheetRefused, NoHeader, Forbidden) as refusal:
        with transaction():
            _step(batch, {working}, BatchState.FAILED, error=refusal.message)
    except Exception:  # whatever it was, it must not be tried for ever
        with transaction():
            _step(batch, {working}, BatchState.FAILED, error=OUR_FAULT)
        raise
    clear_away(batch, transaction)
    return True


def waiting() -> list[str]:
    """Return the codes of the batches that have something to be done, the oldest first."""
    return list(
        db.session.scalars(
            select(ImportBatch.code)
            .where(ImportBatch.state.in_([BatchState.QUEUED, BatchState.CONFIRMED]))
            .order_by(ImportBatch.id)
        )
    )


def free_stalled() -> int:
    """Put batches back into the queue whose process died; what it had begun was rolled back with it."""
    quiet = ImportBatch.updated_at < clock.now() - STALLED_AFTER
    freed = 0
    for stuck, back in (
        (BatchState.READING, BatchState.QUEUED),
        (BatchState.COMMITTING, BatchState.CONFIRMED),
    ):
        statement = (
            update(ImportBatch)
            .where(ImportBatch.state == stuck, quiet)
            .values(state=back, updated_at=clock.now())
            .returning(ImportBatch.id)
        )
        freed += len(db.session.scalars(statement).all())
    return freed


def abandon_old() -> int:
    """Cancel imports that nobody came back to within a week (个人信息保护法 §19: kept no longer than needed)."""
    statement = (
        update(ImportBatch)
        .where(
            ImportBatch.state.in_([BatchState.QUEUED, BatchState.READY]),
            ImportBatch.updated_at < clock.now() - KEPT_FOR,
        )
        .values(state=BatchState.CANCELLED, updated_at=clock.now())
        .returning(ImportBatch.id)
    )
    return len(db.session.scalars(statement).all())


def left_over() -> list[ImportBatch]:
    """Return the batches of which the storage still holds something that it should not."""
    found = db.session.scalars(
        select(ImportBatch).where(
            ImportBatch.state.in_(OVER),
            ImportBatch.storage_key.is_not(None)
            | ImportBatch.report_key.is_not(None)
            | ImportBatch.errors_key.is_not(None),
        )
    )
    return [batch for batch in found if _spent(batch)]


def clear_away(batch: ImportBatch, transaction: Transaction) -> bool:
    """Delete what an import that is over has no more use for: bytes first, so that no row forgets them too early."""
    db.session.refresh(batch)
    spent = _spent(batch)
    for name in spent:
        storage().delete(getattr(batch, name))
    if spent:
        with transaction():
            db.session.execute(
                update(ImportBatch)
                .where(ImportBatch.id == batch.id)
                .values(dict.fromkeys(spent, None))
            )
        db.session.refresh(batch)
    return bool(spent)


def _spent(batch: ImportBatch) -> list[str]:
    """Return which stored things are of no more use: the workbook at once, what came back after a week."""
    if batch.state not in OVER:
        return []
    names = ["storage_key"]
    if batch.state is not BatchState.DONE or batch.updated_at < clock.now() - KEPT_FOR:
        names += ["report_key", "errors_key"]
    return [name for name in names if getattr(batch, name)]


def _step(
    batch: ImportBatch, before: Iterable[BatchState], after: BatchState, **values: Any
) -> None:
    """Take a batch to its next state if it still is in one of the states it may come from."""
    changed_one(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state.in_(list(before)))
        .values(state=after, updated_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(batch)


def _actor_of(batch: ImportBatch) -> Actor:
    """Return who sent the batch, with what they may today, which may be less than when they sent it."""
    return db.session.get_one(User, batch.user_id).actor


def _read(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    look = _look(actor, batch, transaction)
    _show(batch, look, transaction, BatchState.READING)


def _take_in(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    look = _look(actor, batch, transaction)
    if look.made.fingerprint != batch.summary.get("fingerprint"):
        _show(batch, look, transaction, BatchState.COMMITTING, AGAIN)
        return
    ready = prepare(actor, look.made, _heart(batch, transaction))
    try:
        with transaction():
            commit(actor, ready, batch.code)
            _step(batch, {BatchState.COMMITTING}, BatchState.DONE)
    except (IntegrityError, StalePage):
        _show(batch, _look(actor, batch, transaction), transaction, BatchState.COMMITTING, AGAIN)


def _look(actor: Actor, batch: ImportBatch, transaction: Transaction) -> _Look:
    """Read the workbook and compare it, with what this sender's columns were corrected to the last time."""
    data, overrides = queries.workbook(batch), dict(batch.overrides)
    reading, sheets = _reading(batch, data, overrides, transaction)
    remembered = _remembered(batch.sender, sheets)
    if remembered and not overrides:
        reading, sheets = _reading(batch, data, remembered, transaction)
    if not any(sheet["columns"] for sheet in sheets):
        raise NoHeader
    rows = reading.rows
    return _Look(plan(actor, reading), sheets, rows)


def _reading(
    batch: ImportBatch, data: bytes, overrides: Mapping[str, str | None], transaction: Transaction
) -> tuple[Reading, list[dict[str, Any]]]:
    watched: list[_Watched] = []

    def sheets() -> Iterator[_Watched]:
        for sheet in read_sheets(data, f"workbook{batch.suffix}"):
            watched.append(_Watched(sheet))
            yield watched[-1]

    reading = read_ledger(sheets(), divisions(), overrides, _heart(batch, transaction))
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


def _heart(batch: ImportBatch, transaction: Transaction) -> Callable[[int, int], None]:
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


def _show(
    batch: ImportBatch,
    look: _Look,
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
        "changed": _differences(made),
        "gone": made.gone[:SHOWN],
    }
    old = [key for key in (batch.report_key, batch.errors_key) if key]
    kept = {
        "report_key": _keep(box, json.dumps(report, ensure_ascii=False).encode(), batch, "report"),
        "errors_key": _remarked(batch, box, made),
    }
    with transaction():
        _step(
            batch,
            {state},
            BatchState.READY,
            error=error,
            summary=_summary(look) | {"columns_seen": batch.summary.get("columns_seen", False)},
            **kept,
        )
    for key in old:
        storage().delete(key)


def _summary(look: _Look) -> dict[str, Any]:
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


def _differences(made: Plan) -> list[list[Any]]:
    """Return, for the first changed files, what would change, in words that name nobody."""
    pairs = made.changed[:SHOWN]
    return [
        [found.file.file_no, differences(found.before, found.after, place_short)]
        for found in filing.differences(pairs)
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
