"""What the tests of exports share: a list taken out, and its file opened again."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.core.db import db
from app.core.sheets import read_sheets
from app.exports.models import Export

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def taken(client: FlaskClient, query: str, form: str = "xlsx", key: str | None = None) -> str:
    """Take a list out; returns the export's code."""
    data = {"form": form} | ({"idempotency_key": key} if key else {})
    answer = client.post(f"/exports?{query}", data=data)
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1]


def download(client: FlaskClient, code: str) -> TestResponse:
    """Press the button."""
    return client.post(f"/exports/{code}/download")


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """Open a workbook with another program's reader."""
    return {
        sheet.name: [list(row) for _, row in sheet.rows] for sheet in read_sheets(data, "a.xlsx")
    }


def rows_of(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    """Take a list out and read its rows by heading."""
    [(heading, *rows)] = sheets(download(client, taken(client, query)).data).values()
    return [dict(zip(heading, row, strict=False)) for row in rows]


def csv_of(client: FlaskClient, query: str) -> list[list[str]]:
    """Take a list out as text."""
    data = download(client, taken(client, query, "csv")).data
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def the_export() -> Export:
    """The one export there is, as the database has it."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Export)).one()


def key_in(page: str) -> str:
    """The key of the form on a page."""
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]
