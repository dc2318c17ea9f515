"""Making accounts and changing one's own (注册与账号设置)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import policy, rules
from app.accounts.errors import UserNameTaken, WeakPassword
from app.accounts.models import Grant, User
from app.accounts.rules import CITY, PLEDGE_VERSION, Role, UserState
from app.accounts.services import sessions
from app.audit.services import record
from app.core import clock, codes, passwords
from app.core.access import Actor, require
from app.core.crypto import ring
from app.core.db import changed_one, db, one_at_a_time


def hashed(password: str, *about: str) -> str:
    """Hash a new password, or refuse one that would be guessed; slow, so before the transaction."""
    trouble = rules.password_trouble(password, *about)
    if trouble:
        raise WeakPassword(trouble)
    return passwords.hash_password(password)


def code_for(prefix: str, key: str) -> str:
    """Return the public code that belongs to a submission, so that the same one sent again finds what it made."""
    return codes.derived(prefix, ring().index(f"code:{prefix}", key))


def register(
    actor: Actor,
    *,
    role: Role,
    username: str,
    name: str,
    phone: str,
    password_hash: str,
    home_region: str,
    key: str,
) -> User:
    """Make an account for a volunteer or donor (注册), who has read and given the confidentiality pledge.

    Helpers see anonymous cards of the whole city; what lies behind a card is opened by a claim, not by this grant.
    """
    require(policy.can_register, actor, role)
    user = new_user(
        code=code_for("U", key),
        username=username,
        name=name,
        phone=phone,
        password_hash=password_hash,
    )
    if user.id is None:
        user.home_region = home_region
        keep_new(user, role=role, region_code=CITY)
        record(Actor(user.id), "user.register", user.code, detail={"role": role.value})
    return user


def new_user(*, code: str, username: str, name: str, phone: str = "", password_hash: str) -> User:
    """Return the account that this submission made already, or a new one that is not yet kept."""
    one_at_a_time(code)
    found = db.session.scalars(select(User).where(User.code == code)).one_or_none()
    if found is not None:
        return found
    number = rules.plain_phone(phone)
    now = clock.now()
    return User(
        code=code,
        username=rules.plain_username(username),
        name=name,
        phone=number,
        phone_index=ring().index("phone", number) if number else None,
        password_hash=password_hash,
        state=UserState.ACTIVE,
        pledge_version=PLEDGE_VERSION,
        pledged_at=now,
        created_at=now,
    )


def keep_new(
    user: User,
    *,
    role: Role,
    region_code: str = "",
    organisation_id: int | None = None,
    granted_by_id: int | None = None,
) -> None:
    """Write a new account and its first grant; a taken user name is refused by the unique key."""
    try:
        with db.session.begin_nested():
            db.session.add(user)
            db.session.flush()  # the grant needs the number, and the key says whether the name is free
    except IntegrityError:
        raise UserNameTaken from None
    db.session.add(
        Grant(
            user_id=user.id,
            role=role,
            region_code=region_code,
            organisation_id=organisation_id,
            granted_by_id=granted_by_id,
            granted_at=user.created_at,
        )
    )
    db.session.flush()  # `grants` below is read from the table
    db.session.refresh(user, ["grants"])


def change_settings(
    actor: Actor,
    user: User,
    *,
    name: str,
    phone: str,
    email: str,
    home_region: str,
    theme: str,
    print_size: str,
) -> None:
    """Change how one is called, reached and shown things (账号设置)."""
    require(policy.can_change_own, actor, user)
    number = rules.plain_phone(phone)
    changed_one(
        update(User)
        .where(User.id == user.id, User.state == UserState.ACTIVE)
        .values(
            name=name,
            phone=number,
            phone_index=ring().index("phone", number) if number else None,
            email=email or None,
            home_region=home_region,
            theme=theme,
            print_size=print_size,
        )
    )
    record(actor, "user.change", user.code)


def is_own_password(user: User, password: str) -> bool:
    """Look whether this is somebody's present password; slow, so before the transaction."""
    return passwords.matches(user.password_hash, password)


def change_password(actor: Actor, user: User, *, password_hash: str, device: str = "") -> str:
    """Set a new password (改密码), end every session, and return the token of a new one for this browser.

    The old password was looked at before the transaction; if it changed since then, this is a stale page.
    """
    require(policy.can_change_own, actor, user)
    changed_one(
        update(User)
        .where(User.id == user.id, User.password_hash == user.password_hash)
        .values(password_hash=password_hash)
    )
    sessions.end_all(user)
    sessions.give_tries_back(user.username)
    record(actor, "user.change_password", user.code)
    return sessions.start(user, device=device)
