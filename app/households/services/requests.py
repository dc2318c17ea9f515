"""What people ask about their data, and what the calendar proposes (个人信息请求与到期清除)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from app.accounts.models import Grant, User
from app.accounts.rules import Role, UserState
from app.audit import services as audit
from app.core import clock, codes
from app.core.access import SYSTEM, require
from app.core.db import changed_one, db, one_at_a_time
from app.households import policy, queries
from app.households.errors import NotErasable, PeriodTooShort, ReasonMissing, RequestSettled
from app.households.models import ImpactAssessment, RetentionPeriod, SubjectRequest
from app.households.queries import records
from app.households.rules.approvals import ApprovalKind
from app.households.rules.requests import (
    DUTIES,
    REQUEST_NEXT,
    REQUEST_WORDS,
    WORKING_DAYS,
    Asker,
    Ground,
    RequestKind,
    RequestState,
    may_erase,
)
from app.households.rules.retention import RULES, Kept
from app.households.services import approvals
from app.notices import services as notices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Approval, Household

BATCH = 200


def receive(  # noqa: PLR0913 - the fields of one form
    actor: Actor,
    household: Household,
    *,
    kind: RequestKind,
    asker: Asker,
    ground: Ground,
    words: str,
    received_on: date,
    member_code: str = "",
    key: str,
) -> SubjectRequest:
    """Write down what somebody asks about their data (登记请求), answered within fifteen working days (§50).

    The same key sent again gives the same request.
    """
    require(policy.can_write, actor, household)
    queries.box(household)  # nothing is left to ask about once it is erased
    one_at_a_time(f"request {key}")
    known = db.session.scalars(
        select(SubjectRequest).where(SubjectRequest.idempotency_key == key)
    ).one_or_none()
    if known is not None:
        return known
    if not words.strip():
        raise ReasonMissing("请写下是谁提的、说了什么、怎么联系")
    made = SubjectRequest(
        code=codes.new("Q"),
        kind=kind,
        asker=asker,
        ground=ground,
        household_id=household.id,
        region_code=household.region_code,
        member_code=member_code,
        words=words.strip(),
        received_on=received_on,
        due_on=clock.add_working_days(received_on, WORKING_DAYS),
        recorded_by_id=actor.user_id,
        idempotency_key=key,
    )
    db.session.add(made)
    _record(actor, made, household, "request.receive")
    if household.worker_id != actor.user_id:
        notices.queue(
            household.worker_id,
            "request.received",
            f"档案 {household.file_no} 有人提出：{REQUEST_WORDS[kind]}，点开看",
            f"/records/requests/{made.code}",
        )
    db.session.flush()  # whoever wrote it down is led to it
    return made


def read_words(actor: Actor, request: SubjectRequest) -> str:
    """Open what was said and by whom (看原话); every reading leaves its row."""
    require(policy.can_view, actor, request.household)
    _record(actor, request, request.household, "request.read")
    return request.words or ""


def ask(
    actor: Actor, request: SubjectRequest, *, duties: Sequence[str], reason: str, key: str
) -> Approval:
    """Ask a second person to erase (提请清除); refused while a legal duty to keep stands against it (§47)."""
    household = request.household
    require(policy.can_write, actor, household)
    if request.kind is not RequestKind.ERASE or not may_erase(
        household.state, request.asker, only_photos=bool(request.what)
    ):
        raise NotErasable
    if set(duties) & set(DUTIES):
        raise NotErasable("还有必须保留的理由，请选“不清除”并写明原因；理由没有了再提请")
    if records.waits_for_approval(request):
        return _approval(request)
    wanted: dict[str, Any] = {"request": request.code, "member": request.member_code}
    if request.what:
        wanted |= {"what": request.what, "before": records.photos_before(clock.today()).isoformat()}
    made = approvals.ask(
        actor,
        ApprovalKind.ERASURE,
        region_code=household.region_code,
        subject=household.file_no,
        reason=reason,
        key=key,
        wanted=wanted,
        household=household,
    )
    _step(request, RequestState.ASKED, approval_id=made.id, duties=[])
    _record(actor, request, household, "request.ask")
    return made


def refuse(actor: Actor, request: SubjectRequest, *, duties: Sequence[str], answer: str) -> None:
    """Say no, with the reason that the person is told (不清除、不更正): a duty to keep, or no ground (§47, 50)."""
    require(policy.can_write, actor, request.household)
    if not answer.strip():
        raise ReasonMissing("请写明理由，这要原样告诉提出的人")
    _step(
        request,
        RequestState.REFUSED,
        duties=[one for one in duties if one in DUTIES],
        answer=answer.strip(),
        closed_at=clock.now(),
    )
    _record(actor, request, request.household, "request.refuse")


def settle(actor: Actor, request: SubjectRequest, *, answer: str) -> None:
    """Note that a correction was made or a copy given (办好了)."""
    require(policy.can_write, actor, request.household)
    if request.kind is RequestKind.ERASE:
        raise RequestSettled("清除要两个人：请提请审批")
    if not answer.strip():
        raise ReasonMissing("请写一句怎么办的")
    _step(request, RequestState.DONE, answer=answer.strip(), closed_at=clock.now())
    _record(actor, request, request.household, "request.settle")


def propose(day: date) -> int:
    """Propose what is due to go (到期清除提请): closed files and old photos; set by set, the same day twice is once."""
    made = sum(_propose(day, what) for what in ("", "photos"))
    if made:
        _tell_officers(day)
    return made


def _propose(day: date, what: str) -> int:
    find, after, made = (records.due_photos if what else records.due_files), 0, 0
    while rows := find(day, after, BATCH):
        after = rows[-1].id
        db.session.execute(
            insert(SubjectRequest),
            [
                {
                    "code": codes.new("Q"),
                    "kind": RequestKind.ERASE,
                    "asker": Asker.RETENTION,
                    "ground": Ground.PERIOD,
                    "household_id": row.id,
                    "region_code": row.region_code,
                    "what": what,
                    "received_on": day,
                    "due_on": clock.add_working_days(day, WORKING_DAYS),
                    "idempotency_key": f"due:{row.file_no}:{what[:3]}:{day:%y%m%d}",
                }
                for row in rows
            ],
        )
        for row in rows:
            audit.record(
                SYSTEM,
                "request.propose",
                row.file_no,
                household_id=row.id,
                region_code=row.region_code,
                detail={"what": what or "file"},
            )
        made += len(rows)
    return made


def _tell_officers(day: date) -> None:
    """Tell each officer and supervisor once how much is due in their region."""
    counts = db.session.execute(
        select(SubjectRequest.region_code, func.count())
        .where(SubjectRequest.received_on == day, SubjectRequest.asker == Asker.RETENTION)
        .group_by(SubjectRequest.region_code)
    ).all()
    people = db.session.execute(
        select(Grant.user_id, Grant.region_code)
        .join(User, User.id == Grant.user_id)
        .where(
            Grant.role == Role.OFFICER,
            Grant.ended_at.is_(None),
            Grant.region_code != "",
            User.state == UserState.ACTIVE,
        )
    ).all()
    for user_id, prefix in people:
        number = sum(count for code, count in counts if code.startswith(prefix))
        if number:
            notices.queue(
                user_id,
                "request.due",
                f"有 {number} 份资料保存期满，请看看哪些该清除",
                "/records?asker=retention",
                once_key=f"due:{user_id}:{day:%y%m%d}",
            )


def set_period(actor: Actor, kind: Kept, *, months: int, valid_from: date, basis: str) -> None:
    """Set how long a kind of data is kept from a day on (定保存期限); never below what the law says."""
    require(policy.can_set_periods, actor)
    rule = RULES[kind]
    if months < rule.least:
        raise PeriodTooShort(rule.least, rule.basis)
    known = db.session.scalars(
        select(RetentionPeriod).where(
            RetentionPeriod.kind == kind, RetentionPeriod.valid_from == valid_from
        )
    ).one_or_none()
    if known is not None:
        known.months, known.basis, known.set_by_id = months, basis.strip(), actor.user_id
    else:
        db.session.add(
            RetentionPeriod(
                kind=kind,
                months=months,
                valid_from=valid_from,
                basis=basis.strip(),
                set_by_id=actor.user_id,
            )
        )
    audit.record(actor, "retention.set", kind.value, detail={"months": months})


def assess(  # noqa: PLR0913 - the fields of one form
    actor: Actor,
    *,
    region_code: str,
    title: str,
    purpose: str,
    risk: str,
    measures: str,
    conclusion: str,
    assessors: str,
    assessed_on: date,
    key: str,
) -> ImpactAssessment:
    """Keep an impact assessment (影响评估), three years at least (个人信息保护法 §55, 56)."""
    require(policy.can_assess, actor, region_code)
    one_at_a_time(f"assessment {key}")
    known = db.session.scalars(
        select(ImpactAssessment).where(ImpactAssessment.idempotency_key == key)
    ).one_or_none()
    if known is not None:
        return known
    made = ImpactAssessment(
        code=codes.new("I"),
        region_code=region_code,
        title=title.strip(),
        purpose=purpose.strip(),
        risk=risk.strip(),
        measures=measures.strip(),
        conclusion=conclusion,
        assessors=assessors.strip(),
        assessed_on=assessed_on,
        recorded_by_id=actor.user_id,
        created_at=clock.now(),
        idempotency_key=key,
    )
    db.session.add(made)
    audit.record(actor, "impact.record", made.code, region_code=region_code)
    db.session.flush()  # whoever wrote it down is led to it
    return made


def _approval(request: SubjectRequest) -> Approval:
    found = records.approval_of(request)
    if found is None:
        raise RequestSettled
    return found


def _step(request: SubjectRequest, state: RequestState, **values: Any) -> None:
    before = [one for one, after in REQUEST_NEXT.items() if state in after]
    if state is RequestState.ASKED:
        before.append(RequestState.ASKED)  # asked again: the approval before was refused
    if request.state not in before:
        raise RequestSettled
    changed_one(
        update(SubjectRequest)
        .where(SubjectRequest.id == request.id, SubjectRequest.state == request.state)
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(request)


def _record(actor: Actor, request: SubjectRequest, household: Household, action: str) -> None:
    audit.record(
        actor,
        action,
        request.code,
        household_id=household.id,
        region_code=household.region_code,
        detail={"kind": request.kind.value},
    )
