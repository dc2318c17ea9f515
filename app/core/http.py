"""HTTP (网页边缘): protective headers, policies on every page, refusals as pages, and safe ways to redirect."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.core.access import NOBODY, Actor
from app.core.db import db
from app.core.errors import Forbidden, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

csrf = CSRFProtect()
log = logging.getLogger(__name__)

SMALL_BODY = 1 << 20  # a form without files
KEY_SHAPE = re.compile(r"[A-Za-z0-9_-]{16,40}")  # the columns that keep a key hold forty
INSIDE = re.compile(
    r"/(?![/\\])[^\\\x00-\x20\x7f-\xa0\ud800-\udfff]{0,1000}"  # a path that no browser reads as a host
)
NO_PAGE = "没有找到这个页面。它可能已经结束，或者地址抄错了"
OUR_FAULT = "这里出了点问题，是我们的错，不是你的。请稍后再试；若还是不行，把下面的编号告诉管理员"
TOO_LARGE = "文件太大了，服务器没有收下。请分开发送，或换一个小一点的文件"
STALE_FORM = "这个页面放得太久了，请刷新后再提交一次"
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def actor() -> Actor:
    """Return who is acting in this request."""
    found: Actor = g.get("actor", NOBODY)
    return found


def see_other(url: str) -> BaseResponse:
    """Redirect after a change, so that going back or reloading does not send it again."""
    return redirect(url, 303)


def safe_next(fallback: str) -> str:
    """Return where `?next=` points when it is a path of this site, and the fallback otherwise."""
    wanted = request.values.get("next", "")
    return wanted if INSIDE.fullmatch(wanted) else fallback


def idempotency_key() -> str:
    """Return the key by which a repeated submission is recognised; a form without one gets a fresh key."""
    wanted = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key", "")
    return wanted if KEY_SHAPE.fullmatch(wanted) else secrets.token_urlsafe(18)


def upload(cap: int) -> Callable[[Any], Any]:
    """Let a page accept bodies up to `cap` bytes; all others stop at a small form."""

    def mark(view: Any) -> Any:
        view.body_cap = cap
        return view

    return mark


def no_store(response: BaseResponse) -> BaseResponse:
    """Keep a page out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _fingerprint(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=1000)
def _asset(filename: str, _second: int) -> str:
    path = Path(current_app.static_folder or "") / filename
    mark = _fingerprint(path, path.stat().st_mtime_ns)
    return f"{current_app.static_url_path}/{quote(filename)}?v={mark}"


def asset(filename: str) -> str:
    """Return the address of a static file with its fingerprint; files are looked at once a second, not for each use."""
    return _asset(filename, int(time.monotonic()))


@lru_cache(maxsize=1000)
def _icon(address: str, name: str, label: str | None) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    return Markup(
        '<svg class="icon" width="24" height="24" focusable="false" {}><use href="{}#{}"></use></svg>'
    ).format(Markup(spoken), address, name)  # noqa: S704 - our own words, the label was escaped


def icon(name: str, label: str | None = None) -> Markup:
    """Return one drawing of static/img/icons.svg; a list shows dozens, so each is put together once."""
    return _icon(asset("img/icons.svg"), name, label)


def _mark_static(endpoint: str, values: dict[str, Any]) -> None:
    """Put a static file's fingerprint into its address, so that phones may keep it for a year."""
    if endpoint == "static" and "v" not in values:
        path = Path(current_app.static_folder or "") / values["filename"]
        values["v"] = _fingerprint(path, path.stat().st_mtime_ns)


def init_app(app: Flask) -> None:
    """Put the edge around an application; must come before any blueprint is registered."""
    app.before_request(_begin)
    csrf.init_app(app)
    app.after_request(_protect)
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(CSRFError, _show_csrf)
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(Exception, _show_crash)
    app.url_defaults(_mark_static)
    app.jinja_env.globals.update(asset=asset, icon=icon, new_key=lambda: secrets.token_urlsafe(18))


def check_access() -> BaseResponse | None:
    """Refuse a page that declares no policy, or whose policy says no; runs once the actor is known."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is not None and access(actor()):
        return None
    if actor().user_id is None:
        asked = request.full_path.rstrip("?") if request.method == "GET" else url_for("portal.me")
        return see_other(url_for("accounts.login", next=asked))
    raise Forbidden


def show_refusal(refusal: Refusal) -> tuple[str, int]:
    """Say a refusal as a page with a way on."""
    db.session.rollback()
    words = render_template("layout/refusal.html", message=refusal.message, back_url=_back())
    return words, refusal.status


def _back() -> str:
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # a half-written address
        return url_for("portal.me")
    return (
        parts.path
        if parts.netloc == request.host
        and parts.path != request.path
        and INSIDE.fullmatch(parts.path)
        else url_for("portal.me")
    )


def _begin() -> None:
    g.reference = secrets.token_hex(4).upper()
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "body_cap", SMALL_BODY)


def _protect(response: BaseResponse) -> BaseResponse:
    present = {name for name, _ in response.headers}
    response.headers.extend([pair for pair in HEADERS.items() if pair[0] not in present])
    if request.endpoint == "static":
        versioned = "v" in request.args
        response.headers["Cache-Control"] = f"public, max-age={31536000 if versioned else 3600}" + (
            ", immutable" if versioned else ""
        )
    elif "Cache-Control" not in present:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _page(message: str, status: int) -> tuple[str, int]:
    db.session.rollback()
    return render_template(
        "errors/error.html", message=message, reference=g.get("reference", "")
    ), status


def _show_csrf(_error: CSRFError) -> tuple[str, int]:
    return _page(STALE_FORM, 400)


def _show_http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - a redirect raised as an exception
        return error
    if isinstance(error, RequestEntityTooLarge):
        return _page(TOO_LARGE, 413)
    return _page(NO_PAGE if status in {404, 405} else Refusal.message, status)


def _show_crash(error: Exception) -> tuple[str, int]:
    # the exception's text may hold what somebody typed, so only its kind and place are logged
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    log.error(
        "%s %s at %s, reference %s",
        type(error).__name__,
        request.endpoint,
        place,
        g.get("reference", ""),
    )
    if current_app.testing or current_app.debug:
        raise error
    return _page(OUR_FAULT, 500)


def forget_everything() -> None:
    """Start a new session: nothing of the old one survives, neither its token nor its key."""
    session.clear()
    g.pop("csrf_token", None)
