"""The papers of a file (附件), their titles in clear: a title names nobody, and is refused if it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.errors import NotHere
from app.households.models import HouseholdDocument
from app.households.queries.files import box
from app.media.rules import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.households.models import Household
    from app.households.rules.documents import DocumentKind


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as a line of the file (附件)."""

    row: HouseholdDocument
    title: str
    why: str
    is_picture: bool


def documents(household: Household) -> Sequence[HouseholdDocument]:
    """Return a file's papers, the newest first, those that were withdrawn too."""
    return db.session.scalars(
        select(HouseholdDocument)
        .options(joinedload(HouseholdDocument.media))
        .where(HouseholdDocument.household_id == household.id)
        .order_by(HouseholdDocument.id.desc())
    ).all()


def papers(household: Household, kind: DocumentKind | None = None) -> list[Paper]:
    """Return the papers with their titles; of one kind, only those that still stand."""
    its_box = box(household)
    found = []
    for row in documents(household):
        if kind is not None and (row.kind is not kind or row.withdrawn_at is not None):
            continue
        facts = its_box.open_json(row.facts, f"document.facts:{row.code}")
        picture = row.media.content_type == CONTENT_TYPE
        found.append(Paper(row, facts.get("title", ""), facts.get("why", ""), picture))
    return found


def document_of(household: Household, code: str) -> HouseholdDocument | None:
    """Return one paper of this file; None when there is none, or it is another file's."""
    return db.session.scalars(
        select(HouseholdDocument)
        .options(joinedload(HouseholdDocument.media))
        .where(HouseholdDocument.household_id == household.id, HouseholdDocument.code == code[:20])
    ).one_or_none()


def document_here(household: Household, code: str) -> HouseholdDocument:
    """Return one paper of this file, or NotHere."""
    found = document_of(household, code)
    if found is None:
        raise NotHere
    return found


def document_by_key(household: Household, key: str) -> HouseholdDocument | None:
    """Return what an equal submission added before."""
    return db.session.scalars(
        select(HouseholdDocument).where(
            HouseholdDocument.household_id == household.id,
            HouseholdDocument.idempotency_key == key,
        )
    ).one_or_none()
