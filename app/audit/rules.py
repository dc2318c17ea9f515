"""What the log calls things, in the words of the office (审计用语)."""

from __future__ import annotations

READING_VERBS = (
    "read",
    "unmask",
    "view",
    "export",
)  # a verb that begins so opens personal data and changes nothing

THINGS = {
    "account": "账号",
    "assessment": "评估",
    "change": "变更",
    "claim": "认领",
    "consent": "同意书",
    "document": "材料",
    "donor": "捐赠人",
    "entry": "记账",
    "follow_up": "跟进",
    "grant": "授权",
    "household": "档案",
    "import": "台账导入",
    "invitation": "邀请",
    "job": "定时任务",
    "ledger": "账目",
    "media": "照片",
    "member": "家庭成员",
    "need": "需求",
    "organisation": "机构",
    "photo": "照片",
    "pledge": "认捐",
    "programme": "项目",
    "resource": "资源",
    "session": "登录",
    "task": "任务",
    "user": "账号",
    "visit": "探访",
    "waiting": "候补",
}
VERBS = {
    "accept": "接受",
    "activate": "生效",
    "amend": "更正",
    "archive": "归档",
    "cancel": "取消",
    "change": "修改",
    "change_password": "改密码",
    "claim": "认领",
    "close": "结束",
    "confirm": "确认",
    "create": "新建",
    "decline": "婉拒",
    "deliver": "送达",
    "disable": "停用",
    "done": "完成",
    "edit": "修改",
    "enable": "启用",
    "end": "收回",
    "erase": "抹除",
    "expire": "到期",
    "export": "导出",
    "finish": "完成",
    "give": "给予",
    "hand_in": "交回",
    "import": "导入",
    "make": "新建",
    "mark_in_progress": "开始办理",
    "mark_met": "办结",
    "mark_published": "发布",
    "merge": "合并",
    "open": "打开",
    "pause": "暂停",
    "pledge": "认捐",
    "post": "提出",
    "publish": "发布",
    "read": "查看",
    "receive": "接收",
    "refuse": "拒绝",
    "register": "注册",
    "release": "退回",
    "request": "申请",
    "return": "退回",
    "reverse": "冲正",
    "review": "审核",
    "start": "开始",
    "store": "保存",
    "submit": "提交",
    "take_back": "收回",
    "unmask": "查看明文",
    "update": "修改",
    "view": "查看",
    "wait": "排队",
    "withdraw": "撤回",
}
PHRASES = {  # where thing and verb side by side would sound wrong
    "claim.hand_in": "交回探访记录",
    "claim.leave": "退出排队",
    "claim.make": "认领任务",
    "claim.read_household": "凭认领查看住址和电话",
    "claim.take_back": "收回任务",
    "claim.wait": "排队等候",
    "claim.promoted": "候补转正",
    "consent.record": "登记同意书",
    "grant.end": "收回授权",
    "grant.give": "给予授权",
    "household.state": "改变档案状态",
    "household.read": "查看档案里的个人信息",
    "household.unmask": "查看档案明文",
    "households.import": "导入台账",
    "import.columns": "对应台账的列",
    "need.ask_again": "到期再问需求",
    "need.read": "查看需求详情",
    "resource.evidence": "补充资源凭证",
    "resource.proof": "查看资源凭证",
    "resource.reverse_delivery": "冲正发放",
    "rhythm.set": "调整探访节律",
    "session.close": "退出登录",
    "session.close_all": "从所有设备退出",
    "session.open": "登录",
    "session.refuse": "登录失败",
    "user.change": "修改账号设置",
    "user.change_password": "修改密码",
    "user.register": "注册账号",
    "user.reset_password": "重设密码",
    "visit.draft": "暂存探访记录",
    "visit.photo": "查看探访照片",
}


def words(action: str) -> str:
    """Say an action (`household.unmask`) as an auditor would; one that has no words yet is shown as it is."""
    if action in PHRASES:
        return PHRASES[action]
    thing, _, verb = action.partition(".")
    if thing in THINGS and verb in VERBS:
        return VERBS[verb] + THINGS[thing]
    return action


def is_reading(action: str) -> bool:
    """Say whether an action opened personal data without changing it."""
    return action.partition(".")[2].startswith(READING_VERBS)
