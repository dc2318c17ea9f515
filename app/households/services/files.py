"""Changing and opening a file (改档、查看)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.audit import services as audit
from app.core.access import require
from app.households import policy, queries
from app.households.errors import ReasonMissing
from app.households.rules.approvals import ApprovalKind
from app.households.rules.document import plain
from app.households.rules.risk import TierRule
from app.households.services import approvals, watching
from app.households.services.writing import write

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Approval, Household
    from app.households.queries import Head


def unmask(
    actor: Actor,
    household: Household,
    reason: str,
    *,
    urgent: bool = False,
    detail: dict[str, Any] | None = None,
) -> Head:
    """Open a file's clear names, numbers and door to somebody who says why; the household's worker can see that.

    Returns the cover in clear (个人信息保护法 §51; DOMAIN §10). Children stay covered until the supervisor agreed, or
    the matter is `urgent`, which the supervisor hears of at once and reviews (未成年人网络保护条例 §36). Braked when
    somebody opens one file after the other.
    """
    require(policy.can_view, actor, household)
    if not reason.strip():
        raise ReasonMissing
    watching.brake(actor, household)
    minors = queries.minors_open(actor, household)
    if urgent and not minors:
        watching.note_urgent(actor, household)
        detail = {"children": "urgent"} | (detail or {})
    audit.record(
        actor,
        "household.unmask",
        household.file_no,
        household_id=household.id,
        region_code=household.region_code,
        reason=reason.strip(),
        detail=detail,
    )
    return queries.clear_head(household, minors=minors or urgent)


def ask_for_minors(actor: Actor, household: Household, reason: str, key: str) -> Approval:
    """Ask the supervisor to open the children's data of one file for some days (提请查看未成年人资料)."""
    require(policy.can_view, actor, household)
    return approvals.ask(
        actor,
        ApprovalKind.MINOR,
        region_code=household.region_code,
        subject=household.file_no,
        reason=reason,
        key=key,
        household=household,
    )


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
