"""What pages and services ask about needs (需求查询)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.audit.models import AuditRow
from app.core import paging
from app.core.access import Actor
from app.core.db import db
from app.core.errors import NotHere
from app.core.paging import Page
from app.households import queries as households
from app.households.models import Household
from app.households.rules import Purpose
from app.needs import policy
from app.needs.models import Need
from app.needs.rules import (
    ASK_AGAIN_BEFORE,
    DUPLICATE_DAYS,
    SERVICE_KINDS,
    Facts,
    NeedKind,
    NeedState,
    Private,
    Urgency,
    check_wording,
    sources_of,
)
from app.programmes.models import Programme
from app.programmes.rules import ProgrammeState

REVIEWED = (
    NeedState.PUBLISHED,
    NeedState.IN_PROGRESS,
    NeedState.MET,
    NeedState.PARTLY_MET,
    NeedState.CLOSED,
)
RUNNING = (NeedState.PUBLISHED, NeedState.IN_PROGRESS)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of needs is narrowed to; nothing chosen means everything."""

    state: NeedState | None = None
    town: str = ""
    kind: NeedKind | None = None
    urgency: Urgency | None = None


def by_code(code: str) -> Need:
    """Return a need with its household and programme; NotHere when there is none."""
    found = db.session.scalars(
        select(Need)
        .options(
            joinedload(Need.household), joinedload(Need.programme).joinedload(Programme.charity)
        )
        .where(Need.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def by_key(user_id: int | None, key: str) -> Need | None:
    """Return what the same person sent under the same key before."""
    return db.session.scalars(
        select(Need).where(Need.posted_by_id == user_id, Need.idempotency_key == key)
    ).one_or_none()


def for_household(household_id: int, limit: int = 10) -> Sequence[Need]:
    """Return a household's needs, newest first."""
    return db.session.scalars(
        select(Need).where(Need.household_id == household_id).order_by(Need.id.desc()).limit(limit)
    ).all()


def to_review(actor: Actor, limit: int = 20) -> Sequence[Need]:
    """Return what waits for this supervisor's eyes, oldest first; what they wrote themselves waits for another."""
    rules = [policy.in_region(prefix) for prefix in actor.regions(*policy.REVIEWERS)]
    if not rules:
        return []
    found = [
        db.session.scalars(
            select(Need)
            .options(joinedload(Need.household))
            .where(
                Need.state == NeedState.UNDER_REVIEW,
                rule,
                Need.posted_by_id.is_distinct_from(actor.user_id),
            )
            .order_by(Need.id)
            .limit(limit)
        ).all()
        for rule in rules
    ]
    return sorted({need.id: need for part in found for need in part}.values(), key=lambda n: n.id)[
        :limit
    ]


def filters_from(asked: Mapping[str, str]) -> Filters:
    """Read a filter as it stands in an address."""
    town = asked.get("town", "")
    return Filters(
        state=_chosen(NeedState, asked.get("state")),
        town=town if town.isascii() and town.isdigit() else "",
        kind=_chosen(NeedKind, asked.get("kind")),
        urgency=_chosen(Urgency, asked.get("urgency")),
    )


def _chosen(kind: type[E], text: str | None) -> E | None:
    return next((member for member in kind if member.value == text), None)


def visible(actor: Actor, filters: Filters, cursor: str | None) -> Page[Need]:
    """Return one page of the needs in this person's scope, newest first."""
    return paging.fetch(
        db.session,
        chosen(actor, filters),
        [(Need.id, True)],
        cursor,
        key=lambda need: [need.id],
    )


def chosen(actor: Actor, filters: Filters) -> Select[Need]:
    """Select all the needs that a list is narrowed to, with their households."""
    statement = select(Need).options(joinedload(Need.household)).where(policy.visible_to(actor))
    if filters.state:
        statement = statement.where(Need.state == filters.state)
    if filters.town:
        statement = statement.where(policy.in_region(filters.town))
    if filters.kind:
        statement = statement.where(Need.kind == filters.kind)
    if filters.urgency:
        statement = statement.where(Need.urgency == filters.urgency)
    return statement


def met_before(
    household_id: int, kind: NeedKind, today: date, but: int | None = None
) -> list[Need]:
    """Return needs of the same kind that this household had running or settled within 90 days."""
    since = today - timedelta(days=DUPLICATE_DAYS)
    rows = db.session.scalars(
        select(Need)
        .where(Need.household_id == household_id, Need.kind == kind, Need.state.in_(REVIEWED))
        .order_by(Need.id.desc())
        .limit(20)
    ).all()
    recent = [
        n for n in rows if n.state in RUNNING or (n.settled_at or n.posted_at).date() >= since
    ]
    return [need for need in recent if need.id != but]


def story(need: Need) -> str:
    """Return the inside story in clear; whoever calls this writes the audit row."""
    if need.household.data_key is None:
        return "已清除"
    place = f"need.story:{need.code}"
    text: str = households.box(need.household).open_json(need.story, place).get("text", "")
    return text


def private_of(household: Household) -> Private:
    """Return what a card of this household must not say."""
    box = households.box(household)
    head = households.head(household)
    people = [households.person(box, member) for member in households.members(household)]
    names = [head.name, *(person.get("name") or "" for person in people)]
    numbers = [head.phone]
    for person in people:
        numbers += [str(person.get(part) or "") for part in ("phone", "id_number", "bank")]
    return Private(
        tuple(dict.fromkeys(filter(None, names))),
        tuple(filter(None, [head.door])),
        tuple(dict.fromkeys(filter(None, numbers))),
    )


def open_of(household_id: int) -> Sequence[Need]:
    """Return what a household still asks for, drafts included (还没办完的需求)."""
    return db.session.scalars(
        select(Need)
        .options(joinedload(Need.household))
        .where(Need.household_id == household_id, Need.state.in_(sources_of(NeedState.WITHDRAWN)))
        .order_by(Need.id)
    ).all()


def told_by(household: Household, text: str) -> list[str]:
    """Return what words that are kept and sent in clear, such as a reason, tell of a household; nothing once erased."""
    if household.data_key is None:
        return []
    return [finding.words for finding in check_wording(text, private_of(household))]


def wrote(need: Need, user_id: int | None) -> bool:
    """Say whether somebody wrote this need, or a later version of it: two people see what is published."""
    edited = select(AuditRow.id).where(
        AuditRow.subject == need.code, AuditRow.action == "need.edit", AuditRow.user_id == user_id
    )
    return need.posted_by_id == user_id or db.session.scalar(edited.limit(1)) is not None


def purposes_of(facts: Facts) -> tuple[Purpose, ...]:
    """Return for which purposes the household must have agreed before this is published."""
    wanted = []
    if facts.seats:
        wanted.append(Purpose.SERVICE if facts.kind in SERVICE_KINDS else Purpose.VISIT)
    if facts.quantity:
        wanted.append(Purpose.GOODS)
    if facts.amount_fen:
        wanted.append(Purpose.MONEY)
    return tuple(wanted)


def missing_consents(household_id: int, facts: Facts, on: date) -> tuple[Purpose, ...]:
    """Return the purposes without a living consent."""
    given = {
        consent.purpose
        for consent in households.consents(household_id)
        if consent.recipient == "helpers"
        and consent.withdrawn_at is None
        and consent.given_on <= on <= consent.expires_on
    }
    return tuple(purpose for purpose in purposes_of(facts) if purpose not in given)


def facts_of(need: Need) -> Facts:
    """Return what a need says, its story left out."""
    return Facts(
        kind=need.kind,
        subkind=need.subkind,
        urgency=need.urgency,
        title=need.title,
        wording=need.wording,
        story="",
        deadline_on=need.deadline_on,
        seats=need.seats,
        visit_from=need.visit_from,
        visit_until=need.visit_until,
        skill=need.skill,
        item=need.item,
        quantity=need.quantity,
        unit=need.unit,
        amount_fen=need.amount_fen,
        programme_id=need.programme_id,
    )


def open_programmes(region_code: str) -> Sequence[Programme]:
    """Return the programmes that take applications for this place."""
    found = db.session.scalars(
        select(Programme)
        .options(joinedload(Programme.charity))
        .where(Programme.state == ProgrammeState.OPEN)
        .order_by(Programme.name, Programme.id)
    ).all()
    return [programme for programme in found if region_code.startswith(programme.region_code)]


def to_ask_again(day: date, limit: int) -> Sequence[Need]:
    """Return running needs whose deadline is near and whose worker has not been asked yet."""
    return db.session.scalars(
        select(Need)
        .where(
            Need.state.in_(RUNNING),
            Need.deadline_on <= day + ASK_AGAIN_BEFORE,
            Need.asked_again_at.is_(None),
        )
        .order_by(Need.deadline_on, Need.id)
        .limit(limit)
    ).all()
