"""The people of a file (家庭成员): added, put right, put in order, and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from app.core import codes
from app.core.access import require
from app.core.crypto import ring
from app.core.db import one_at_a_time
from app.core.errors import NotHere
from app.households import policy, queries
from app.households.errors import (
    AlreadyOnFile,
    HouseholderStays,
    LastOneLeaves,
    NoHouseholder,
)
from app.households.rules import Relationship
from app.households.rules.kinship import seen_from
from app.households.rules.person import FORM_FACTS
from app.households.services import twins
from app.households.services.sections import check_writable
from app.households.services.writing import living, write
from app.regions.queries import place

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.document import Document

HEAD = Relationship.HOUSEHOLDER.value
HERE_ALREADY = "这一户里已经有人用这个证件号了，请核对"


def add(
    actor: Actor,
    household: Household,
    facts: dict[str, Any],
    *,
    key: str,
    version: int,
    reason: str = "",
) -> str:
    """Add somebody (添成员); the same form sent again names the same person. Returns their code."""
    require(policy.can_edit, actor, household)
    one_at_a_time(f"add {actor.user_id} {key}")
    after = queries.document(household)
    code = codes.derived("", ring().index("member", f"{household.file_no} {actor.user_id} {key}"))
    if code in after.get("members", {}):
        return code
    check_writable(household, reason)
    people = after.setdefault("members", {})
    last = max((int(one.get("position", 0)) for one in people.values()), default=-1)
    people[code] = facts | _spoken(facts, {}) | {"position": last + 1}
    before = {"relationship_code": Relationship.OTHER.value}
    _stand(actor, household, after, code, before)
    _write(actor, household, after, version=version, title="添了一位家庭成员", reason=reason)
    twins.look(actor, household, [people[code]])
    return code


def change(
    actor: Actor,
    household: Household,
    code: str,
    facts: dict[str, Any],
    *,
    version: int,
    reason: str = "",
) -> bool:
    """Put right what is said of somebody (改成员). Whoever becomes the householder turns all relationships round."""
    require(policy.can_edit, actor, household)
    check_writable(household, reason)
    after = queries.document(household)
    before = _member(after, code)
    # an account is never shown again, so that an empty field leaves it; places that no form asks about stay, too
    kept = {name: value for name, value in before.items() if name not in FORM_FACTS - {"account"}}
    after["members"][code] = kept | facts | _spoken(facts, before)
    title = _stand(actor, household, after, code, before)
    is_changed = _write(actor, household, after, version=version, title=title, reason=reason)
    if is_changed:
        twins.look(actor, household, [after["members"][code]])
    return is_changed


def leave(
    actor: Actor,
    household: Household,
    code: str,
    *,
    on: date,
    why: str,
    version: int,
    reason: str = "",
) -> None:
    """Let somebody leave the household (离户): still on file, no longer counted, and free to stand in another one."""
    require(policy.can_edit, actor, household)
    check_writable(household, reason or why)
    after = queries.document(household)
    one = _member(after, code)
    if len(living(after)) == 1:
        raise LastOneLeaves
    if one.get("relationship_code") == HEAD:
        raise HouseholderStays
    one |= {"left_on": on.isoformat(), "left_why": why}
    write(actor, household, after, version=version, title="一位家庭成员离户", reason=reason)


def move(actor: Actor, household: Household, code: str, *, up: bool, version: int) -> bool:
    """Put somebody one place further up or down (排列); the householder stays first."""
    require(policy.can_edit, actor, household)
    check_writable(household, "排列")
    after = queries.document(household)
    people = living(after)
    here = people.index(_member(after, code))
    there = here + (-1 if up else 1)
    if not (0 < here < len(people) and 0 < there < len(people)):
        return False
    people[here], people[there] = people[there], people[here]
    _in_order(people)
    title = "调整了家庭成员的排列"
    return write(actor, household, after, version=version, title=title)


def check_nobody_elsewhere(
    actor: Actor, household: Household | None, people: Collection[dict[str, Any]]
) -> None:
    """Refuse people who are on file elsewhere in the city (一人一户), naming no file that the reader may not see."""
    numbers = [str(one["id_number"]) for one in people if one.get("id_number")]
    if len(numbers) != len(set(numbers)):
        raise AlreadyOnFile(HERE_ALREADY)
    for number in sorted(numbers):
        one_at_a_time(f"member {number}")
    for number, (file, _) in queries.holders(numbers).items():
        if household is not None and file.id == household.id:
            continue
        if policy.can_view(actor, file):
            where = f"{file.file_no}（{place(file.region_code)}）"
            raise AlreadyOnFile(f"这个证件号已在档案 {where} 里，一人只能在一户", number)
        raise AlreadyOnFile(number=number)


def _member(document: Document, code: str) -> dict[str, Any]:
    found = document.get("members", {}).get(code)
    if found is None or found.get("left_on"):
        raise NotHere
    one: dict[str, Any] = found
    return one


def _spoken(facts: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Keep 孙女 as it was written as long as the code stays."""
    code = facts["relationship_code"]
    if before.get("relationship_code") == code and before.get("relationship"):
        return {"relationship": before["relationship"]}
    return {"relationship": Relationship(code).label}


def _stand(
    actor: Actor, household: Household, after: Document, code: str, before: dict[str, Any]
) -> str:
    """Check who is where, and bring the cover up to the householder; returns what the history shall say, if more."""
    people = living(after)
    check_nobody_elsewhere(actor, household, people)
    title, members = "", after["members"]
    new = members[code]
    heads = [one for one in people if one.get("relationship_code") == HEAD]
    if not heads:
        raise NoHouseholder
    if new not in heads:
        return title
    former = next((one for one in heads if one is not new), before)
    if former is not before:
        title = "换了户主"
        _turn(members, code, former, Relationship(before["relationship_code"]))
        people.sort(key=lambda one: one is not new)
        _in_order(people)
    cover = after["cover"]
    if cover.get("phone") in (None, "", former.get("phone")):
        cover["phone"] = new.get("phone", "")
    cover["name"] = new.get("name", "")
    return title


def _turn(members: dict[str, Any], code: str, former: dict[str, Any], was: Relationship) -> None:
    """Say of everybody what they are to the new householder."""
    for other, one in members.items():
        if other == code or one.get("left_on"):
            continue
        old = Relationship.HOUSEHOLDER if one is former else Relationship(one["relationship_code"])
        turned = seen_from(was, old, str(one.get("sex") or "0"))
        one |= {"relationship_code": turned.value, "relationship": turned.label}


def _in_order(people: list[dict[str, Any]]) -> None:
    for position, one in enumerate(people):
        one["position"] = position


def _write(
    actor: Actor, household: Household, after: Document, *, version: int, reason: str, title: str
) -> bool:
    try:
        return write(actor, household, after, version=version, title=title, reason=reason)
    except IntegrityError:  # an import took the number in this very moment
        raise AlreadyOnFile from None
