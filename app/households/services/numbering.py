"""Numbers of files (档案号): district 6, category 2, year 4, six digits that nobody can count through (DOMAIN §6c)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.households.models import Household

if TYPE_CHECKING:
    from app.households.rules import Category


def draw(district: str, category: Category, year: int) -> str:
    """Return a number by chance; somebody may have it."""
    return f"{district}{category.value}{year}{secrets.randbelow(10**6):06d}"


def new_file_no(district: str, category: Category) -> str:
    """Return a number of this year that nobody has."""
    while True:
        number = draw(district, category, clock.today().year)
        if db.session.scalar(select(Household.id).where(Household.file_no == number)) is None:
            return number
