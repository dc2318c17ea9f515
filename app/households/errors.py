"""Refusals about files (档案的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class ReasonMissing(BadInput):
    """A look at clear data without a reason."""

    message = "请先写明查看的原因，这次查看会留下记录"


class NotInState(Refusal):
    """The file stands elsewhere than the step needs."""

    message = "这份档案现在的状态不能这样改，请刷新看看最新情况"


class NotWritable(Refusal):
    """A file that is under review, closed or archived."""

    message = "这份档案正在审核或者已经结案，现在不能改。有了结果或恢复在档以后再来"


class AlreadyOnFile(BadInput):
    """An ID number that somebody in another file, or in this one, has already (一人一户)."""

    message = "这个证件号已在别处建档，请督导查重"

    def __init__(self, message: str | None = None, number: str = "") -> None:
        """Know which of several numbers it is about."""
        super().__init__(message)
        self.number = number


class HouseholderStays(Refusal):
    """The householder leaves while others stay."""

    message = "户主离户前，请先把另一位成员的“与户主关系”改成户主"


class NoHouseholder(BadInput):
    """A household without a householder."""

    message = "户主只能换，不能空着：请把另一位成员的关系改成户主"


class LastOneLeaves(Refusal):
    """The only member leaves: that is the end of the file, not of a membership."""

    message = "这是最后一位在户成员。人不在了或搬走了，请用“暂停或结案”"


class NotDecidable(Refusal):
    """A request that was decided, withdrawn or used already, or whose days are over."""

    message = "这份申请已经有结果了，或者过了期，请刷新看看"


class NoSuchConsent(Refusal):
    """A consent that is withdrawn already, or another household's."""

    message = "这份同意已经撤回了，不用再撤一次"


class NoHeader(BadInput):
    """A workbook in which no sheet has anything like a header row."""

    message = "没有找到表头：要有一行写着姓名、身份证号、镇街、村居等列名。请检查后再上传"


class NotAWorkbook(BadInput):
    """A file whose name says that it is something else."""

    message = "这里只收表格：.xlsx、.xls、.ods 或 .csv 文件"


class FieldTwice(BadInput):
    """Two columns of one sheet were given the same meaning."""

    message = "有两列选了同一个意思，请只留一列"


class NothingToTakeIn(Refusal):
    """An import in which no household is new or changed."""

    message = "这份表里没有新的或改动过的家庭，不用再导入"


class SigningWrong(BadInput):
    """Who signed does not fit the members' ages (个人信息保护法 §31); says so by field."""

    message = "签字的人不对，请看看标出来的几处"

    def __init__(self, problems: dict[str, str]) -> None:
        """Keep what is wrong, by field."""
        self.problems = problems
        super().__init__()


class AskedTooSoon(Refusal):
    """The household said no not long ago, and is not asked again yet (网络数据安全管理条例 §22)."""

    def __init__(self, until: str) -> None:
        """Say until when to wait."""
        super().__init__(
            f"这家人前不久说过不同意，{until}前不要再去问。若是他们自己提出来的，请勾上“这家人自己提出的”"
        )


class NotErasable(Refusal):
    """A file that cannot be erased from where it stands, or was erased already."""

    message = "这份档案现在不能清除：到期清除要先结案；已经清除过的不用再清"


class RequestSettled(Refusal):
    """A request that has its answer."""

    message = "这份请求已经有结果了，请刷新看看"


class PeriodTooShort(BadInput):
    """A period below what the law allows."""

    def __init__(self, least: int, basis: str) -> None:
        """Say how long at least."""
        super().__init__(f"不能少于 {least} 个月（{basis}）")


class StillHouseholder(Refusal):
    """A member whose name the file bears cannot be taken out of it."""

    message = "户主的资料不能单独清除：请先换户主，或者清除整份档案"


class NothingToHand(Refusal):
    """A handover in which there is nothing to hand over, or nobody to take it."""

    message = "没有要交接的档案，或者还没选接手的人"
