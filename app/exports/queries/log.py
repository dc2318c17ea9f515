"""The audit log as rows of a list (审计日志): as an auditor sees it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app.accounts.queries import by_username, names_of
from app.audit import queries as audit
from app.audit.models import AuditRow
from app.audit.rules import is_reading, words
from app.core.sheets import Column, Kind
from app.exports.queries.steps import Filters, Line, Steps
from app.regions.queries import place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.core.access import Actor

COLUMNS = (
    Column("序号", width=10), Column("时间", Kind.MOMENT, 18), Column("谁"),
    Column("做了什么", width=24), Column("看了个人信息"), Column("对象", width=22),
    Column("地区", width=26), Column("理由", width=36), Column("封存批次"),
)  # fmt: skip
FILTERS: Filters = {
    "action": ("做了什么", None),
    "person": ("谁", None),
    "file": ("对象", None),
    "day": ("哪一天", None),
}
NOBODY = 0  # a name that nobody has finds nothing


def steps(actor: Actor, asked: Mapping[str, str]) -> Steps:
    """Return the rows that an auditor looks through."""
    return Steps(audit.chosen(actor, filters_from(asked)), AuditRow.id, _lines)


def filters_from(asked: Mapping[str, str]) -> audit.Filters:
    """Read a filter as it stands in the log's address."""
    person = by_username(asked["person"]) if asked.get("person") else None
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        day = None
    return audit.Filters(
        action=asked.get("action", ""),
        user_id=(person.id if person else NOBODY) if asked.get("person") else None,
        subject=asked.get("file", "").upper(),
        day=day,
    )


def _lines(rows: Sequence[AuditRow]) -> list[Line]:
    names = names_of(row.user_id for row in rows)
    return [
        (
            str(row.id), row.at, names.get(row.user_id or 0, "系统"), words(row.action),
            "是" if is_reading(row.action) else "", row.subject,
            place(row.region_code) if row.region_code else "", row.reason or "",
            str(row.seal_id or ""),
        )
        for row in rows
    ]  # fmt: skip
