"""What changes files (档案变更)."""

from app.households.services.consents import (
    open_scan,
    record_consent,
    refuse_consent,
    remind_of_expiry,
    withdraw_consent,
)
from app.households.services.files import change_state, edit, unmask

__all__ = [
    "change_state",
    "edit",
    "open_scan",
    "record_consent",
    "refuse_consent",
    "remind_of_expiry",
    "unmask",
    "withdraw_consent",
]
