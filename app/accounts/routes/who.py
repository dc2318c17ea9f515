"""Who acts in a request (谁在操作): the cookie's token, its row, its person."""

from __future__ import annotations

from flask import Flask, g
from flask_login import LoginManager, current_user

from app.accounts import queries, rules, services
from app.accounts.models import User
from app.core import clock, http
from app.core.db import transaction

manager = LoginManager()
# the token in our own table is the session; a phone changes its address at every street corner
manager.session_protection = None


def _load(token: str) -> User | None:
    sign_in = queries.sign_in_by_token(token)
    if sign_in is None or rules.has_expired(sign_in.seen_at, sign_in.user.roles, clock.now()):
        return None
    g.sign_in = sign_in
    return sign_in.user


def init_app(app: Flask) -> None:
    """Know who acts before any policy is asked."""
    manager.init_app(app)
    manager.user_loader(_load)
    app.before_request(_who)
    app.before_request(http.check_access)


def _who() -> None:
    if not current_user.is_authenticated:
        return
    g.actor = current_user.actor
    if clock.now() - g.sign_in.seen_at >= rules.SEEN_EVERY:
        with transaction():
            services.touch(g.sign_in)
