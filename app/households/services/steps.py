"""Steps of an import (批次状态): one state to the next, once, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.core import clock
from app.core.db import changed_one, db
from app.households.models import ImportBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from app.households.rules.importing import BatchState

    Transaction = Callable[[], AbstractContextManager[None]]


def step(
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
