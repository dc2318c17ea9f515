"""Handing the file over, and away with it (下载与删除)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.db import db
from app.core.errors import NotHere, StalePage
from app.core.storage import storage
from app.exports import policy, queries
from app.exports.errors import NotReady, TakenBefore
from app.exports.models import Export
from app.exports.rules import LIVES, WITHOUT_FILE, ExportState, may_become
from app.exports.services.starting import step

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from app.core.access import Actor

    Transaction = Callable[[], AbstractContextManager[None]]


def take(actor: Actor, export: Export) -> bytes:
    """Return the file to whoever made it (下载); one in clear is given once, and every time is written down."""
    require(policy.owns, actor, export)
    if export.state is ExportState.TAKEN:
        raise TakenBefore
    if export.state is not ExportState.READY or is_over(export):
        raise NotReady
    try:
        data = queries.content(export)
    except NotHere:
        raise NotReady from None
    if export.approval_id is not None:
        try:
            step(export, {ExportState.READY}, ExportState.TAKEN)
        except StalePage:
            raise TakenBefore from None
    audit.record(
        actor,
        "export.download",
        export.code,
        region_code=export.region_code,
        detail={"clear": export.approval_id is not None},
    )
    return data


def is_over(export: Export) -> bool:
    """Say whether the day of an export is over, whether or not its file was swept away yet."""
    return clock.now() - export.created_at >= LIVES


def end_old() -> int:
    """End the exports whose day is over (到期): a set, in one statement."""
    statement = (
        update(Export)
        .where(
            Export.state.in_(may_become(ExportState.ENDED)),
            Export.created_at < clock.now() - LIVES,
        )
        .values(state=ExportState.ENDED, updated_at=clock.now())
        .returning(Export.id)
    )
    return len(db.session.scalars(statement).all())


def left_over() -> list[Export]:
    """Return the exports of which something lies in the storage that should not."""
    return list(
        db.session.scalars(
            select(Export).where(Export.state.in_(WITHOUT_FILE), Export.key.is_not(None))
        )
    )


def throw_away(export: Export, transaction: Transaction) -> bool:
    """Delete the file of an export and its key: bytes first, so that no row forgets them too early."""
    db.session.refresh(export)
    if export.state not in WITHOUT_FILE or export.key is None:
        return False
    if export.storage_key:
        storage().delete(export.storage_key)
    with transaction():
        db.session.execute(
            update(Export)
            .where(Export.id == export.id)
            .values(storage_key=None, key=None)
            .execution_options(synchronize_session=False)
        )
    db.session.expire(export)
    return True
