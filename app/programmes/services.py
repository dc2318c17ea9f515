"""What changes programmes and donors (项目、捐赠人)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.audit import services as audit
from app.core import clock, codes
from app.core.access import require
from app.core.db import changed_one, db, one_at_a_time
from app.programmes import policy, queries
from app.programmes.errors import EndsBeforeItStarts, NotQualified
from app.programmes.models import Donor, Programme
from app.programmes.rules import QUALIFIED, ProgrammeState

if TYPE_CHECKING:
    from datetime import date

    from app.accounts.models import User
    from app.core.access import Actor


@dataclass(frozen=True, slots=True)
class Facts:
    """What a foundation says about a programme (项目要素)."""

    name: str
    purpose: str
    region_code: str
    charity_id: int
    starts_on: date
    ends_on: date | None


def create(actor: Actor, foundation_id: int, facts: Facts, key: str) -> Programme:
    """Start a programme (设立项目): what it is for restricts every gift to it (慈善法 §56).

    Refused: NotQualified when the charity may not receive money, EndsBeforeItStarts. The same key answers the same
    programme.
    """
    require(policy.can_create, actor)
    one_at_a_time(f"programme {actor.user_id} {key}")
    again = queries.repeated(actor, key)
    if again is not None:
        return again
    programme = Programme(
        code=codes.new("P"),
        foundation_id=foundation_id,
        created_at=clock.now(),
        created_by_id=actor.user_id,
        idempotency_key=key,
        **_checked(facts),
    )
    require(policy.can_edit, actor, programme)
    db.session.add(programme)
    audit.record(actor, "programme.create", programme.code, region_code=programme.region_code)
    return programme


def edit(
    actor: Actor, programme: Programme, facts: Facts, state: ProgrammeState, version: int
) -> None:
    """Change what a programme says of itself (修改项目); what was given stays where it was given."""
    require(policy.can_edit, actor, programme)
    values = _checked(facts)
    changed = sorted(name for name, value in values.items() if getattr(programme, name) != value)
    changed_one(
        update(Programme)
        .where(Programme.id == programme.id, Programme.version == version)
        .values(**values, state=state, version=version + 1)
    )
    db.session.refresh(programme)
    audit.record(
        actor,
        "programme.edit",
        programme.code,
        region_code=programme.region_code,
        detail={"fields": changed, "state": state.value},
    )


def ensure_donor(actor: Actor, user: User) -> Donor:
    """Return the donor that this person is, made when they give for the first time; anonymous until they say otherwise.

    An anonymous gift is recorded all the same (慈善法 §38, 82).
    """
    found = queries.donor_of(user)
    if found is not None:
        return found
    donor = Donor(code=codes.new("D"), user_id=user.id, name=user.name, created_at=clock.now())
    try:
        with db.session.begin_nested():  # of two first gifts at once, one makes the donor
            db.session.add(donor)
            db.session.flush()  # the gift needs its id
    except IntegrityError:
        found = queries.donor_of(user)
        if found is None:
            raise
        return found
    audit.record(actor, "donor.create", donor.code)
    return donor


def _checked(facts: Facts) -> dict[str, object]:
    charity = queries.organisation(facts.charity_id)
    if charity is None or charity.kind not in QUALIFIED:
        raise NotQualified
    if facts.ends_on is not None and facts.ends_on < facts.starts_on:
        raise EndsBeforeItStarts
    return {
        "name": facts.name.strip(),
        "purpose": facts.purpose.strip(),
        "region_code": facts.region_code,
        "charity_id": facts.charity_id,
        "starts_on": facts.starts_on,
        "ends_on": facts.ends_on,
    }
