"""Keeping pictures (保存影像): sealed with their household's key before they touch the storage."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.audit import services as audit
from app.core import clock, codes
from app.core.crypto import ring
from app.core.db import db, on_commit
from app.core.errors import NotHere
from app.core.storage import storage
from app.media.models import Media
from app.media.rules import CONTENT_TYPE, full_place, thumb_place
from app.media.services.picture import remake

if TYPE_CHECKING:
    from datetime import date, datetime

    from app.core.access import Actor
    from app.core.crypto import Box


def store_image(
    actor: Actor,
    data: bytes,
    *,
    kind: str,
    box: Box,
    household_id: int | None,
    code_text: str,
    taken_on: date,
) -> Media:
    """Keep a picture (存照片): remade, marked with its day and the code of what it belongs to, sealed.

    Who may add one is the matter of the thing it belongs to, and asked there. The bytes reach the storage before the
    row is committed, because a row without its bytes would be a loss; when the transaction is rolled back they stay
    behind under a random key, sealed, and name nobody.
    """
    made = remake(data, f"{taken_on:%Y-%m-%d} {code_text}")
    code = codes.new("M")
    media = Media(
        code=code,
        kind=kind,
        household_id=household_id,
        storage_key=storage().put(box.seal(made.full, full_place(code))),
        thumb_key=storage().put(box.seal(made.thumb, thumb_place(code))),
        content_type=CONTENT_TYPE,
        width=made.width,
        height=made.height,
        size=len(made.full),
        look=look_of(data),
        stored_by_id=actor.user_id,
        stored_at=clock.now(),
    )
    db.session.add(media)
    audit.record(actor, "media.store", code, household_id=household_id, detail={"kind": kind})
    db.session.flush()  # what it belongs to needs its id
    return media


def open_image(media: Media, box: Box, *, thumb: bool) -> bytes:
    """Return a picture in clear; the caller has asked who may see it and writes the audit row."""
    if media.gone_at is not None:
        raise NotHere
    small = thumb and media.thumb_key is not None
    key = media.thumb_key if small else media.storage_key
    place = thumb_place(media.code) if small else full_place(media.code)
    try:
        return box.open(storage().get(key or ""), place)
    except FileNotFoundError:
        raise NotHere from None


def look_of(data: bytes) -> bytes:
    """Return the keyed hash by which the same original is recognised; a bare one would tell who else has the photo."""
    return ring().index("look", hashlib.sha256(data).hexdigest())


def forget(household_id: int, *, kind: str = "", before: datetime | None = None) -> int:
    """Erase a household's pictures for good (清除影像), all of them or one kind stored before an instant; how many.

    The rows stay, so that what refers to them still reads; the bytes go once the caller's transaction is kept.
    """
    which = [Media.household_id == household_id, Media.gone_at.is_(None)]
    if kind:
        which.append(Media.kind == kind)
    if before is not None:
        which.append(Media.stored_at < before)
    gone = db.session.execute(
        update(Media)
        .where(*which)
        .values(gone_at=clock.now(), look=b"")
        .returning(Media.storage_key, Media.thumb_key)
        .execution_options(synchronize_session=False)
    ).all()
    keys, store = [key for row in gone for key in row if key], storage()

    def delete_bytes() -> None:
        for key in keys:
            store.delete(key)

    on_commit(delete_bytes)
    return len(gone)


def forget_again(since: datetime) -> int:
    """Delete once more what should be gone since an instant: a machine that stopped between commit and deletion."""
    rows = db.session.execute(
        select(Media.storage_key, Media.thumb_key).where(Media.gone_at >= since)
    ).all()
    for row in rows:
        for key in filter(None, row):
            storage().delete(key)
    return len(rows)
