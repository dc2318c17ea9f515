"""Near relatives of staff (近亲属备案): who counts, and how long a district's visit does (低保审核确认办法 §11, 20)."""

from __future__ import annotations

from datetime import date, timedelta

from app.households.rules.codes import Labelled


class Post(Labelled):
    """What the relative does (经办身份)."""

    HANDLER = "handler", "低保经办人员"
    COMMITTEE = "committee", "村（居）委会成员"
    STATION = "station", "社工站工作人员"


class Kinship(Labelled):
    """How they are related (近亲属关系)."""

    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    SIBLING = "sibling", "兄弟姐妹"
    GRAND = "grand", "祖孙、外祖孙"
    OTHER = "other", "其他近亲属"


VISIT_COUNTS = timedelta(days=365)  # a district's visit answers for the decisions of a year
DISTRICT_DIGITS = 6


def needs_visit(*, is_kin: bool, visited_on: date | None, day: date) -> bool:
    """Say whether the district has yet to visit before anything is decided."""
    return is_kin and (visited_on is None or visited_on < day - VISIT_COUNTS)
