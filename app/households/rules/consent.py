"""Consent (同意): for which purpose a household's data may go to which class of recipients (个人信息保护法 §23, 29)."""

from __future__ import annotations

from enum import StrEnum

WORDING = "2026-1"
DEFAULT_MONTHS = 24


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


PURPOSE_WORDS = {
    Purpose.VISIT: "上门探访",
    Purpose.GOODS: "送物资",
    Purpose.MONEY: "慈善资助",
    Purpose.SERVICE: "照护与服务",
    Purpose.PHOTO: "拍照存档",
}
RECIPIENT_WORDS = {Recipient.HELPERS: "认领的志愿者和爱心人士", Recipient.CHARITY: "慈善组织"}
