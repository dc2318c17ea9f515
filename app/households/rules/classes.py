"""Classes of social assistance (救助类别): what is said more precisely, and how long one holds."""

from __future__ import annotations

from datetime import date, timedelta

from app.households.rules.categories import Category
from app.households.rules.codes import Labelled


class Subclass(Labelled):
    """What a class says more precisely (类别细分)."""

    DB1 = "DB1", "单人保"
    TK1 = "TK1", "分散供养"
    TK2 = "TK2", "集中供养"
    GE = "GE", "孤儿"
    WF = "WF", "事实无人抚养儿童"


_S = Subclass
SUBCLASSES: dict[Category, tuple[Subclass, ...]] = {
    Category.DB: (_S.DB1,),
    Category.TK: (_S.TK1, _S.TK2),
    Category.KJ: (_S.GE, _S.WF),
}
LONGEST = {
    Category.GX: 12
}  # months (刚性支出困难家庭认定 §10); every other class holds without end
REMIND_CLASS = timedelta(days=30)  # before a class ends
OLDEST_START = timedelta(days=366)


def last_day(category: Category, since: date) -> date | None:
    """Return the last day a class may hold that began on a day; None: without end."""
    months = LONGEST.get(category)
    if months is None:
        return None
    number = since.year * 12 + since.month - 1 + months
    year, month = number // 12, number % 12 + 1
    first_after = date(year + month // 12, month % 12 + 1, 1)
    same_day = min(since.day, (first_after - timedelta(days=1)).day)
    return date(year, month, same_day) - timedelta(days=1)


def wrong_with_class(
    category: Category,
    subclass: str,
    since: date,
    until: date | None,
    today: date,
) -> dict[str, str]:
    """Return what is wrong with a class that is asked for, by field; empty when nothing is."""
    wrong: dict[str, str] = {}
    if subclass and subclass not in SUBCLASSES.get(category, ()):
        wrong["subclass"] = f"{category.label}没有这个细分，请重新选"
    if since > today:
        wrong["since"] = "认定日期不能晚于今天，生效以后再来申请"
    elif since < today - OLDEST_START:
        wrong["since"] = "认定日期最早只能填一年以内"
    latest = last_day(category, since)
    if latest is None and until is not None:
        wrong["until"] = f"{category.label}没有有效期，请留空"
    elif latest is not None and until is None:
        wrong["until"] = f"{category.label}要写有效期，最长 12 个月"
    elif latest is not None and until is not None and not since < until <= latest:
        wrong["until"] = f"有效期最长 12 个月，最晚到 {latest.isoformat()}"
    if latest is not None and until is not None and until < today and "until" not in wrong:
        wrong["until"] = "这个有效期已经过了"
    return wrong


def is_over(until: date | None, today: date) -> bool:
    """Say whether a class has ended."""
    return until is not None and until < today
