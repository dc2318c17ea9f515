"""Which past day somebody asks for (某一天)."""

from __future__ import annotations

from datetime import date

NOT_A_DAY = "日期要像 2026-03-01 这样写"
NOT_YET = "这一天还没有到，只能看今天和以前"


def read_past_day(text: str, today: date) -> tuple[date, str]:
    """Read a day that may be asked for; today, with a sentence, when it may not."""
    if not text:
        return today, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today, NOT_A_DAY
    return (today, NOT_YET) if day > today else (day, "")
