"""Files change hands (交接): all of a worker's in one transaction, with what hangs on them; both are told.

A predecessor's own notes stay theirs: they are kept by author, and nobody else's query finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from app.accounts.models import User
from app.accounts.rules import Role, UserState
from app.audit.models import AuditRow
from app.audit.services import record
from app.core import clock, codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import db, one_at_a_time
from app.households import policy
from app.households.errors import NothingToHand
from app.households.models import Change, Handover, Household
from app.households.rules import HouseholdState
from app.needs import queries as needs
from app.needs.errors import ReasonTellsTooMuch
from app.needs.models import Need
from app.notices.services import queue
from app.portal.queries import handover as queries
from app.tasks import services as tasks
from app.tasks.models import Task
from app.visits.models import FollowUp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.core.access import Actor
    from app.tasks.models import Claim

CHUNK = 500  # names in one statement
_NO_SYNC: dict[str, Any] = {"synchronize_session": False}


def hand_over(
    actor: Actor, leaving: User, shares: Mapping[str, User], note: str, *, key: str
) -> list[Handover]:
    """Give a worker's files to others, village by village (交接档案); the same key sent again changes nothing.

    `shares` says who takes which village. Open follow-ups, drafts of needs and running tasks go along. NothingToHand
    when there is nothing, or when somebody could not see what they would get; ReasonTellsTooMuch when the note names
    one of the families: it outlives them, so it says their file numbers instead.
    """
    for village in shares:
        require(policy.can_hand_over, actor, village)
    one_at_a_time(f"handover {key}")
    known = db.session.scalars(
        select(Handover).where(Handover.idempotency_key.between(f"{key[:36]}:", f"{key[:36]}:~"))
    ).all()
    if known:
        return list(known)
    _check_note(leaving, list(shares), note)
    made = []
    people: dict[int, User] = {user.id: user for user in shares.values()}
    for number, taker in enumerate(people.values()):
        villages = sorted(code for code, user in shares.items() if user.id == taker.id)
        if taker.id == leaving.id or not all(_may_take(taker, code) for code in villages):
            raise NothingToHand
        row = _hand(actor, leaving, taker, villages, note, f"{key[:36]}:{number}")
        if row is not None:
            made.append(row)
    if not made:
        raise NothingToHand
    return made


def pass_on(
    actor: Actor, leaving: User, claims: Sequence[Claim], asked: User | None, note: str
) -> int:
    """Take back what a helper holds and offer it on (志愿者交接); whoever is asked may say yes or no (条例 §25)."""
    for claim in claims:
        if found := needs.told_by(claim.task.household, note):
            raise ReasonTellsTooMuch(found)
    done = 0
    for claim in claims:
        tasks.take_from(actor, claim, note)
        done += 1
        if asked is not None:
            queue(
                asked.id,
                "claim.invited",
                f"社工想请你接手：{claim.task.card_title}。愿意就认领，不方便也没关系"[:120],
                f"/tasks/{claim.task.code}",
            )
    if not done:
        raise NothingToHand
    record(actor, "handover.pass_on", leaving.code, detail={"claims": done})
    return done


def _check_note(leaving: User, villages: Sequence[str], note: str) -> None:
    mine = select(Household).where(
        Household.worker_id == leaving.id,
        Household.region_code.in_(villages),
        Household.data_key.is_not(None),
    )
    for household in db.session.scalars(mine.execution_options(yield_per=CHUNK)):
        if found := needs.told_by(household, note):
            raise ReasonTellsTooMuch(found)


def _may_take(user: User, village: str) -> bool:
    return user.state is UserState.ACTIVE and user.actor.covers(village, Role.WORKER)


def _hand(
    actor: Actor, leaving: User, taker: User, villages: list[str], note: str, key: str
) -> Handover | None:
    now = clock.now()
    moved = db.session.execute(
        update(Household)
        .where(
            Household.worker_id == leaving.id,
            Household.region_code.in_(villages),
            Household.state != HouseholdState.ERASED,
        )
        .values(worker_id=taker.id, version=Household.version + 1, updated_at=now)
        .returning(Household.id, Household.file_no, Household.region_code, Household.data_key)
        .execution_options(**_NO_SYNC)
    ).all()
    if not moved:
        return None
    _write_history(actor, moved, leaving, taker)
    ids = [row.id for row in moved]
    row = Handover(
        code=codes.new("J"),
        region_code=_common(villages),
        from_id=leaving.id,
        to_id=taker.id,
        by_id=actor.user_id,
        at=now,
        note=note.strip(),
        files=len(ids),
        follow_ups=_move(
            FollowUp, FollowUp.person_id, leaving, taker, ids, FollowUp.done_at.is_(None)
        ),
        drafts=_move(Need, Need.posted_by_id, leaving, taker, ids, Need.state.in_(queries.DRAFTS)),
        tasks=_move(Task, Task.contact_id, leaving, taker, ids, Task.state.in_(queries.RUNNING)),
        idempotency_key=key,
    )
    db.session.add(row)
    record(
        actor,
        "handover.make",
        row.code,
        region_code=row.region_code,
        detail={"from": leaving.code, "to": taker.code, "files": row.files},
    )
    link = f"/households/handover/notes/{row.code}"
    queue(taker.id, "handover.to_you", f"{row.files} 份档案交给你了，点开看交接说明", link)
    queue(leaving.id, "handover.from_you", f"你的 {row.files} 份档案已经交接出去", link)
    return row


def _write_history(actor: Actor, moved: Sequence[Any], leaving: User, taker: User) -> None:
    """Write one row of history and one of the log for each file, in bulk; the history is sealed by each file's key."""
    now, keys = clock.now(), ring()
    fields = {"cover/worker_id": [leaving.id, taker.id]}
    changes, rows = [], []
    for row in moved:
        box = keys.box(row.data_key, row.file_no)
        changes.append(
            {
                "household_id": row.id,
                "at": now,
                "user_id": actor.user_id,
                "kind": "handover",
                "title": "换了责任社工",
                "fields": box.seal_json(fields, f"change.fields:{row.file_no}"),
                "reason": "交接",
            }
        )
        rows.append(
            {
                "at": now,
                "user_id": actor.user_id,
                "action": "household.handover",
                "subject": row.file_no,
                "household_id": row.id,
                "region_code": row.region_code,
                "detail": {"from": leaving.code, "to": taker.code, "giver": leaving.id},
            }
        )
    db.session.execute(insert(Change), changes)
    db.session.execute(insert(AuditRow), rows)


def _move(model: Any, column: Any, old: User, new: User, ids: list[int], *where: Any) -> int:
    done = 0
    for some in _chunks(ids):
        result = db.session.execute(
            update(model)
            .where(column == old.id, model.household_id.in_(some), *where)
            .values({column: new.id})
            .execution_options(**_NO_SYNC)
        )
        done += result.rowcount  # type: ignore[attr-defined]  # a cursor's result
    return done


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _common(villages: list[str]) -> str:
    """Return the smallest region that holds all villages."""
    for length in (12, 9, 6, 4):
        if len({code[:length] for code in villages}) == 1:
            return villages[0][:length]
    return ""
