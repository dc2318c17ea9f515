"""How a file or a case ends (结案类型), and what a reviewer finds wanting (退回原因)."""

from __future__ import annotations

from datetime import timedelta

from app.households.rules.codes import Labelled


class Closing(Labelled):
    """Why looking after a household ends (结案类型)."""

    ACHIEVED = "achieved", "目标达成"
    LEFT = "left", "退出"
    REFERRED = "referred", "转介"
    MOVED = "moved", "搬离"
    DIED = "died", "死亡"
    LOST = "lost", "失联"


class Leaving(Labelled):
    """Why a household leaves (退出原因; 特困认定办法 §24, 最低生活保障审核确认办法 §29, 33)."""

    ABLE = "able", "恢复劳动能力"
    PRISON = "prison", "服刑"
    MEANS = "means", "收入或财产超过标准"
    SUPPORT = "support", "有了法定义务人"
    OWN_WISH = "own_wish", "自愿退出"
    WORK = "work", "就业渐退"
    OVER = "over", "有效期满"
    UNWILLING = "unwilling", "不配合核查"


class Wanting(Labelled):
    """What a reviewer sends a file back for (退回原因)."""

    IDENTITY = "identity", "证件或身份信息不全"
    MEMBERS = "members", "家庭成员对不上"
    CLASS = "class", "类别没有依据"
    MEANS = "means", "收入或财产没写清"
    DOOR = "door", "住址或电话不全"
    CONSENT = "consent", "缺同意书"
    ASSESSMENT = "assessment", "缺需求评估"
    TWIN = "twin", "可能和别的档案重复"
    OTHER = "other", "其他"


LONGEST_PAUSE = timedelta(days=366)
REMIND_PAUSE = timedelta(days=3)  # before a pause ends
