"""What every template may read (页面公用): viewer, shell, nav, prefs, today."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import g, request

from app.accounts.rules import ROLE_WORDS, Role
from app.core import clock
from app.households.rules import PURPOSE_WORDS, RECIPIENT_WORDS, WORDING
from app.households.rules import STATE_WORDS as HOUSEHOLD_WORDS
from app.households.rules.approvals import KIND_WORDS as APPROVAL_WORDS
from app.households.rules.wordings import wording
from app.ledger.rules import MEASURE_WORDS
from app.needs.rules import KIND_WORDS as NEED_KINDS
from app.needs.rules import STATE_WORDS as NEED_WORDS
from app.needs.rules import URGENCY_WORDS
from app.notices import queries as notices
from app.portal import rules
from app.portal.routes.blueprint import bp
from app.regions.queries import place_short
from app.resources.rules import BASIS_WORDS
from app.resources.rules import STATE_WORDS as LINE_WORDS
from app.tasks.rules import CLAIM_WORDS
from app.visits.rules import MANNER_WORDS, RESULT_WORDS
from app.visits.rules import STATE_WORDS as VISIT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.accounts.queries import SignedIn


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads this page (看页面的人), in words."""

    id: int
    name: str
    place: str
    role: Role | None
    role_label: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Prefs:
    """How somebody likes to read (阅读偏好)."""

    theme: str = "auto"
    print: str = "normal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation as the layout draws it."""

    label: str
    href: str
    icon: str
    count: int | None
    current: bool


@dataclass
class Nav:
    """The navigation (导航), made when a layout draws it: an error page that draws none asks the database nothing."""

    roles: set[Role] = field(default_factory=set)
    user_id: int | None = None
    path: str = ""

    @cached_property
    def entries(self) -> list[Entry]:
        """The entries, with the one count that is worth a statement on every page: unread messages."""
        places = rules.places_for(self.roles)
        here = rules.current(self.path, places)
        unread = notices.unread_count(self.user_id) if self.user_id and places else 0
        badge = "/me" if rules.shell_for(self.roles) == "phone" else rules.MESSAGES
        return [
            Entry(
                p.label, p.href, p.icon, unread or None if p.href == badge else None, p.href == here
            )
            for p in places
        ]

    @property
    def unread(self) -> int:
        """How many messages wait (for a page that says so in words)."""
        return next((entry.count for entry in self.entries if entry.count), 0)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __bool__(self) -> bool:
        return bool(self.roles)


@bp.app_context_processor
def give() -> dict[str, Any]:
    """Hand every template what the layouts read."""
    reader: SignedIn | None = g.get("signed_in")
    roles = reader.roles if reader else set()
    return {
        "viewer": _viewer(reader) if reader else None,
        "shell": rules.shell_for(roles),
        "nav": Nav(roles, reader.id if reader else None, request.path),
        "prefs": Prefs(reader.theme, reader.print_size) if reader else Prefs(),
        "today": clock.today(),
    }


def _viewer(user: SignedIn) -> Viewer:
    role = rules.first_role(user.roles)
    grant = next((grant for grant in user.grants if grant.role is role), None)
    home = role in {Role.VOLUNTEER, Role.DONOR} and user.home_region
    where = place_short(home or (grant.region_code if grant else "") or user.home_region)
    if grant is not None and grant.organisation is not None:
        where = grant.organisation
    return Viewer(
        id=user.id,
        name=user.name,
        place=where,
        role=role,
        role_label=ROLE_WORDS[role] if role else "",
        roles=frozenset(one.value for one in user.roles),
    )


@bp.context_processor
def words() -> dict[str, Any]:
    """Hand the portal's own templates the words for codes of other features."""
    return {
        "said": {
            "category": rules.CATEGORY_SHORT,
            "rhythm": rules.RHYTHM,
            "result": RESULT_WORDS,
            "manner": MANNER_WORDS,
            "visit": VISIT_WORDS,
            "need": NEED_WORDS,
            "need_kind": NEED_KINDS,
            "urgency": URGENCY_WORDS,
            "line": LINE_WORDS,
            "basis": BASIS_WORDS,
            "household": HOUSEHOLD_WORDS,
            "purpose": PURPOSE_WORDS,
            "recipient": RECIPIENT_WORDS,
            "consent_why": wording(WORDING).why,
            "consent_data": wording(WORDING).data,
            "measure": MEASURE_WORDS,
            "approval": APPROVAL_WORDS,
            "claim": CLAIM_WORDS,
            "role": ROLE_WORDS,
            "reading": rules.READING,
            "signatory": rules.SIGNATORY,
            "tabs": rules.TABS,
        }
    }
