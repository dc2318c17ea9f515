"""Code lists of a person and a household (代码表): an internal code, a Chinese label, aliases."""

from enum import StrEnum
from typing import Self, TypeVar

from app.core.text import squeeze


class Labelled(StrEnum):
    """A code with its Chinese label; other spellings are in the ALIASES of this module."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Make a member whose value is the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


L = TypeVar("L", bound=Labelled)


class Sex(Labelled):
    """Sex (性别, GB/T 2261.1)."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


class Relationship(Labelled):
    """Relationship to the householder (与户主关系, GB/T 4761 in one digit)."""

    HOUSEHOLDER = "0", "户主"
    SPOUSE = "1", "配偶"
    SON = "2", "子"
    DAUGHTER = "3", "女"
    GRANDCHILD = "4", "孙子女或外孙子女"
    PARENT = "5", "父母"
    GRANDPARENT = "6", "祖父母或外祖父母"
    SIBLING = "7", "兄弟姐妹"
    OTHER = "8", "其他"


class Health(Labelled):
    """State of health (健康状况)."""

    HEALTHY = "healthy", "健康"
    FAIR = "fair", "一般"
    FRAIL = "frail", "体弱"
    CHRONIC = "chronic", "慢性病"
    SERIOUS = "serious", "重大疾病"
    DISABLED = "disabled", "残疾"
    SERIOUS_AND_DISABLED = "serious_disabled", "重病且重残"
    NO_SELF_CARE = "no_self_care", "生活不能自理"


class SelfCare(Labelled):
    """Ability to care for oneself (生活自理能力, 特困人员认定办法 §22)."""

    FULL = "full", "具备"
    PARTLY = "partly", "部分丧失"
    LOST = "lost", "完全丧失"


class LabourAbility(Labelled):
    """Ability to work (劳动能力)."""

    FULL = "full", "有"
    PARTLY = "partly", "部分"
    NONE = "none", "无"


# texts or members alike: a member equals its value
DISABLED = frozenset({Health.DISABLED, Health.SERIOUS_AND_DISABLED})
ILL = frozenset({Health.SERIOUS, Health.SERIOUS_AND_DISABLED})
NO_SELF_CARE = frozenset({SelfCare.LOST, Health.NO_SELF_CARE})


class Employment(Labelled):
    """Employment (就业状况)."""

    EMPLOYED = "employed", "在职"
    FLEXIBLE = "flexible", "灵活就业"
    UNEMPLOYED = "unemployed", "失业"
    FARMING = "farming", "务农"
    STUDENT = "student", "在校"
    RETIRED = "retired", "退休"
    NONE = "none", "无"


class Education(Labelled):
    """Schooling, present or completed (就学情况、文化程度)."""

    NONE = "none", "无"
    KINDERGARTEN = "kindergarten", "学前"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "高中"
    VOCATIONAL = "vocational", "中职"
    COLLEGE = "college", "大专"
    UNIVERSITY = "university", "大学"
    GRADUATE = "graduate", "研究生"


class Housing(Labelled):
    """Housing (住房情况)."""

    OWN = "own", "自有"
    RENTED = "rented", "租赁"
    PUBLIC = "public", "公租房"
    UNSAFE = "unsafe", "危房"
    BORROWED = "borrowed", "借住"
    INSTITUTION = "institution", "机构供养"
    NONE = "none", "无房"
    OTHER = "other", "其他"


class Cause(Labelled):
    """Main cause of hardship (致困原因)."""

    ILLNESS = "illness", "因病"
    DISABILITY = "disability", "因残"
    SCHOOLING = "schooling", "因学"
    DISASTER = "disaster", "因灾"
    ACCIDENT = "accident", "意外事故"
    UNEMPLOYMENT = "unemployment", "失业"
    LABOUR = "labour", "缺劳动力"
    SINGLE_PARENT = "single_parent", "单亲"
    OLD_AGE = "old_age", "年老无劳动能力"
    GUARDIANSHIP = "guardianship", "监护缺失"
    HOUSING = "housing", "住房"
    OTHER = "other", "其他"


class DisabilityKind(Labelled):
    """Kind of disability (残疾类别): the 19th digit of the certificate."""

    VISION = "1", "视力"
    HEARING = "2", "听力"
    SPEECH = "3", "言语"
    LIMB = "4", "肢体"
    INTELLECT = "5", "智力"
    MENTAL = "6", "精神"
    MULTIPLE = "7", "多重"


class DisabilityLevel(Labelled):
    """Level of disability (残疾等级): the 20th digit; 1 is the gravest."""

    FIRST = "1", "一级"
    SECOND = "2", "二级"
    THIRD = "3", "三级"
    FOURTH = "4", "四级"


# Words of sex-specific kin tell the code but not the spelling, so that 孙女 stays 孙女 on the file.
ALIASES: dict[type[Labelled], dict[str, str]] = {
    Sex: {"男": "男性 M 男孩", "女": "女性 F 女孩"},
    Relationship: {
        "户主": "本人 本人或户主 户主本人 申请人 主申请人 持证人",
        "配偶": "妻 夫 妻子 丈夫 之妻 之夫 老婆 老公 爱人 夫妻 户主配偶",
        "子": "儿子 长子 次子 三子 四子 五子 幼子 大儿子 二儿子 小儿子 独生子 养子 继子 之子 儿",
        "女": "女儿 长女 次女 三女 四女 五女 幼女 大女儿 二女儿 小女儿 独生女 养女 继女 之女",
        "孙子女或外孙子女": "孙子 孙女 外孙 外孙子 外孙女 孙 长孙 次孙 长孙女 孙子女 外孙子女 之孙",
        "父母": "父 母 父亲 母亲 之父 之母 爸爸 妈妈 养父 养母 继父 继母",
        "祖父母或外祖父母": "祖父 祖母 爷爷 奶奶 外祖父 外祖母 外公 外婆 公公婆婆 祖父母 外祖父母",
        "兄弟姐妹": (
            "兄 弟 姐 妹 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 之兄 之弟 之姐 之妹 胞兄 胞弟 胞姐 胞妹"
        ),
        "其他": (
            "儿媳 媳妇 女婿 公公 婆婆 岳父 岳母 侄子 侄女 外甥 外甥女 叔 伯 姑 舅 姨 叔叔 伯父 "
            "姑姑"
            "舅舅 嫂 嫂子 弟媳 姐夫 妹夫 孙媳 孙婿 曾孙 曾孙女 曾孙子 亲属 其他亲属 非亲属 "
            "监护人 保姆"
        ),
    },
    Health: {
        "健康": "良好 健康或良好 正常",
        "一般": "一般或较弱 较好",
        "体弱": "较弱 年老体弱",
        "慢性病": "患慢性病 长期慢性病 有慢性病",
        "重大疾病": "重病 大病 患重病 患大病 重特大疾病 重疾",
        "残疾": "重残 残疾人 患残疾",
        "重病且重残": "重病+重残 重病重残",
        "生活不能自理": "不能自理 失能 完全失能",
    },
    SelfCare: {
        "具备": "能自理 自理 全自理 有 完全自理 具备自理能力",
        "部分丧失": "部分自理 半自理 半失能 轻度失能 中度失能 部分丧失自理能力",
        "完全丧失": "不能自理 重度失能 失能 无 全失能 完全丧失自理能力",
    },
    LabourAbility: {
        "有": "有劳动能力 普通劳动力 技能劳动力 健全 是",
        "部分": "部分丧失 弱劳动力 半劳动力 部分劳动能力 弱劳动力或半劳动力 部分丧失劳动能力",
        "无": "丧失 无劳动能力 丧失劳动能力 无劳动力 完全丧失 完全丧失劳动能力 否",
    },
    Employment: {
        "在职": "就业 在岗 务工 全职 工作",
        "灵活就业": "零工 打零工 临时工 散工 兼职",
        "失业": "待业 下岗 登记失业",
        "务农": "务农或渔 种植 养殖 渔业",
        "在校": "学生 在读 就学 读书",
        "退休": "离退休 已退休",
        "无": "无业 未就业 无工作 否",
    },
    Education: {
        "无": "文盲 半文盲 文盲或半文盲 未上学 未就学 否",
        "学前": "幼儿园 学龄前 学前教育",
        "小学": "小学在读",
        "初中": "初中在读",
        "高中": "高中在读",
        "中职": "中专 职高 技校 中技 中等职业",
        "大专": "专科 高职 大学专科",
        "大学": "本科 大学本科 大学在读",
        "研究生": "硕士 博士",
    },
    Housing: {
        "自有": "自有住房 自建房 商品房 自有房 自购",
        "租赁": "租房 租住 出租屋 私人租赁",
        "公租房": "廉租房 公共租赁住房 直管公房 保障房",
        "危房": "危旧房 C级危房 D级危房",
        "借住": "借居 寄住 投靠亲友",
        "机构供养": "敬老院 福利院 养老院 集中供养",
        "无房": "无 无住房",
    },
    Cause: {
        "因病": "疾病 因病致贫 患病 大病 因病致困",
        "因残": "残疾 因残致贫 因残致困",
        "因学": "教育 因学致贫 就学",
        "因灾": "灾害 因灾致贫 自然灾害",
        "意外事故": "意外 因意外 突发事件 突发意外 事故 交通事故",
        "失业": "无业 下岗",
        "缺劳动力": "缺乏劳动力 缺少劳动力 无劳动力 丧失劳动力 丧偶",
        "单亲": "单亲家庭 离异",
        "年老无劳动能力": "年老 年老无依 年老体弱 高龄",
        "监护缺失": "监护缺失或不当 无人抚养 失去监护",
        "住房": "住房困难",
        "其他": "其它",
    },
    DisabilityKind: {
        "视力": "视力残疾 盲",
        "听力": "听力残疾 聋",
        "言语": "言语残疾 语言 哑",
        "肢体": "肢体残疾 肢残",
        "智力": "智力残疾 智残",
        "精神": "精神残疾 精残",
        "多重": "多重残疾",
    },
    DisabilityLevel: {
        "一级": "1级 壹级",
        "二级": "2级 贰级",
        "三级": "3级 叁级",
        "四级": "4级 肆级",
    },
}


def _table(codes: type[Labelled]) -> dict[str, Labelled]:
    table: dict[str, Labelled] = {}
    aliases = ALIASES.get(codes, {})
    for member in codes:
        for word in (member.label, *aliases.get(member.label, "").split()):
            table[word] = member
        if member.value.isdigit():
            table.setdefault(member.value, member)
    return table


_TABLES: dict[type[Labelled], dict[str, Labelled]] = {}


def recognise(codes: type[L], text: str) -> L | None:
    """Return the member a word stands for: label, alias or (where numeric) code; else None."""
    table = _TABLES.get(codes)
    if table is None:
        table = _TABLES[codes] = _table(codes)
    found = table.get(text) or table.get(squeeze(text))
    return found if isinstance(found, codes) else None
