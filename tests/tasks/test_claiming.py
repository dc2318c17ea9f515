"""Claiming: of many thumbs exactly as many win as there are places."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.households.rules import Purpose
from app.notices.models import Message
from app.tasks import errors, queries, services
from app.tasks.models import Claim, Task
from app.tasks.rules import MAX_OPEN_CLAIMS, ClaimState, TaskKind, TaskState
from tests.factories import a_claim, a_household, a_task, a_user, a_volunteer, a_worker, reload

pytestmark = pytest.mark.usefixtures("app")


def take(user: User, task: Task, units: int = 1, **facts: Any) -> Claim:
    """Claim as a page does."""
    values = {"pledge": True, "unrelated": True, "key": secrets.token_urlsafe(18)} | facts
    with transaction():
        return services.claim(user.actor, queries.by_code(task.code), units=units, **values)


def test_a_claim_takes_a_place_and_tells_the_worker() -> None:
    worker = a_worker()
    task, ming = a_task(contact_id=worker.id), a_volunteer()

    claim = take(ming, task)

    assert (claim.state, claim.units) == (ClaimState.HELD, 1)
    assert (reload(task).taken, task.state) == (1, TaskState.FULL)
    assert db.session.scalars(select(Message.user_id)).all() == [worker.id]
    assert "claim.make" in db.session.scalars(select(AuditRow.action)).all()
