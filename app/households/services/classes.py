"""Changing the class of a household (类别变更): asked with evidence by one, approved by another, then written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app.core import clock
from app.core.access import require
from app.core.db import one_at_a_time
from app.households import policy, queries
from app.households.errors import ClassAskedAlready, NotInState, SameClass, Wrong
from app.households.rules import Category, HouseholdState
from app.households.rules.approvals import ApprovalKind
from app.households.rules.classes import Subclass, wrong_with_class
from app.households.rules.documents import DocumentKind
from app.households.services import approvals
from app.households.services.states import check_kin
from app.households.services.writing import write
from app.notices import services as notices

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Approval, Household
    from app.households.rules.document import Document

IN_FORCE = frozenset({HouseholdState.ACTIVE, HouseholdState.PAUSED})
NO_EVIDENCE = "请选一份认定依据；还没有的话，先在附件里添加"


@dataclass(frozen=True, slots=True)
class Wish:
    """The class that is asked for (申请的类别), and on what grounds."""

    category: Category
    subclass: str
    since: date
    until: date | None
    evidence: str


def ask_class(actor: Actor, household: Household, wish: Wish, reason: str, *, key: str) -> Approval:
    """Ask for another class, or for the same one anew (申请变更、续期); who approves it is somebody else.

    Wrong beside the field, SameClass, ClassAskedAlready; 刚性支出困难 holds twelve months at most (其认定办法 §10).
    """
    require(policy.can_edit, actor, household)
    one_at_a_time(f"class {household.id}")
    if (known := queries.asked_before(actor, key)) is not None:
        return known
    if household.state not in IN_FORCE:
        raise NotInState
    for field, message in wrong_with_class(
        wish.category, wish.subclass, wish.since, wish.until, clock.today()
    ).items():
        raise Wrong(field, message)
    before = standing(household, queries.document(household))
    after = {"category": wish.category.value, "subclass": wish.subclass, "until": _iso(wish.until)}
    if all(before[name] == value for name, value in after.items()):
        raise SameClass
    paper = queries.document_of(household, wish.evidence)
    if paper is None or paper.withdrawn_at is not None or paper.kind is not DocumentKind.CLASS:
        raise Wrong("evidence", NO_EVIDENCE)
    if not reason.strip():
        raise Wrong("reason", "请写明为什么变更，审批的人会看到")
    if any(one.kind is ApprovalKind.CLASS_CHANGE for one in queries.open_about(household.id)):
        raise ClassAskedAlready
    return approvals.ask(
        actor,
        ApprovalKind.CLASS_CHANGE,
        region_code=household.region_code,
        subject=household.file_no,
        reason=reason,
        key=key,
        household=household,
        wanted={
            "before": before,
            "after": after | {"since": wish.since.isoformat(), "evidence": wish.evidence},
        },
    )


def apply_class(actor: Actor, approval: Approval, wanted: dict[str, Any]) -> None:
    """Write what was approved (审批生效): the class, its subclass, how long it holds, and its grounds."""
    household = queries.by_file_no(approval.subject)
    if household.state not in IN_FORCE:
        raise NotInState
    check_kin(household)
    document, wish = queries.document(household), wanted["after"]
    category = Category(wish["category"])
    document["cover"] |= {"category": category.value, "class_until": wish["until"] or None}
    document.setdefault("sections", {})["class"] = {
        "subclass": wish["subclass"],
        "since": wish["since"],
        "evidence": wish["evidence"],
        "approval": approval.code,
    }
    write(
        actor,
        household,
        document,
        version=household.version,
        kind="class",
        title=f"类别定为{said_class(category, wish['subclass'])}",
        reason=f"审批单 {approval.code}",
        action="household.class",
    )
    if household.worker_id not in {None, approval.asked_by_id, actor.user_id}:
        notices.queue(
            household.worker_id,
            "household.class",
            "你负责的一份档案换了救助类别，看看探访节律合不合适",
            f"/households/{household.file_no}",
        )


def standing(household: Household, document: Document) -> dict[str, str]:
    """Return the class a file has now, as it stands in a request."""
    more = document.get("sections", {}).get("class", {})
    return {
        "category": household.category.value,
        "subclass": str(more.get("subclass") or ""),
        "until": _iso(household.class_until),
    }


def said_class(category: Category, subclass: str) -> str:
    """Return a class in words: 特困人员（分散供养）."""
    more = f"（{Subclass(subclass).label}）" if subclass in set(Subclass) else ""
    return category.label + more


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
