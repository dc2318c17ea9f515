"""Sending workbooks in tests (传台账), and the second person who lets large ones in."""

import io
from collections.abc import Sequence
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households.jobs import import_workbooks
from app.households.models import Approval, Household, ImportBatch
from app.households.rules.approvals import ApprovalState
from app.households.services import approvals
from app.households.services.deciding import EFFECTS
from tests.factories import CITY, a_user, sign_in
from tests.households.ledgers import a_row, a_workbook

KEY = "key-of-one-submission"
WHY = {"reason": "第三季度台账，和民政科核对过"}


def officer(client: FlaskClient, region: str = CITY, role: Role = Role.OFFICER) -> User:
    """Sign somebody in who may bring in a whole city's workbook."""
    user = a_user(role, region)
    sign_in(client, user)
    return user


def send(
    client: FlaskClient, data: bytes, name: str = "ledger.xlsx", key: str = KEY
) -> TestResponse:
    """Send a workbook."""
    form = {"file": (io.BytesIO(data), name), "idempotency_key": key}
    return client.post("/households/import", data=form, content_type="multipart/form-data")


def sent(client: FlaskClient, *rows: Sequence[object], key: str = KEY) -> str:
    """Send a workbook of these rows; returns the address of its import."""
    answer = send(client, a_workbook(*rows), key=key)
    assert answer.status_code == 303
    return str(answer.location)


def taken_in(client: FlaskClient, *rows: Sequence[object], key: str = KEY) -> str:
    """Send a small workbook and let it in; returns the address of its import."""
    where = sent(client, *rows, key=key)
    assert client.post(f"{where}/confirm").status_code == 303
    return where


def many(count: int, **changes: object) -> list[list[Any]]:
    """Return the rows of so many households without ID numbers."""
    return [
        a_row(
            序号=float(number),
            家庭编号=f"H{number}",
            姓名=f"霍{chr(0x4E00 + number)}",
            户主姓名=f"霍{chr(0x4E00 + number)}",
            公民身份号码="",
            **changes,
        )
        for number in range(count)
    ]


def the_batch() -> ImportBatch:
    """Return the newest import."""
    db.session.rollback()
    return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).one()


def the_request() -> Approval:
    """Return the newest request."""
    db.session.rollback()
    return db.session.scalars(select(Approval).order_by(Approval.id.desc()).limit(1)).one()


def decided(state: ApprovalState, answer: str = "", region: str = CITY) -> None:
    """Let a second person decide, and the scheduler do what follows."""
    actor = a_user(Role.SUPERVISOR, region).actor
    with transaction():
        approvals.decide(actor, the_request(), state, answer, EFFECTS)
    import_workbooks(clock.today())


def approved() -> None:
    """Let a second person agree."""
    decided(ApprovalState.APPROVED)


def count(model: Any) -> int:
    """Return how many rows there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def files() -> dict[str, Household]:
    """Return every file by its number."""
    db.session.rollback()
    return {file.file_no: file for file in db.session.scalars(select(Household))}
