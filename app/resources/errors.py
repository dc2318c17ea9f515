"""Refusals about gifts (捐赠的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class ClaimNotHeld(Refusal):
    """A gift follows a claim that is still held."""

    message = "这次认领已经不在你手上了，所以不能再登记捐赠。可以重新认领，或看看其他需要"


class NothingToGive(Refusal):
    """A visit needs no gift."""

    message = "这次认领是上门探访，不用登记捐赠；去过以后写一份探访记录就好"


class MoreThanClaimed(BadInput):
    """More than was claimed."""

    message = "比认领的还多了。请按认领的数量登记，多出来的可以捐给项目"


class NoCharity(Refusal):
    """Money goes to a qualified charity (慈善法 §38, 124); Shanlin has no wallet."""

    message = (
        "善邻不经手钱款。这条需求还没有对应的慈善项目，请联系发布的社工，或捐给一个正在进行的项目"
    )


class RelatedParty(BadInput):
    """A donor may not choose somebody of their own (慈善法 §40, 59)."""

    message = "捐赠人不能指定亲友或有利害关系的人受助。如果你认识这家人，请交回认领，直接帮他们不需要经过平台"


class StringsAttached(BadInput):
    """A gift asks nothing back (慈善法 §15)."""

    message = "捐赠不能附带条件，例如要求合影、上门道谢或宣传。请勾选确认后再登记"


class GovernmentMoney(BadInput):
    """Government benefits are rights, and never linked resources (DESIGN §2.8)."""

    message = (
        "低保金、救助金、补贴这些政府待遇不算社会捐赠，请不要登记在这里；发放情况在档案的救助金额里"
    )


class AlreadyReceived(Refusal):
    """It came in already, and its value is frozen."""

    message = "这一笔已经登记收到，数量和价值不能再改。登记错了请冲正，再重新登记"


class NotReceived(Refusal):
    """What has not come in cannot go out."""

    message = "这一笔还没有登记收到，或者已经全部送出，请刷新看看最新情况"


class ReceiptMissing(BadInput):
    """Money is received against a donation receipt (慈善法 §38)."""

    message = "请填写捐赠票据的代码和号码，由收款的慈善组织开具"


class BasisMissing(BadInput):
    """Goods have a value that can be shown, or none."""

    message = "请选价值依据；说不准值多少，就选“未估值”，按件数记"


class EvidenceMissing(BadInput):
    """A value needs its evidence."""

    message = "有价值的物资要附一张依据的照片，例如发票、捐赠方声明或询价单"


class ProofMissing(BadInput):
    """A delivery needs a signature or a photo."""

    message = "请附上签收单或交接照片，没有凭据不能登记送达"


class NoConsent(Refusal):
    """The household has not agreed, or no longer agrees (个人信息保护法 §23)."""

    message = "这户家庭没有同意接受这类帮助，或同意已经到期、撤回。请先由社工当面征得同意并登记"


class NoPhotoConsent(BadInput):
    """A photo needs a consent of its own."""

    message = "这户家庭没有同意拍照，请改用签收单"


class MoreThanLeft(BadInput):
    """More than there is."""

    message = "剩下的没有这么多，请按实际剩余的数量登记"


class WrongHousehold(Refusal):
    """A gift for one household's need goes to that household."""

    message = "这份捐赠是为另一户的需求认捐的，不能改送别家。送不出去请冲正，由捐赠人决定"


class WrongDay(BadInput):
    """A day that cannot be."""

    message = "日期不对：不能晚于今天，也不能早于上一步的日期"


class AlreadyReversed(Refusal):
    """It was taken back already."""

    message = "这一笔已经冲正过了，不用再冲正一次"


class ReasonMissing(BadInput):
    """A correction says why."""

    message = "请写下冲正的原因，以后查账的人会看到"


class AskTheCharity(Refusal):
    """A donor takes back a promise, not what was received."""

    message = "捐赠已经被收下，不能自己撤回。如需更正，请联系收到它的单位"
