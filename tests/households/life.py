"""Builders of a file's life (造数): who decides, papers, requests."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households import services
from app.households.rules import Category
from app.households.rules.documents import DocumentKind
from tests.factories import DALIANG, SHUNDE, a_user
from tests.visits.stories import a_photo

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Approval, Household, HouseholdDocument

RONGGUI = "440606006"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def key() -> str:
    """A fresh key of a form."""
    return secrets.token_urlsafe(18)


def a_worker(region: str = DALIANG) -> Actor:
    """A social worker of 大良."""
    return a_user(Role.WORKER, region).actor


def a_supervisor(region: str = SHUNDE) -> Actor:
    """A supervisor of 顺德."""
    return a_user(Role.SUPERVISOR, region).actor


def an_officer(region: str = SHUNDE) -> Actor:
    """A civil-affairs officer of 顺德."""
    return a_user(Role.OFFICER, region).actor


def a_paper(
    file: Household, worker: Actor, kind: DocumentKind = DocumentKind.CLASS, data: bytes = PDF
) -> HouseholdDocument:
    """A paper of a file: the grounds of its class."""
    with transaction():
        return services.add_document(
            worker, file, data, kind=kind, title="", dated_on=clock.today(), key=key()
        )


def a_picture() -> bytes:
    """A picture as a phone sends it."""
    return a_photo()


def a_wish(file: Household, worker: Actor, **facts: Any) -> services.Wish:
    """GX from today, for eleven months, with its grounds."""
    values: dict[str, Any] = {
        "category": Category.GX,
        "subclass": "",
        "since": clock.today(),
        "until": clock.today() + timedelta(days=330),
    } | facts
    if "evidence" not in values:
        values["evidence"] = a_paper(file, worker).code
    return services.Wish(**values)


def asked_class(file: Household, worker: Actor, **facts: Any) -> Approval:
    """A request for another class."""
    wish = a_wish(file, worker, **facts)
    with transaction():
        return services.ask_class(worker, file, wish, "看病花了很多钱", key=key())


def anew(row: Any) -> Any:
    """A row as the database has it now."""
    db.session.rollback()
    db.session.refresh(row)
    return row
