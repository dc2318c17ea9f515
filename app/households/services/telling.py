"""What is kept in clear names nobody (原因不写姓名): reasons stand in histories and messages (个人信息保护法 §51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.text import squeeze
from app.households.errors import Wrong

if TYPE_CHECKING:
    from app.households.rules.document import Document

SHORTEST = 2  # a family name alone names nobody
LONGEST = 120


def said(document: Document, text: str, *, field: str = "reason", missing: str = "") -> str:
    """Return a reason as it is kept, or refuse one that is missing or names somebody of the household: Wrong."""
    kept = text.strip()[:LONGEST]
    if missing and not kept:
        raise Wrong(field, missing)
    plain = squeeze(kept)
    for secret in _secrets(document):
        if secret in plain:
            raise Wrong(field, "这里不写姓名、电话、证件号和门牌，写“本人”“长子”这样的称呼就好")
    return kept


def _secrets(document: Document) -> list[str]:
    cover = document["cover"]
    found = [cover.get("name"), cover.get("phone"), cover.get("door")]
    for one in document.get("members", {}).values():
        found += [one.get("name"), one.get("phone"), one.get("id_number")]
    return [plain for one in found if one and len(plain := squeeze(str(one))) >= SHORTEST]
