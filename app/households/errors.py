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


class Wrong(BadInput):
    """Something typed cannot be used; `field` is where its sentence stands."""

    def __init__(self, field: str, message: str) -> None:
        """Say which field, and what to do about it."""
        self.field = field
        super().__init__(message)


class TwoPeople(Refusal):
    """Whoever wrote or sent a file does not approve it (双人复核)."""

    message = "这份档案是你写的或送审的，请另一位同事来审核"


class NothingWritten(Refusal):
    """A file without anybody in it cannot be reviewed."""

    message = "档案里还没有家庭成员，先把户主写进去再送审"


class KinVisitFirst(Refusal):
    """Near relatives of staff: the district visits before anything is decided (低保审核确认办法 §20)."""

    message = "这一户备案了近亲属关系，要先由区里入户并登记，才能审核"


class SameClass(Refusal):
    """A class change that changes nothing."""

    message = "和现在的类别一样，有效期也没有变，不用申请"


class ClassAskedAlready(Refusal):
    """A class change is waiting already: two at once would undo each other."""

    message = "这一户已经有一份类别变更在等审批，请先等结果，或者撤回那一份"


class CaseElsewhere(Refusal):
    """The case moved on since the page was shown, or the step leaves out a stage."""

    message = "个案现在的阶段不能这样走，请刷新看看最新情况"


class NoPhotoConsent(Refusal):
    """Photos of a household need its consent for photos (DOMAIN §9)."""

    message = "这户还没有同意拍照留存。请先登记“拍照”的同意，再来添加照片"


class WithdrawnAlready(Refusal):
    """A paper that was withdrawn before."""

    message = "这份材料已经撤下了，不用再撤一次"


class TooManyDocuments(Refusal):
    """A file with more papers than anybody will read."""

    message = "这份档案的附件已经很多了，请先撤下不要的，再添加新的"
