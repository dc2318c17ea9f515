"""Saying a tier oneself, and letting the rules speak again (风险档): no machine has the last word (个保法 §24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.access import require
from app.households import policy, queries
from app.households.errors import NotInState
from app.households.rules import HouseholdState
from app.households.rules.risk import TierRule
from app.households.services.telling import said
from app.households.services.writing import write

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules import Tier

OVER = frozenset({HouseholdState.CLOSED, HouseholdState.ARCHIVED, HouseholdState.ERASED})
MISSING = "请写明原因，同事和督导会看到"


def set_tier(
    actor: Actor, household: Household, tier: Tier | None, *, reason: str, version: int
) -> bool:
    """Set a tier by hand (人工确定), which no rule changes; None lets the rules speak again (按规则评定).

    Returns whether anything was different.
    """
    require(policy.can_edit, actor, household)
    if household.state in OVER:
        raise NotInState
    after = queries.document(household)
    kept = said(after, reason, missing=MISSING)
    if tier is None:
        after["cover"]["tier_rule"] = TierRule.ORDINARY.value  # any rule's: writing judges anew
    else:
        after["cover"] |= {"tier": tier.value, "tier_rule": TierRule.MANUAL.value}
    title = "风险档改回按规则评定" if tier is None else f"风险档人工定为{tier.label}"
    return write(actor, household, after, version=version, kind="tier", title=title, reason=kept)
