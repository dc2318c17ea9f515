"""The words of the city (文案): what is asked, noted and promised; none of it names anybody."""

from __future__ import annotations

from typing import NamedTuple

from app.needs.rules import NeedKind, Urgency
from app.portal.services.demo.gifts import Fund
from app.portal.services.demo.plan import Kind
from app.tasks.rules import TaskKind

_OLD = frozenset({Kind.ELDER_ALONE, Kind.ELDER_COUPLE})
_YOUNG = frozenset({Kind.SINGLE_PARENT, Kind.CHILD, Kind.FAMILY})
_ALL = frozenset(Kind)
_K, _T = NeedKind, TaskKind


class Ask(NamedTuple):
    """A need to be (需求样本): what the card says, what stays inside, and what it asks for."""

    kind: NeedKind
    subkind: str
    how: TaskKind
    title: str
    wording: str
    story: str
    for_kinds: frozenset[Kind] = _ALL
    urgency: Urgency = Urgency.NORMAL
    seats: int = 1
    skill: str = ""
    item: str = ""
    unit: str = ""
    quantity: int = 0
    fen: int = 0
    fund: Fund = Fund.NONE


ASKS = (
    Ask(
        _K.HEART,
        "陪伴",
        _T.VISIT,
        "上门陪伴，聊聊天",
        "长者一个人住，平时话少。想请街坊上门坐一坐，听听他讲以前的事。",
        "去年老伴走后很少出门，情绪低落。",
        _OLD,
        seats=2,
    ),
    Ask(
        _K.CARE,
        "助洁",
        _T.SERVICE,
        "帮忙打扫厨房和窗户",
        "长者腰腿不便，厨房油烟重。需要两位街坊花半天帮忙打扫。",
        "灶台旁堆了旧纸皮，担心起火。",
        _OLD,
        Urgency.SOON,
        seats=2,
    ),
    Ask(
        _K.MEDICAL,
        "陪诊",
        _T.SERVICE,
        "陪同去医院复诊",
        "需要一位街坊陪同去区医院复诊，帮忙取号、拿药，大约半天。",
        "上次独自复诊漏拿了一种药。",
        frozenset({Kind.ELDER_ALONE, Kind.DISABLED, Kind.ILL}),
        Urgency.SOON,
        skill="会讲粤语",
    ),
    Ask(
        _K.SCHOOL,
        "课业辅导",
        _T.SERVICE,
        "每周辅导一次数学",
        "小学高年级的孩子数学跟不上，想找一位街坊每周辅导一次，先试四周。",
        "家长夜班，放学后没人看作业。",
        _YOUNG,
        skill="小学数学",
    ),
    Ask(
        _K.HOUSING,
        "漏水修缮",
        _T.SERVICE,
        "修好漏水的屋顶一角",
        "台风后屋顶一角漏水，需要懂泥水的街坊来看一看、补一补。",
        "漏水处靠近电线，已提醒不要自行处理。",
        _ALL,
        Urgency.URGENT,
        skill="泥水维修",
    ),
    Ask(
        _K.RIGHTS,
        "办证",
        _T.SERVICE,
        "陪同办理残疾人证换领",
        "需要一位街坊陪同到街道办证窗口，帮忙填表。",
        "证件今年到期，影响护理补贴。",
        frozenset({Kind.DISABLED}),
    ),
    Ask(
        _K.SOCIAL,
        "数字技能",
        _T.VISIT,
        "教用手机视频通话",
        "长者刚有了智能手机，想学会和外地的孙辈视频。",
        "家人在外省，一年回来一次。",
        _OLD,
    ),
    Ask(
        _K.HEART,
        "疏导",
        _T.VISIT,
        "陪照顾者说说话",
        "家里有长期卧床的病人，照顾的人很累，想有人听一听。",
        "照顾者睡眠差，建议转介心理支持。",
        frozenset({Kind.ILL, Kind.DISABLED}),
        Urgency.SOON,
    ),
    Ask(
        _K.LIVING,
        "米面油",
        _T.GOODS,
        "大米 2 袋、够吃一个月",
        "家里人口多，月底常常不够，需要大米。",
        "上月断过两天粮，已先从社工站拿应急包。",
        frozenset({Kind.FAMILY, Kind.SINGLE_PARENT}),
        Urgency.SOON,
        item="大米 10kg",
        unit="袋",
        quantity=2,
    ),
    Ask(
        _K.WISH,
        "风扇",
        _T.GOODS,
        "一台落地扇",
        "顶楼闷热，旧风扇坏了，想要一台落地扇。",
        "旧风扇插头松动，已请人剪断。",
        _ALL,
        item="落地扇",
        unit="台",
        quantity=1,
    ),
    Ask(
        _K.WISH,
        "电饭煲",
        _T.GOODS,
        "一个小电饭煲",
        "旧电饭煲内胆掉了，想换一个小的，够一两个人用就好。",
        "常用铝锅煮粥，忘了关火两次。",
        _ALL,
        item="电饭煲",
        unit="台",
        quantity=1,
    ),
    Ask(
        _K.WISH,
        "拐杖",
        _T.GOODS,
        "一台助行器",
        "走路不稳，想要一台四脚助行器，好自己去买菜。",
        "上月在门口滑倒一次，没有骨折。",
        frozenset({Kind.ELDER_ALONE, Kind.ELDER_COUPLE, Kind.DISABLED}),
        item="助行器",
        unit="台",
        quantity=1,
    ),
    Ask(
        _K.LIVING,
        "衣被",
        _T.GOODS,
        "过冬棉被 4 床",
        "天气转凉，家里的被子又薄又旧。",
        "四口人合盖两床被。",
        frozenset({Kind.FAMILY, Kind.ILL, Kind.CHILD}),
        item="棉被",
        unit="床",
        quantity=4,
    ),
    Ask(
        _K.WISH,
        "台灯",
        _T.GOODS,
        "一盏护眼台灯",
        "孩子晚上在饭桌上写作业，光线不够。",
        "学校体检提示视力下降。",
        _YOUNG,
        item="护眼台灯",
        unit="盏",
        quantity=1,
    ),
    Ask(
        _K.CARE,
        "日托",
        _T.GOODS,
        "成人护理垫 3 箱",
        "长期卧床，护理垫用得快。",
        "皮肤有轻微压红，已联系家庭医生。",
        frozenset({Kind.ILL, Kind.DISABLED, Kind.ELDER_ALONE}),
        Urgency.SOON,
        item="成人护理垫",
        unit="箱",
        quantity=3,
    ),
    Ask(
        _K.SCHOOL,
        "学费",
        _T.MONEY,
        "向圆梦助学申请一学期助学金",
        "孩子考上了中职，希望申请一学期的助学金。",
        "父亲停工养伤，学费还差一半。",
        _YOUNG,
        fen=200_000,
        fund=Fund.SCHOOL,
    ),
    Ask(
        _K.MEDICAL,
        "自付费用",
        _T.MONEY,
        "向和乐颐年申请医疗补助",
        "住院自付部分超过家里两个月的收入，希望申请补助。",
        "医保报销后自付较多，单据齐全。",
        frozenset({Kind.ILL, Kind.ELDER_ALONE, Kind.ELDER_COUPLE, Kind.DISABLED}),
        Urgency.SOON,
        fen=260_000,
        fund=Fund.ELDERS,
    ),
)
VISIT_ASKS = tuple(ask for ask in ASKS if ask.how in {_T.VISIT, _T.SERVICE} and ask.seats == 1)
VISIT_NOTES = (
    "精神不错，主动泡茶。量了血压，正常。",
    "腿比上月肿，提醒去社区卫生站复查，已答应。",
    "米油还够半个月。提到晚上睡不好。",
    "孩子在写作业，月考进步了。家长夜班刚回来。",
    "厨房插座松动，已当场提醒先不要用。",
    "聊了一个钟头，说起年轻时划龙船的事，很开心。",
    "药按时吃，药盒还剩十天的量。",
    "最近邻居常来串门，比上次开朗。",
    "提到想学用手机和外地家人视频。",
    "门口台阶滑，建议装一条扶手。",
)
ATTEMPT_NOTES = (
    "敲门没人应，邻居说一早出去了。",
    "电话打不通，门口贴了便条。",
    "家人说这几天在医院。",
)
FOLLOW_UPS = (
    "带一个新插座，请电工街坊来换",
    "预约社区卫生站上门量血压",
    "问清住院自付的单据，准备申请医疗补助",
    "联系学校，问一问午餐补贴",
    "下次带一双防滑拖鞋",
    "打电话问复诊的结果",
)
HOSPITAL = "问清住院和照护的情况，看要不要医疗救助"
STATE_REASONS = {
    "paused": ("长期住院，家属照护", "到外地子女家小住", "入住养老机构试住三个月"),
    "closed": ("收入稳定，本人提出结案", "迁往外市，已转介", "孩子毕业就业，家庭好转"),
    "returned": ("请补充家庭成员信息", "住址与走访不一致，请核对"),
}
NEED_REASONS = {
    "returned": "公开说明里请再写具体一些：需要几个人、大概多久",
    "withdrawn": "家属已经自行解决",
    "merged": "与本户上月的需求相同，合并处理",
    "referred": "符合临时救助条件，已转街道公共服务办",
}
RELEASE_REASONS = ("临时要出差，赶不上了", "家里有人生病，先交回", "时间记错了")
UNMASK_REASONS = ("电话预约探访", "核对住址准备上门", "家属来电核实身份", "协助办理补贴")
