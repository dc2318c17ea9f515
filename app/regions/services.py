"""What loads the divisions (载入区划)."""

from __future__ import annotations

import csv
from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.regions.models import Region
from app.regions.rules import FOSHAN_CSV, Level

VERSION = "2023-06-30"


def load() -> int:
    """Bring the table up to this edition; returns how many divisions were new or renamed."""
    known = {region.code: region for region in db.session.scalars(select(Region))}
    changed = 0
    with FOSHAN_CSV.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = known.get(row["code"])
            if found is not None and found.name == row["name"]:
                continue
            changed += 1
            parent = None if row["level"] == Level.DISTRICT else row["parent_code"]
            db.session.merge(
                Region(
                    code=row["code"],
                    name=row["name"],
                    level=row["level"],
                    parent_code=parent,
                    version=VERSION,
                    effective_on=date.fromisoformat(VERSION),
                )
            )
            db.session.flush()  # a community refers to its town
    return changed
