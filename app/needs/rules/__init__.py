"""Rules of needs (需求规则): types and states, what a need may ask for, and what a public card may say."""

from app.needs.rules.kinds import (
    KIND_WORDS,
    KINDS,
    NEXT,
    STATE_WORDS,
    URGENCY_WORDS,
    NeedKind,
    NeedState,
    Urgency,
)
from app.needs.rules.wants import (
    ASK_AGAIN_BEFORE,
    DUPLICATE_DAYS,
    LONGEST_DAYS,
    SERVICE_KINDS,
    Facts,
    can_become,
    sources_of,
    wrong_with,
)
from app.needs.rules.wording import FOUND_WORDS, Finding, Found, Private, check_wording

__all__ = [
    "ASK_AGAIN_BEFORE",
    "DUPLICATE_DAYS",
    "FOUND_WORDS",
    "KINDS",
    "KIND_WORDS",
    "LONGEST_DAYS",
    "NEXT",
    "SERVICE_KINDS",
    "STATE_WORDS",
    "URGENCY_WORDS",
    "Facts",
    "Finding",
    "Found",
    "NeedKind",
    "NeedState",
    "Private",
    "Urgency",
    "can_become",
    "check_wording",
    "sources_of",
    "wrong_with",
]
