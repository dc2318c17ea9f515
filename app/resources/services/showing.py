"""Opening evidence and proofs (查看凭据): each look leaves a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audit import services as audit
from app.core.access import require
from app.core.errors import NotHere
from app.households import queries as households
from app.media import services as media
from app.resources import policy, queries

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.resources.models import Delivery, ResourceLine


def open_evidence(actor: Actor, line: ResourceLine) -> bytes:
    """Return the picture of an invoice or declaration; NotHere when there is none."""
    require(policy.can_see_papers, actor, line)
    if line.evidence is None:
        raise NotHere
    audit.record(actor, "resource.evidence", line.code, region_code=line.town_code)
    return media.open_image(line.evidence, queries.evidence_box(line), thumb=False)


def open_proof(actor: Actor, delivery: Delivery) -> bytes:
    """Return the signature or photo of a delivery; NotHere when there is none."""
    require(policy.can_see_proof, actor, delivery)
    if delivery.proof is None:
        raise NotHere
    audit.record(
        actor,
        "resource.proof",
        delivery.line.code,
        household_id=delivery.household_id,
        region_code=delivery.household.region_code,
    )
    return media.open_image(delivery.proof, households.box(delivery.household), thumb=False)
