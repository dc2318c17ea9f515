"""Household files (帮扶对象档案) as rows."""

from app.households.models.approvals import Approval
from app.households.models.consents import Consent
from app.households.models.files import Change, Household, Member, SearchToken, Section, Span
from app.households.models.imports import ImportBatch, ImportMapping
from app.households.models.twins import Twins

__all__ = [
    "Approval",
    "Change",
    "Consent",
    "Household",
    "ImportBatch",
    "ImportMapping",
    "Member",
    "SearchToken",
    "Section",
    "Span",
    "Twins",
]
