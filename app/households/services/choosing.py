"""Choosing among the households of an import (逐户挑选): everything goes in unless its sender says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import changed_one, db
from app.core.errors import NotHere
from app.households import policy, queries
from app.households.models import ImportBatch, ImportMapping
from app.households.rules.importing import PUT_AWAY, BatchState, Choice, Kind
from app.households.services.batches import sender_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from app.core.access import Actor
    from app.households.rules import HouseholdState


def choose(
    actor: Actor, batch: ImportBatch, kind: Kind, shown: Collection[str], kept: Collection[str]
) -> None:
    """Keep which of the households that were shown go in; those on other pages stay as they were."""
    choice = _choice(actor, batch)
    known = {each["key"] for each in queries.report(batch)[kind]}
    before = known if kind in choice.none else choice.out.get(kind, frozenset())
    out = frozenset((before - set(shown)) | (set(shown) & known) - set(kept))
    _keep(batch, choice._replace(none=choice.none - {kind}, out={**choice.out, kind: out}))


def choose_all(actor: Actor, batch: ImportBatch, kind: Kind, *, take: bool) -> None:
    """Take all households of a kind, or none of them."""
    choice = _choice(actor, batch)
    none = choice.none - {kind} if take else choice.none | {kind}
    _keep(batch, choice._replace(none=none, out={**choice.out, kind: frozenset()}))


def put_away(
    actor: Actor,
    batch: ImportBatch,
    shown: Collection[str],
    wanted: Mapping[str, HouseholdState],
) -> None:
    """Say what becomes of files that the workbook no longer names (不在新台账里): nothing, paused or closed."""
    choice = _choice(actor, batch)
    known = set(queries.report(batch)["gone"])
    states = {file_no: state for file_no, state in choice.gone.items() if file_no not in shown}
    states |= {
        file_no: state
        for file_no, state in wanted.items()
        if file_no in known and state in PUT_AWAY
    }
    _keep(batch, choice._replace(gone=states))


def forget_mapping(actor: Actor, signature: str) -> None:
    """Forget how the columns of one kind of table were placed (忘掉列对应)."""
    require(policy.can_list, actor)
    row = db.session.get(ImportMapping, (sender_of(actor), signature))
    if row is None:
        raise NotHere
    db.session.delete(row)
    audit.record(actor, "import.forget_mapping", signature)


def _choice(actor: Actor, batch: ImportBatch) -> Choice:
    require(policy.owns_batch, actor, batch)
    db.session.refresh(batch, with_for_update=True)  # two pages of it may be sent at once
    return Choice.of(batch.choice)


def _keep(batch: ImportBatch, choice: Choice) -> None:
    changed_one(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state == BatchState.READY)
        .values(choice=choice.kept(), updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.expire(batch)
