"""What changes needs (需求): written by a worker, read by a second pair of eyes, then shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.audit.services import record
from app.core import clock, codes
from app.core.access import Actor, require
from app.core.db import changed_one, db, one_at_a_time
from app.households import policy as files
from app.households import queries as households
from app.households.models import Household
from app.households.rules import PURPOSE_WORDS, HouseholdState
from app.needs import policy, queries
from app.needs.errors import (
    AskedBefore,
    FactsWrong,
    FileNotActive,
    NoConsent,
    ReasonMissing,
    ReasonTellsTooMuch,
    TwoPeople,
    WordingTellsTooMuch,
)
from app.needs.models import Need
from app.needs.rules import Facts, NeedState, check_wording, sources_of, wrong_with
from app.notices.services import queue

WRITABLE = (NeedState.DRAFT, NeedState.RETURNED)
OPEN = sources_of(NeedState.WITHDRAWN)  # still asked for: it can be taken back
_S = NeedState
_BROUGHT_FROM = {  # what tasks may do to a running need; drafts and settled needs are never theirs to move
    _S.IN_PROGRESS: (_S.PUBLISHED, _S.PARTLY_MET),
    _S.PUBLISHED: (_S.IN_PROGRESS,),
    _S.MET: (_S.IN_PROGRESS, _S.PARTLY_MET),
    _S.PARTLY_MET: (_S.IN_PROGRESS,),
    _S.EXPIRED: (_S.PUBLISHED, _S.IN_PROGRESS),
}


def post(
    actor: Actor, household: Household, facts: Facts, *, key: str, seen_before: bool = False
) -> Need:
    """Write a need down as a draft (填写需求); the same key sent again gives the same need.

    Refuses wrong facts, wording that names somebody, and the same kind asked within 90 days unless that was seen.
    """
    require(policy.can_post, actor, household)
    one_at_a_time(f"need {actor.user_id} {key}")
    repeated = queries.by_key(actor.user_id, key)
    if repeated is not None:
        return repeated
    _check(household, facts, seen_before=seen_before)
    code = codes.new("N")
    need = Need(
        code=code,
        household_id=household.id,
        region_code=household.region_code,
        town_code=household.town_code,
        district_code=household.district_code,
        state=NeedState.DRAFT,
        posted_by_id=actor.user_id,
        posted_at=clock.now(),
        idempotency_key=key,
        **_columns(household, facts, code),
    )
    db.session.add(need)
    _record(actor, "need.post", need)
    return need


def edit(actor: Actor, need: Need, facts: Facts, *, seen_before: bool = False) -> None:
    """Change a draft or a returned need (修改需求)."""
    require(policy.can_edit, actor, need)
    _check(need.household, facts, seen_before=seen_before, but=need.id)
    values = _columns(need.household, facts, need.code)
    changed_one(
        update(Need)
        .where(Need.id == need.id, Need.state.in_(WRITABLE), Need.version == need.version)
        .values(**values, version=Need.version + 1)
    )
    _record(actor, "need.edit", need)


def submit(actor: Actor, need: Need) -> None:
    """Ask a supervisor to review (提交审核); the household must be in force and must have agreed."""
    require(policy.can_edit, actor, need)
    check_consent(need)
    _move(need, NeedState.UNDER_REVIEW, return_reason="")
    _record(actor, "need.submit", need)


def return_(actor: Actor, need: Need, reason: str) -> None:
    """Give a need back to its writer with a reason (退回)."""
    require(policy.can_review, actor, need)
    _two_people(actor, need)
    reason = _said(need, reason)
    _move(
        need,
        NeedState.RETURNED,
        return_reason=reason,
        reviewed_by_id=actor.user_id,
        reviewed_at=clock.now(),
    )
    _record(actor, "need.return", need, reason)
    queue(
        need.posted_by_id,
        "need.returned",
        f"需求“{need.title}”退回来了，点开看原因"[:120],
        link(need),
    )


def mark_published(actor: Actor, need: Need) -> None:
    """Let a reviewed need be seen (审核通过); opening its tasks is the tasks' part of the same transaction."""
    require(policy.can_review, actor, need)
    _two_people(actor, need)
    check_consent(need)
    now = clock.now()
    _move(
        need,
        NeedState.PUBLISHED,
        (NeedState.UNDER_REVIEW,),
        reviewed_by_id=actor.user_id,
        reviewed_at=now,
        published_at=now,
    )
    _record(actor, "need.publish", need)
    queue(need.posted_by_id, "need.published", f"需求“{need.title}”审核通过，已经发布", link(need))


def mark_withdrawn(actor: Actor, need: Need, reason: str) -> None:
    """Take a need back with a reason (撤下); cancelling its tasks is the tasks' part of the same transaction."""
    require(policy.can_edit, actor, need)
    reason = _said(need, reason)
    _move(need, NeedState.WITHDRAWN, return_reason=reason, settled_at=clock.now())
    _record(actor, "need.withdraw", need, reason)
    if need.posted_by_id != actor.user_id:
        queue(
            need.posted_by_id,
            "need.withdrawn",
            f"需求“{need.title}”已撤下，点开看原因"[:120],
            link(need),
        )


def mark_in_progress(actor: Actor, need: Need) -> None:
    """Somebody has begun (进行中); nothing happens when it is so already."""
    _settle(actor, need, NeedState.IN_PROGRESS, None)


def mark_reopened(actor: Actor, need: Need) -> None:
    """Nobody is on it any more (重新开放)."""
    _settle(actor, need, NeedState.PUBLISHED, None)


def mark_met(actor: Actor, need: Need) -> None:
    """Everything asked for was done and confirmed (已满足)."""
    if _settle(actor, need, NeedState.MET, clock.now()):
        queue(need.posted_by_id, "need.met", f"需求“{need.title}”都办好了，请回访一下", link(need))


def mark_partly_met(actor: Actor, need: Need) -> None:
    """Part was done, and nothing more is coming (部分满足)."""
    if _settle(actor, need, NeedState.PARTLY_MET, clock.now()):
        queue(need.posted_by_id, "need.partly_met", f"需求“{need.title}”完成了一部分", link(need))


def mark_expired(actor: Actor, need: Need) -> None:
    """Nobody came before the deadline (已过期); the worker was asked again before."""
    if _settle(actor, need, NeedState.EXPIRED, clock.now()):
        queue(
            need.posted_by_id,
            "need.expired",
            f"需求“{need.title}”到期了。还需要的话，请按现在的情况再发布一次",
            link(need),
        )


def ask_again(actor: Actor, need: Need, at: datetime) -> bool:
    """Ask the worker whether a need still stands before it expires (到期前询问); once."""
    asked = db.session.scalars(
        update(Need)
        .where(Need.id == need.id, Need.asked_again_at.is_(None))
        .values(asked_again_at=at)
        .returning(Need.id)
    ).one_or_none()
    if asked is None:
        return False
    _record(actor, "need.ask_again", need)
    queue(
        need.posted_by_id,
        "need.ask_again",
        f"需求“{need.title}”快到期了，还需要吗？",
        link(need),
        once_key=f"need.ask:{need.code}",
    )
    return True


def follow(actor: Actor, household: Household) -> int:
    """Let what a household still asks for lie where it lives now (搬家后); what is settled stays where it was."""
    require(files.can_write, actor, household)
    moved = db.session.scalars(
        update(Need)
        .where(
            Need.household_id == household.id,
            Need.state.in_(OPEN),
            Need.region_code != household.region_code,
        )
        .values(
            region_code=household.region_code,
            town_code=household.town_code,
            district_code=household.district_code,
            version=Need.version + 1,
        )
        .returning(Need.code)
    ).all()
    for code in moved:
        record(
            actor,
            "need.move",
            code,
            household_id=household.id,
            region_code=household.region_code,
        )
    return len(moved)


def read_story(actor: Actor, need: Need) -> str:
    """Open the inside story (查看内情); every reading leaves its row."""
    require(policy.can_view, actor, need)
    _record(actor, "need.read", need)
    return queries.story(need)


def check_consent(need: Need) -> None:
    """Refuse unless the file is in force and the household agreed to every purpose (个人信息保护法 §23, 29)."""
    if need.household.state is not HouseholdState.ACTIVE:
        raise FileNotActive
    missing = queries.missing_consents(need.household_id, queries.facts_of(need), clock.today())
    if missing:
        words = tuple(PURPOSE_WORDS[purpose] for purpose in missing)
        raise NoConsent(words, need.household.file_no, need.code)


def link(need: Need) -> str:
    """Return the path of a need's page, for messages."""
    return f"/needs/{need.code}"


def _check(
    household: Household, facts: Facts, *, seen_before: bool, but: int | None = None
) -> None:
    if household.state is not HouseholdState.ACTIVE:
        raise FileNotActive
    wrong = wrong_with(facts, clock.today())
    private = queries.private_of(household)
    public = {
        "title": facts.title,
        "wording": facts.wording,
        "subkind": facts.subkind,
        "skill": facts.skill,
        "item": facts.item,
        "unit": facts.unit,
    }
    found = {
        name: [finding.words for finding in check_wording(text, private)]
        for name, text in public.items()
    }
    found = {name: words for name, words in found.items() if words}
    if found:
        raise WordingTellsTooMuch(found)
    if wrong:
        raise FactsWrong(wrong)
    if not seen_before and queries.met_before(household.id, facts.kind, clock.today(), but):
        raise AskedBefore


def _columns(household: Household, facts: Facts, code: str) -> dict[str, Any]:
    box = households.box(household)
    return {
        "kind": facts.kind,
        "subkind": facts.subkind,
        "urgency": facts.urgency,
        "title": facts.title,
        "wording": facts.wording,
        "story": box.seal_json({"text": facts.story}, f"need.story:{code}"),
        "seats": facts.seats,
        "visit_from": facts.visit_from,
        "visit_until": facts.visit_until,
        "skill": facts.skill,
        "item": facts.item,
        "quantity": facts.quantity,
        "unit": facts.unit,
        "amount_fen": facts.amount_fen,
        "programme_id": facts.programme_id,
        "deadline_on": facts.deadline_on,
    }


def _two_people(actor: Actor, need: Need) -> None:
    if not actor.is_system and queries.wrote(need, actor.user_id):
        raise TwoPeople


def _said(need: Need, reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if found := queries.told_by(need.household, reason):
        raise ReasonTellsTooMuch(found)
    return reason[:120]


def _move(
    need: Need, wanted: NeedState, sources: tuple[NeedState, ...] = (), **values: Any
) -> None:
    changed_one(
        update(Need)
        .where(Need.id == need.id, Need.state.in_(sources or sources_of(wanted)))
        .values(state=wanted, version=Need.version + 1, **values)
    )


def _settle(actor: Actor, need: Need, wanted: NeedState, at: datetime | None) -> bool:
    """Move a running need where its tasks have brought it; False when it stood there already."""
    changed = db.session.scalars(
        update(Need)
        .where(Need.id == need.id, Need.state.in_(_BROUGHT_FROM[wanted]))
        .values(state=wanted, settled_at=at, version=Need.version + 1)
        .returning(Need.id)
    ).one_or_none()
    if changed is None:
        return False
    _record(actor, f"need.{wanted.value}", need)
    return True


def _record(actor: Actor, action: str, need: Need, reason: str | None = None) -> None:
    record(
        actor,
        action,
        need.code,
        household_id=need.household_id,
        region_code=need.region_code,
        reason=reason,
    )
