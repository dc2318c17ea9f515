"""One's own account (账号设置)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request, url_for

from app.accounts import queries, rules, services
from app.accounts.errors import TooManyTries, WeakPassword, WrongSignIn
from app.accounts.forms import PASSWORD_HINT, PasswordForm, SettingsForm
from app.accounts.routes.base import begin, bp, device, me, refuse, this_session, towns
from app.core import clock
from app.core.access import signed_in
from app.core.db import transaction
from app.core.http import actor, see_other

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

WRONG_NOW = "现在的密码不对，请再试一次"


@bp.get("/me/settings")
@signed_in
def settings() -> str:
    """One's own account (账号设置)."""
    return _page(_settings_form(), PasswordForm())


@bp.post("/me/settings")
@signed_in
def change_settings() -> BaseResponse | tuple[str, int]:
    """Change name, phone, e-mail, town and looks."""
    form = _settings_form()
    if not form.validate():
        return _page(form, PasswordForm()), 422
    values = {field.name: field.data or "" for field in form if field.name != "csrf_token"}
    with transaction():
        services.change_settings(actor(), me(), **values)
    flash("已经帮你记下了", "good")
    return see_other(url_for("accounts.settings"))


@bp.post("/me/settings/password")
@signed_in
def change_password() -> BaseResponse | tuple[str, int]:
    """Change the password; every other session ends, this one goes on under a new token."""
    form = PasswordForm()
    try:
        if form.validate():
            return _change_password(form.current.data or "", form.password.data or "")
    except (WrongSignIn, TooManyTries) as refusal:
        refuse(form.current, refusal)
    except WeakPassword as refusal:
        refuse(form.password, refusal)
    return _page(_settings_form(), form), 422


def _change_password(current: str, password: str) -> BaseResponse:
    user = me()
    password_hash = services.hashed(password, user.username, user.name, user.phone or "")
    with transaction():
        services.take_try(user.username)
    if not services.is_own_password(user, current):
        raise WrongSignIn(WRONG_NOW)
    with transaction():
        token = services.change_password(
            actor(), user, password_hash=password_hash, device=device()
        )
    begin(user, token)
    flash("密码换好了，其他设备都已退出", "good")
    return see_other(url_for("accounts.settings"))


@bp.post("/me/settings/sessions/end")
@signed_in
def end_session() -> BaseResponse:
    """End one of one's own other sessions."""
    with transaction():
        services.end_session(actor(), me(), request.form.get("session", 0, int))
    flash("那台设备已经退出", "good")
    return see_other(url_for("accounts.settings"))


def _settings_form() -> SettingsForm:
    form = SettingsForm(obj=me())
    form.home_region.choices = {"": "暂不选择", **towns()}
    if not form.is_submitted() and not any(
        form.home_region.data in names for names in towns().values()
    ):
        form.home_region.data = ""  # a whole district is nobody's home
    return form


def _page(form: SettingsForm, password_form: PasswordForm) -> str:
    user, here = me(), this_session()
    sessions = [
        one
        for one in queries.sessions_of(user.id)
        if not rules.has_expired(one.seen_at, user.roles, clock.now())
    ]
    return render_template(
        "accounts/settings.html",
        form=form,
        password_form=password_form,
        password_hint=PASSWORD_HINT,
        user=user,
        grants=[(rules.ROLE_WORDS[grant.role], grant) for grant in user.grants],
        sessions=sessions,
        here=here.id if here else None,
        today=clock.today(),
    )
