"""Roles (角色) and the limits of signing in."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

PASSWORD_MIN = 10
FREE_TRIES = 3  # wrong passwords before each further one has to wait
LOCK_TRIES = 5  # 等保: lock after five
LOCK_TIME = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
STAFF_IDLE = timedelta(minutes=30)  # 等保: offices time out
HELPER_IDLE = timedelta(days=14)  # a volunteer's phone in the street does not
PLEDGE_VERSION = "2026-1"


class Role(StrEnum):
    """What a person is here for (DESIGN §1)."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    VOLUNTEER = "volunteer"
    DONOR = "donor"
    FOUNDATION = "foundation"
    KEEPER = "keeper"
    OFFICER = "officer"
    LIAISON = "liaison"
    AUDITOR = "auditor"
    ADMIN = "admin"


class OrganisationKind(StrEnum):
    """Kinds of organisations; a qualified charity (慈善组织) alone receives money and issues receipts (慈善法 §38)."""

    STATION = "station"
    CIVIL_AFFAIRS = "civil_affairs"
    FOUNDATION = "foundation"
    CHARITY = "charity"
    COMPANY = "company"
    PARTY = "party"
    OTHER = "other"


class UserState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


ROLE_WORDS = {
    Role.WORKER: "双百社工",
    Role.SUPERVISOR: "督导",
    Role.VOLUNTEER: "志愿者",
    Role.DONOR: "爱心人士",
    Role.FOUNDATION: "基金会专员",
    Role.KEEPER: "慈善综合体管理员",
    Role.OFFICER: "民政干部",
    Role.LIAISON: "党组织联络员",
    Role.AUDITOR: "审计",
    Role.ADMIN: "系统管理员",
}
STAFF = frozenset(Role) - {Role.VOLUNTEER, Role.DONOR}
REGION_BOUND = frozenset(
    {Role.WORKER, Role.SUPERVISOR, Role.KEEPER, Role.OFFICER, Role.LIAISON, Role.AUDITOR}
)
ORGANISATION_BOUND = frozenset({Role.FOUNDATION})


def wait_after(failures: int) -> timedelta:
    """Return how long the next try has to wait after so many wrong passwords in a row."""
    if failures < FREE_TRIES:
        return timedelta(0)
    if failures < LOCK_TRIES:
        return timedelta(seconds=2 ** (failures - FREE_TRIES + 2))
    return LOCK_TIME
