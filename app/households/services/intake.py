"""Opening a file by form (建档): as a draft with whatever is known, and going on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from app.core import clock, codes
from app.core.access import require
from app.core.db import one_at_a_time
from app.households import policy, queries
from app.households.errors import AlreadyOnFile, NotInState
from app.households.models import Household
from app.households.rules import Category, HouseholdState, Relationship, Tier
from app.households.rules.risk import TierRule
from app.households.services import twins
from app.households.services.members import check_nobody_elsewhere
from app.households.services.numbering import new_file_no
from app.households.services.writing import begin, living, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.core.access import Actor
    from app.households.rules.document import Document

UNFINISHED = frozenset({HouseholdState.DRAFT, HouseholdState.RETURNED})
ASKED = {
    "name", "relationship_code", "relationship", "id_number", "id_kind", "id_why", "birth", "sex",
    "phone", "phones",
}  # fmt: skip


def open_file(
    actor: Actor, cover: dict[str, Any], people: Sequence[dict[str, Any]], *, key: str
) -> Household:
    """Open a file as a draft (建档); the same form sent again gives the same file.

    `cover` and `people`, the householder first, are as `rules.intake.read_intake` gives them. The rules judge its tier.
    """
    require(policy.can_open, actor, cover["region_code"])
    one_at_a_time(f"open {actor.user_id} {key}")
    if again := queries.opened_by(actor.user_id, key):
        return again
    document: Document = {
        "cover": cover
        | {
            "state": HouseholdState.DRAFT.value,
            "tier": Tier.QUARTERLY.value,
            "tier_rule": TierRule.ORDINARY.value,
            "filed_on": clock.today().isoformat(),
            "worker_id": actor.user_id if policy.works_in(actor, cover["region_code"]) else None,
        },
        "members": dict(_placed(people, {})),
    }
    check_nobody_elsewhere(actor, None, living(document))
    try:
        number = new_file_no(cover["region_code"][:6], Category(cover["category"]))
        household = begin(actor, document, file_no=number, source="form", key=key, title="建立草稿")
    except IntegrityError:  # an import took one of the numbers in this very moment
        raise AlreadyOnFile from None
    twins.look(actor, household, living(document))
    return household


def go_on(
    actor: Actor,
    household: Household,
    cover: dict[str, Any],
    people: Sequence[dict[str, Any]],
    *,
    version: int,
) -> bool:
    """Go on with a draft (接着填): its cover and who belongs to it; somebody whose row was emptied is taken out."""
    require(policy.can_edit, actor, household)
    require(policy.can_open, actor, cover["region_code"])
    if household.state not in UNFINISHED:
        raise NotInState
    after = queries.document(household)
    after["cover"] |= {"income_fen": None} | cover
    after["members"] = dict(_placed(people, after.get("members", {})))
    check_nobody_elsewhere(actor, household, living(after))
    try:
        is_changed = write(actor, household, after, version=version, title="接着填了草稿")
    except IntegrityError:
        raise AlreadyOnFile from None
    if is_changed:
        twins.look(actor, household, living(after))
    return is_changed


def _placed(
    people: Iterable[dict[str, Any]], before: dict[str, Any]
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Give each person a code and a place; what the short form does not ask stays as it was."""
    for position, one in enumerate(people):
        facts = dict(one)
        code = str(facts.pop("code", ""))
        known = before.get(code, {})
        if not known:
            code = codes.new()
        word = Relationship(facts["relationship_code"]).label
        if known.get("relationship_code") == facts["relationship_code"]:
            word = known.get("relationship") or word
        kept = {name: value for name, value in known.items() if name not in ASKED}
        yield code, kept | facts | {"relationship": word, "position": position}
