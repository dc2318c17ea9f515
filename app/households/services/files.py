"""Changing and opening a file (改档、查看)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from app.audit import services as audit
from app.core import clock
from app.core.access import require
from app.core.crypto import ring
from app.core.db import changed_one, db
from app.households import policy, queries
from app.households.errors import NotInState, ReasonMissing
from app.households.models import Change, Household, SearchToken
from app.households.rules import NEXT, STATE_WORDS, HouseholdState
from app.households.rules.search import person_tokens

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.queries import Head

FIELD_WORDS = {
    "category": "类别",
    "tier": "风险档",
    "cause": "致困原因",
    "housing": "住房",
    "income_fen": "月人均收入",
    "phone": "电话",
    "door": "住址",
}
SEALED = frozenset({"phone", "door"})


def unmask(actor: Actor, household: Household, reason: str) -> Head:
    """Open a file's clear names, numbers and door to somebody who says why; the household's worker can see that.

    Returns the cover in clear (个人信息保护法 §51; DOMAIN §10).
    """
    require(policy.can_view, actor, household)
    if not reason.strip():
        raise ReasonMissing
    audit.record(
        actor,
        "household.unmask",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        reason=reason.strip(),
    )
    return queries.head(household)


def edit(
    actor: Actor, household: Household, values: dict[str, Any], *, reason: str, version: int
) -> bool:
    """Change facts of a file; keeps what they were, sealed, and refuses a page that is out of date.

    `values` may hold the keys of FIELD_WORDS. Returns whether anything was different.
    """
    require(policy.can_edit, actor, household)
    head = queries.head(household)
    before = {name: getattr(head if name in SEALED else household, name) for name in values}
    changed = {
        name: (before[name], value) for name, value in values.items() if before[name] != value
    }
    if not changed:
        return False
    columns = {name: after for name, (_, after) in changed.items() if name not in SEALED}
    box = queries.box(household)
    place = f"household.head:{household.file_no}"
    if SEALED & changed.keys():
        sealed = {"name": head.name, "phone": head.phone, "door": head.door}
        sealed |= {name: after for name, (_, after) in changed.items() if name in SEALED}
        columns["head"] = box.seal_json(sealed, place)
    changed_one(
        update(Household)
        .where(Household.id == household.id, Household.version == version)
        .values(**columns, version=version + 1, updated_at=clock.now())
    )
    if "phone" in changed:
        _find_by_phone(household, *changed["phone"])
    plain = {name: [str(old), str(new)] for name, (old, new) in changed.items()}
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="edited",
            title="改了" + "、".join(FIELD_WORDS[name] for name in changed),
            fields=box.seal_json(plain, f"change.fields:{household.file_no}"),
            reason=reason[:120],
        )
    )
    audit.record(
        actor,
        "household.edit",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"fields": sorted(changed)},
    )
    db.session.expire(household)
    return True


def change_state(
    actor: Actor, household: Household, state: HouseholdState, *, reason: str, version: int
) -> None:
    """Take a file to its next state (暂停、恢复、结案); a paused or closed one has no rhythm."""
    require(policy.can_edit, actor, household)
    # erasing drops the key and is a verb of its own, not a step one may press here
    if state not in NEXT[household.state] or state is HouseholdState.ERASED:
        raise NotInState
    if not reason.strip():
        raise ReasonMissing("请写明原因，这会留在变更记录里")
    values: dict[str, Any] = {"state": state, "state_reason": reason.strip()[:120]}
    values["next_visit_on"] = clock.today() if state is HouseholdState.ACTIVE else None
    changed_one(
        update(Household)
        .where(Household.id == household.id, Household.version == version)
        .values(**values, version=version + 1, updated_at=clock.now())
    )
    db.session.add(
        Change(
            household_id=household.id,
            at=clock.now(),
            user_id=actor.user_id,
            kind="state",
            title=f"档案{STATE_WORDS[state]}",
            reason=reason.strip()[:120],
        )
    )
    audit.record(
        actor,
        "household.state",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        detail={"state": state.value},
    )
    db.session.expire(household)


def _find_by_phone(household: Household, old: str, new: str) -> None:
    """Let the file be found by its new phone and no longer by the old one."""
    keys = ring()
    if old:
        [token] = person_tokens("", "", [old])[-1:]
        db.session.execute(
            delete(SearchToken).where(
                SearchToken.token == keys.token(token),
                SearchToken.region_code == household.region_code,
                SearchToken.household_id == household.id,
            )
        )
    if new:
        [token] = person_tokens("", "", [new])[-1:]
        db.session.add(
            SearchToken(
                token=keys.token(token),
                region_code=household.region_code,
                household_id=household.id,
            )
        )
