"""Refusals of the ledger (资源价值账)."""

from __future__ import annotations

from app.core.errors import BadInput, Refusal


class NotBalanced(ValueError):  # noqa: N818 - says what is wrong
    """Legs that do not sum to zero in every measure: a mistake of the program, never of a person."""


class AlreadyReversed(Refusal):
    """An entry is reversed once; what was reversed by mistake is entered anew (慈善法; DESIGN §2.5)."""

    message = "这一笔已经冲正过了，不用再冲正一次；如果冲错了，请重新登记一笔"


class ReasonMissing(BadInput):
    """A correction says why."""

    message = "请写下冲正的原因，以后查账的人会看到"


class LedgerIll(Exception):  # noqa: N818 - says what the night found
    """The proofs of the night found ills; the job shows as failed and `ledger verify` names them."""
