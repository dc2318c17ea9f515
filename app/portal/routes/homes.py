"""Everyone's own page (我的页面、工作台)."""

from __future__ import annotations

from flask import render_template

from app.core.access import signed_in
from app.portal.routes.blueprint import bp


@bp.get("/me")
@signed_in
def me() -> str:
    """My page (工作台)."""
    return render_template("portal/me.html")
