"""Access (权限): who acts, and the rule that every page must declare who may open it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from app.core.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
V = TypeVar("V", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class Scope:
    """One grant as policies see it: a role, and where it holds (region prefix or organisation)."""

    role: str
    region: str = ""
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something (操作人): a signed-in person, a visitor without an account, or the system itself."""

    user_id: int | None = None
    scopes: tuple[Scope, ...] = field(default=())
    is_system: bool = False

    def has(self, *roles: str) -> bool:
        """Say whether this person holds one of the roles."""
        return any(scope.role in roles for scope in self.scopes)

    def regions(self, *roles: str) -> tuple[str, ...]:
        """Return the region prefixes in which one of the roles is held; a role without a scope holds nowhere."""
        return tuple(
            dict.fromkeys(
                scope.region for scope in self.scopes if scope.role in roles and scope.region
            )
        )

    def organisations(self, *roles: str) -> tuple[int, ...]:
        """Return the organisations for which one of the roles is held."""
        return tuple(
            dict.fromkeys(
                s.organisation_id
                for s in self.scopes
                if s.role in roles and s.organisation_id is not None
            )
        )

    def covers(self, region: str, *roles: str) -> bool:
        """Say whether one of the roles is held over this region code."""
        return any(region.startswith(prefix) for prefix in self.regions(*roles))


NOBODY = Actor()
SYSTEM = Actor(is_system=True)


def require(rule: Callable[..., bool], actor: Actor, *things: Any) -> None:
    """Refuse with Forbidden unless the policy says yes; the system's own jobs pass."""
    if not actor.is_system and not rule(actor, *things):
        raise Forbidden


def public(view: V) -> V:
    """Open a page to everybody."""
    view.access = lambda _actor: True  # type: ignore[attr-defined]
    view.access_words = "everybody"  # type: ignore[attr-defined]
    return view


def signed_in(view: V) -> V:
    """Open a page to everybody with an account; what they see there is the policy's matter."""
    view.access = lambda actor: actor.user_id is not None  # type: ignore[attr-defined]
    view.access_words = "signed in"  # type: ignore[attr-defined]
    return view


def roles(*names: str) -> Callable[[V], V]:
    """Open a page to holders of one of these roles."""

    def mark(view: V) -> V:
        view.access = lambda actor: actor.has(*names)  # type: ignore[attr-defined]
        view.access_words = ", ".join(names)  # type: ignore[attr-defined]
        return view

    return mark
