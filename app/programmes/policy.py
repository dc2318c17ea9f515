"""Who may see, keep and audit a programme (项目权限)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.accounts.rules import Role
from app.programmes.models import Programme
from app.programmes.rules import CITY, ProgrammeState, touches

if TYPE_CHECKING:
    from app.core.access import Actor

OVERSEERS = (Role.OFFICER, Role.AUDITOR)


def can_create(actor: Actor) -> bool:
    """Foundation officers start programmes of their own organisation."""
    return bool(actor.organisations(Role.FOUNDATION))


def can_edit(actor: Actor, programme: Programme) -> bool:
    """The officers of the foundation that runs it write in it."""
    return programme.foundation_id in actor.organisations(Role.FOUNDATION)


def can_account(actor: Actor, programme: Programme) -> bool:
    """Foundation and charity see the lists behind their figures; officers and auditors those of their region."""
    if actor.is_system:
        return True
    mine = actor.organisations(Role.FOUNDATION)
    if programme.foundation_id in mine or programme.charity_id in mine:
        return True
    return any(touches(programme.region_code, prefix) for prefix in actor.regions(*OVERSEERS))


def can_view(actor: Actor, programme: Programme) -> bool:
    """An open programme is open to everybody with an account; a closed one to those who account for it."""
    if programme.state is ProgrammeState.OPEN and actor.user_id is not None:
        return True
    return can_account(actor, programme)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_view` in SQL."""
    if actor.is_system:
        return true()
    open_ones = Programme.state == ProgrammeState.OPEN if actor.user_id is not None else false()
    return or_(open_ones, accountable_to(actor))


def accountable_to(actor: Actor) -> ColumnElement[bool]:
    """Say the same as `can_account` in SQL."""
    if actor.is_system:
        return true()
    mine = actor.organisations(Role.FOUNDATION)
    rules: list[ColumnElement[bool]] = [_touching(p) for p in actor.regions(*OVERSEERS)]
    if mine:
        rules += [Programme.foundation_id.in_(mine), Programme.charity_id.in_(mine)]
    return or_(*rules) if rules else false()


def _touching(prefix: str) -> ColumnElement[bool]:
    if len(prefix) <= len(CITY):
        return true()
    above = ["", *(prefix[:length] for length in (4, 6, 9, 12) if length <= len(prefix))]
    return or_(
        Programme.region_code.in_(above),
        and_(Programme.region_code >= prefix, Programme.region_code < prefix + "~"),
    )
