"""Pages of files (档案页面): the list, what a worker changes, who decides, and the way a workbook comes in."""

from app.households.routes import (
    approvals,
    casework,
    classes,
    consents,
    documents,
    files,
    imports,
    intake,
    kin,
    listing,
    members,
    notes,
    past,
    records,
    sections,
    standing,
    states,
    twins,
    watching,
)
from app.households.routes.blueprint import (
    bp,
)

__all__ = [
    "approvals",
    "bp",
    "casework",
    "classes",
    "consents",
    "documents",
    "files",
    "imports",
    "intake",
    "kin",
    "listing",
    "members",
    "notes",
    "past",
    "records",
    "sections",
    "standing",
    "states",
    "twins",
    "watching",
]
