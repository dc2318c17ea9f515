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


class Braked(Refusal):
    """Too many files in clear within an hour: the next one waits for the supervisor."""

    message = "这一小时里打开的明文档案太多了，先停一停。督导确认以后就能继续看，消息已经发给督导"


class LookedInto(Refusal):
    """An alert that somebody has dealt with already."""

    message = "这条提醒已经有人看过了，请刷新看看写了什么"


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
