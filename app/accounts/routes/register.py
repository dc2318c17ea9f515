"""Registering, accepting an invitation, and the privacy notice (注册、受邀开户、隐私说明)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, flash, redirect, render_template, url_for

from app.accounts import queries, rules, services
from app.accounts.errors import InvitationGone, UserNameTaken, WeakPassword
from app.accounts.forms import PASSWORD_HINT, USERNAME_HINT, JoinForm, RegisterForm
from app.accounts.routes.base import begin, bp, device, refuse, this_session, towns
from app.core.access import public
from app.core.db import transaction
from app.core.http import actor, idempotency_key, see_other

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

WORDS = {"pledge": rules.PLEDGE, "password_hint": PASSWORD_HINT, "username_hint": USERNAME_HINT}


@bp.get("/register")
@public
def register() -> str | BaseResponse:
    """The page on which volunteers and donors make their account (注册)."""
    if actor().user_id is not None:
        return redirect(url_for("portal.me"))
    return _register_page(_register_form())


@bp.post("/register")
@public
def create_account() -> BaseResponse | tuple[str, int]:
    """Make the account and sign in; the same form sent twice makes one account."""
    form, key = _register_form(), idempotency_key()
    if not form.validate():
        return _register_page(form, key), 422
    try:
        return _register(form, key)
    except UserNameTaken as refusal:
        refuse(form.username, refusal)
    except WeakPassword as refusal:
        refuse(form.password, refusal)
    return _register_page(form, key), 422


def _register(form: RegisterForm, key: str) -> BaseResponse:
    username, password, name = (
        field.data or "" for field in (form.username, form.password, form.name)
    )
    password_hash = services.hashed(password, username, name, form.phone.data or "")
    with transaction():
        services.register(
            actor(),
            role=form.chosen,
            username=username,
            name=name,
            phone=form.phone.data or "",
            password_hash=password_hash,
            home_region=form.home_region.data or "",
            key=key,
        )
    return _welcome(username, password, "欢迎你，街坊。先看看附近有什么可以帮上忙的")


def _welcome(username: str, password: str, words: str) -> BaseResponse:
    """Sign in with what was just chosen, as the sign-in page would: a stranger's repeat proves nothing."""
    proof = services.prove(username, password)
    if proof is None:
        return see_other(url_for("accounts.login"))
    with transaction():
        token = services.open_session(proof, device=device(), replaces=this_session())
    begin(proof.user, token)
    flash(words, "good")
    return see_other(url_for("portal.me"))


def _register_form() -> RegisterForm:
    form = RegisterForm()
    form.home_region.choices = {"": "请选择", **towns()}
    return form


def _register_page(form: RegisterForm, key: str = "") -> str:
    return render_template("accounts/register.html", form=form, key=key, **WORDS)


@bp.get("/invitations/<token>")
@public
def invitation(token: str) -> str:
    """The page behind an invitation link (受邀开户)."""
    return _join_page(JoinForm(), token)


@bp.post("/invitations/<token>")
@public
def accept_invitation(token: str) -> BaseResponse | tuple[str, int]:
    """Make the account of an invited person; the link works once."""
    form = JoinForm()
    if not form.validate():
        return _join_page(form, token), 422
    try:
        return _join(form, token)
    except UserNameTaken as refusal:
        refuse(form.username, refusal)
    except WeakPassword as refusal:
        refuse(form.password, refusal)
    return _join_page(form, token), 422


def _join(form: JoinForm, token: str) -> BaseResponse:
    username, password = form.username.data or "", form.password.data or ""
    password_hash = services.hashed(password, username)
    with transaction():
        services.accept_invitation(token, username=username, password_hash=password_hash)
    return _welcome(username, password, "账号开好了，欢迎加入")


def _join_page(form: JoinForm, token: str) -> str:
    found = queries.invitation_by_token(token)
    if found is None:
        raise InvitationGone
    role = rules.ROLE_WORDS[found.role]
    return render_template(
        "accounts/invitation.html", form=form, token=token, invitation=found, role=role, **WORDS
    )


@bp.get("/privacy")
@public
def privacy() -> str:
    """What is kept of whom, why, how long, and who answers for it (个人信息保护法 §17)."""
    settings = current_app.config["SHANLIN"]
    return render_template(
        "accounts/privacy.html", operator=settings.operator, contact=settings.contact
    )
