"""Beginning, stopping and beginning again (开始导出、停止、重做)."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import KEY
from app.core.db import changed_one, db, one_at_a_time
from app.core.errors import StalePage
from app.exports import policy
from app.exports.errors import CannotStop, NothingThere, NotReady, TooMany
from app.exports.models import Export
from app.exports.rules import MOST, ExportState, Form, may_become
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.access import Actor
    from app.exports.queries.lists import Listed
    from app.households.models import Approval


@dataclass(frozen=True, slots=True)
class Planned:
    """A list narrowed to something, and how many rows that is."""

    listed: Listed
    asked: dict[str, str]
    total: int


def plan(actor: Actor, listed: Listed, asked: Mapping[str, str]) -> Planned:
    """Say what an export would hold; counted outside the writing transaction, where it holds nobody up."""
    require(policy.can_export, actor, listed.roles)
    chosen = listed.chosen(asked)
    return Planned(listed, chosen, listed.walk(actor, chosen).count())


def start(actor: Actor, planned: Planned, form: Form, key: str) -> Export:
    """Put a masked list on its way out (导出); the same form sent again is the same export."""
    require(policy.can_export, actor, planned.listed.roles)
    if planned.total > MOST:
        raise TooMany(MOST)
    if not planned.total:
        raise NothingThere
    return begin(actor, planned, form, key)


def begin(
    actor: Actor, planned: Planned, form: Form, key: str, approval: Approval | None = None
) -> Export:
    """Write the row of an export, masked or by an approval, with a key of its own for its file."""
    one_at_a_time(f"export {actor.user_id} {key}")
    known = db.session.scalars(
        select(Export).where(Export.user_id == actor.user_id, Export.idempotency_key == key)
    ).one_or_none()
    if known is not None:
        return known
    now = clock.now()
    export = Export(
        code=codes.new("X"),
        user_id=actor.user_id,
        list=planned.listed.name,
        filters=planned.asked,
        form=form,
        region_code=region_of(actor, planned),
        approval_id=approval.id if approval else None,
        total=planned.total,
        key=b64encode(os.urandom(KEY)).decode(),
        idempotency_key=key,
        created_at=now,
        updated_at=now,
    )
    db.session.add(export)
    db.session.flush()  # the long work and its page look the row up by its number
    return export


def region_of(actor: Actor, planned: Planned) -> str:
    """Return whose matter it is: the place the list is narrowed to, else where the person works."""
    narrowed = planned.asked.get("region") or planned.asked.get("town") or ""
    if narrowed in divisions():
        return narrowed
    return next(iter(actor.regions(*planned.listed.roles)), "")


def stop(actor: Actor, export: Export) -> None:
    """Stop an export, or throw its file away early (停止)."""
    require(policy.owns, actor, export)
    if export.state is ExportState.STOPPED:
        return
    try:
        step(export, may_become(ExportState.STOPPED), ExportState.STOPPED)
    except StalePage:
        raise CannotStop from None
    audit.record(actor, "export.stop", export.code, region_code=export.region_code)


def again(actor: Actor, export: Export) -> None:
    """Try once more what failed (重做); an approval that stands behind it stays used."""
    require(policy.owns, actor, export)
    try:
        step(export, {ExportState.FAILED}, ExportState.QUEUED, error=None, done=0)
    except StalePage:
        raise NotReady from None


def step(export: Export, before: Any, after: ExportState, **values: Any) -> None:
    """Take an export to its next state if it still is in one of those it may come from."""
    changed_one(
        update(Export)
        .where(Export.id == export.id, Export.state.in_(list(before)))
        .values(state=after, updated_at=clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(export)
