"""What a request asks for (审批单内容), in words: by kind what stood before and what would stand after, covered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.households.rules import Category
from app.households.rules.approvals import ApprovalKind
from app.households.rules.classes import Subclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.households.models import Approval

WITHOUT_END = "没有期限"


class Asked(NamedTuple):
    """One thing that would change (变更项)."""

    label: str
    before: str
    after: str


def lines(approval: Approval, wanted: dict[str, Any]) -> list[Asked]:
    """Return what is asked for.

    A kind that has no words of its own here says them itself, covered, as `lines` of [label, before, after].
    """
    describe = _WORDS.get(approval.kind)
    if describe is not None and wanted:  # of an erased file nothing is left to describe
        return describe(wanted)
    return [Asked(*map(str, one)) for one in wanted.get("lines", [])]


def names(user_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return what colleagues are called; nobody is the system."""
    asked = {one for one in user_ids if one is not None}
    found: dict[int | None, str] = {None: "系统"}
    if asked:
        found |= {
            row[0]: row[1]
            for row in db.session.execute(select(User.id, User.name).where(User.id.in_(asked)))
        }
    return found


def _class(wanted: dict[str, Any]) -> list[Asked]:
    before, after = wanted["before"], wanted["after"]
    found = [
        Asked("救助类别", Category(before["category"]).label, Category(after["category"]).label),
        Asked("细分", _subclass(before["subclass"]), _subclass(after["subclass"])),
        Asked("有效期到", before["until"] or WITHOUT_END, after["until"] or WITHOUT_END),
        Asked("认定日期", "", _day(after["since"])),
    ]
    return [one for one in found if one.label != "细分" or one.before != one.after]


def _subclass(code: str) -> str:
    return Subclass(code).label if code in set(Subclass) else "不细分"


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


_WORDS: dict[ApprovalKind, Callable[[dict[str, Any]], list[Asked]]] = {
    ApprovalKind.CLASS_CHANGE: _class,
}
