"""What is asked about pictures (影像查询)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core.db import db
from app.media.models import Media

if TYPE_CHECKING:
    from collections.abc import Sequence


def looks(media_ids: Sequence[int]) -> set[bytes]:
    """Return how the originals of these pictures looked, so that one sent twice is kept once."""
    if not media_ids:
        return set()
    return set(db.session.scalars(select(Media.look).where(Media.id.in_(media_ids))))
