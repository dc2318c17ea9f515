"""The sections of a file as data (档案内容): what is asked in each, in the order in which a worker asks it.

Income and property are asked as 最低生活保障审核确认办法 §13–14 divide them, spending as 刚性支出困难家庭认定 §5 does.
"""

from __future__ import annotations

from app.households.rules.sections.shape import (
    Section,
    choice,
    choices,
    day,
    long,
    money,
    number,
    rows,
    text,
    yes_no,
)

NOTE = "写看到听到的，不猜。不要写证件号和银行卡号"
MONTHLY, YEARLY = "元/月", "元/年"

HOW_KNOWN = {
    "said": "本人申报",
    "papers": "看过单据",
    "check": "信息核对",
    "visit": "入户核实",
}
INCOME = Section(
    "income",
    "收入",
    "全家每个月的，分四类写；没有的写 0",
    (
        money("wage", "工资性收入", "工资、奖金、打零工所得", MONTHLY),
        money("business", "经营净收入", "摆摊、种养、开店，扣掉成本", MONTHLY),
        money("property", "财产净收入", "利息、房租、土地流转、分红", MONTHLY),
        money(
            "transfer",
            "转移净收入",
            "养老金、赡养抚养费、接受的捐赠；钱怎么算进去，先问民政的口径",
            MONTHLY,
        ),
        money(
            "aid",
            "政府救助（不算收入）",
            "低保金、特困供养金、优待抚恤金、奖学金、基础养老金等，单独记",
            MONTHLY,
        ),
        choices("known", "怎么核的", HOW_KNOWN),
        day("on", "核实日"),
        long("note", "补充说明", NOTE),
    ),
    "最低生活保障审核确认办法 §13",
)

EVIDENCE = {
    "receipt": "发票或收据",
    "medical": "医保结算单",
    "tuition": "缴费通知",
    "said": "本人口述",
}
SPENDING = Section(
    "spending",
    "支出",
    "最近 12 个月全家一共花了多少；自己付的才算",
    (
        money("living", "生活支出", "吃穿用、水电燃气、通讯、房租", YEARLY),
        money("medical", "医疗支出", "报销以后自己付的", YEARLY),
        money("education", "教育支出", "学费、住宿费、校服书本", YEARLY),
        money("rehab", "残疾康复支出", "康复训练、辅具、护理用品", YEARLY),
        money("other", "其他必需支出", "丧葬、意外、还债利息等", YEARLY),
        day("until", "截止日", "从这一天往前数 12 个月"),
        choices("evidence", "凭据", EVIDENCE),
        long("note", "补充说明", NOTE),
    ),
    "刚性支出困难家庭认定 §5",
)

VEHICLES = {
    "electric": "电动自行车",
    "motorcycle": "摩托车",
    "tricycle": "三轮车",
    "car": "小汽车",
    "truck": "货车",
    "machine": "农机",
    "boat": "船只",
    "other": "其他",
}
HOMES = {
    "flat": "商品房",
    "self_built": "自建房",
    "homestead": "宅基地老屋",
    "resettled": "安置房",
    "shop": "商铺",
    "other": "其他",
}
ASSETS = Section(
    "assets",
    "财产",
    "全家现有的；没有的写 0",
    (
        money("deposits", "存款"),
        money("securities", "证券"),
        money("funds", "基金"),
        money("insurance", "商业保险", "能退回多少现金"),
        money("claims", "债权", "别人欠这家的"),
        money("online", "互联网金融资产", "余额宝、零钱通、网上理财等"),
        rows(
            "vehicles",
            "车辆",
            (
                choice("what", "什么车", VEHICLES, needed=True),
                money("worth", "大约值多少"),
                text("note", "说明"),
            ),
            "残疾人代步车、谋生用的写在说明里",
        ),
        rows(
            "homes",
            "房屋",
            (
                choice("what", "什么房", HOMES, needed=True),
                number("area", "面积", "平方米", 10_000),
                text("note", "说明", "现在做什么用"),
            ),
            "现在住的这一处也写",
        ),
        number("woods", "林木", "亩", 100_000),
        choices("known", "怎么核的", HOW_KNOWN),
        day("on", "核实日"),
        long("note", "补充说明", NOTE),
    ),
    "最低生活保障审核确认办法 §14",
)

RIGHTS = {
    "private": "自有产权",
    "homestead": "宅基地",
    "public": "公房",
    "rented": "租来的",
    "lent": "亲友借住",
    "none": "没有固定住处",
}
STRUCTURES = {
    "concrete": "钢筋混凝土",
    "brick": "砖混",
    "brick_wood": "砖木",
    "mud_wood": "土木",
    "shed": "铁皮或棚屋",
}
SAFETY = {
    "a": "A 级，安全",
    "b": "B 级，个别构件要修",
    "c": "C 级，局部危险",
    "d": "D 级，整幢危险",
    "unknown": "还没鉴定",
}
LACKING = {
    "water": "自来水",
    "power": "稳定的电",
    "gas": "燃气",
    "toilet": "独立卫生间",
    "kitchen": "厨房",
    "hot_water": "热水",
    "net": "网络",
}
HAZARDS = {
    "leak": "漏水",
    "wiring": "电线老化",
    "gas": "用气不安全",
    "damp": "潮湿发霉",
    "pile": "堆放太多",
    "stairs": "楼梯陡或没扶手",
}
ACCESS = {
    "rail": "扶手",
    "ramp": "坡道",
    "antislip": "防滑地面",
    "seat": "坐便器或坐便椅",
    "door": "加宽的门",
    "bell": "呼叫或闪光门铃",
}
HOUSING = Section(
    "housing",
    "住房",
    "现在住的这一处",
    (
        choice("right", "产权", RIGHTS),
        number("area", "面积", "平方米", 2_000),
        choice("structure", "结构", STRUCTURES),
        number("floor", "楼层", "楼", 60),
        yes_no("lift", "有电梯"),
        choice("safety", "安全鉴定", SAFETY),
        choices("hazards", "隐患", HAZARDS, "看到哪样勾哪样"),
        choices("lacking", "缺少", LACKING, "家里没有的勾上"),
        choices("access", "要装的无障碍", ACCESS),
        money("rent", "房租", unit=MONTHLY),
        day("until", "租约到期", ahead=True),
        long("note", "补充说明", NOTE),
    ),
)

RELATIONS = {
    "child": "子女",
    "sibling": "兄弟姐妹",
    "kin": "其他亲戚",
    "neighbour": "邻居",
    "party": "结对党员",
    "volunteer": "志愿者",
    "village": "村居干部",
    "other": "其他",
}
DOINGS = {
    "care": "照看起居",
    "shopping": "买菜做饭",
    "clinic": "陪诊拿药",
    "errands": "代办事情",
    "money": "给钱给物",
    "company": "聊天陪伴",
    "watch": "平日留意",
    "guardian": "监护",
}
OFTEN = {"daily": "每天", "weekly": "每周", "monthly": "每月", "called": "叫了才来"}
TIES = {"many": "来往多", "some": "有来往", "few": "很少来往", "none": "几乎没有来往"}
SUPPORT = Section(
    "support",
    "社会支持",
    "谁在帮衬这一家",
    (
        choice("ties", "亲友邻里", TIES),
        rows(
            "helpers",
            "帮衬的人",
            (
                choice("who", "是谁", RELATIONS, needed=True),
                text("name", "怎么称呼"),
                text("phone", "电话"),
                choice("does", "做什么", DOINGS),
                choice("often", "多久一次", OFTEN),
            ),
            "紧急时能叫到的人写在最前面",
        ),
        yes_no("key", "别人有钥匙", "叫不开门时找谁"),
        long("note", "补充说明", NOTE),
    ),
)

AID_KINDS = {
    "living": "低保金或供养金",
    "temporary": "临时救助",
    "medical": "医疗救助",
    "education": "教育救助",
    "housing": "住房救助",
    "work": "就业救助",
    "disaster": "受灾救助",
    "disability": "残疾人两项补贴",
    "elder": "高龄津贴",
    "child": "儿童基本生活补贴",
    "visit": "节日慰问",
    "charity": "慈善帮扶",
    "other": "其他",
}
GIVERS = {
    "civil": "民政",
    "disabled": "残联",
    "medical": "医保",
    "education": "教育",
    "housing": "住建",
    "work": "人社",
    "union": "工会、团委、妇联",
    "village": "村居",
    "charity": "慈善会、基金会",
    "company": "企业、商会",
    "person": "爱心人士",
    "other": "其他",
}
PUBLIC = frozenset(
    {"civil", "disabled", "medical", "education", "housing", "work", "union", "village"}
)
PER = {"month": "每月", "year": "每年", "once": "一次"}
ASSISTANCE = Section(
    "assistance",
    "得到的救助",
    "政府给的、别人给的都写，免得漏了或重复",
    (
        rows(
            "received",
            "救助和帮扶",
            (
                choice("what", "是什么", AID_KINDS, needed=True),
                choice("giver", "谁给的", GIVERS),
                money("amount", "多少"),
                choice("per", "怎么给", PER),
                day("since", "从哪天起"),
                day("until", "到哪天止", ahead=True),
                text("note", "说明"),
            ),
        ),
        long("note", "补充说明", NOTE),
    ),
)

LEVELS = {"0": "没有困难", "1": "有一点", "2": "明显", "3": "严重", "4": "撑不住了"}
TOP_LEVEL = 4
# dimension: (中文, weight of 100, what to look at); ours, not a national standard
DIMENSIONS = {
    "basics": ("基本生活", 20, "吃得饱、穿得暖、交得起水电"),
    "medical": ("医疗健康", 20, "病痛、用药、看得起病"),
    "care": ("照护", 20, "起居有没有人照看"),
    "housing": ("居住安全", 10, "房屋、水电气火"),
    "mind": ("心理情感", 10, "情绪、睡眠、丧亲、孤单"),
    "social": ("社会支持", 10, "有没有人来往、有没有人可以叫"),
    "growth": ("教育与就业", 10, "上学、找工作、学技能"),
}
CRISES = {
    "harm": "有轻生念头或自伤",
    "hunger": "断炊断药",
    "violence": "家暴或虐待",
    "alone": "孩子或失能的人没人照看",
    "shelter": "房子随时会出事",
    "illness": "病情危急",
}
ANSWERED = {"self": "本人", "family": "家人", "guardian": "监护人", "village": "村居或邻居"}
ASSESSMENT = Section(
    "assessment",
    "需求评估",
    "每一项选现在的样子，总分由系统按权重算，满分 100",
    (
        day("on", "评估日", needed=True),
        choice("answered", "谁回答的", ANSWERED),
        *(
            choice(key, words, LEVELS, f"{look}（占 {weight} 分）")
            for key, (words, weight, look) in DIMENSIONS.items()
        ),
        choices("crises", "危急情况", CRISES, "勾了任何一样，风险档就是高风险，当天告诉督导"),
        long("note", "评估意见", NOTE),
    ),
)

AREAS = {key: words for key, (words, _, _) in DIMENSIONS.items()} | {"other": "其他"}
DOERS = {
    "worker": "社工",
    "family": "家庭自己",
    "village": "村居",
    "volunteer": "志愿者",
    "referral": "转介机构",
}
PROGRESS = {
    "waiting": "没开始",
    "doing": "进行中",
    "reached": "达成",
    "missed": "没达成",
    "dropped": "不做了",
}
PLAN = Section(
    "plan",
    "服务计划",
    "和这家人商量好的；一个目标一行",
    (
        day("on", "制定日"),
        yes_no("agreed", "这家人同意"),
        rows(
            "goals",
            "目标",
            (
                choice("area", "哪方面", AREAS, needed=True),
                text("goal", "目标", "写得能看出做到没有"),
                long("steps", "步骤"),
                day("by", "到什么时候", ahead=True),
                choice("who", "谁来做", DOERS),
                text("measure", "怎么算做到"),
                choice("status", "现在", PROGRESS),
            ),
        ),
        day("review_on", "再看一次", "到这一天回头看看做到多少", ahead=True),
        long("note", "补充说明", NOTE),
    ),
)

SECTIONS: dict[str, Section] = {
    one.kind: one
    for one in (INCOME, SPENDING, ASSETS, HOUSING, SUPPORT, ASSISTANCE, ASSESSMENT, PLAN)
}
