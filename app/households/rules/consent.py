"""Consent (同意): for which purpose a household's data may go to which class of recipients (个人信息保护法 §23, 29)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

WORDING = "2026-2"
DEFAULT_MONTHS = 24
CHILD = 14  # whose data is given by a guardian (个人信息保护法 §31)
ADULT = 18
REMIND_DAYS = (30, 0)  # how long before its last day a consent is asked for again
REST = timedelta(
    days=180
)  # after a refusal nobody asks again for so long (网络数据安全管理条例 §22)


class Purpose(StrEnum):
    """What the data is passed on for."""

    VISIT = "visit"
    GOODS = "goods"
    MONEY = "money"
    SERVICE = "service"
    PHOTO = "photo"


class Recipient(StrEnum):
    """Who may receive it; `helpers` are volunteers and donors under the confidentiality pledge."""

    HELPERS = "helpers"
    CHARITY = "charity"


class Signatory(StrEnum):
    """Who signed: the householder, or somebody for a householder who cannot."""

    SELF = "self"
    GUARDIAN = "guardian"


class ConsentEnd(StrEnum):
    """How a consent ended before its last day; empty when it did not."""

    NONE = ""
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ERASED = "erased"


PURPOSE_WORDS = {
    Purpose.VISIT: "上门探访",
    Purpose.GOODS: "送物资",
    Purpose.MONEY: "慈善资助",
    Purpose.SERVICE: "照护与服务",
    Purpose.PHOTO: "拍照存档",
}
RECIPIENT_WORDS = {Recipient.HELPERS: "认领的志愿者和爱心人士", Recipient.CHARITY: "慈善组织"}
SIGNATORY_WORDS = {Signatory.SELF: "户主本人", Signatory.GUARDIAN: "监护人代签"}
RELATION_WORDS = {
    "parent": "父母",
    "spouse": "配偶",
    "child": "成年子女",
    "grandparent": "祖父母、外祖父母",
    "sibling": "兄弟姐妹",
    "relative": "其他近亲属",
    "village": "村居委会（指定监护）",
    "bureau": "民政部门（指定监护）",
}
REASON_WORDS = {
    "minor": "户主未成年",
    "dementia": "失智，不能表达意愿",
    "mental": "精神障碍，不能辨认自己的行为",
    "unconscious": "昏迷或重病，不能表达意愿",
}


class Terms(NamedTuple):
    """Who stood behind a signature (签字人): kept sealed, because a guardian may be no member of the household."""

    relation: str = ""  # of the guardian to whom they sign for
    reason: str = ""  # why the householder does not sign
    guardian_name: str = ""
    guardian_phone: str = ""
    children: tuple[str, ...] = ()  # members under fourteen for whom it was given, too, by code


def signing_problems(
    signatory: Signatory, terms: Terms, householder_age: int | None, children: set[str]
) -> dict[str, str]:
    """Say what is wrong with who signed, by field (个人信息保护法 §15, 31; 民法典 §19-23); nothing when it is in order.

    `children` are the members under fourteen. A householder whose birth nobody knows may sign.
    """
    found: dict[str, str] = {}
    young = householder_age is not None and householder_age < ADULT
    child = householder_age is not None and householder_age < CHILD
    if signatory is Signatory.SELF and child:
        found["signatory"] = "户主不满 14 岁，要由监护人签字"
    if signatory is Signatory.GUARDIAN:
        if terms.relation not in RELATION_WORDS:
            found["relation"] = "请选监护人和户主的关系"
        if terms.reason not in REASON_WORDS:
            found["reason"] = "请选户主为什么不能自己签"
        elif terms.reason == "minor" and householder_age is not None and not young:
            found["reason"] = "户主已经成年，不能用“未成年”这个原因"
        if not terms.guardian_name.strip():
            found["guardian_name"] = "请写监护人的姓名"
    if not set(terms.children) <= children:
        found["children"] = "只能替不满 14 岁的孩子同意，请刷新后再选"
    if (
        terms.children
        and signatory is Signatory.SELF
        and (terms.relation not in RELATION_WORDS or terms.relation == "spouse")
    ):
        found["relation"] = "请选签字的人和孩子的关系"
    return found


def ask_after(refused_on: date) -> date:
    """Return from which day a household that refused may be asked again."""
    return refused_on + REST
