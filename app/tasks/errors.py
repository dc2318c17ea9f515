"""Refusals about tasks and claims (任务与认领的婉拒)."""

from __future__ import annotations

from typing import ClassVar

from app.core.errors import BadInput, Refusal


class JustTaken(Refusal):
    """Somebody was faster; the waiting list is open."""

    message = "手慢了一步，名额刚被领走。要排队吗？"

    def __init__(self, ahead: int = 0) -> None:
        """Say how many are in line already."""
        self.ahead = ahead
        line = f"前面还有 {ahead} 人" if ahead else "你会是第一个"
        super().__init__(f"手慢了一步，名额刚被领走。要排队吗？{line}")


class NotEnoughLeft(Refusal):
    """Less is left than was asked for."""

    def __init__(self, left: str) -> None:
        """Say how much is left, with its unit."""
        super().__init__(f"刚刚有人领走了一部分，现在还剩 {left}。改小一点就可以认领")


class NotOpen(Refusal):
    """The task ended, or is shown no more."""

    message = "这件事已经结束或收起来了，谢谢你愿意帮忙。看看附近别的吧"


class AlreadyYours(Refusal):
    """The same person holds it, or stands in line for it."""

    message = "这件事你已经认领了，在“我的任务”里可以看到"


class AlreadyWaiting(Refusal):
    """The same person stands in line for it."""

    message = "你已经在排队了，轮到时会发消息告诉你"


class TooManyOpen(Refusal):
    """Nobody should promise more than they can keep."""

    def __init__(self, most: int) -> None:
        """Say the limit."""
        super().__init__(f"你手上已经有 {most} 件没办完的事，先办好或交回一件，再来认领新的")


class StillOpen(Refusal):
    """There are places left, so there is no line to stand in."""

    message = "现在还有名额，直接认领就好，不用排队"


class PledgeMissing(BadInput):
    """The pledge of confidentiality and the declaration come first (慈善法 §40, 59, 63; 志愿服务条例 §21)."""

    message = "认领前请先读一读，并勾选保密承诺和“不是亲友”两项"


class UnitsWrong(BadInput):
    """A number that makes no sense here."""

    message = "数量请填大于零、不超过还缺数量的数"


class ReasonMissing(BadInput):
    """Giving back needs a reason, so that the worker knows what to do."""

    message = "请选一个交回的原因，社工好接着安排"


class ConsentWithdrawn(Refusal):
    """The household has taken its consent back, which works at once (个人信息保护法 §15)."""

    status: ClassVar[int] = 403
    message = (
        "这户街坊暂时不想继续了，姓名和地址已经收起来。这不是你的问题，请交回这件事，或问问社工"
    )


class DoorClosed(Refusal):
    """Name, door and phone are open only while the claim lives (个人信息保护法 §19, 47)."""

    status: ClassVar[int] = 403
    message = "这件事的认领已经结束，对方的姓名和地址收起来了。有事请联系负责的社工"
