"""Who may take a list out (导出权限): whoever may see the list, and nobody sees somebody else's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.access import Actor
    from app.exports.models import Export
    from app.households.models import Approval


def can_export(actor: Actor, its_roles: Iterable[str]) -> bool:
    """Whoever works with a list may take it out, masked, as far as their own scope reaches."""
    return actor.is_system or actor.has(*its_roles)


def owns(actor: Actor, export: Export) -> bool:
    """An export is its maker's alone; a supervisor who needs one makes their own."""
    return actor.user_id is not None and export.user_id == actor.user_id


def may_use(actor: Actor, approval: Approval) -> bool:
    """Whoever asked uses it, and nobody in their place."""
    return actor.user_id is not None and approval.asked_by_id == actor.user_id
