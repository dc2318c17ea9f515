"""What records, judges and schedules visits (记录、确认、节律)."""

from app.visits.services.checking import check_errand
from app.visits.services.deciding import amend, confirm, finish_follow_up, return_
from app.visits.services.following import hand_over
from app.visits.services.recording import open_photo, read, save_draft, submit
from app.visits.services.rhythm import mark_overdue, open_due, remind_follow_ups, set_rhythm
from app.visits.services.rollups import mend, note

__all__ = [
    "amend",
    "check_errand",
    "confirm",
    "finish_follow_up",
    "hand_over",
    "mark_overdue",
    "mend",
    "note",
    "open_due",
    "open_photo",
    "read",
    "remind_follow_ups",
    "return_",
    "save_draft",
    "set_rhythm",
    "submit",
]
