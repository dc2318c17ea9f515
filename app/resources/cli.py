"""Commands of resources, and what a rotation of the master keys needs of them."""

from __future__ import annotations

from sqlalchemy import select, update

from app.core.crypto import ring
from app.core.db import db, transaction
from app.resources.models import ResourceLine

BATCH = 500


def rewrap_line_keys() -> int:
    """Wrap the key of every line's evidence under the master key in use; returns how many."""
    count = last = 0
    while True:
        with transaction():
            rows = db.session.execute(
                select(ResourceLine.id, ResourceLine.code, ResourceLine.data_key)
                .where(ResourceLine.data_key.is_not(None), ResourceLine.id > last)
                .order_by(ResourceLine.id)
                .limit(BATCH)
            ).all()
            for number, code, data_key in rows:
                db.session.execute(
                    update(ResourceLine)
                    .where(ResourceLine.id == number)
                    .values(data_key=ring().rewrap(data_key or b"", code))
                )
        if not rows:
            return count
        count, last = count + len(rows), rows[-1].id
