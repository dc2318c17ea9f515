"""Writing a visit down (记探访): kept as a draft, handed in once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as people
from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db
from app.core.errors import StalePage
from app.households import queries as files
from app.media import queries as media
from app.media import services as pictures
from app.notices import services as notices
from app.tasks import services as tasks
from app.tasks.errors import ConsentWithdrawn
from app.visits import policy, queries
from app.visits.models import FollowUp, Visit, VisitPhoto
from app.visits.rules import Facts, FollowUpKind, VisitState, earns_hours
from app.visits.services.checking import check_errand, check_facts, check_photos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.access import Actor
    from app.households.models import Household
    from app.visits.policy import Errand


def submit(
    actor: Actor, errand: Errand, facts: Facts, photos: Sequence[bytes] = (), *, key: str
) -> Visit:
    """Hand a record in (交回记录) for a worker's word; the same key again gives the same record.

    Raises a BadVisit that names its field, ClaimIsOver, NotAVisit or FileNotOpen.
    """
    require(policy.can_record, actor, errand)
    done = queries.by_key(actor.user_id, key)
    if done is not None and done.state is not VisitState.DRAFT:
        return done
    check_errand(errand)
    check_facts(facts, errand)
    begun = queries.unfinished(actor.user_id, errand)
    check_photos(errand.household, facts, photos, len(queries.photos(begun)) if begun else 0)
    try:
        visit = _write(actor, errand, facts, begun, key, VisitState.SUBMITTED)
    except (IntegrityError, StalePage):
        # a double click on two connections: the faster one has written this very record
        done = queries.by_key(actor.user_id, key)
        if done is None or done.state is VisitState.DRAFT:
            raise StalePage from None
        return done
    _keep_photos(actor, visit, errand.household, photos)
    if errand.claim is not None:
        tasks.hand_in(actor, errand.claim)
    _tell_worker(visit, errand)
    _record(actor, "visit.submit", visit)
    return visit


def save_draft(
    actor: Actor, errand: Errand, facts: Facts, photos: Sequence[bytes] = (), *, key: str
) -> Visit:
    """Keep an unfinished record (先存着), whatever is still missing in it; photos need their consent even so."""
    require(policy.can_record, actor, errand)
    done = queries.by_key(actor.user_id, key)
    if done is not None and done.state not in queries.UNFINISHED:
        return done
    check_errand(errand)
    begun = queries.unfinished(actor.user_id, errand)
    check_photos(errand.household, facts, photos, len(queries.photos(begun)) if begun else 0)
    state = begun.state if begun is not None else VisitState.DRAFT
    visit = _write(actor, errand, facts, begun, key, state)
    _keep_photos(actor, visit, errand.household, photos)
    _record(actor, "visit.draft", visit)
    return visit


def read(actor: Actor, visit: Visit) -> dict[str, Any]:
    """Open what stands in a record for somebody who may read it; the reading is logged (个人信息保护法 §51).

    Refused: ConsentWithdrawn to a helper whose household takes its consent back, which works at once (§15).
    """
    _check_open(actor, visit)
    _record(actor, "visit.read", visit)
    return queries.notes(visit)


def open_photo(actor: Actor, visit: Visit, position: int, *, thumb: bool) -> bytes:
    """Return a photo's bytes; a full size is logged, thumbnails are logged with the page they stand on."""
    _check_open(actor, visit)
    found = queries.photo(visit, position)
    if not thumb:
        audit.record(
            actor,
            "visit.photo",
            visit.code,
            household_id=visit.household_id,
            region_code=visit.region_code,
            detail={"position": position},
        )
    return pictures.open_image(found.media, files.box(visit.household), thumb=thumb)


def _check_open(actor: Actor, visit: Visit) -> None:
    require(policy.can_read, actor, visit)
    if not actor.is_system and not queries.is_open_to(actor, visit):
        raise ConsentWithdrawn


def _write(
    actor: Actor,
    errand: Errand,
    facts: Facts,
    begun: Visit | None,
    key: str,
    state: VisitState,
) -> Visit:
    now = clock.now()
    code = begun.code if begun is not None else codes.new("V")
    submitted = now if state is VisitState.SUBMITTED else None
    values = columns(facts, errand.household, code) | {
        "state": state,
        "idempotency_key": key,
        "submitted_at": submitted,
        "counts_hours": _earns(actor, errand, facts),
        "task_id": errand.task.id if errand.task else None,
        "updated_at": now,
    }
    if begun is not None:
        changed_one(
            update(Visit)
            .where(Visit.id == begun.id, Visit.state == begun.state, Visit.version == begun.version)
            .values(**values, version=Visit.version + 1)
        )
        db.session.refresh(begun)
        visit = begun
    else:
        visit = Visit(
            code=code,
            household_id=errand.household.id,
            claim_id=errand.claim.id if errand.claim else None,
            visitor_id=actor.user_id,
            recorded_by_id=actor.user_id,
            region_code=errand.household.region_code,
            town_code=errand.household.town_code,
            district_code=errand.household.district_code,
            created_at=now,
            **values,
        )
        with db.session.begin_nested():  # the unique key decides, now, and costs only this insert
            db.session.add(visit)
            db.session.flush()
    _keep_promises(visit, errand, facts)
    return visit


def columns(facts: Facts, household: Household, code: str) -> dict[str, Any]:
    """Return what the facts are as columns of a record, the confidences sealed for its code."""
    day = facts.visited_on
    return {
        "visited_on": day,
        "started_at": clock.at(day, facts.starts) if facts.starts else None,
        "ended_at": clock.at(day, facts.ends) if facts.ends else None,
        "minutes": max(0, facts.length),
        "manner": facts.manner,
        "result": facts.result,
        "companions": facts.companions,
        "opinion": facts.opinion,
        "needs_found": list(facts.needs_found),
        "notes": files.box(household).seal_json(dict(facts.notes), f"visit.notes:{code}"),
    }


def _earns(actor: Actor, errand: Errand, facts: Facts) -> bool:
    roles = {scope.role for scope in actor.scopes}
    return earns_hours(roles, facts.result, facts.length, claimed=errand.claim is not None)  # type: ignore[arg-type]


def _keep_promises(visit: Visit, errand: Errand, facts: Facts) -> None:
    """Put the follow-ups of this writing in place of those of the draft."""
    db.session.execute(delete(FollowUp).where(FollowUp.visit_id == visit.id))
    db.session.expire(visit, ["follow_ups"])
    contact_id = errand.task.contact_id if errand.task else None
    person_id = person_for(visit, errand.household, contact_id)
    for promise in facts.promises:
        add_follow_up(visit, errand.household, promise.what, promise.due_on, person_id)


def person_for(visit: Visit, household: Household, contact_id: int | None) -> int:
    """Return who follows up: the file's worker, the task's contact, a worker of the place; else whoever went."""
    if chosen := household.worker_id or contact_id:
        return chosen
    nearby = people.workers_of(visit.region_code)
    return nearby[0].id if nearby else visit.visitor_id


def add_follow_up(
    visit: Visit,
    household: Household,
    what: str,
    due_on: Any,
    person_id: int,
    kind: FollowUpKind = FollowUpKind.TOLD,
) -> FollowUp:
    """Write something to do, its words sealed with the file's key."""
    code = codes.new("F")
    follow_up = FollowUp(
        code=code,
        visit_id=visit.id,
        household_id=household.id,
        kind=kind,
        what=files.box(household).seal_json({"text": what}, f"follow_up.what:{code}"),
        due_on=due_on,
        person_id=person_id,
    )
    db.session.add(follow_up)
    return follow_up


def _keep_photos(actor: Actor, visit: Visit, household: Household, photos: Sequence[bytes]) -> None:
    kept = queries.photos(visit)
    known = media.looks([photo.media_id for photo in kept])
    position = max((photo.position for photo in kept), default=0)
    box = files.box(household)
    for data in photos:
        look = pictures.look_of(data)
        if look in known:  # the same photo chosen twice, or sent again with the draft
            continue
        known.add(look)
        position += 1
        picture = pictures.store_image(
            actor,
            data,
            kind="visit",
            box=box,
            household_id=household.id,
            code_text=visit.code,
            taken_on=visit.visited_on,
        )
        db.session.add(VisitPhoto(visit_id=visit.id, media_id=picture.id, position=position))
    db.session.flush()


def _tell_worker(visit: Visit, errand: Errand) -> None:
    contact = errand.task.contact_id if errand.task else None
    person = contact or errand.household.worker_id
    if person != visit.visitor_id:
        notices.queue(person, "visit.submitted", "有一份探访记录等你确认", f"/visits/{visit.code}")


def _record(actor: Actor, action: str, visit: Visit) -> None:
    audit.record(
        actor,
        action,
        visit.code,
        household_id=visit.household_id,
        region_code=visit.region_code,
    )
