"""Pages that gather what all features know (门户)."""

from __future__ import annotations

from flask import Blueprint

from app.core.access import public, signed_in

bp = Blueprint("portal", __name__)


@bp.get("/")
@public
def front() -> str:
    """The public page (首页)."""
    return "善邻"


@bp.get("/me")
@signed_in
def me() -> str:
    """My page (工作台)."""
    return "我"
