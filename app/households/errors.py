"""Refusals about files (档案的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class ReasonMissing(BadInput):
    """A look at clear data without a reason."""

    message = "请先写明查看的原因，这次查看会留下记录"


class NotInState(Refusal):
    """The file stands elsewhere than the step needs."""

    message = "这份档案现在的状态不能这样改，请刷新看看最新情况"


class NoSuchConsent(Refusal):
    """A consent that is withdrawn already, or another household's."""

    message = "这份同意已经撤回了，不用再撤一次"
