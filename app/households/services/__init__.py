"""What changes files (档案变更)."""

from app.households.services.consents import record_consent, withdraw_consent
from app.households.services.files import change_state, edit, unmask
from app.households.services.intake import go_on, open_file
from app.households.services.sections import fill

__all__ = [
    "change_state",
    "edit",
    "fill",
    "go_on",
    "open_file",
    "record_consent",
    "unmask",
    "withdraw_consent",
]
