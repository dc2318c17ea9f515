"""Near relatives of staff (近亲属备案): declared, then visited by the district (低保审核确认办法 §11, 20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core import clock
from app.core.access import require
from app.households import policy, queries
from app.households.errors import NotInState, Wrong
from app.households.rules import HouseholdState
from app.households.services.writing import write
from app.notices import services as notices

if TYPE_CHECKING:
    from datetime import date

    from app.core.access import Actor
    from app.households.models import Household
    from app.households.rules.kin import Kinship, Post

CLOSED = frozenset({HouseholdState.ARCHIVED, HouseholdState.ERASED})
LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Declared:
    """Who of the staff is related, and how (近亲属关系)."""

    staff: str
    post: Post
    kinship: Kinship


def declare_kin(actor: Actor, household: Household, declared: Declared, *, version: int) -> None:
    """Declare that somebody of the staff is a near relative (备案); who and how is sealed with the file."""
    require(policy.can_edit, actor, household)
    if household.state in CLOSED:
        raise NotInState
    name = declared.staff.strip()[:LONGEST_NAME]
    if not name:
        raise Wrong("staff", "请写工作人员的姓名，只有能看这份档案的人看得到")
    after = queries.document(household)
    kin = after.setdefault("sections", {}).setdefault("kin", {})
    entry = {"staff": name, "post": declared.post.value, "kinship": declared.kinship.value}
    if any(entry.items() <= one.items() for one in kin.get("declared", [])):
        raise Wrong("staff", "这位已经备案过了")
    kin["declared"] = [
        *kin.get("declared", []),
        entry | {"on": clock.today().isoformat(), "by": actor.user_id},
    ]
    after["cover"]["is_kin"] = True
    write(actor, household, after, version=version, kind="kin", title="近亲属备案")


def confirm_district_visit(
    actor: Actor, household: Household, on: date | None, first: str, second: str, *, version: int
) -> None:
    """Note that the district visited (区级入户登记), with the day and who the two were; it answers for a year.

    A visit record cannot prove this: what it says of its visitors is who wrote it, not for which level they came.
    """
    require(policy.can_visit_kin, actor, household)
    if not household.is_kin or household.state in CLOSED:
        raise NotInState
    if on is None or on > clock.today() or on < household.filed_on:
        raise Wrong("on", "请填入户的日期：建档以后、今天以前")
    names = [first.strip()[:LONGEST_NAME], second.strip()[:LONGEST_NAME]]
    for field, name in zip(("first", "second"), names, strict=True):
        if not name:
            raise Wrong(field, "入户要两个人一起去，请把两位的姓名都写上")
    if names[0] == names[1]:
        raise Wrong("second", "两位要是不同的人")
    after = queries.document(household)
    kin = after.setdefault("sections", {}).setdefault("kin", {})
    visit = {"on": on.isoformat(), "names": names, "by": actor.user_id}
    kin["visits"] = [*kin.get("visits", []), visit]
    latest = max(on, household.kin_visited_on or on)
    after["cover"]["kin_visited_on"] = latest.isoformat()
    write(actor, household, after, version=version, kind="kin", title="区级入户登记")
    notices.queue(
        household.worker_id,
        "household.kin_visit",
        "区里已经入户，这份档案可以继续审核了",
        f"/households/{household.file_no}",
    )
