"""Refusals of visits (探访婉拒)."""

from __future__ import annotations

from typing import ClassVar

from app.core.errors import BadInput, Refusal


class BadVisit(BadInput):
    """Something on the record does not fit; `field` is where its sentence stands."""

    field: ClassVar[str] = "visited_on"


class InTheFuture(BadVisit):
    """The visit has not happened yet."""

    message = "这一天还没到。去过之后再来记，日子写实际上门的那天"


class BeforeTheClaim(BadVisit):
    """The visit lies before the claim was made."""

    message = "这一天还没有认领。请写认领之后实际上门的日子；如果更早去过，请告诉社工补记"


class AfterTheWindow(BadVisit):
    """The visit lies after the claim's window, in which name and door were open."""

    message = "这次认领的期限在那天之前就结束了。请核对日子，真是那天去的就请社工补记"


class BeforeTheFile(BadVisit):
    """The visit lies before the file was made."""

    message = "这一天还没有建档，请核对日子"


class MinutesMissing(BadVisit):
    """Somebody was met, but for how long is not said."""

    field = "minutes"
    message = "请写在他们家里待了多久，1 到 720 分钟，路上的时间不算"


class TimesCrossed(BadVisit):
    """It ended before it began."""

    field = "ends"
    message = "结束时间要晚于开始时间，请核对一次"


class PromiseTooEarly(BadVisit):
    """Something is to be done before the visit it comes from."""

    field = "promise_1_due"
    message = "跟进的日子要在探访当天或之后"


class NoPhotoConsent(BadVisit):
    """The household has not consented to photos."""

    field = "photos"
    message = "这户还没有同意拍照存档，所以照片先不收。记录可以不带照片交，想补照片请社工先问过他们"


class PhotosNotAsked(BadVisit):
    """Nobody says that the household was asked before these photos were taken."""

    field = "asked_for_photos"
    message = "交照片前，请确认拍的时候问过他们、他们点了头。没问过就先不带照片"


class TooManyPhotos(BadVisit):
    """More photos than a record holds."""

    field = "photos"
    message = "一次最多九张照片，请挑最说明情况的几张"


class ReasonTells(BadVisit):
    """A reason stays in clear and is read by whoever went, so it names nobody (个人信息保护法 §51)."""

    field = "reason"

    def __init__(self, found: list[str]) -> None:
        """Say what was found, as it was written."""
        super().__init__(f"原因里请不要写姓名、电话和住址：{'、'.join(found)}。请换一种说法")


class ReasonMissing(BadVisit):
    """A return or an amendment needs its reason."""

    field = "reason"
    message = "请写一句原因，让对方知道要补什么、改什么"


class ClaimIsOver(Refusal):
    """The claim is no longer held, so its holder cannot record a visit under it."""

    message = "这次认领已经交了记录或已经结束，不用再记一次。要补充什么，请告诉负责的社工"


class NotAVisit(Refusal):
    """Goods and money are signed for, not visited."""

    message = "这个任务不需要记探访。物资和资助请在认领页上按提示交接"


class FileNotOpen(Refusal):
    """The file is closed or not in force yet."""

    message = "这份档案现在不在册，不能记新的探访。需要的话，请先恢复档案"


class NotAnAmendment(Refusal):
    """Only a confirmed record is amended; the others are returned and written again."""

    message = "只有已确认的记录才要更正。还没确认的，退回给探访的人改就好"
