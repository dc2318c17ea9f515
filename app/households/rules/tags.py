"""Labels of a person (标签): one person may be several things, each with the day its evidence bears (DOMAIN §2)."""

from __future__ import annotations

from app.households.rules.codes import Labelled
from app.households.rules.traits import ADULT


class Tag(Labelled):
    """What a person is, beside the main class of the household (标签)."""

    DB = "DB", "低保"
    DB1 = "DB1", "单人保"
    TK1 = "TK1", "特困分散供养"
    TK2 = "TK2", "特困集中供养"
    BY = "BY", "低保边缘"
    GX = "GX", "刚性支出困难"
    FP = "FP", "防止返贫监测"
    LS = "LS", "临时救助"
    GE = "GE", "孤儿"
    WF = "WF", "事实无人抚养儿童"
    KJ = "KJ", "困境儿童"
    LE = "LE", "留守儿童"
    LR = "LR", "独居、空巢或留守老人"
    CJ1 = "CJ1", "困难残疾人生活补贴"
    CJ2 = "CJ2", "重度残疾人护理补贴"
    YB = "YB", "因病致贫重病患者"
    TY = "TY", "困难退役军人"
    QT = "QT", "其他困难"


CHILD_TAGS = frozenset({Tag.GE, Tag.WF, Tag.KJ, Tag.LE})
OLD_TAGS = frozenset({Tag.LR})
OLD_ENOUGH = 60


def unfit(tag: Tag, age: int | None) -> str:
    """Say why somebody of an age cannot have a label; empty when they can, or nobody knows how old they are.

    Orphans and children without anybody to bring them up keep theirs while they go to school (事实无人抚养儿童文件).
    """
    if age is None:
        return ""
    if tag in CHILD_TAGS and age >= ADULT and tag not in {Tag.GE, Tag.WF}:
        return f"{tag.label}只用在未满 18 岁的人身上"
    if tag in OLD_TAGS and age < OLD_ENOUGH:
        return f"{tag.label}只用在满 60 岁的人身上"
    return ""
