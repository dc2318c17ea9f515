"""Refusals about files (档案的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class ReasonMissing(BadInput):
    """A look at clear data without a reason."""

    message = "请先写明查看的原因，这次查看会留下记录"


class NotInState(Refusal):
    """The file stands elsewhere than the step needs."""

    message = "这份档案现在的状态不能这样改，请刷新看看最新情况"


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


class FamilyWrong(BadInput):
    """A family change that does not make sense as it was written down."""

    def __init__(self, wrong: dict[str, str]) -> None:
        """Keep the sentence of each field."""
        self.wrong = wrong
        super().__init__("；".join(wrong.values()))


class NeedsSecondPerson(Refusal):
    """Two files that two workers look after are not merged by one of them alone."""

    message = "这两份档案由不同的社工负责，合并要请督导同意。请提交合并申请"


class CannotSeparate(Refusal):
    """Something was built on a merge: it cannot be taken back as if nothing had been."""

    message = "合并以后，这份档案又有了新的内容，不能原样分开。要分的话，请用“分户”"


class AlreadySettled(Refusal):
    """A pair of files about which somebody has decided."""

    message = "这一对已经有人处理过了，请刷新看看"
