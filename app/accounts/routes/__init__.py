"""Pages of accounts (登录、注册、账号), and who is acting in each request."""

from app.accounts.routes import admin, audit_log, own, register, sign_in
from app.accounts.routes.base import bp
from app.accounts.routes.who import init_app

__all__ = ["admin", "audit_log", "bp", "init_app", "own", "register", "sign_in"]
