"""What a card says (任务卡): anonymous, true, and enough to decide by."""

from __future__ import annotations

from app.core import phrases
from app.tasks.rules.states import TaskKind

# Nobody under eighteen and no illness is ever spoken of on a card (DESIGN §2.7, DOMAIN §10): such traits have no word.
WHO_BY_TRAIT = {
    "elder_alone": "独居长者",
    "elders": "长者之家",
    "with_elder": "有长者的家庭",
    "disabled": "行动不便的街坊",
}
_COUNTS = "零一两三四五六七八九"
EMERGENCY = (("110", "报警"), ("120", "急救"), ("12349", "民政服务"))
_ALWAYS = ("不拍照、不录音，需要照片时先问过对方", "看到的听到的都不外传，也不发朋友圈")
_AT_THE_DOOR = (
    "先打电话约好，再上门；迟到或去不了，请尽早说一声",
    "两个人一起去，一位聊天一位记",
    "戴好志愿者证，进门先说自己是谁、谁请你来的",
    "不收礼、不吃饭、不借钱，也不推销任何东西",
)
_MINDING = {
    TaskKind.VISIT: (*_AT_THE_DOOR, "留意水电煤气和用药，有担心的写进记录"),
    TaskKind.SERVICE: (*_AT_THE_DOOR, "做不来的不勉强，先问社工；需要证书的活要带上证书"),
    TaskKind.GOODS: (
        "东西要能用、干净、没过期；食品药品写上保质期",
        "交给社工站或慈善综合体，由社工送上门签收，你不需要知道对方是谁",
    ),
    TaskKind.MONEY: (
        "钱只打进慈善组织的公户，由它开捐赠票据；平台不经手，也不收现金",
        "不能指定给自己的亲友（慈善法 §40）",
    ),
}


def card_title(kind: TaskKind, who: str, title: str) -> str:
    """Return what a card says first: 独居长者 · 上门陪伴; money is a programme's, not a person's (慈善法 §27, 124)."""
    return title if kind is TaskKind.MONEY else f"{who} · {title}"


def persona(traits: str, member_count: int) -> str:
    """Say for whom, without saying who: 独居长者, 三口之家, 行动不便的街坊."""
    for trait in traits.replace(",", " ").split():
        if trait in WHO_BY_TRAIT:
            return WHO_BY_TRAIT[trait]
    if member_count == 1:
        return "独自生活的街坊"
    if 1 < member_count < len(_COUNTS):
        return f"{_COUNTS[member_count]}口之家"
    return "一大家子" if member_count >= len(_COUNTS) else "一户街坊"


def goods_title(item: str, quantity: int, unit: str) -> str:
    """Say what is wanted: 棉被 4 床."""
    return f"{item} {quantity:,} {unit}"


def money_title(programme: str, what: str) -> str:
    """Say which programme the money goes to; money is never asked for a person (慈善法 §27, 124)."""
    return f"支持“{programme}” · {what}"


def seats_words(kind: TaskKind, capacity: int, taken: int, unit: str) -> str:
    """Say how much is still open: 还差 1 人, 已有 2 床，还需 2 床."""
    left = capacity - taken
    if kind is TaskKind.MONEY:
        have, want = phrases.money(taken), phrases.money(left)
    else:
        have, want = f"{taken:,} {unit}", f"{left:,} {unit}"
    if left == 0:
        return "已领满"
    if kind in {TaskKind.VISIT, TaskKind.SERVICE}:
        return f"{capacity} 人同行，还差 {left} 人" if capacity > 1 else "还差 1 人"
    return f"已有 {have}，还需 {want}" if taken else f"还需 {want}"


def minding(kind: TaskKind) -> tuple[str, ...]:
    """Say what to mind before and during, each a short sentence (志愿服务条例 §12: 告知全部信息和风险)."""
    return (
        (*_MINDING[kind], *_ALWAYS)
        if kind in {TaskKind.VISIT, TaskKind.SERVICE}
        else _MINDING[kind]
    )
