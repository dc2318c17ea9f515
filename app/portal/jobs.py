"""The portal's nightly work (门户夜间任务)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from app.core.db import db, transaction
from app.core.jobs import Job
from app.households.services import erasure
from app.portal.services import backup
from app.portal.services.figures import count_figures

if TYPE_CHECKING:
    from datetime import date


def run(day: date) -> int:
    """Count the kept figures of the overviews."""
    with transaction():
        return count_figures(day)


def list_erasures(_day: date) -> int:
    """Keep the list of erasures outside the database up to date: a restored backup is brought up to it."""
    path = Path(current_app.config["SHANLIN"].instance) / backup.ERASURES
    known = backup.read_erasures(path)
    if len(known) >= erasure.how_many():
        return 0
    listed = backup.union(known, erasure.erased())
    db.session.rollback()
    backup.write_erasures(listed, path)
    return len(listed) - len(known)


JOBS: tuple[Job, ...] = (
    Job("figures", "重算各镇街的月度数字", "30 4 * * *", run),
    Job(
        "erasures-list",
        "把清除名单抄到数据库之外",
        "",
        list_erasures,
        every_day=False,
        every_seconds=60,
    ),
)
