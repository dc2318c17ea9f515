"""What changes files (档案变更)."""

from app.households.services.consents import (
    open_scan,
    record_consent,
    refuse_consent,
    remind_of_expiry,
    withdraw_consent,
)
from app.households.services.files import change_state, edit, unmask
from app.households.services.intake import go_on, open_file
from app.households.services.sections import fill

__all__ = [
    "change_state",
    "edit",
    "fill",
    "go_on",
    "open_file",
    "open_scan",
    "record_consent",
    "refuse_consent",
    "remind_of_expiry",
    "unmask",
    "withdraw_consent",
]
