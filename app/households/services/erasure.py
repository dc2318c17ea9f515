"""Erasing (清除): the file's key is dropped and what it sealed is emptied; figures, visit counts and the ledger stay.

What is sealed elsewhere under the same key (stories of needs, notes of visits, follow-ups) opens for nobody any more.
A list of what was erased is kept beside the backups, so that a restored one brings nobody back (个人信息保护法 §47).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from app.audit import services as audit
from app.core import clock
from app.core.access import SYSTEM, require
from app.core.db import changed_one, db, empty_log, on_commit
from app.core.errors import NotHere
from app.households import policy, queries
from app.households.errors import NotErasable, StillHouseholder
from app.households.models import (
    Approval,
    Change,
    Consent,
    Erasure,
    Household,
    Member,
    SearchToken,
    Section,
    SubjectRequest,
    Twins,
    WorkerNote,
)
from app.households.rules import HouseholdState
from app.households.rules.consent import ConsentEnd
from app.households.rules.requests import Asker, RequestState, may_erase
from app.households.services import spans
from app.households.services.writing import write
from app.media import services as media

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.access import Actor

    Listed = tuple[str, str]  # file number, member's code or nothing

PHOTOS = "photos"
_NO_SYNC = {"synchronize_session": False}


def erase(actor: Actor, approval: Approval, wanted: dict[str, Any]) -> None:
    """Do what a second person approved (经双人审批清除): a whole file, one member, or its old photos.

    `wanted` is what `requests.ask` wrote down: request, member, what. NotErasable when the file has moved on.
    """
    require(policy.can_decide, actor, approval)
    household = db.session.get(Household, approval.household_id)
    request = _request(approval)
    if household is None or household.data_key is None:
        raise NotErasable
    member, only_photos = str(wanted.get("member") or ""), wanted.get("what") == PHOTOS
    asker = request.asker if request else Asker.SUBJECT
    if not may_erase(household.state, asker, only_photos=only_photos):
        raise NotErasable
    if only_photos:
        _old_photos(household, wanted)
    elif member:
        wipe_member(actor, household, member, approval.code)
    else:
        wipe(household, approval.code, keep_approval=approval.id)
    detail = {"approval": approval.code, "member": member, "what": wanted.get("what") or ""}
    _record(actor, household, detail)
    if not member and not only_photos:
        for part in queries.came_into(household.id):  # the same family, told twice
            if part.data_key is not None:
                wipe(part, approval.code)
                _record(actor, part, detail)
    if request is not None:
        changed_one(
            update(SubjectRequest)
            .where(SubjectRequest.id == request.id, SubjectRequest.state == RequestState.ASKED)
            .values(state=RequestState.DONE, closed_at=clock.now(), words=None)
        )


def wipe(
    household: Household, approval_code: str = "", *, keep_approval: int | None = None
) -> None:
    """Erase a whole file: set by set, in the caller's transaction; the rows of figures stay."""
    number, now = household.id, clock.now()
    changed_one(
        update(Household)
        .where(Household.id == number, Household.data_key.is_not(None))
        .values(
            state=HouseholdState.ERASED,
            data_key=None,
            head=b"",
            papers=b"",
            cause="",
            housing="",
            traits="",
            tier_rule="",
            case_stage="",
            class_until=None,
            is_kin=False,
            source_key=None,
            source_digest=None,
            next_visit_on=None,
            updated_at=now,
            version=Household.version + 1,
        )
        .execution_options(**_NO_SYNC)
    )
    for statement in (
        update(Member)
        .where(Member.household_id == number)
        .values(person=b"", id_index=None, alike=None, relationship_code="8", sex="0"),
        update(Change).where(Change.household_id == number).values(fields=None, reason=""),
        update(Consent).where(Consent.household_id == number).values(terms=None, scan_id=None),
        update(Consent)
        .where(Consent.household_id == number, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now, ended=ConsentEnd.ERASED),
        update(Approval)
        .where(Approval.household_id == number, Approval.id != (keep_approval or 0))
        .values(wanted=None, reason=None, answer=None),
        update(SubjectRequest)
        .where(SubjectRequest.household_id == number)
        .values(words=None, answer=None),
        delete(SearchToken).where(SearchToken.household_id == number),
        delete(Section).where(Section.household_id == number),
        delete(WorkerNote).where(WorkerNote.household_id == number),
        delete(Twins).where(or_(Twins.first_id == number, Twins.second_id == number)),
    ):
        db.session.execute(statement.execution_options(**_NO_SYNC))
    media.forget(number)
    db.session.expire(household)
    spans.keep(number, _standing(household))
    db.session.add(
        Change(household_id=number, at=now, user_id=None, kind="erased", title="个人信息已清除")
    )
    _list(household.file_no, "", approval_code)


def wipe_member(
    actor: Actor, household: Household, code: str, approval_code: str = "", *, version: int = 0
) -> None:
    """Take one member out of a file and out of its history (清除一名成员).

    Free texts that others wrote about the household are not searched for them. StillHouseholder for the householder.
    """
    after = queries.document(household)
    member = after.get("members", {}).get(code)
    if member is None:
        raise NotHere
    if not member.get("position"):
        raise StillHouseholder
    after["members"].pop(code)
    write(
        actor,
        household,
        after,
        version=version or household.version,
        kind="erased",
        title="清除了一名成员的个人信息",
        action="household.erase_member",
    )
    _redact(household, code)
    _list(household.file_no, code, approval_code)


def repeat(listed: Iterable[Listed]) -> int:
    """Erase again what a restored backup brought back (恢复后重新清除); returns how many files and members."""
    done = 0
    for file_no, code in listed:
        household = db.session.scalars(
            select(Household).where(Household.file_no == file_no)
        ).one_or_none()
        if household is None or household.data_key is None:
            continue
        if not code:
            wipe(household)
        elif code in queries.document(household).get("members", {}):
            wipe_member(SYSTEM, household, code)
        else:
            continue
        done += 1
    return done


def erased() -> list[Listed]:
    """Return everything that was erased, members before files, oldest first."""
    rows = db.session.execute(
        select(Erasure.file_no, Erasure.member_code).order_by(
            (Erasure.member_code == "").asc(), Erasure.id
        )
    )
    return [(file_no, code) for file_no, code in rows]


def how_many() -> int:
    """Return how long that list is."""
    return db.session.scalar(select(func.count()).select_from(Erasure)) or 0


def _record(actor: Actor, household: Household, detail: dict[str, Any]) -> None:
    audit.record(
        actor,
        "household.erase",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail=detail,
    )


def _request(approval: Approval) -> SubjectRequest | None:
    return db.session.scalars(
        select(SubjectRequest).where(SubjectRequest.approval_id == approval.id)
    ).one_or_none()


def _old_photos(household: Household, wanted: dict[str, Any]) -> None:
    before = clock.at(clock.today().fromisoformat(str(wanted["before"])))
    media.forget(household.id, kind="visit", before=before)
    on_commit(empty_log)


def _redact(household: Household, code: str) -> None:
    """Take every place of a member out of what the history keeps sealed."""
    its_box, place = queries.box(household), f"change.fields:{household.file_no}"
    mine = f"members/{code}"
    rows = db.session.execute(
        select(Change.id, Change.fields).where(
            Change.household_id == household.id, Change.fields.is_not(None)
        )
    ).all()
    for number, sealed in rows:
        fields = its_box.open_json(sealed, place)
        kept = {path: what for path, what in fields.items() if not _about(path, mine)}
        if "members" in kept:  # the whole list came or went at once
            kept["members"] = [
                {key: value for key, value in (side or {}).items() if key != code}
                for side in kept["members"]
            ]
        if kept != fields:
            sealed_again = its_box.seal_json(kept, place) if kept else None
            db.session.execute(
                update(Change)
                .where(Change.id == number)
                .values(fields=sealed_again)
                .execution_options(**_NO_SYNC)
            )


def _about(path: str, mine: str) -> bool:
    return path == mine or path.startswith(mine + "/")


def _standing(household: Household) -> spans.Standing:
    return spans.Standing(
        region_code=household.region_code,
        category=household.category,
        tier=household.tier,
        state=HouseholdState.ERASED,
        member_count=household.member_count,
        income_fen=household.income_fen,
        aid_fen=household.aid_fen,
    )


def _list(file_no: str, code: str, approval_code: str) -> None:
    """Put what was erased on the list, and let no log of the database hold it any longer."""
    known = select(Erasure.id).where(Erasure.file_no == file_no, Erasure.member_code == code)
    if db.session.scalar(known) is None:
        db.session.add(
            Erasure(
                file_no=file_no,
                member_code=code,
                erased_at=clock.now(),
                approval_code=approval_code,
            )
        )
    db.session.flush()
    on_commit(empty_log)
