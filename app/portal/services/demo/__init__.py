"""Demonstration data (演示数据): an invented city, small or as large as Foshan's platform was in October 2024."""

from app.portal.services.demo.city import Built, build, has_accounts, is_settled
from app.portal.services.demo.plan import FULL, SMALL, Size
from app.portal.services.demo.staff import ACCOUNTS, PASSWORD, listing

__all__ = [
    "ACCOUNTS",
    "FULL",
    "PASSWORD",
    "SMALL",
    "Built",
    "Size",
    "build",
    "has_accounts",
    "is_settled",
    "listing",
]
