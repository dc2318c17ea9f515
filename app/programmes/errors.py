"""Refusals about programmes (项目的婉拒)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class NotQualified(BadInput):
    """Money goes to a qualified charity only (慈善法 §38)."""

    message = "收款单位须是有资质的慈善组织或基金会，请换一家"


class EndsBeforeItStarts(BadInput):
    """The dates are the wrong way round."""

    message = "结束日期早于开始日期，请再看一下"


class ProgrammeClosed(Refusal):
    """A closed programme takes no more gifts."""

    message = "这个项目已经结束，不再接收新的捐赠。看看其他正在进行的项目？"
