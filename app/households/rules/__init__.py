"""Rules of household files (档案规则), read aloud to a social worker."""

from app.households.rules.categories import Category, Tier
from app.households.rules.consent import (
    DEFAULT_MONTHS,
    PURPOSE_WORDS,
    RECIPIENT_WORDS,
    WORDING,
    Purpose,
    Recipient,
)
from app.households.rules.states import NEXT, STATE_WORDS, HouseholdState

__all__ = [
    "DEFAULT_MONTHS",
    "NEXT",
    "PURPOSE_WORDS",
    "RECIPIENT_WORDS",
    "STATE_WORDS",
    "WORDING",
    "Category",
    "HouseholdState",
    "Purpose",
    "Recipient",
    "Tier",
]
