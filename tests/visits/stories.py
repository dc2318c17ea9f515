"""What visit tests tell again and again: a claim, what was said, handed in, confirmed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, transaction
from app.ledger.models import Posting
from app.ledger.rules import Account, Measure
from app.visits import queries, services
from app.visits.policy import Errand
from app.visits.rules import Facts, Result
from tests.factories import a_claim, a_household, a_task, a_volunteer, a_worker

if TYPE_CHECKING:
    from app.accounts.models import User
    from app.tasks.models import Claim
    from app.visits.models import Visit

KEY = "key-of-this-page-000001"


def a_photo(colour: str = "brown") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return out.getvalue()


def facts(result: Result = Result.MET, **said: Any) -> Facts:
    if result in {Result.MET, Result.FAMILY}:
        said.setdefault("minutes", 50)
    return Facts(said.pop("visited_on", clock.today()), result, **said)


def a_held_claim(volunteer: User | None = None, worker: User | None = None, **task: Any) -> Claim:
    worker = worker or a_worker()
    household = task.pop("household", None) or a_household(worker=worker)
    return a_claim(a_task(household, contact_id=worker.id, **task), volunteer or a_volunteer())


def errand(claim: Claim) -> Errand:
    return queries.errand_for_claim(claim.code)


def hand_in(claim: Claim, said: Facts | None = None, key: str = KEY, **more: Any) -> Visit:
    with transaction():
        return services.submit(claim.user.actor, errand(claim), said or facts(), key=key, **more)


def confirm(visit: Visit, judge: User | None = None, version: int | None = None) -> Visit:
    judge = judge or a_worker()
    with transaction():
        return services.confirm(
            judge.actor, queries.by_code(visit.code), version=version or visit.version
        )


def give_back(visit: Visit, reason: str = "请再补一句", judge: User | None = None) -> Visit:
    judge = judge or a_worker()
    with transaction():
        return services.return_(judge.actor, visit, reason, version=visit.version)


def amend(visit: Visit, said: Facts, reason: str = "记错了", judge: User | None = None) -> Visit:
    judge = judge or a_worker()
    with transaction():
        return services.amend(judge.actor, queries.by_code(visit.code), said, reason, key=KEY)


def hours(household_id: int) -> int:
    return (
        db.session.scalar(
            select(func.sum(Posting.amount)).where(
                Posting.household_id == household_id,
                Posting.account == Account.DELIVERED,
                Posting.measure == Measure.HOURS,
            )
        )
        or 0
    )
