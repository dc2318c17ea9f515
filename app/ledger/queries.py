"""What pages and proofs ask of the ledger (账目查询)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    String,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.core import paging
from app.core.db import db
from app.ledger.models import Entry, Posting, Tally
from app.ledger.rules import (
    BEHIND,
    Account,
    Balances,
    Dimension,
    EntryKind,
    Figure,
    Leg,
    Measure,
    no_balances,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from app.core.paging import Page

COLUMNS: dict[Dimension, Any] = {
    Dimension.HOUSEHOLD: Posting.household_id,
    Dimension.PROGRAMME: Posting.programme_id,
    Dimension.DONOR: Posting.donor_id,
    Dimension.TOWN: Posting.town_code,
}
Subject = int | str


def balances(dimension: Dimension, subject: Subject) -> Balances:
    """Return what stands on each account for one thing, by measure (fen, minutes or items), from the kept totals."""
    return balances_of(dimension, [subject])[str(subject)]


def balances_of(dimension: Dimension, subjects: Iterable[Subject]) -> dict[str, Balances]:
    """Return the same for many things, in one statement."""
    found = {str(subject): no_balances() for subject in subjects}
    if not found:
        return found
    rows = db.session.execute(
        select(Tally.subject, Tally.account, Tally.measure, Tally.amount).where(
            Tally.dimension == dimension, Tally.subject.in_(found)
        )
    )
    for subject, account, measure, amount in rows:
        found[subject][account][measure] = amount
    return found


def totals(dimension: Dimension, subject: Subject) -> dict[Measure, int]:
    """Return what reached households (DELIVERED) for one thing, by measure; the measures are never added together."""
    return balances(dimension, subject)[Account.DELIVERED]


def town_totals(prefix: str = "") -> dict[str, dict[Measure, int]]:
    """Return what reached the households of each town under a region prefix, by measure: one range of the key."""
    rows = db.session.execute(
        select(Tally.subject, Tally.measure, Tally.amount)
        .where(
            Tally.dimension == Dimension.TOWN,
            Tally.subject >= prefix,
            Tally.subject < prefix + "~",
            Tally.account == Account.DELIVERED,
        )
        .order_by(Tally.subject)
    )
    found: dict[str, dict[Measure, int]] = {}
    for town, measure, amount in rows:
        found.setdefault(town, dict.fromkeys(Measure, 0))[measure] = amount
    return found


def entries_for(
    dimension: Dimension,
    subject: Subject,
    cursor: str | None = None,
    *,
    account: Account | None = None,
    measure: Measure | None = None,
    size: int = paging.PAGE_SIZE,
) -> Page[Posting]:
    """Return the postings of one thing, newest first, each with its entry."""
    wanted = select(Posting).options(joinedload(Posting.entry)).where(_of(dimension, subject))
    if account is not None:
        wanted = wanted.where(Posting.account == account)
    if measure is not None:
        wanted = wanted.where(Posting.measure == measure)
    return _newest_first(wanted, cursor, size)


def behind(
    figure: Figure,
    dimension: Dimension,
    subject: Subject,
    measure: Measure,
    cursor: str | None = None,
    *,
    size: int = paging.PAGE_SIZE,
) -> Page[Posting]:
    """Return the postings that add up to a figure, newest first, each with its entry.

    Each part walks its own index backwards and stops after a page, however long the history is.
    """
    parts = [
        _part(figure_part, dimension, subject, measure, cursor, size)
        for figure_part in BEHIND[figure]
    ]
    ids = union_all(*(select(part.c.id) for part in parts)).subquery()
    wanted = (
        select(Posting)
        .join(Posting.entry)
        .options(contains_eager(Posting.entry))
        .where(Posting.id.in_(select(ids.c.id)))
    )
    return _newest_first(wanted, cursor, size)


def sum_behind(figure: Figure, dimension: Dimension, subject: Subject, measure: Measure) -> int:
    """Add up the whole list behind a figure from its postings: what `verify` and the tests compare a page with."""
    original = aliased(Entry)
    total = 0
    for account, kinds in BEHIND[figure]:
        rule = _kind_rule(kinds, original)
        total += int(
            db.session.scalar(
                select(func.coalesce(func.sum(Posting.amount), 0))
                .join(Posting.entry)
                .outerjoin(original, original.id == Entry.reverses_id)
                .where(
                    _of(dimension, subject),
                    Posting.account == account,
                    Posting.measure == measure,
                    *rule,
                )
            )
            or 0
        )
    return total


def for_subject(subject_code: str) -> Sequence[Entry]:
    """Return the entries of one resource line or visit, oldest first."""
    return (
        db.session.scalars(
            select(Entry)
            .options(joinedload(Entry.postings))
            .where(Entry.subject == subject_code)
            .order_by(Entry.id)
        )
        .unique()
        .all()
    )


def standing(subject_code: str) -> Sequence[Entry]:
    """Return the entries of one line or visit that no reversal took back, newest first."""
    undone = aliased(Entry)
    return db.session.scalars(
        select(Entry)
        .where(
            Entry.subject == subject_code,
            Entry.kind != EntryKind.REVERSAL,
            ~select(undone.id).where(undone.reverses_id == Entry.id).exists(),
        )
        .order_by(Entry.id.desc())
    ).all()


def legs_of(entry: Entry) -> list[Leg]:
    """Return an entry's postings as legs."""
    rows = db.session.scalars(
        select(Posting).where(Posting.entry_id == entry.id).order_by(Posting.id)
    )
    return [
        Leg(p.account, p.measure, p.amount, p.programme_id, p.donor_id, p.household_id, p.town_code)
        for p in rows
    ]


def verify() -> list[str]:
    """Prove the ledger by set: entries sum to zero, reversals mirror, totals equal postings; one line per ill."""
    return [
        *_empty_entries(),
        *_lopsided_entries(),
        *_crooked_reversals(),
        *_wrong_tallies(),
    ]


def posting_sums() -> Select[Any]:
    """Select what the kept totals must be: (dimension, subject, account, measure, amount) summed from the postings."""
    parts = [
        select(
            literal(dimension.value).label("dimension"),
            cast(column, String(20)).label("subject"),
            cast(Posting.account, String(20)).label("account"),
            cast(Posting.measure, String(20)).label("measure"),
            func.sum(Posting.amount).label("amount"),
        )
        .where(column != "" if dimension is Dimension.TOWN else column.is_not(None))
        .group_by(column, Posting.account, Posting.measure)
        for dimension, column in COLUMNS.items()
    ]
    union = union_all(*parts).subquery("sums")
    return select(union)


def _of(dimension: Dimension, subject: Subject) -> ColumnElement[bool]:
    value = subject if dimension is Dimension.TOWN else int(subject)
    rule: ColumnElement[bool] = COLUMNS[dimension] == value
    return rule


def _kind_rule(kinds: frozenset[EntryKind], original: Any) -> list[ColumnElement[bool]]:
    return [func.coalesce(original.kind, Entry.kind).in_(sorted(kinds))] if kinds else []


def _part(
    figure_part: tuple[Account, frozenset[EntryKind]],
    dimension: Dimension,
    subject: Subject,
    measure: Measure,
    cursor: str | None,
    size: int,
) -> Any:
    account, kinds = figure_part
    wanted = select(Posting.id).where(
        _of(dimension, subject), Posting.account == account, Posting.measure == measure
    )
    if kinds:
        original = aliased(Entry)
        wanted = (
            wanted.join(Posting.entry)
            .outerjoin(original, original.id == Entry.reverses_id)
            .where(*_kind_rule(kinds, original))
        )
    values = paging.decode(cursor, 1) if cursor else None
    if values is not None:
        wanted = wanted.where(paging.after([(Posting.id, True)], values))
    return wanted.order_by(Posting.id.desc()).limit(size + 1).subquery()


def _newest_first(wanted: Select[Any], cursor: str | None, size: int) -> Page[Posting]:
    return paging.fetch(
        db.session,
        wanted,
        [(Posting.id, True)],
        cursor,
        key=lambda posting: [posting.id],
        size=size,
    )


def _empty_entries() -> list[str]:
    lonely = select(Entry.code).where(
        ~select(Posting.id).where(Posting.entry_id == Entry.id).exists()
    )
    return [f"entry {code} has no postings" for code in db.session.scalars(lonely)]


def _lopsided_entries() -> list[str]:
    sums = (
        select(Posting.entry_id, Posting.measure, func.sum(Posting.amount).label("amount"))
        .group_by(Posting.entry_id, Posting.measure)
        .having(func.sum(Posting.amount) != 0)
        .subquery()
    )
    rows = db.session.execute(
        select(Entry.code, sums.c.measure, sums.c.amount)
        .select_from(sums)
        .outerjoin(Entry, Entry.id == sums.c.entry_id)
        .order_by(sums.c.entry_id)
        .execution_options(yield_per=1000)
    )
    return [
        f"entry {code} is out of balance by {amount} in {measure}" for code, measure, amount in rows
    ]


def _crooked_reversals() -> list[str]:
    """An entry and its reversal together leave nothing on any account of anybody."""
    undo = aliased(Entry)
    pairs = union_all(
        select(Entry.id.label("root"), Entry.id.label("entry_id")).where(
            Entry.id.in_(select(undo.reverses_id).where(undo.reverses_id.is_not(None)))
        ),
        select(Entry.reverses_id.label("root"), Entry.id.label("entry_id")).where(
            Entry.reverses_id.is_not(None)
        ),
    ).subquery()
    rest = (
        select(pairs.c.root)
        .join(Posting, Posting.entry_id == pairs.c.entry_id)
        .group_by(
            pairs.c.root,
            Posting.account,
            Posting.measure,
            Posting.programme_id,
            Posting.donor_id,
            Posting.household_id,
            Posting.town_code,
        )
        .having(func.sum(Posting.amount) != 0)
        .distinct()
        .subquery()
    )
    rows = db.session.scalars(
        select(Entry.code).join(rest, rest.c.root == Entry.id).order_by(Entry.id)
    )
    return [f"entry {code} was not reversed exactly" for code in rows]


def _wrong_tallies() -> list[str]:
    sums = posting_sums().subquery()
    both = union_all(
        select(sums.c.dimension, sums.c.subject, sums.c.account, sums.c.measure, sums.c.amount),
        select(
            cast(Tally.dimension, String(20)),
            cast(Tally.subject, String(20)),
            cast(Tally.account, String(20)),
            cast(Tally.measure, String(20)),
            -Tally.amount,
        ),
    ).subquery()
    keys = (both.c.dimension, both.c.subject, both.c.account, both.c.measure)
    rows = db.session.execute(
        select(*keys, func.sum(both.c.amount))
        .group_by(*keys)
        .having(func.sum(both.c.amount) != 0)
        .order_by(*keys)
        .execution_options(yield_per=1000)
    )
    return [
        f"total of {dimension} {subject} on {account} differs from its postings by {amount} in {measure}"
        for dimension, subject, account, measure, amount in rows
    ]
