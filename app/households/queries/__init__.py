"""What pages ask about files (档案查询)."""

from app.households.queries.approvals import approval_by_code, approvals, granted, open_about
from app.households.queries.consents import (
    agreed_to,
    consent_at,
    consents,
    has_consent,
    refusals,
    signing,
    terms,
)
from app.households.queries.files import (
    Head,
    as_of,
    box,
    by_file_no,
    changes,
    document,
    head,
    masked_head,
    members,
    person,
    seen_by,
)
from app.households.queries.history import Around, Told, around, changes_on, history
from app.households.queries.imports import (
    batch_box,
    batch_by_code,
    my_batches,
    remarked_workbook,
    report,
    workbook,
)
from app.households.queries.linking import Linked, Links, linked
from app.households.queries.listing import Line, Wanted, every, line, wanted_from
from app.households.queries.past import PastLine, Totals, past_listing, totals
from app.households.queries.people import holders, opened_by
from app.households.queries.searching import FEW, FILE_NO, Results, listing

__all__ = [
    "FEW",
    "FILE_NO",
    "Around",
    "Head",
    "Line",
    "Linked",
    "Links",
    "PastLine",
    "Results",
    "Told",
    "Totals",
    "Wanted",
    "agreed_to",
    "approval_by_code",
    "approvals",
    "around",
    "as_of",
    "batch_box",
    "batch_by_code",
    "box",
    "by_file_no",
    "changes",
    "changes_on",
    "consent_at",
    "consents",
    "document",
    "every",
    "granted",
    "has_consent",
    "head",
    "history",
    "holders",
    "line",
    "linked",
    "listing",
    "masked_head",
    "members",
    "my_batches",
    "open_about",
    "opened_by",
    "past_listing",
    "person",
    "refusals",
    "remarked_workbook",
    "report",
    "seen_by",
    "signing",
    "terms",
    "totals",
    "wanted_from",
    "workbook",
]
