"""What stands where for whom (导航): the places each role goes to, in the order of a working day."""

from __future__ import annotations

from typing import NamedTuple

from app.accounts.rules import STAFF, Role

MESSAGES = "/me/messages"
MANY = 100  # nobody reads a larger number; counting on would cost without telling


class Place(NamedTuple):
    """One entry of a navigation (导航项): its word, its address, its drawing."""

    label: str
    href: str
    icon: str


TODAY = Place("今天", "/me", "calendar")
FILES = Place("档案", "/households", "file")
NEEDS = Place("需求", "/needs", "heart")
TASKS = Place("任务", "/tasks", "search")
VISITS = Place("探访", "/visits", "pen")
RESOURCES = Place("资源", "/resources", "gift")
PROGRAMMES = Place("项目", "/programmes", "flag")
INBOX = Place("消息", MESSAGES, "message")
SETTINGS = Place("账号设置", "/me/settings", "settings")

PLACES: dict[Role, tuple[Place, ...]] = {
    Role.WORKER: (TODAY, FILES, NEEDS, TASKS, VISITS, RESOURCES),
    Role.SUPERVISOR: (TODAY, FILES, NEEDS, TASKS, VISITS, RESOURCES),
    Role.OFFICER: (Place("总览", "/me", "chart"), FILES, NEEDS, VISITS),
    Role.FOUNDATION: (Place("工作台", "/me", "home"), PROGRAMMES, RESOURCES),
    Role.KEEPER: (TODAY, RESOURCES),
    Role.LIAISON: (Place("工作台", "/me", "home"),),
    Role.AUDITOR: (Place("工作台", "/me", "home"), Place("审计日志", "/audit", "eye")),
    Role.ADMIN: (
        Place("工作台", "/me", "home"),
        Place("用户", "/admin/users", "people"),
        Place("邀请", "/admin/invitations", "person"),
        Place("定时任务", "/admin", "clock"),
    ),
}
PHONE: tuple[Place, ...] = (
    Place("找任务", "/tasks", "search"),
    Place("我的任务", "/me/tasks", "hand"),
    Place("记录", "/visits", "pen"),
    Place("我", "/me", "person"),
)
ORDER = tuple(PLACES)  # whoever holds several roles is greeted in the first of these


def shell_for(roles: set[Role]) -> str:
    """Return the room a person's pages stand in: an office's desk, a helper's phone, or the public hall."""
    if roles & STAFF:
        return "desk"
    return "phone" if roles else "public"


def first_role(roles: set[Role]) -> Role | None:
    """Return the role in which a person is greeted; staff before helpers, volunteers before donors."""
    return next(
        (role for role in (*ORDER, Role.VOLUNTEER, Role.DONOR) if role in roles),
        None,
    )


def places_for(roles: set[Role]) -> list[Place]:
    """Return the entries of a person's navigation, each address once."""
    if not roles & STAFF:
        return list(PHONE) if roles else []
    found = {
        place.href: place for role in reversed(ORDER) if role in roles for place in PLACES[role]
    }
    mine = [place for role in ORDER if role in roles for place in PLACES[role]]
    ordered = dict.fromkeys(place.href for place in mine)
    return [found[href] for href in ordered] + [INBOX, SETTINGS]


def current(path: str, places: list[Place]) -> str:
    """Return the address of the entry a page belongs to: the longest one its path begins with."""
    found = [p.href for p in places if path == p.href or path.startswith(p.href + "/")]
    longest = max(found, key=len, default="")
    return "" if longest == "/me" and path != "/me" else longest
