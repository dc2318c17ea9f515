"""What is read out and signed (同意书文本), by version: a version that somebody signed is never changed again.

Says what the law wants said: who receives it and how to reach them, what for, how, which data, until when, which rights
(个人信息保护法 §17, 23); for sensitive data why it is needed and what it may do to the household (§30).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.households.rules.consent import Purpose, Recipient


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of the text."""

    version: str
    opening: str
    who: dict[Recipient, str]
    way: dict[Recipient, str]
    data: dict[Purpose, str]
    why: dict[Purpose, str]
    necessity: str = ""
    effect: str = ""
    rights: tuple[str, ...] = field(default=())
    withdrawing: str = ""


_FIRST = Wording(
    version="2026-1",
    opening="我们想把您家的一部分信息给来帮忙的人。信息给谁、做什么用、到什么时候，当面念给您听；不同意也不影响享受救助。",
    who={
        Recipient.HELPERS: "认领了这件事、签过保密承诺的志愿者和爱心人士",
        Recipient.CHARITY: "有资质的慈善组织",
    },
    way={
        Recipient.HELPERS: "认领后在手机上看，到期自动收起",
        Recipient.CHARITY: "由社工提供名单",
    },
    data=dict.fromkeys(Purpose, "户主称呼、电话、住址"),
    why={
        Purpose.VISIT: "上门看望",
        Purpose.GOODS: "送东西上门",
        Purpose.MONEY: "申请慈善资助",
        Purpose.SERVICE: "照护、维修等服务",
        Purpose.PHOTO: "拍照存档",
    },
    withdrawing="随时可以撤回，告诉社工就行。",
)
_SECOND = Wording(
    version="2026-2",
    opening=(
        "您家的资料由镇街的双百社工站保管。下面打了勾的几件事，需要把一部分资料给社工站以外的人，"
        "每一件都要您单独同意。不同意，或者以后反悔，都不影响您家享受低保等各项救助。"
    ),
    who={
        Recipient.HELPERS: "只给认领了您家这件事、实名登记并签了保密承诺的志愿者或爱心人士",
        Recipient.CHARITY: "只给下面写明的慈善组织，由它的工作人员办理",
    },
    way={
        Recipient.HELPERS: "对方认领以后才能在自己的手机上看到，事情办完或到期就自动收起；每看一次都有记录，社工看得到",
        Recipient.CHARITY: "由社工把名单加密交给对方，用完由对方删除；每一次提供都有记录",
    },
    data={
        Purpose.VISIT: "户主的称呼、电话、住址，上门要留意的事",
        Purpose.GOODS: "户主的称呼、电话、住址，需要什么、几份",
        Purpose.MONEY: "户主姓名、救助类别、困难情况，收款人和账号",
        Purpose.SERVICE: "户主的称呼、电话、住址，身体和照护上要留意的事",
        Purpose.PHOTO: "探访、发放时拍的照片（不拍孩子的脸，不对外展示）",
    },
    why={
        Purpose.VISIT: "有人上门看望、陪伴",
        Purpose.GOODS: "把需要的东西送到家",
        Purpose.MONEY: "向慈善组织申请资助",
        Purpose.SERVICE: "上门照护、维修、辅导等服务",
        Purpose.PHOTO: "留下办过这件事的凭据",
    },
    necessity="健康、住址、账号属于敏感个人信息。不告诉对方，对方找不到您家，也不知道要带什么、留意什么。",
    effect="对方会知道您家有困难、住在哪里。万一泄露，可能受到打扰或被人冒名；发现不对，请马上告诉社工，我们会立刻停止提供并查清楚。",
    rights=(
        "看一看、要一份：我们存了您家哪些资料，给过谁",
        "改正：写错了可以要求更正",
        "撤回同意：从撤回那一刻起不再给任何人看",
        "要求删除：用不着了、过了期限，可以要求清除",
        "投诉：打 12345，或找镇街公共服务办公室",
    ),
    withdrawing="打电话或当面告诉社工就行，不用说理由，当场生效。以前已经办完的事不受影响。",
)
WORDINGS = {one.version: one for one in (_FIRST, _SECOND)}


def wording(version: str) -> Wording:
    """Return the text of a version; one that nobody kept is answered with the first, never with a later one."""
    return WORDINGS.get(version, _FIRST)
