"""Filling in a section of a file (填栏目)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.access import require
from app.households import policy, queries
from app.households.errors import NotWritable, ReasonMissing
from app.households.rules.sections import SECTIONS, proposed, unasked
from app.households.rules.states import IN_FORCE, WRITABLE
from app.households.services.writing import living, write

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Household

WHY = "请写一句为什么改，这会留在变更记录里"


def check_writable(household: Household, reason: str) -> None:
    """A file is written in while it is open; one in force only with a reason."""
    if household.state not in WRITABLE:
        raise NotWritable
    if household.state in IN_FORCE and not reason.strip():
        raise ReasonMissing(WHY)


def fill(
    actor: Actor,
    household: Household,
    kind: str,
    values: dict[str, Any],
    *,
    version: int,
    reason: str = "",
    adopt: bool = False,
) -> bool:
    """Let a section say these values; with `adopt` the cover says what follows from them, too (采用算出来的数).

    Without it the cover stays as it is: a figure that somebody stated is never changed by another one silently.
    """
    require(policy.can_edit, actor, household)
    check_writable(household, reason)
    after = queries.document(household)
    sections = after.setdefault("sections", {})
    was = sections.get(kind, {})
    sections[kind] = unasked(SECTIONS[kind], was) | values
    if adopt:
        after["cover"] |= proposed(sections, len(living(after)))
    title = f"{'改了' if was else '填了'}{SECTIONS[kind].title}"
    return write(actor, household, after, version=version, title=title, reason=reason)
