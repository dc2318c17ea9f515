"""Refusals about exports (导出的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class TooMany(BadInput):
    """More rows than one file may hold."""

    message = "太多了，请先按地方、类别或日期缩小范围，再分几次导出"

    def __init__(self, most: int) -> None:
        """Say how many there may be."""
        super().__init__(f"一份最多 {most:,} 条，请先按地方、类别或日期缩小范围，再分几次导出")


class TooManyInClear(BadInput):
    """More files in clear than one request may ask for."""

    message = "太多了，请先按村居或类别缩小范围"

    def __init__(self, most: int) -> None:
        """Say how many there may be."""
        super().__init__(f"明文一次最多 {most:,} 户，请先按村居或类别缩小范围")


class NothingThere(BadInput):
    """A list without a row."""

    message = "这样筛选没有一条记录，不用导出。换个条件看看"


class NotReady(Refusal):
    """The file is still being written, was stopped, or is deleted."""

    message = "这份文件现在不能下载：可能还没做好，或者已经删除。需要的话请重新导出"


class TakenBefore(Refusal):
    """A clear export is downloaded once."""

    message = "明文文件只能下载一次，已经下载过了。还需要的话，请重新提请审批"


class NotGranted(Refusal):
    """No approval stands behind a clear export."""

    message = "这份申请还没有批下来，或者已经用过、过了期。请重新提请"


class CannotStop(Refusal):
    """It is over already."""

    message = "这份导出已经结束，不用再停"
