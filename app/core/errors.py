"""Refusals (婉拒): what cannot be done, said in the phone's words; the edge turns them into pages."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - it is a sentence for a person, not an error of the program
    """Something that was asked for cannot be done; `message` says what happened and what to do next."""

    status: ClassVar[int] = 409
    message: str = "现在还不能这样做"

    def __init__(self, message: str | None = None) -> None:
        """Use the class's own sentence, or one that says more."""
        if message is not None:
            self.message = message
        super().__init__(self.message)


class Forbidden(Refusal):
    """The person may not do this, whatever the state of the thing is."""

    status = 403
    message = "这件事不在你的工作范围里。需要的话，请联系负责的社工或管理员"


class NotHere(Refusal):
    """There is no such thing, or none that this person may know of; the answer is the same for both."""

    status = 404
    message = "没有找到这个页面。它可能已经结束，或者地址抄错了"


class StalePage(Refusal):
    """The thing changed since the page was shown."""

    message = "刚才有人先改动了这一条，请刷新看看最新的情况再决定"


class BadInput(Refusal):
    """What was typed cannot be used; the sentence names the field and the way out."""

    status = 422
    message = "有一处填写需要改一下"
