"""Changing and opening a file (改档、查看)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.audit import services as audit
from app.core.access import require
from app.households import policy, queries
from app.households.errors import ReasonMissing
from app.households.rules.document import plain
from app.households.rules.risk import TierRule
from app.households.services.writing import write

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household
    from app.households.queries import Head


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
    """Change facts of a file's cover; keeps what they were, sealed, and refuses a page that is out of date.

    `values` may hold any place of the cover; a tier that somebody chose stays until they let the rules speak again.
    Returns whether anything was different.
    """
    require(policy.can_edit, actor, household)
    after = queries.document(household)
    tier = values.get("tier", household.tier)
    if tier != household.tier:
        values = {"tier_rule": TierRule.MANUAL} | values
    after["cover"] |= {name: plain(value) for name, value in values.items()}
    return write(actor, household, after, version=version, reason=reason)
