"""What pages ask about files (档案查询)."""

from app.households.queries.approvals import approval_by_code, approvals, granted, open_about
from app.households.queries.consents import (
    consents,
    has_consent,
)
from app.households.queries.files import (
    Head,
    and_merged,
    as_of,
    box,
    by_file_no,
    came_into,
    carried_on,
    changes,
    document,
    head,
    masked_head,
    members,
    person,
    seen_by,
)
from app.households.queries.imports import (
    batch_box,
    batch_by_code,
    my_batches,
    remarked_workbook,
    report,
    workbook,
)
from app.households.queries.listing import (
    FILE_NO,
    Line,
    Wanted,
    every,
    listing,
)
from app.households.queries.twins import files_of, side_by_side, twins, twins_by_code

__all__ = [
    "FILE_NO",
    "Head",
    "Line",
    "Wanted",
    "and_merged",
    "approval_by_code",
    "approvals",
    "as_of",
    "batch_box",
    "batch_by_code",
    "box",
    "by_file_no",
    "came_into",
    "carried_on",
    "changes",
    "consents",
    "document",
    "every",
    "files_of",
    "granted",
    "has_consent",
    "head",
    "listing",
    "masked_head",
    "members",
    "my_batches",
    "open_about",
    "person",
    "remarked_workbook",
    "report",
    "seen_by",
    "side_by_side",
    "twins",
    "twins_by_code",
    "workbook",
]
