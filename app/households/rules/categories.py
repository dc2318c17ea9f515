"""Categories of households (对象分类) and how often each tier is visited (风险档)."""

import re

from app.core.text import squeeze
from app.households.rules.codes import Labelled


class Category(Labelled):
    """The main category of a household (救助类别)."""

    DB = "DB", "最低生活保障家庭"
    TK = "TK", "特困人员"
    BY = "BY", "最低生活保障边缘家庭"
    GX = "GX", "支出型困难家庭"
    KJ = "KJ", "困境儿童家庭"
    CJ = "CJ", "困难残疾人家庭"
    QT = "QT", "其他困难家庭"


class Tier(Labelled):
    """How often a household is visited (风险等级), from 内蒙古 practice; a setting, not a law."""

    WEEKLY = "weekly", "高风险"
    MONTHLY = "monthly", "重点"
    QUARTERLY = "quarterly", "一般"


# 刚性支出 is never put under 低保边缘, though some systems do: the two are different in law.
_WORDS = {
    Category.DB: (
        "最低生活保障 低保 低保户 城市低保 农村低保 城镇低保 城乡低保 城低 农低 单人保 低保单人保"
    ),
    Category.TK: (
        "特困 特困供养 特困供养人员 特困人员供养 分散特困 集中特困 分散供养 集中供养 分散供养特困 "
        "集中供养特困 城市特困 农村特困 城乡特困 五保 五保户 五保供养 三无"
    ),
    Category.BY: "低保边缘 低边 低收入 低保边缘户 边缘户 城保边缘 农保边缘 最低生活保障边缘",
    Category.GX: "支出型困难 支出型 支出型贫困 刚性支出困难 刚性支出 因病致贫 因病致贫重病患者",
    Category.KJ: "困境儿童 孤儿 事实无人抚养儿童 事实无人抚养 事实孤儿 散居孤儿 集中养育孤儿",
    Category.CJ: "困难残疾人 残疾人 残疾 重度残疾 重残 重度残疾人 困难残疾 残疾家庭",
    Category.QT: (
        "其他困难 其他 其它 其它困难 临时困难 临时救助 防止返贫监测 防返贫监测 困难退役军人 "
        "突发事件 突发困难 流浪乞讨 其他困难人员"
    ),
}
_ENDINGS = ("家庭", "对象", "人员", "户", "家庭户")
_BRACKETS = re.compile(r"\([^()]*\)")

_TABLE: dict[str, Category] = {member.label: member for member in Category}
_TABLE |= {member.value: member for member in Category}
for _category, _aliases in _WORDS.items():
    for _alias in _aliases.split():
        _TABLE[_alias] = _category
        for _ending in _ENDINGS:
            _TABLE.setdefault(_alias + _ending, _category)


def read_category(text: str) -> tuple[Category | None, bool]:
    """Return the category a cell means and whether an alias was used (别名归一).

    None for an unknown word and for two words that disagree: a category is never guessed.
    """
    plain = squeeze(text)
    found = _TABLE.get(plain) or _TABLE.get(_BRACKETS.sub("", plain))
    return found, found is not None and text != found.label


def category_in(text: str) -> Category | None:
    """Return the one category that a title speaks of (2026年低保户名册); None for none or several."""
    rest, found = squeeze(text), set[Category]()
    for word in _LONGEST_FIRST:
        if word in rest:
            found.add(_TABLE[word])
            rest = rest.replace(word, " ")
    return found.pop() if len(found) == 1 else None


# 低保边缘 must be found before 低保; a word of Latin letters says nothing inside a title
_LONGEST_FIRST = sorted((word for word in _TABLE if not word.isascii()), key=len, reverse=True)
