"""What changes files (档案变更)."""

from app.households.services.consents import record_consent, withdraw_consent
from app.households.services.files import change_state, edit, unmask

__all__ = ["change_state", "edit", "record_consent", "unmask", "withdraw_consent"]
