"""Who acts in a request (谁在操作): the cookie's token, its row, its person."""

from __future__ import annotations

from flask import Flask, g, session
from flask_login import LoginManager, current_user

from app.accounts import queries, rules, services
from app.accounts.queries import SignedIn
from app.core import clock, http
from app.core.db import transaction

manager = LoginManager()
# the token in our own table is the session; a phone changes its address at every street corner
manager.session_protection = None


def _load(token: str) -> SignedIn | None:
    found = queries.signed_in(token)
    if found is None or rules.has_expired(found.seen_at, found.roles, clock.now()):
        return None
    return found


def init_app(app: Flask) -> None:
    """Know who acts before any policy is asked."""
    manager.init_app(app)
    manager.user_loader(_load)
    app.before_request(_who)
    app.before_request(http.check_access)


def _who() -> None:
    user = current_user._get_current_object()  # noqa: SLF001 - asked once; Flask-Login's proxy looks anew each time
    if not user.is_authenticated:
        return
    g.signed_in, g.actor = user, user.actor
    if clock.now() - user.seen_at >= rules.SEEN_EVERY:
        with transaction():
            services.touch(user.session_id)
        session.modified = True  # the cookie's fourteen days begin again
