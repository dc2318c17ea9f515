"""What the portal's tests share: how many statements a page asks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from app.core.db import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the SQL that runs inside a block, without the savepoints and BEGINs around it."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        found: list[str] = []

        def note(connection, cursor, statement, *rest) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
                found.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return collect
