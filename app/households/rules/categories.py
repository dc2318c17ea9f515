"""Categories and tiers (类别、风险档)."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """The seven categories of the ledger."""

    DIBAO = "DB"
    TEKUN = "TK"
    BIANYUAN = "BY"
    GANGXING = "GX"
    CHILD = "KJ"
    DISABLED = "CJ"
    OTHER = "QT"


class Tier(StrEnum):
    """Risk tiers."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
