"""Reading what was typed about one person (读成员): clean facts, errors, and what does not fit together.

A warning is not an error: old papers hold old mistakes. It is asked about once, and kept as typed when somebody says
that they looked at the papers.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from app.core.text import squeeze, trim
from app.households.rules.codes import (
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    Labelled,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
)
from app.households.rules.families import LEFT_WORDS
from app.households.rules.identity import (
    IdKind,
    birth_of,
    decode_certificate,
    is_valid,
    kind_of,
    sex_of,
    widen,
)
from app.households.rules.tidy import read_day, read_id, read_name, read_phones

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

E = TypeVar("E", bound=StrEnum)

ID_KIND_WORDS = {
    IdKind.RESIDENT: "居民身份证",
    IdKind.RESIDENCE_PERMIT: "港澳台居民居住证",
    IdKind.HOME_RETURN: "回乡证",
    IdKind.PASSPORT: "护照",
    IdKind.OTHER: "其他证件",
    IdKind.NONE: "没有证件",
}
NO_ID_WORDS = {
    "infant": "婴儿，还没上户",
    "homeless": "流浪，查不到身份",
    "lost": "证件丢了，正在补",
    "never": "从来没办过",
    "other": "其他",
}
# 特困人员认定办法 §21: six things; all: 具备; up to three not: 部分丧失; four and more: 完全丧失 (§22–23)
ABILITIES = {
    "eat": "吃饭",
    "dress": "穿衣",
    "bed": "上下床",
    "toilet": "如厕",
    "walk": "室内行走",
    "bathe": "洗澡",
}
MOST_LOST_PARTLY = 3
# a death, a marriage and a parting change more than one person: they are family changes of their own
LEAVING_WORDS = {
    "away": "迁出",
    "institution": "入住机构",
    "prison": "服刑或强制戒毒",
    "missing": "失联",
    "other": "其他",
}
LEFT_WHY_WORDS = LEAVING_WORDS | {why.value: words for why, words in LEFT_WORDS.items()}
CODES: dict[str, type[Labelled]] = {
    "health": Health,
    "labour": LabourAbility,
    "employment": Employment,
    "schooling": Education,
}
TEXTS = {"ethnicity": 20, "illness": 60, "bank": 40, "note": 300}
FORM_FACTS = frozenset(
    {
        "name", "relationship_code", "relationship", "id_number", "id_kind", "id_why", "birth", "sex",
        "phone", "phones", "cannot", "self_care", "certificate", "disability_kind", "disability_level",
        "account", *CODES, *TEXTS,
    }
)  # fmt: skip
OLDEST_YEARS = 130
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")
_ACCOUNT = re.compile(r"\d{8,32}")
NUMBER_WRONG = "证件号码不对：位数、日期或校验位有误，请对着原件再核一次"
PICK = "请从里面选一项"


class PersonRead(NamedTuple):
    """A person as read: facts to keep, what is wrong, what should be looked at again; by field."""

    facts: dict[str, Any]
    errors: dict[str, str]
    warnings: dict[str, str]


def self_care_of(cannot: Collection[str]) -> SelfCare:
    """Return what follows from the things somebody cannot do alone (特困人员认定办法 §21–23)."""
    lost = len(set(cannot) & ABILITIES.keys())
    if not lost:
        return SelfCare.FULL
    return SelfCare.PARTLY if lost <= MOST_LOST_PARTLY else SelfCare.LOST


def read_person(typed: Mapping[str, Any], today: date) -> PersonRead:
    """Read one person; what was left empty is left out.

    A resident card tells birth and sex, a disability certificate its kind and level: they are filled in where nothing
    was said, and warned about where something else was said.
    """
    read = _Reading(typed, today)
    read.name()
    read.number()
    read.born()
    read.sex()
    read.phones()
    for name, words in CODES.items():
        read.choice(name, words)
    read.self_care()
    read.disability()
    read.account()
    for name, longest in TEXTS.items():
        read.text(name, longest)
    return PersonRead(read.facts, read.errors, read.warnings)


class _Reading:
    """One reading: each part may look at what the parts before it found."""

    def __init__(self, typed: Mapping[str, Any], today: date) -> None:
        self.typed, self.today = typed, today
        self.facts: dict[str, Any] = {}
        self.errors: dict[str, str] = {}
        self.warnings: dict[str, str] = {}

    def said(self, name: str) -> str:
        return str(self.typed.get(name) or "").strip()

    def pick(self, name: str, words: type[E]) -> E | None:
        value = self.said(name)
        if value and value not in set(words):
            self.errors[name] = PICK
            return None
        return words(value) if value else None

    def name(self) -> None:
        found = read_name(self.said("name"))
        if found.value is None:
            self.errors["name"] = "请写姓名；不知道的写大家怎么叫"
        elif "several_names" in found.codes or len(found.value) > 40:  # noqa: PLR2004 - a long name
            self.errors["name"] = "这里只写一个人的姓名，不要顿号和逗号"
        else:
            self.facts["name"] = found.value
        code = self.pick("relationship_code", Relationship)
        if code is None and "relationship_code" not in self.errors:
            self.errors["relationship_code"] = "请选和户主的关系"
        elif code is not None:
            self.facts["relationship_code"] = code.value

    def number(self) -> None:
        kind, number = self.pick("id_kind", IdKind), read_id(self.said("id_number")).value or ""
        if kind is IdKind.NONE and number:
            self.errors["id_kind"] = "填了证件号，请选是哪一种证件"
            return
        if not number:
            if kind is IdKind.NONE:
                self.facts["id_kind"] = kind.value
            why = self.said("id_why")
            if why in NO_ID_WORDS:
                self.facts["id_why"] = why
            return
        if kind in (None, IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT):
            number = widen(number) or number
        found = kind_of(number)
        known = found in (IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT)
        if kind in (IdKind.RESIDENT, IdKind.RESIDENCE_PERMIT) and not known:
            self.errors["id_number"] = NUMBER_WRONG
        elif kind is IdKind.HOME_RETURN and found is not IdKind.HOME_RETURN:
            self.errors["id_number"] = "回乡证号是 H 或 M 开头加 8 位或 10 位数字，请再核对"
        elif kind is IdKind.PASSPORT and not _PASSPORT.fullmatch(number):
            self.errors["id_number"] = "护照号只有字母和数字，请再核对"
        elif (kind is None and found is None) or len(number) > 30:  # noqa: PLR2004 - no paper has more
            self.errors["id_number"] = f"{NUMBER_WRONG}；不是身份证的，请先选证件类型"
        else:
            # 18 digits say themselves which of the two cards they are
            sure = found if known or kind is None else kind
            self.facts |= {"id_number": number, "id_kind": (sure or IdKind.OTHER).value}

    @property
    def card(self) -> str:
        """The number, where it is one that tells birth and sex."""
        number = str(self.facts.get("id_number") or "")
        return number if is_valid(number) else ""

    def born(self) -> None:
        found = read_day(self.said("birth"))
        day = found.value.date if found.value and found.value.precision == "day" else None
        if self.said("birth") and day is None:
            self.errors["birth"] = "出生日期请写到年月日，例如 1956-03-15"
            return
        if day and (day > self.today or self.today.year - day.year > OLDEST_YEARS):
            self.errors["birth"] = "出生日期好像不对，请再核对"
            return
        told = birth_of(self.card) if self.card else None
        if told and told > self.today:
            self.errors["id_number"] = NUMBER_WRONG
            return
        if day and told and day != told:
            self.warnings["birth"] = f"和证件号上的 {told.isoformat()} 不一样"
        if kept := day or told:
            self.facts["birth"] = kept.isoformat()

    def sex(self) -> None:
        said = self.pick("sex", Sex)
        told = sex_of(self.card) if self.card else None
        if said in (None, Sex.UNKNOWN):
            said = told or said
        elif told and said is not told:
            self.warnings["sex"] = f"证件号上是{told.label}"
        if said is not None:
            self.facts["sex"] = said.value

    def phones(self) -> None:
        found: list[str] = []
        for name in ("phone", "phones"):
            read = read_phones(self.said(name))
            if not read.readable:
                self.errors[name] = "电话位数不对：手机 11 位，座机连区号，例如 0757-22331234"
            found += [each for each in read.value or () if each not in found]
        if found:
            self.facts["phone"] = found[0]
        if found[1:]:
            self.facts["phones"] = found[1:]

    def choice(self, name: str, words: type[Labelled]) -> None:
        value = self.pick(name, words)
        if value is not None:
            self.facts[name] = value.value

    def self_care(self) -> None:
        cannot = [key for key in ABILITIES if key in (self.typed.get("cannot") or ())]
        said = self.pick("self_care", SelfCare)
        if cannot:
            self.facts["cannot"] = cannot
            told = self_care_of(cannot)
            if said is not None and said is not told:
                self.warnings["self_care"] = (
                    f"{len(cannot)} 样做不了，按特困人员认定办法是“{told.label}”"
                )
            said = said or told
        if said is not None:
            self.facts["self_care"] = said.value

    def disability(self) -> None:
        kind, level = (
            self.pick("disability_kind", DisabilityKind),
            self.pick("disability_level", DisabilityLevel),
        )
        number = read_id(self.said("certificate")).value or ""
        if number:
            decoded = decode_certificate(number)
            if decoded is None:
                self.errors["certificate"] = (
                    "残疾证号不对：20 位，前 18 位是身份证号，后两位是类别和等级"
                )
                return
            self.facts["certificate"] = number
            if self.facts.get("id_number") and decoded.id_number != self.facts["id_number"]:
                self.warnings["certificate"] = "残疾证号前 18 位和这个人的证件号不一样"
            if (kind and kind is not decoded.kind) or (level and level is not decoded.level):
                self.warnings["disability_kind"] = (
                    f"残疾证号上是{decoded.kind.label}{decoded.level.label}"
                )
            kind, level = kind or decoded.kind, level or decoded.level
        if kind is not None:
            self.facts["disability_kind"] = kind.value
        if level is not None:
            self.facts["disability_level"] = level.value

    def account(self) -> None:
        number = squeeze(self.said("account")).replace("-", "")
        if number and not _ACCOUNT.fullmatch(number):
            self.errors["account"] = "银行账号只有数字，8 到 32 位，请照存折或卡再抄一次"
        elif number:
            self.facts["account"] = number
        elif self.typed.get("drop_account"):
            self.facts["account"] = ""

    def text(self, name: str, longest: int) -> None:
        words = trim(self.said(name))
        if len(words) > longest:
            self.errors[name] = f"写短一点，{longest} 字以内"
        elif words:
            self.facts[name] = words
