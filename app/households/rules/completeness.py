"""What a file still needs before somebody else can review it (送审前还差什么): sentences that name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.households.rules.categories import Category
from app.households.rules.sections.kinds import SECTIONS

if TYPE_CHECKING:
    from app.households.rules.document import Document

COVER = {"door": "住址", "cause": "致困原因", "housing": "住房情况"}
ALWAYS = ("income", "housing", "assessment")
# 最低生活保障审核确认办法 §8, §14: these are granted by property, too; 刚性支出困难家庭认定 §4: by spending
BY_CATEGORY = {
    Category.DB: ("assets",),
    Category.BY: ("assets",),
    Category.GX: ("assets", "spending"),
}


class Gap(NamedTuple):
    """Something that is missing, and where it is filled in: `cover`, `member:CODE`, `section:KIND`."""

    words: str
    where: str


def gaps(document: Document) -> list[Gap]:
    """Return what is missing, in the order of the file."""
    cover, sections = document.get("cover", {}), document.get("sections", {})
    found = [Gap(f"还没有{words}", "cover") for name, words in COVER.items() if not cover.get(name)]
    found += _members(document)
    for kind in (*ALWAYS, *BY_CATEGORY.get(Category(cover.get("category", "QT")), ())):
        if not sections.get(kind):
            found.append(Gap(f"“{SECTIONS[kind].title}”还没填", f"section:{kind}"))
    return found


def missing(document: Document) -> list[str]:
    """Return the same as sentences."""
    return [gap.words for gap in gaps(document)]


def _members(document: Document) -> list[Gap]:
    living = [
        (code, one) for code, one in document.get("members", {}).items() if not one.get("left_on")
    ]
    living.sort(key=lambda pair: int(pair[1].get("position", 0)))
    if not any(str(one.get("relationship_code")) == "0" for _, one in living):
        return [Gap("还没有户主", "cover")]
    found = []
    for number, (code, one) in enumerate(living):
        who = "户主" if str(one.get("relationship_code")) == "0" else f"第 {number + 1} 位成员"
        found += [Gap(who + words, f"member:{code}") for words in _person(one)]
    return found


def _person(one: dict[str, Any]) -> list[str]:
    found = []
    if not one.get("id_number") and not one.get("id_why"):
        found.append("没有证件号，也没写为什么没有")
    if not one.get("birth"):
        found.append("还没有出生日期")
    if str(one.get("sex") or "0") == "0":
        found.append("还没写性别")
    if not one.get("health"):
        found.append("还没写健康状况")
    return found
