"""What the pages of accounts share: their blueprint, the choices of places, and how a session begins."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, g, request, session

from app.accounts import queries
from app.accounts.models import SignIn, User
from app.accounts.rules import CITY, STAFF
from app.core import http
from app.core.errors import Refusal
from app.regions.queries import index, place_short

bp = Blueprint("accounts", __name__)
SYSTEMS = (
    ("HarmonyOS|OpenHarmony", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "平板"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def me() -> User:
    """Return the signed-in person's row; only on pages for the signed-in."""
    if "me" not in g:
        g.me = queries.person(g.signed_in.id)
    user: User = g.me
    return user


def this_session() -> SignIn | None:
    """Return the row of the session in use."""
    if "signed_in" not in g:
        return None
    if "this_session" not in g:
        g.this_session = queries.sign_in_of(g.signed_in)
    found: SignIn | None = g.this_session
    return found


def begin(user: User, token: str) -> None:
    """Put a new session's token into the cookie; nothing of the earlier session survives, its CSRF token neither."""
    http.forget_everything()
    session["_user_id"] = token
    session["_fresh"] = True
    # a helper's phone keeps the cookie; an office's is gone when the browser closes
    session.permanent = not user.roles & STAFF


def device() -> str:
    """Return what kind of browser this is, roughly: enough to know one's own phone, too little to follow it."""
    agent = request.user_agent.string
    names = [
        next((words for mark, words in table if re.search(mark, agent)), "")
        for table in (SYSTEMS, BROWSERS)
    ]
    return " · ".join(name for name in names if name) or "其他设备"


def towns() -> dict[str, dict[str, str]]:
    """Return the towns by district, as choices."""
    return {
        district: {code: place_short(code) for code in codes}
        for district, codes in index().towns_by_district().items()
    }


def scopes() -> dict[str, dict[str, str]]:
    """Return what a role may be held over: nothing, the city, a district, a town."""
    found = {"全市": {"": "不限地区（按机构）", CITY: "佛山市"}}
    for district, names in towns().items():
        found[district] = {next(iter(names))[:6]: f"{district}（全区）", **names}
    return found


def refuse(field: Any, refusal: Refusal) -> None:
    """Put a refusal beside the field it is about."""
    field.errors = [*field.errors, refusal.message]
