"""Two hundred people at one seat, in eight processes: exactly one holds it, the others are told kindly."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from app.accounts.models import Grant, SignIn, User
from app.accounts.queries import token_hash
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock, codes
from app.core.db import db, transaction
from app.notices.models import Message
from app.tasks.models import Claim, Task
from app.tasks.rules import TaskState
from tests.factories import DALIANG, a_task, a_worker

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 200


def a_crowd() -> list[str]:
    """Two hundred signed-in volunteers, as their session tokens."""
    now, tokens = clock.now(), [secrets.token_urlsafe(18) for _ in range(PEOPLE)]
    people = [
        {
            "code": codes.new("U"),
            "username": f"racer{number}",
            "name": "街坊",
            "password_hash": "none",
            "created_at": now,
        }
        for number in range(PEOPLE)
    ]
    with transaction():
        ids = db.session.scalars(insert(User).returning(User.id), people).all()
        grants = [
            {"user_id": i, "role": Role.VOLUNTEER, "region_code": DALIANG, "granted_at": now}
            for i in ids
        ]
        db.session.execute(insert(Grant), grants)
        sessions = [
            {"token_hash": token_hash(token), "user_id": i, "created_at": now, "seen_at": now}
            for token, i in zip(tokens, ids, strict=True)
        ]
        db.session.execute(insert(SignIn), sessions)
    return tokens


def race(app: Flask, path: str, tokens: list[str]) -> list[tuple[int, str]]:
    """Let eight processes loose at once and gather what each request got."""
    settings = asdict(app.config["SHANLIN"]) | {"instance": str(app.config["SHANLIN"].instance)}
    db.session.remove()
    db.engine.dispose()
    order = {"settings": settings, "path": path, "tokens": tokens}
    raced = subprocess.run(
        [sys.executable, "-m", "tests.tasks.racers"],
        cwd=ROOT,
        input=json.dumps(order) + "\n",
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return [(status, page) for status, page in json.loads(raced.stdout)]


def test_of_two_hundred_people_exactly_one_holds_the_seat(app: Flask) -> None:
    code, tokens = a_task(contact_id=a_worker().id).code, a_crowd()

    answers = race(app, f"/tasks/{code}/claim", tokens)

    task = db.session.scalars(select(Task)).one()
    assert Counter(status for status, _ in answers) == {303: 1, 409: PEOPLE - 1}
    assert all("手慢了一步" in page and "排队" in page for status, page in answers if status == 409)
    assert (task.taken, task.state) == (1, TaskState.FULL)
    assert len(db.session.scalars(select(Claim)).all()) == 1
    assert len(db.session.scalars(select(Message)).all()) == 1
    assert len(db.session.scalars(select(AuditRow)).all()) == 1
