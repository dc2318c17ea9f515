"""Who is on file where (在册查询): one person, one household (一人一户)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core.crypto import ring
from app.core.db import db
from app.households.models import Household, Member

if TYPE_CHECKING:
    from collections.abc import Collection


def holders(id_numbers: Collection[str]) -> dict[str, tuple[Household, Member]]:
    """Return in which file and as which member these ID numbers stand, anywhere in the city; those who left do not."""
    keys = ring()
    wanted = {keys.index("id", number): number for number in id_numbers}
    if not wanted:
        return {}
    found = db.session.execute(
        select(Household, Member)
        .join(Member, Member.household_id == Household.id)
        .where(Member.id_index.in_(wanted))
    )
    return {wanted[member.id_index or b""]: (file, member) for file, member in found}


def opened_by(user_id: int | None, key: str) -> Household | None:
    """Return the file that the same person's same form opened before."""
    return db.session.scalars(
        select(Household).where(
            Household.created_by_id == user_id, Household.idempotency_key == key
        )
    ).one_or_none()
