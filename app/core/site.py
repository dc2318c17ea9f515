"""The application object (应用): Flask, with what every page asks for dozens of times made once.

Nothing here changes what Flask, its sessions or Jinja do; each piece says what it saves.
"""

from __future__ import annotations

from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface
from jinja2 import Template
from jinja2.runtime import Context, Macro

from app.core.http import asset

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

LINKS = 20_000  # addresses kept; a file's or a task's is shown to many people, and holds nothing personal
PLAIN = {FunctionType, BuiltinFunctionType, MethodType}


class Sessions(SecureCookieSessionInterface):
    """Flask derives the cookie's signing key twice in a request; it does not change while the process lives."""

    def __init__(self) -> None:
        """Begin without a signer: the secret comes with the application."""
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the one signer."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class PageContext(Context):
    """What a template sees. A page calls a few hundred macros and functions; Jinja asks each what it wants passed."""

    def call(self, callee: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what needs nothing but its arguments directly, everything else as Jinja does."""
        kind = type(callee)
        if kind is Macro or (kind in PLAIN and not hasattr(callee, "jinja_pass_arg")):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return (
                callee(self.eval_ctx, *args, **kwargs) if kind is Macro else callee(*args, **kwargs)
            )
        return super().call(callee, *args, **kwargs)


class PageTemplate(Template):
    """A template. Jinja asks at each import of macros whether the page has globals that they lack; here none has.

    All templates share the environment's globals, so the module made at the first import serves them all.
    """

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return self._module or super()._get_default_module(ctx)


class Site(Flask):
    """The application."""

    session_interface = Sessions()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep the addresses of this application's own map."""
        super().__init__(*args, **kwargs)
        self.session_interface = Sessions()
        self.jinja_env.context_class = PageContext
        self.jinja_env.template_class = PageTemplate
        self._link = lru_cache(LINKS)(self._build_link)

    def url_for(self, endpoint: str, **values: Any) -> str:
        """Return an address; one that depends on nothing but the words in it is put together once.

        Building it walks the map's rules each time, and a list shows dozens.
        """
        if endpoint == "static" and values.keys() == {"filename"}:
            return asset(values["filename"])
        if endpoint != "static" and has_request_context():
            if endpoint.startswith("."):
                endpoint = f"{request.blueprint or ''}{endpoint}"
            plain = all(type(value) is str and name[0] != "_" for name, value in values.items())
            if plain and endpoint[0] != ".":
                return self._link(request.script_root, endpoint, tuple(values.items()))
        return super().url_for(endpoint, **values)

    def _build_link(self, _root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
        words: dict[str, Any] = dict(values)
        return super().url_for(endpoint, **words)
