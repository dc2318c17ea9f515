"""Pages of accounts (登录、注册、账号), and who is acting in each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g
from flask_login import LoginManager, current_user

from app.accounts import queries
from app.core import http

if TYPE_CHECKING:
    from flask import Flask

    from app.accounts.models import User

bp = Blueprint("accounts", __name__)
manager = LoginManager()


@manager.user_loader  # type: ignore[untyped-decorator] - Flask-Login has no types
def _load(token: str) -> User | None:
    sign_in = queries.sign_in_by_token(token)
    if sign_in is None:
        return None
    g.sign_in = sign_in
    return sign_in.user


def init_app(app: Flask) -> None:
    """Know who acts before any policy is asked."""
    manager.init_app(app)
    app.before_request(_who)
    app.before_request(http.check_access)


def _who() -> None:
    if current_user.is_authenticated:
        g.actor = current_user.actor
