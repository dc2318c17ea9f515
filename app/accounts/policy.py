"""Who may do what to accounts (账号权限). An administrator sees people and organisations, and no household."""

from __future__ import annotations

from app.accounts.models import SignIn, User
from app.accounts.rules import SELF_REGISTERED, Role
from app.core.access import Actor


def can_administer(actor: Actor) -> bool:
    """An administrator invites staff, ends grants and disables accounts."""
    return actor.has(Role.ADMIN)


def can_register(_actor: Actor, role: Role) -> bool:
    """Anybody may come as a volunteer or donor; staff are invited."""
    return role in SELF_REGISTERED


def can_change_own(actor: Actor, user: User) -> bool:
    """Everybody changes their own name, phone, password and looks, and nobody else's."""
    return actor.user_id is not None and actor.user_id == user.id


def can_end(actor: Actor, sign_in: SignIn) -> bool:
    """A session is ended by its owner or by an administrator."""
    return actor.user_id == sign_in.user_id or can_administer(actor)
