"""Refusals about needs (需求的婉拒)."""

from __future__ import annotations

from typing import ClassVar

from app.core.errors import BadInput, Refusal


class NoConsent(Refusal):
    """The household has not agreed to this purpose (个人信息保护法 §23, 29); the page leads to recording it."""

    def __init__(self, purposes: tuple[str, ...], file_no: str, code: str) -> None:
        """Say which purposes are missing, and for the way on, of which file and need."""
        self.purposes, self.file_no, self.code = purposes, file_no, code
        words = "、".join(purposes)
        super().__init__(
            f"这户街坊还没有同意“{words}”。请先和他们说清楚、记下同意，再回来发布，写好的都还在"
        )


class FileNotActive(Refusal):
    """Only a file in force may ask for something."""

    message = "这份档案现在不在档，不能发布需求。请先请督导恢复档案"


class WordingTellsTooMuch(BadInput):
    """The public text could lead to a person."""

    def __init__(self, found: dict[str, list[str]]) -> None:
        """Keep what was found in which field, as it was written."""
        self.found = found
        everything = "、".join(words for several in found.values() for words in several)
        super().__init__(f"公开的文字会让人认出这家人：{everything}。请换一种说法")


class ReasonTellsTooMuch(BadInput):
    """A reason is kept and sent in clear, so it names nobody (个人信息保护法 §51)."""

    def __init__(self, found: list[str]) -> None:
        """Say what was found, as it was written."""
        super().__init__(f"原因里请不要写姓名、电话和住址：{'、'.join(found)}。请换一种说法")


class FactsWrong(BadInput):
    """Something that was typed does not make sense."""

    def __init__(self, wrong: dict[str, str]) -> None:
        """Keep the sentence of each field."""
        self.wrong = wrong
        super().__init__("；".join(wrong.values()))


class AskedBefore(Refusal):
    """The same household had the same kind of need within 90 days (避免重复救助, 国办发 2023 年 39 号)."""

    status: ClassVar[int] = 422
    message = "这户最近有过同类需求。请看看下面这几条，确认不是同一件事，再勾选继续"


class TwoPeople(Refusal):
    """Who wrote it may not also review it."""

    status: ClassVar[int] = 403
    message = "自己写的需求要请另一位督导来审核，两个人看过才发布"


class ReasonMissing(BadInput):
    """Returning or withdrawing needs a reason."""

    message = "请写一句原因，好让对方知道接下来怎么做"
