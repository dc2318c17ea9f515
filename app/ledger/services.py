"""What writes the ledger (记账): one way in, one way back, and the rebuilding of the kept totals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from collections.abc import Mapping, Sequence
    from datetime import date

    from app.core.access import Actor

KEYS = ("dimension", "subject", "account", "measure")
AT_ONCE = 1_000  # entries, or totals, by one statement


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


class Happening(NamedTuple):
    """An entry to be written among many others (成批记账); see `post`."""

    kind: EntryKind
    happened_on: date
    subject: str
    legs: Sequence[Leg]
    memo: str = ""


def post_many(actor: Actor, happenings: Sequence[Happening]) -> list[int]:
    """Write many entries (成批记账) and keep the totals, in the caller's transaction; returns their ids in order.

    For bringing in an old book: a few statements for each thousand entries. NotBalanced as in `post`.
    """
    now, ids = clock.now(), list[int]()
    changes: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for start in range(0, len(happenings), AT_ONCE):
        some = happenings[start : start + AT_ONCE]
        for each in some:
            _check(each.kind, each.subject, each.legs)
        numbers = db.session.scalars(
            insert(Entry).returning(Entry.id, sort_by_parameter_order=True),
            [
                {
                    "code": codes.new("E"),
                    "kind": each.kind,
                    "happened_on": each.happened_on,
                    "recorded_at": now,
                    "user_id": actor.user_id,
                    "subject": each.subject,
                    "memo": each.memo,
                }
                for each in some
            ],
        ).all()
        ids += numbers
        legs = [
            (number, leg) for number, each in zip(numbers, some, strict=True) for leg in each.legs
        ]
        db.session.execute(
            insert(Posting), [{"entry_id": number, **leg._asdict()} for number, leg in legs]
        )
        for key, amount in rules.tally_changes(leg for _, leg in legs).items():
            changes[key] += amount
    _keep({key: changes[key] for key in sorted(changes) if changes[key]})
    return ids


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
    _check(kind, subject, legs)
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
    _keep(rules.tally_changes(legs))
    return entry


def _check(kind: EntryKind, subject: str, legs: Sequence[Leg]) -> None:
    if not rules.is_balanced(legs):
        message = f"the legs of a {kind} for {subject} do not sum to zero"
        raise NotBalanced(message)


def _keep(changes: Mapping[tuple[str, str, str, str], int]) -> None:
    """Add to the kept totals; the keys come in one fixed order, so that two writers never deadlock."""
    rows = [dict(zip(KEYS, key, strict=True), amount=amount) for key, amount in changes.items()]
    make: Any = (
        postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    for start in range(0, len(rows), AT_ONCE):
        stmt = make(Tally).values(rows[start : start + AT_ONCE])
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
