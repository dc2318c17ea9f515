"""Household files (帮扶对象档案) as rows."""

from app.households.models.approvals import (
    Approval,
)
from app.households.models.consents import (
    Consent,
    ConsentRefusal,
)
from app.households.models.documents import (
    HouseholdDocument,
)
from app.households.models.files import (
    Change,
    Household,
    Member,
    SearchToken,
    Section,
    Span,
)
from app.households.models.handing import (
    Handover,
    WorkerNote,
)
from app.households.models.imports import (
    ImportBatch,
    ImportMapping,
)
from app.households.models.records import (
    Erasure,
    ImpactAssessment,
    RetentionPeriod,
    SubjectRequest,
)
from app.households.models.twins import (
    Twins,
)
from app.households.models.watching import (
    ReadingAlert,
)

__all__ = [
    "Approval",
    "Change",
    "Consent",
    "ConsentRefusal",
    "Erasure",
    "Handover",
    "Household",
    "HouseholdDocument",
    "ImpactAssessment",
    "ImportBatch",
    "ImportMapping",
    "Member",
    "ReadingAlert",
    "RetentionPeriod",
    "SearchToken",
    "Section",
    "Span",
    "SubjectRequest",
    "Twins",
    "WorkerNote",
]
