"""Signing in and out (登录与退出)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for

from app.accounts import services
from app.accounts.errors import TooManyTries, WrongSignIn
from app.accounts.forms import SignInForm
from app.accounts.routes.base import begin, bp, device, me, refuse, this_session
from app.core.access import public, signed_in
from app.core.db import transaction
from app.core.errors import Refusal
from app.core.http import actor, forget_everything, safe_next, see_other

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse


@bp.get("/login")
@public
def login() -> str | BaseResponse:
    """The sign-in page (登录)."""
    if actor().user_id is not None:
        return see_other(safe_next(url_for("portal.me")))
    return _page(SignInForm())


@bp.post("/login")
@public
def sign_in() -> str | BaseResponse | tuple[str, int]:
    """Sign in; a wrong name, a wrong password and a closed account get the same answer after the same work."""
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    try:
        return _sign_in(form.username.data or "", form.password.data or "")
    except (WrongSignIn, TooManyTries) as refusal:
        refuse(form.password, refusal)
        return _page(form), refusal.status


def _sign_in(typed: str, password: str) -> BaseResponse:
    with transaction():
        services.take_try(typed)
    proof = services.prove(typed, password)  # slow, and so outside any transaction
    if proof is None:
        with transaction():
            services.note_refused(actor(), typed)
        raise WrongSignIn
    with transaction():
        token = services.open_session(proof, device=device(), replaces=this_session())
    begin(proof.user, token)
    return see_other(safe_next(url_for("portal.me")))


def _page(form: SignInForm) -> str:
    return render_template("accounts/login.html", form=form, next=safe_next(""))


@bp.post("/logout")
@signed_in
def logout() -> BaseResponse:
    """Sign out here (退出)."""
    sign_in = this_session()
    if sign_in is None:
        raise Refusal
    with transaction():
        services.close_session(actor(), sign_in)
    return _gone("你已经退出了，下次见")


@bp.post("/logout/everywhere")
@signed_in
def logout_everywhere() -> BaseResponse:
    """Sign out on all devices (从所有设备退出)."""
    with transaction():
        services.close_all(actor(), me())
    return _gone("所有设备上都已经退出")


def _gone(words: str) -> BaseResponse:
    forget_everything()
    flash(words, "good")
    response = see_other(url_for("accounts.login"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # drafts and pages kept on the phone
    return response
