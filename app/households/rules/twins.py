"""When two files may be one (查重): which signs count, and where a pair stands."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin

from app.core.text import squeeze


class TwinRule(StrEnum):
    """What made two files look like one."""

    SAME_ID = "same_id"
    OLD_AND_NEW_ID = "old_and_new_id"
    SOUNDS_ALIKE = "sounds_alike"


class TwinState(StrEnum):
    """Where a pair stands."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


STATE_WORDS = {
    TwinState.OPEN: "等你看看",
    TwinState.DIFFERENT: "不是同一家",
    TwinState.MERGED: "已经合并",
}
RULE_WORDS = {
    TwinRule.SAME_ID: "同一个证件号",
    TwinRule.OLD_AND_NEW_ID: "新旧证件号像是同一个人",
    TwinRule.SOUNDS_ALIKE: "姓名读音、出生日期和村居都一样",
}


WRITTEN_FOR = {"洗": "冼"}  # a surname whose everyday look-alike is read otherwise
# what `member.alike` says of those of whom it cannot be said and of those who left; NULL: nobody has looked yet
UNKNOWABLE = b""


def sounds(name: Any, birth: Any, region_code: str) -> str:
    """Return what people share who sound alike (谐音), were born on one day and live in one village; empty: cannot say.

    梁 and 粱, 冼 and 洗 are the same here: forms are filled in by ear. The caller hashes it with a key.
    """
    if not name or not birth:
        return ""
    return f"{_spoken(squeeze(str(name)))}|{birth}|{region_code}"


@lru_cache(maxsize=16_384)
def _spoken(name: str) -> str:
    name = WRITTEN_FOR.get(name[:1], name[:1]) + name[1:]
    return "".join(lazy_pinyin(name, style=Style.NORMAL, errors="default"))
