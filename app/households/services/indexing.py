"""Bringing search words up (重建检索词): files that were found by fewer words than the rules know now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, insert, or_, select

from app.audit import services as audit
from app.core.crypto import ring
from app.core.db import db
from app.households import queries
from app.households.models import Household, SearchToken
from app.households.rules.search import document_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.core.access import Actor

BATCH = 200  # on SQLite nobody else writes meanwhile: a third of a second
PIECE = 300  # a statement takes so many pairs


class Indexed(NamedTuple):
    """What a batch came to: the last file looked at (none: all are done), and what changed."""

    last: Household | None
    files: int = 0
    added: int = 0
    removed: int = 0


def reindex(actor: Actor, after: int = 0, limit: int = BATCH) -> Indexed:
    """Let the next files, by key, be found by what they say and by nothing else; again changes nothing.

    The rows are held meanwhile, so that no word of somebody's change is lost. Reading is noted in the audit log.
    """
    files = db.session.scalars(
        select(Household)
        .where(Household.id > after)
        .order_by(Household.id)
        .limit(limit)
        .with_for_update()
    ).all()
    if not files:
        return Indexed(None)
    held = _held(files)
    come: list[tuple[int, str, int]] = []
    gone: list[tuple[int, str, int]] = []
    for file in files:
        now = _words(file)
        come += now - held[file.id]
        gone += held[file.id] - now
    for start in range(0, len(gone), PIECE):
        db.session.execute(delete(SearchToken).where(or_(*map(_is, gone[start : start + PIECE]))))
    if come:
        names = ("token", "region_code", "household_id")
        rows = [dict(zip(names, one, strict=True)) for one in sorted(come)]
        db.session.execute(insert(SearchToken), rows)
    audit.record(
        actor,
        "households.reindex",
        files[-1].file_no,
        detail={"files": len(files), "added": len(come), "removed": len(gone)},
    )
    return Indexed(files[-1], len(files), len(come), len(gone))


def _held(files: Sequence[Household]) -> dict[int, set[tuple[int, str, int]]]:
    found: dict[int, set[tuple[int, str, int]]] = {file.id: set() for file in files}
    rows = select(SearchToken.token, SearchToken.region_code, SearchToken.household_id)
    for row in db.session.execute(rows.where(SearchToken.household_id.in_(found))):
        found[row.household_id].add((row.token, row.region_code, row.household_id))
    return found


def _words(file: Household) -> set[tuple[int, str, int]]:
    if file.data_key is None:
        return set()
    words = document_words(queries.document(file))
    return {(ring().token(word), file.region_code, file.id) for word in words}


def _is(key: tuple[int, str, int]) -> ColumnElement[bool]:
    token, region, household_id = key
    return and_(
        SearchToken.token == token,
        SearchToken.region_code == region,
        SearchToken.household_id == household_id,
    )
