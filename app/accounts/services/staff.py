"""What administrators do: invitations, grants, organisations, closed accounts (用户管理)."""

from __future__ import annotations

from sqlalchemy import select, update

from app.accounts import policy, queries
from app.accounts.errors import InvitationGone, NotYourself, OrganisationExists, ScopeMissing
from app.accounts.models import Grant, Invitation, Organisation, User
from app.accounts.rules import (
    CITY,
    INVITATION_LIFE,
    ORGANISATION_BOUND,
    REGION_BOUND,
    OrganisationKind,
    Role,
    UserState,
)
from app.accounts.services import people, sessions
from app.audit.services import record
from app.core import clock
from app.core.access import Actor, require
from app.core.crypto import ring
from app.core.db import changed_one, db, one_at_a_time
from app.core.errors import NotHere, StalePage


def _check_scope(role: Role, region_code: str, organisation_id: int | None) -> None:
    if (role in REGION_BOUND and not region_code) or (
        role in ORGANISATION_BOUND and organisation_id is None
    ):
        raise ScopeMissing


def token_for(key: str) -> str:
    """Return the secret of the link that belongs to a submission; the same one sent again shows the same link."""
    return (ring().index("invitation", key) + ring().index("invitation, second half", key)).hex()


def invite(
    actor: Actor,
    *,
    role: Role,
    name: str,
    region_code: str = "",
    organisation_id: int | None = None,
    key: str,
) -> str:
    """Invite a member of staff (邀请) and return the secret of the link, of which only a hash is kept."""
    require(policy.can_administer, actor)
    _check_scope(role, region_code, organisation_id)
    token, now = token_for(key), clock.now()
    one_at_a_time(f"invitation {token}")
    known = select(Invitation.id).where(Invitation.token_hash == queries.token_hash(token))
    if db.session.scalars(known).first() is not None:
        return token
    db.session.add(
        Invitation(
            token_hash=queries.token_hash(token),
            role=role,
            region_code=region_code,
            organisation_id=organisation_id,
            name=name,
            invited_by_id=actor.user_id,
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
    )
    record(actor, "invitation.create", role.value, region_code=region_code)
    return token


def withdraw_invitation(actor: Actor, invitation_id: int) -> None:
    """Take an unused invitation back (撤回邀请)."""
    require(policy.can_administer, actor)
    changed_one(
        update(Invitation)
        .where(Invitation.id == invitation_id, *queries.open_invitation())
        .values(withdrawn_at=clock.now())
    )
    record(actor, "invitation.withdraw", str(invitation_id))


def accept_invitation(token: str, *, username: str, password_hash: str) -> User:
    """Make the account of an invited person (接受邀请); the link works once, and the same form sent twice makes one.

    Whoever holds the link is the person it was made for: there is no actor yet whom a policy could ask about.
    """
    invitation = queries.invitation_by_token(token)
    user = people.new_user(
        code=people.code_for("U", token),
        username=username,
        name=invitation.name if invitation else "",
        password_hash=password_hash,
    )
    if user.id is not None:
        return user
    if invitation is None:
        raise InvitationGone
    used = (
        update(Invitation)
        .where(Invitation.id == invitation.id, *queries.open_invitation())
        .values(used_at=clock.now())
    )
    try:
        changed_one(used)
    except StalePage:
        raise InvitationGone from None
    user.home_region = invitation.region_code
    people.keep_new(
        user,
        role=invitation.role,
        region_code=invitation.region_code,
        organisation_id=invitation.organisation_id,
        granted_by_id=invitation.invited_by_id,
    )
    record(user.actor, "invitation.accept", user.code, region_code=invitation.region_code)
    return user


def create_user(  # noqa: PLR0913 - the fields of one row
    actor: Actor,
    *,
    username: str,
    name: str,
    password_hash: str,
    role: Role,
    region_code: str = "",
    organisation_id: int | None = None,
    phone: str = "",
    key: str,
) -> User:
    """Make an account at the command line (命令行建账号): the first administrator, demonstration people."""
    require(policy.can_administer, actor)
    _check_scope(role, region_code, organisation_id)
    user = people.new_user(
        code=people.code_for("U", key),
        username=username,
        name=name,
        phone=phone,
        password_hash=password_hash,
    )
    if user.id is None:
        user.home_region = region_code or CITY
        people.keep_new(user, role=role, region_code=region_code, organisation_id=organisation_id)
        record(actor, "user.create", user.code, detail={"role": role.value})
    return user


def give_grant(
    actor: Actor, user: User, *, role: Role, region_code: str, organisation_id: int | None
) -> None:
    """Give a person one more role over a region or for an organisation (授权); one they hold already stays one."""
    require(policy.can_administer, actor)
    _check_scope(role, region_code, organisation_id)
    held = {(grant.role, grant.region_code, grant.organisation_id) for grant in user.grants}
    if (role, region_code, organisation_id) in held:
        return
    db.session.add(
        Grant(
            user_id=user.id,
            role=role,
            region_code=region_code,
            organisation_id=organisation_id,
            granted_by_id=actor.user_id,
            granted_at=clock.now(),
        )
    )
    record(actor, "grant.give", user.code, region_code=region_code, detail={"role": role.value})


def end_grant(actor: Actor, user: User, grant_id: int) -> None:
    """End one role of a person (收回授权); from the next click on they see nothing of it."""
    require(policy.can_administer, actor)
    grant = next((one for one in user.grants if one.id == grant_id), None)
    if grant is None:
        raise NotHere
    if user.id == actor.user_id and grant.role is Role.ADMIN:
        raise NotYourself
    changed_one(
        update(Grant)
        .where(Grant.id == grant_id, Grant.user_id == user.id, Grant.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    record(
        actor,
        "grant.end",
        user.code,
        region_code=grant.region_code,
        detail={"role": grant.role.value},
    )


def disable(actor: Actor, user: User) -> None:
    """Close an account (停用) and end its sessions at once; what the person did stays on record."""
    require(policy.can_administer, actor)
    if user.id == actor.user_id:
        raise NotYourself
    _change_state(user, UserState.ACTIVE, UserState.DISABLED)
    sessions.end_all(user)
    record(actor, "user.disable", user.code)


def enable(actor: Actor, user: User) -> None:
    """Open a closed account again (启用)."""
    require(policy.can_administer, actor)
    _change_state(user, UserState.DISABLED, UserState.ACTIVE)
    record(actor, "user.enable", user.code)


def _change_state(user: User, old: UserState, new: UserState) -> None:
    changed_one(update(User).where(User.id == user.id, User.state == old).values(state=new))


def reset_password(actor: Actor, user: User, password_hash: str) -> None:
    """Set the password of somebody who forgot it (重设密码) and end their sessions; the person then changes it."""
    require(policy.can_administer, actor)
    changed_one(update(User).where(User.id == user.id).values(password_hash=password_hash))
    sessions.end_all(user)
    sessions.give_tries_back(user.username)
    record(actor, "user.reset_password", user.code)


def sign_out_everywhere(actor: Actor, user: User) -> None:
    """End all sessions of a person whose phone was lost (强制下线)."""
    require(policy.can_administer, actor)
    sessions.end_all(user)
    record(actor, "session.close_all", user.code)


def create_organisation(
    actor: Actor, *, name: str, kind: OrganisationKind, region_code: str, notice: str, key: str
) -> Organisation:
    """Add an organisation (新建机构); the same form sent twice adds one."""
    require(policy.can_administer, actor)
    code = people.code_for("O", key)
    one_at_a_time(code)
    found = queries.organisation_by_code(code)
    if found is not None:
        return found
    same = select(Organisation.id).where(Organisation.name == name, Organisation.kind == kind)
    if db.session.scalars(same).first() is not None:
        raise OrganisationExists
    made = Organisation(
        code=code, name=name, kind=kind, region_code=region_code, account_notice=notice
    )
    db.session.add(made)
    record(actor, "organisation.create", code, region_code=region_code)
    return made
