"""A workbook's way in (导入批次): received, read, shown, confirmed, taken in; each step once, whoever asks for it.

The long steps cut their work into several transactions; the edge lends its `transaction()` for that, so that it is
still the edge that owns them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import db, one_at_a_time
from app.core.errors import Forbidden, StalePage
from app.core.sheets import SheetRefused
from app.core.storage import storage
from app.households import policy, queries
from app.households.errors import BuiltOn, NoHeader, NothingToTakeIn, ReasonMissing
from app.households.models import ImportBatch, ImportMapping
from app.households.rules.approvals import DAYS_OPEN, ApprovalKind, ApprovalState
from app.households.rules.importing import (
    APPROVED_FROM,
    BACK,
    KEPT_FOR,
    OVER,
    QUEUE,
    STALLED_AFTER,
    TAKEN,
    BatchState,
    Choice,
    Kind,
    may_become,
)
from app.households.services import approvals, undoing
from app.households.services.importing import Ahead, commit, prepare
from app.households.services.looking import Look, heart, look_at, show
from app.households.services.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.access import Actor
    from app.households.models import Approval
    from app.households.services.steps import Transaction

SMALL = 512 * 1024  # about three thousand rows: read while the sender waits
OUR_FAULT = "这份表读到一半出了问题，是我们的错。没有任何内容入档，请把编号告诉管理员"
AGAIN = "刚才有人改动了同样的档案，已经重新对照过，请再看一遍"
TAKE_IN, UNDO = "take_in", "undo"  # what a second person is asked about an import


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
    step(
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


def confirm(actor: Actor, batch: ImportBatch, *, reason: str = "", key: str = "") -> None:
    """Let what was chosen go in; pressed twice it goes in once.

    Beyond 50 households a second person is asked first, and told the reason (双人审批); the import waits for them.
    """
    require(policy.owns_batch, actor, batch)
    if batch.state in TAKEN:
        return
    going = Choice.of(batch.choice).going(batch.summary["counts"]) if batch.summary else {}
    if batch.state is BatchState.READY and not sum(going.values()):
        raise NothingToTakeIn
    if sum(going.values()) < APPROVED_FROM:
        step(batch, {BatchState.READY}, BatchState.CONFIRMED, error=None, approval=None)
        audit.record(actor, "import.confirm", batch.code, detail=going)
        return
    labels = {Kind.NEW: "新建", Kind.CHANGED: "更新", Kind.GONE: "暂停或结案"}
    words = "，".join(f"{labels[kind]} {going[kind]:,} 户" for kind in Kind if going[kind])
    _ask(actor, batch, TAKE_IN, words, reason, key)
    audit.record(actor, "import.ask", batch.code, detail=going)


def undo(actor: Actor, batch: ImportBatch, *, reason: str, key: str) -> None:
    """Take a whole import back (撤回导入), as long as nothing was built on it; a large one needs a second person, too.

    BuiltOn, with the files that stand in the way, when something was.
    """
    require(policy.owns_batch, actor, batch)
    if batch.state in BACK:
        return
    if batch.state is not BatchState.DONE:
        raise StalePage
    if in_the_way := undoing.in_the_way(batch):
        raise BuiltOn(in_the_way)
    files = undoing.count(batch)
    if files < APPROVED_FROM:
        if not reason.strip():
            raise ReasonMissing(WHY_UNDO)
        step(batch, {BatchState.DONE}, BatchState.UNDO_QUEUED, error=None, approval=None)
        audit.record(actor, "import.undo", batch.code, reason=reason.strip())
        return
    _ask(actor, batch, UNDO, f"撤回整次导入，涉及 {files:,} 户", reason, key)
    audit.record(actor, "import.ask_undo", batch.code, reason=reason.strip())


def approved(actor: Actor, approval: Approval, wanted: Mapping[str, str]) -> None:
    """Let a batch go on that a second person has agreed to: it goes in, or back out, as its sender's.

    What cannot go on any more is not approved either: StalePage.
    """
    batch = db.session.scalars(select(ImportBatch).where(ImportBatch.code == wanted["batch"])).one()
    before, after = _STEPS_ASKED[wanted["do"]]
    if batch.approval != approval.code:
        raise StalePage
    step(batch, {before}, after, error=None)
    audit.record(actor, f"import.{after.value}", batch.code, region_code=approval.region_code)


def reconsider(actor: Actor, batch: ImportBatch) -> None:
    """Go back to choosing, whether the second person refused or has not answered yet; the request is withdrawn."""
    require(policy.owns_batch, actor, batch)
    before, after = (
        (BatchState.UNDO_ASKED, BatchState.DONE)
        if batch.state is BatchState.UNDO_ASKED
        else (BatchState.ASKED, BatchState.READY)
    )
    step(batch, {before}, after)
    _withdraw(actor, batch)
    audit.record(actor, "import.reconsider", batch.code)


def cancel(actor: Actor, batch: ImportBatch) -> None:
    """Give an import up; nothing of it has gone in."""
    require(policy.owns_batch, actor, batch)
    if batch.state is BatchState.CANCELLED:
        return
    step(batch, may_become(BatchState.CANCELLED), BatchState.CANCELLED)
    _withdraw(actor, batch)
    audit.record(actor, "import.cancel", batch.code)


def request_of(batch: ImportBatch) -> Approval | None:
    """Return the request by which a second person decides on a batch, if there is one."""
    return queries.approval_about(batch)


def _ask(actor: Actor, batch: ImportBatch, what: str, words: str, reason: str, key: str) -> None:
    if not reason.strip():
        raise ReasonMissing("请给审批的人写一句话：这是什么表，为什么要这样做")
    before, after = _STEPS_ASKING[what]
    step(batch, {before}, after, error=None)
    approval = approvals.ask(
        actor,
        ApprovalKind.IMPORT,
        region_code=batch.summary["region"],
        subject=batch.code,
        reason=f"{words}。{reason.strip()}",
        key=key,
        wanted={"batch": batch.code, "do": what},
    )
    db.session.execute(
        update(ImportBatch).where(ImportBatch.id == batch.id).values(approval=approval.code)
    )


_STEPS_ASKING = {
    TAKE_IN: (BatchState.READY, BatchState.ASKED),
    UNDO: (BatchState.DONE, BatchState.UNDO_ASKED),
}
_STEPS_ASKED = {
    TAKE_IN: (BatchState.ASKED, BatchState.CONFIRMED),
    UNDO: (BatchState.UNDO_ASKED, BatchState.UNDO_QUEUED),
}
WHY_UNDO = "请写明为什么撤回，这会留在记录里"


def _withdraw(actor: Actor, batch: ImportBatch) -> None:
    request = request_of(batch)
    if request is not None and request.state is ApprovalState.ASKED:
        approvals.withdraw(actor, request)


def _use(actor: Actor, batch: ImportBatch) -> None:
    request = request_of(batch)
    if request is not None and request.state is ApprovalState.APPROVED:
        approvals.use(actor, request)


def advance(code: str, transaction: Transaction) -> bool:
    """Take a waiting batch one long step on, unless somebody else is doing so; returns whether it did.

    Called in the sender's own request for a small workbook, by the scheduler for any other.
    """
    batch = db.session.scalars(select(ImportBatch).where(ImportBatch.code == code)).one()
    actor = _actor_of(batch)
    steps = {
        BatchState.QUEUED: (BatchState.READING, _read),
        BatchState.CONFIRMED: (BatchState.COMMITTING, _take_in),
        BatchState.UNDO_QUEUED: (BatchState.UNDOING, _take_back),
    }
    if batch.state not in steps:
        return False
    working, work = steps[batch.state]
    failed = BatchState.DONE if working is BatchState.UNDOING else BatchState.FAILED
    try:
        with transaction():
            step(batch, {batch.state}, working)
    except StalePage:
        return False
    db.session.refresh(batch)
    try:
        work(actor, batch, transaction)
    except (SheetRefused, NoHeader, Forbidden, BuiltOn) as refusal:
        with transaction():
            step(batch, {working}, failed, error=refusal.message)
    except Exception:  # whatever it was, it must not be tried for ever
        with transaction():
            step(batch, {working}, failed, error=OUR_FAULT)
        raise
    clear_away(batch, transaction)
    return True


def waiting() -> list[str]:
    """Return the codes of the batches that have something to be done, the oldest first."""
    return list(
        db.session.scalars(
            select(ImportBatch.code).where(ImportBatch.state.in_(QUEUE)).order_by(ImportBatch.id)
        )
    )


def free_stalled() -> int:
    """Put batches back into the queue whose process died; what it had begun was rolled back with it."""
    quiet = ImportBatch.updated_at < clock.now() - STALLED_AFTER
    freed = 0
    for stuck, back in (
        (BatchState.READING, BatchState.QUEUED),
        (BatchState.COMMITTING, BatchState.CONFIRMED),
        (BatchState.UNDOING, BatchState.UNDO_QUEUED),
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
    old, long_asked = clock.now() - KEPT_FOR, clock.now() - timedelta(days=DAYS_OPEN)
    statement = (
        update(ImportBatch)
        .where(
            or_(
                ImportBatch.state.in_([BatchState.QUEUED, BatchState.READY])
                & (ImportBatch.updated_at < old),
                (ImportBatch.state == BatchState.ASKED) & (ImportBatch.updated_at < long_asked),
            )
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


def _actor_of(batch: ImportBatch) -> Actor:
    """Return who sent the batch, with what they may today, which may be less than when they sent it."""
    return db.session.get_one(User, batch.user_id).actor


def _read(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    show(batch, look_at(actor, batch, transaction), transaction, BatchState.READING)


def _take_in(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    choice = Choice.of(batch.choice)
    with Ahead(actor) as ahead:
        look = look_at(actor, batch, transaction, ahead, choice)
        if look.made.fingerprint != batch.summary.get("fingerprint"):
            _show_again(actor, batch, transaction)
            return
        ready = prepare(actor, look.made, heart(batch, transaction))
    try:
        with transaction():
            touched = commit(actor, ready, batch.code)
            _use(actor, batch)
            step(
                batch,
                {BatchState.COMMITTING},
                BatchState.DONE,
                touched=undoing.remembered(touched),
                summary=batch.summary | {"counts": ready.counts, "left_out": look.made.left_out},
            )
    except (IntegrityError, StalePage):
        _show_again(actor, batch, transaction)


def _show_again(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    look: Look = look_at(actor, batch, transaction)
    show(batch, look, transaction, BatchState.COMMITTING, AGAIN)


def _take_back(actor: Actor, batch: ImportBatch, transaction: Transaction) -> None:
    ready = undoing.prepare(batch)
    try:
        with transaction():
            if in_the_way := undoing.in_the_way(batch):
                raise BuiltOn(in_the_way)
            undoing.undo(actor, batch, ready)
            _use(actor, batch)
            step(batch, {BatchState.UNDOING}, BatchState.UNDONE)
    except (IntegrityError, StalePage):
        raise BuiltOn([]) from None
