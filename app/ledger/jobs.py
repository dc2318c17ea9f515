"""Jobs of ledger."""

from __future__ import annotations

import logging
from datetime import date

from flask import current_app

from app.core.db import db
from app.core.jobs import Job
from app.ledger.errors import LedgerIll

SHOWN = 20

log = logging.getLogger(__name__)


def prove(day: date) -> int:  # noqa: ARG001 - every job is told its day
    """Prove the ledger (对账) and fail visibly when it does not reconcile; a night never repairs what nobody saw."""
    ills = [ill for proof in current_app.extensions["proofs"] for ill in proof()]
    db.session.rollback()  # nothing was written; the reading transaction ends here
    for ill in ills[:SHOWN]:
        log.error("ledger: %s", ill)
    if ills:
        message = f"{len(ills)} ills"
        raise LedgerIll(message)
    return 0


JOBS: tuple[Job, ...] = (Job("prove-ledger", "核对资源价值账", "30 2 * * *", prove),)
