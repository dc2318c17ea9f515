"""What writes the ledger (记账): one way in, one way back, and the rebuilding of the kept totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.core import clock, codes
from app.core.db import db
from app.ledger import queries, rules
from app.ledger.errors import AlreadyReversed, NotBalanced, ReasonMissing
from app.ledger.models import Entry, Posting, Tally
from app.ledger.rules import EntryKind, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor

KEYS = ("dimension", "subject", "account", "measure")


def post(
    actor: Actor,
    kind: EntryKind,
    happened_on: date,
    subject: str,
    legs: Sequence[Leg],
    memo: str = "",
) -> Entry:
    """Write an entry (记账) with its postings and keep the totals, in the caller's transaction: three statements.

    Amounts are fen, minutes or items as the measure says; `subject` is the public code of the line or visit that is
    the evidence; `memo` is without personal data. Who may post is decided by the verb that calls this. Legs that do
    not sum to zero are NotBalanced: a mistake of the program.
    """
    return _write(actor, kind, happened_on, subject, legs, memo)


def reverse(actor: Actor, entry: Entry, reason: str) -> Entry:
    """Take an entry back (冲正) by a second one that mirrors it; nothing is ever changed or deleted (L3 §66).

    AlreadyReversed the second time, and for a reversal itself; ReasonMissing without a reason.
    """
    if not reason.strip():
        raise ReasonMissing
    if entry.kind is EntryKind.REVERSAL or _is_reversed(entry):
        raise AlreadyReversed
    legs = rules.reversed_legs(queries.legs_of(entry))
    try:
        with db.session.begin_nested():  # of two thumbs the unique key lets one through
            return _write(
                actor,
                EntryKind.REVERSAL,
                clock.today(),
                entry.subject,
                legs,
                reason.strip()[:120],
                reverses_id=entry.id,
            )
    except IntegrityError:
        raise AlreadyReversed from None


def recount() -> int:
    """Rebuild all kept totals from the postings, by set; returns how many there are.

    For bulk loads and for repair. Writers wait at their own totals meanwhile, so none is counted twice or missed.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE tally IN EXCLUSIVE MODE"))
    db.session.execute(delete(Tally).execution_options(synchronize_session=False))
    sums = queries.posting_sums().subquery()
    columns = [*KEYS, "amount"]
    db.session.execute(
        insert(Tally).from_select(
            columns, select(*(sums.c[name] for name in columns)).where(sums.c.amount != 0)
        )
    )
    return db.session.scalar(select(func.count()).select_from(Tally)) or 0


def _write(
    actor: Actor,
    kind: EntryKind,
    happened_on: date,
    subject: str,
    legs: Sequence[Leg],
    memo: str,
    reverses_id: int | None = None,
) -> Entry:
    if not rules.is_balanced(legs):
        message = f"the legs of a {kind} for {subject} do not sum to zero"
        raise NotBalanced(message)
    entry = Entry(
        code=codes.new("E"),
        kind=kind,
        happened_on=happened_on,
        recorded_at=clock.now(),
        user_id=actor.user_id,
        subject=subject,
        memo=memo,
        reverses_id=reverses_id,
    )
    db.session.add(entry)
    db.session.flush()  # the postings need its id, and the unique key of a reversal decides now
    db.session.execute(insert(Posting), [{"entry_id": entry.id, **leg._asdict()} for leg in legs])
    _keep(legs)
    return entry


def _keep(legs: Sequence[Leg]) -> None:
    changes = rules.tally_changes(legs)
    if not changes:
        return
    rows = [dict(zip(KEYS, key, strict=True), amount=amount) for key, amount in changes.items()]
    make: Any = (
        postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    stmt = make(Tally).values(rows)
    db.session.execute(
        stmt.on_conflict_do_update(
            index_elements=list(KEYS), set_={"amount": Tally.amount + stmt.excluded.amount}
        ).execution_options(synchronize_session=False)
    )


def _is_reversed(entry: Entry) -> bool:
    return (
        db.session.scalar(select(Entry.id).where(Entry.reverses_id == entry.id).limit(1))
        is not None
    )
