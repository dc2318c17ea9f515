"""The public page (首页), and what a watchman asks (健康检查)."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core.access import public
from app.core.db import db
from app.portal import queries
from app.portal.routes.blueprint import bp


@bp.get("/")
@public
def front() -> str:
    """The public page (首页): what Shanlin is, and what neighbours have done together; no names."""
    return render_template("portal/front.html", figures=queries.city(clock.today()))


@bp.get("/healthz")
@public
def healthz() -> str:
    """Say that this process answers."""
    return "ok"


@bp.get("/readyz")
@public
def readyz() -> tuple[str, int]:
    """Say whether this process can serve: its database answers."""
    try:
        db.session.execute(text("select 1"))
    except SQLAlchemyError:
        return "database does not answer", 503
    return "ready", 200
