"""Keeping papers (保存文件): a PDF is kept as it came, sealed, and only ever handed out as a download.

It is not drawn anew as pictures are: a scan's pages must stay what was signed. So nothing of ours opens one, and a
browser is told to save it and not to guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import services as audit
from app.core import clock, codes
from app.core.db import db
from app.core.errors import NotHere
from app.core.storage import storage
from app.media.errors import BrokenPaper, NotAPaper, PaperTooLarge
from app.media.models import Media
from app.media.rules import (
    MAX_PAPER_BYTES,
    PAPER_BEGINS,
    PAPER_ENDS,
    PAPER_TYPE,
    TAIL,
    full_place,
)
from app.media.services.keeping import look_of

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.core.crypto import Box


def is_paper(data: bytes) -> bool:
    """Say whether bytes begin as a PDF does; the name and the type that a browser sends say nothing."""
    return data.startswith(PAPER_BEGINS)


def store_paper(
    actor: Actor, data: bytes, *, kind: str, box: Box, household_id: int | None
) -> Media:
    """Keep a PDF (存文件), sealed; NotAPaper, PaperTooLarge or BrokenPaper. Who may add one is asked by the caller."""
    if not is_paper(data):
        raise NotAPaper
    if len(data) > MAX_PAPER_BYTES:
        raise PaperTooLarge
    if PAPER_ENDS not in data[-TAIL:]:
        raise BrokenPaper
    code = codes.new("M")
    media = Media(
        code=code,
        kind=kind,
        household_id=household_id,
        storage_key=storage().put(box.seal(data, full_place(code))),
        thumb_key=None,
        content_type=PAPER_TYPE,
        width=0,
        height=0,
        size=len(data),
        look=look_of(data),
        stored_by_id=actor.user_id,
        stored_at=clock.now(),
    )
    db.session.add(media)
    audit.record(actor, "media.store", code, household_id=household_id, detail={"kind": kind})
    db.session.flush()  # what it belongs to needs its id
    return media


def open_paper(media: Media, box: Box) -> bytes:
    """Return a PDF in clear; the caller has asked who may see it and writes the audit row."""
    try:
        return box.open(storage().get(media.storage_key), full_place(media.code))
    except FileNotFoundError:
        raise NotHere from None
