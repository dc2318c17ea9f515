"""Jobs of audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.jobs import Job

JOBS: tuple[Job, ...] = ()
