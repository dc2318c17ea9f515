"""Papers and pictures of a file (附件): added, opened with a trace, marked withdrawn; nothing is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db, one_at_a_time
from app.households import policy, queries
from app.households.errors import (
    NoPhotoConsent,
    NotInState,
    TooManyDocuments,
    WithdrawnAlready,
    Wrong,
)
from app.households.models import Change, HouseholdDocument
from app.households.rules import HouseholdState, Purpose
from app.households.rules.documents import LONGEST_TITLE, MOST_DOCUMENTS, DocumentKind
from app.households.services.telling import said
from app.media import services as media
from app.media.rules import CONTENT_TYPE

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household

SHUT = frozenset({HouseholdState.ARCHIVED, HouseholdState.ERASED})


def add_document(
    actor: Actor,
    household: Household,
    data: bytes,
    *,
    kind: DocumentKind,
    title: str,
    dated_on: date | None,
    key: str,
) -> HouseholdDocument:
    """Add a paper or picture (添加附件), sealed under the file's key; the same key sent again gives the same one.

    A picture is drawn anew, a PDF kept as it is, anything else refused by its bytes. Photos need consent for photos.
    """
    require(policy.can_edit, actor, household)
    one_at_a_time(f"document {actor.user_id} {key}")
    if (known := queries.document_by_key(household, key)) is not None:
        return known
    if household.state in SHUT:
        raise NotInState
    if kind is DocumentKind.PHOTO and not queries.has_consent(household.id, Purpose.PHOTO):
        raise NoPhotoConsent
    if dated_on is None or dated_on > clock.today():
        raise Wrong("dated_on", "请填材料上的日期，不能晚于今天")
    if not data:
        raise Wrong("file", "请选一个文件")
    kept = said(queries.document(household), title, field="title")[:LONGEST_TITLE] or kind.label
    if len(queries.documents(household)) >= MOST_DOCUMENTS:
        raise TooManyDocuments
    code, box = codes.new("F"), queries.box(household)
    if media.is_paper(data):
        stored = media.store_paper(actor, data, kind=kind, box=box, household_id=household.id)
    else:
        stored = media.store_image(
            actor,
            data,
            kind=kind,
            box=box,
            household_id=household.id,
            code_text=code,
            taken_on=dated_on,
        )
    found = HouseholdDocument(
        code=code,
        household_id=household.id,
        kind=kind,
        dated_on=dated_on,
        facts=box.seal_json({"title": kept}, f"document.facts:{code}"),
        media_id=stored.id,
        added_by_id=actor.user_id,
        added_at=clock.now(),
        idempotency_key=key,
    )
    db.session.add(found)
    _note(actor, household, f"添加附件：{kind.label}")
    _record(actor, household, "document.create", code, kind)
    db.session.flush()  # the request that rests on it may be written in the same transaction
    return found


def withdraw_document(
    actor: Actor, household: Household, document: HouseholdDocument, reason: str
) -> None:
    """Mark a paper as withdrawn (撤下附件), with a reason; it stays readable to those who look after the file."""
    require(policy.can_edit, actor, household)
    kept = said(queries.document(household), reason, missing="请写明为什么撤下")
    if document.withdrawn_at is not None:
        raise WithdrawnAlready
    box, place = queries.box(household), f"document.facts:{document.code}"
    facts = box.open_json(document.facts, place) | {"why": kept}
    changed_one(
        update(HouseholdDocument)
        .where(HouseholdDocument.id == document.id, HouseholdDocument.withdrawn_at.is_(None))
        .values(
            withdrawn_at=clock.now(),
            withdrawn_by_id=actor.user_id,
            facts=box.seal_json(facts, place),
        )
    )
    _note(actor, household, f"撤下附件：{document.kind.label}", kept)
    _record(actor, household, "document.withdraw", document.code, document.kind)


def open_document(
    actor: Actor, household: Household, document: HouseholdDocument, *, thumb: bool = False
) -> bytes:
    """Return the bytes of a paper or picture (查看附件); every reading leaves its row."""
    require(policy.can_view, actor, household)
    _record(actor, household, "document.read", document.code, document.kind)
    box = queries.box(household)
    if document.media.content_type == CONTENT_TYPE:
        return media.open_image(document.media, box, thumb=thumb)
    return media.open_paper(document.media, box)


def _note(actor: Actor, household: Household, title: str, reason: str = "") -> None:
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="document",
            title=title,
            reason=reason,
        )
    )


def _record(actor: Actor, household: Household, action: str, code: str, kind: DocumentKind) -> None:
    audit.record(
        actor,
        action,
        code,
        household_id=household.id,
        region_code=household.region_code,
        detail={"kind": kind.value},
    )
