"""How Shanlin says money, days, times and counts: pure words, no clock, no database.

Every function is handed what it needs, the day of reading included, so that a page, a printed
sheet and a test on any date say the same. `FILTERS` is what the templates may call.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

FOSHAN = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
GREETINGS = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))
MINUTES_AN_HOUR = 60
FEN_A_YUAN = 100
YUAN_A_WAN = 10_000
YUAN_A_YI = 100_000_000
NOTHING = "—"


def money(fen: int) -> str:
    """Say an amount exactly: ¥1,206.00."""
    yuan, rest = divmod(abs(fen), FEN_A_YUAN)
    return f"{'-' if fen < 0 else ''}¥{yuan:,}.{rest:02d}"


def wan(fen: int) -> str:
    """Say an amount for an overview: 1.2万元; the exact figure stays one tap away."""
    yuan = Decimal(fen) / FEN_A_YUAN
    size = abs(yuan)
    if size < YUAN_A_WAN:
        return f"{_rounded(yuan, 0)}元"
    # 99,999,999 would round up to “10,000万元”; such a figure is already one 亿.
    if _tenths(size / YUAN_A_WAN) < YUAN_A_WAN:
        return f"{_rounded(yuan / YUAN_A_WAN, 1)}万元"
    return f"{_rounded(yuan / YUAN_A_YI, 2)}亿元"


def day(on: date | None, today: date) -> str:
    """Say a day with its weekday, and with its year when it is not this year's."""
    if on is None:
        return NOTHING
    year = "" if on.year == today.year else f"{on.year}年"
    return f"{year}{on.month}月{on.day}日 {WEEKDAYS[on.weekday()]}"


def moment(at: datetime | None, today: date | None = None) -> str:
    """Say an aware instant as Foshan's clocks show it: 9月3日 周四 14:30."""
    if at is None:
        return NOTHING
    local = _local(at)
    return f"{day(local.date(), today or local.date())} {local:%H:%M}"


def period(start: datetime, end: datetime, today: date | None = None) -> str:
    """Say from when to when; the second day only if it is another one."""
    first, last = _local(start), _local(end)
    reading_day = today or first.date()
    if first.date() == last.date():
        return f"{moment(start, reading_day)} – {last:%H:%M}"
    return f"{moment(start, reading_day)} – {moment(end, reading_day)}"


def from_now(on: date, today: date, *, due: bool = False) -> str:
    """Say how far a day is: 3 天后, 昨天; a day that was due and has passed is 逾期 9 天."""
    distance = (on - today) // timedelta(days=1)
    if due and distance < 0:
        return f"逾期 {-distance:,} 天"
    if distance in NEAR:
        return NEAR[distance]
    return f"{distance:,} 天后" if distance > 0 else f"{-distance:,} 天前"


def greeting(at: datetime) -> str:
    """Greet as neighbours do at this hour of Foshan's day: 早上好, 中午好, 下午好, 晚上好."""
    hour = _local(at).hour
    return next(words for until, words in GREETINGS if hour < until)


def hours(minutes: int) -> str:
    """Say service time as it is counted, in hours: 18.5 小时."""
    return f"{_trimmed(Decimal(minutes) / MINUTES_AN_HOUR)} 小时"


def duration(minutes: int) -> str:
    """Say how long something takes: 50 分钟, 1 小时 20 分."""
    whole, rest = divmod(minutes, MINUTES_AN_HOUR)
    if whole == 0:
        return f"{rest} 分钟"
    return f"{whole} 小时 {rest} 分" if rest else f"{whole} 小时"


def count(number: int, unit: str = "") -> str:
    """Say a number with its unit: 1,204 户. 户, 人, 人次 and 户次 are never mixed."""
    return f"{number:,} {unit}".rstrip()


def percent(part: int, whole: int) -> str:
    """Say a share: 87%; of nothing there is no share to speak of."""
    if whole == 0:
        return NOTHING
    return f"{_trimmed(Decimal(part) * 100 / whole)}%"


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = "an instant needs its time zone"
        raise ValueError(message)
    return at.astimezone(FOSHAN)


def _tenths(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _trimmed(number: Decimal) -> str:
    return f"{_tenths(number):,}".removesuffix(".0")


def _rounded(number: Decimal, places: int) -> str:
    step = Decimal(1).scaleb(-places)
    text = f"{number.quantize(step, ROUND_HALF_UP):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "day": day,
    "duration": duration,
    "from_now": from_now,
    "hours": hours,
    "moment": moment,
    "money": money,
    "percent": percent,
    "period": period,
    "wan": wan,
}
