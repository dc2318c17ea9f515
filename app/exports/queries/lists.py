"""The lists that may be taken out (可导出的列表): for each its columns, who may, and how its rows are said.

A list holds what its page shows under the same filters, masked. Another one is one more `Listed` and a line in `LISTS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.rules import Role
from app.core.paging import UNSTORABLE
from app.exports.queries import files, gifts, helping, log
from app.regions.queries import index as divisions
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.core.access import Actor
    from app.core.sheets import Column
    from app.exports.queries.steps import Filters, Walk

FILES = (Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
GIFTS = (*FILES, Role.KEEPER, Role.AUDITOR, Role.FOUNDATION)
BOOKS = (Role.FOUNDATION, Role.OFFICER, Role.AUDITOR)
LONGEST = 40  # of a filter's value


@dataclass(frozen=True, slots=True)
class Listed:
    """One list as it may be taken out; `back` is the endpoint of its page."""

    name: str
    words: str
    roles: tuple[Role, ...]
    columns: tuple[Column, ...]
    walk: Callable[[Actor, Mapping[str, str]], Walk]
    filters: Filters
    back: str

    def chosen(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Keep of an address what narrows this list, and nothing else."""
        clean = {name: UNSTORABLE.sub("", asked.get(name, ""))[:LONGEST] for name in self.filters}
        return {name: value for name, value in clean.items() if value}

    def said(self, asked: Mapping[str, str]) -> list[tuple[str, str]]:
        """Say a filter in words: 地方 大良街道, 类别 低保."""
        found = []
        for name, (words, values) in self.filters.items():
            if value := asked.get(name):
                known = (values or {}).get(value)
                if name in PLACES and value in divisions():
                    known = place_short(value)
                found.append((words, known or value))
        return found


PLACES = ("region", "town")
LISTS: dict[str, Listed] = {
    name: Listed(name, words, roles, columns, walk, filters, back)
    for name, words, roles, columns, walk, filters, back in (
        ("households", "档案名册", FILES, files.COLUMNS, files.steps, files.FILTERS,
         "households.index"),
        ("needs", "需求清单", FILES, helping.NEED_COLUMNS, helping.need_steps,
         helping.NEED_FILTERS, "needs.index"),
        ("visits", "探访记录", FILES, helping.VISIT_COLUMNS, helping.visit_steps,
         helping.VISIT_FILTERS, "visits.index"),
        ("claims", "任务与认领", FILES, helping.CLAIM_COLUMNS, helping.claim_steps,
         helping.CLAIM_FILTERS, "tasks.index"),
        ("resources", "捐赠与资源", GIFTS, gifts.LINE_COLUMNS, gifts.line_steps,
         gifts.LINE_FILTERS, "resources.index"),
        ("programmes", "慈善项目", BOOKS, gifts.PROGRAMME_COLUMNS, gifts.programme_steps,
         gifts.PROGRAMME_FILTERS, "programmes.index"),
        ("postings", "项目明细", BOOKS, gifts.POSTING_COLUMNS, gifts.posting_steps,
         gifts.POSTING_FILTERS, "programmes.show"),
        ("audit", "审计日志", (Role.AUDITOR,), log.COLUMNS, log.steps, log.FILTERS,
         "accounts.audit_log"),
    )
}  # fmt: skip
