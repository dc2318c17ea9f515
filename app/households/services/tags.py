"""Labels of people (标签): put on with the day its evidence bears, taken off with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core import clock
from app.core.access import require
from app.households import policy, queries
from app.households.errors import NotInState, Wrong
from app.households.rules import HouseholdState
from app.households.rules.tags import unfit
from app.households.rules.traits import age_on
from app.households.services.telling import said
from app.households.services.writing import day_of, write

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.document import Document
    from app.households.rules.tags import Tag

OPEN = frozenset(set(HouseholdState) - {HouseholdState.ARCHIVED, HouseholdState.ERASED})


def add_tag(
    actor: Actor,
    household: Household,
    member: str,
    tag: Tag | None,
    on: date | None,
    *,
    version: int,
) -> bool:
    """Put a label on somebody (加标签); `on` is the day of the evidence. Returns whether it is new."""
    after = _begun(actor, household)
    birth = _person(after, member).get("birth")
    if tag is None:
        raise Wrong("tag", "请选一个标签")
    if on is None or on > clock.today():
        raise Wrong("on", "请填依据上的日期，不能晚于今天")
    if words := unfit(tag, age_on(day_of(birth), clock.today())):
        raise Wrong("tag", words)
    after.setdefault("sections", {}).setdefault("labels", {}).setdefault(member, {})
    after["sections"]["labels"][member][tag.value] = on.isoformat()
    return _write(actor, household, after, version, f"加标签：{tag.label}")


def remove_tag(
    actor: Actor, household: Household, member: str, tag: Tag, *, reason: str, version: int
) -> None:
    """Take a label off (去标签), with a reason; the history keeps it."""
    after = _begun(actor, household)
    kept = said(after, reason, missing="请写明为什么去掉")
    labels = after.get("sections", {}).get("labels", {}).get(member, {})
    if labels.pop(tag.value, None) is None:
        raise NotInState("这个标签已经去掉了")
    _write(actor, household, after, version, f"去标签：{tag.label}", kept)


def _begun(actor: Actor, household: Household) -> Document:
    require(policy.can_edit, actor, household)
    if household.state not in OPEN:
        raise NotInState
    return queries.document(household)


def _person(document: Document, member: str) -> dict[str, str]:
    found: dict[str, str] | None = document.get("members", {}).get(member)
    if found is None or found.get("left_on"):
        raise Wrong("member", "请选一位家庭成员")
    return found


def _write(
    actor: Actor, household: Household, after: Document, version: int, title: str, reason: str = ""
) -> bool:
    return write(
        actor, household, after, version=version, kind="labels", title=title, reason=reason
    )
