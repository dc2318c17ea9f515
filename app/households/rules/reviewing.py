"""What a reviewer looks at first (审核要点): facts a file should have before it is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.households.rules.document import Document

COVER = {
    "phone": "没有联系电话",
    "door": "没有住址",
    "cause": "没写致困原因",
    "housing": "没写住房情况",
}
PERSON = {
    "id_number": "没有证件号",
    "birth": "没有出生日期",
}


def gaps(document: Document) -> list[str]:
    """Return what is missing in a file, in words that name nobody; none of it forbids anything, a person decides."""
    cover = document["cover"]
    found = [words for name, words in COVER.items() if not cover.get(name)]
    people: list[dict[str, Any]] = [
        one for one in document.get("members", {}).values() if not one.get("left_on")
    ]
    if not any(str(one.get("relationship_code")) == "0" for one in people):
        found.append("没有户主")
    for name, words in PERSON.items():
        missing = sum(1 for one in people if not one.get(name))
        if missing:
            found.append(f"{missing} 位成员{words}")
    if not document.get("sections", {}).get("assessment"):
        found.append("还没有需求评估")
    return found
