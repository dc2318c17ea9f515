"""What changes files (档案变更)."""

from app.households.services.ages import (
    judge_ages,
)
from app.households.services.casework import (
    read_case,
    take_step,
)
from app.households.services.classes import (
    Wish,
    ask_class,
)
from app.households.services.consents import (
    open_scan,
    record_consent,
    refuse_consent,
    remind_of_expiry,
    withdraw_consent,
)
from app.households.services.documents import (
    add_document,
    open_document,
    withdraw_document,
)
from app.households.services.files import (
    ask_for_minors,
    edit,
    unmask,
)
from app.households.services.intake import (
    go_on,
    open_file,
)
from app.households.services.kin import (
    Declared,
    confirm_district_visit,
    declare_kin,
)
from app.households.services.sections import (
    fill,
)
from app.households.services.tags import (
    add_tag,
    remove_tag,
)
from app.households.services.tiers import (
    set_tier,
)
from app.households.services.watching import (
    acknowledge,
)

__all__ = [
    "Declared",
    "Wish",
    "acknowledge",
    "add_document",
    "add_tag",
    "ask_class",
    "ask_for_minors",
    "confirm_district_visit",
    "declare_kin",
    "edit",
    "fill",
    "go_on",
    "judge_ages",
    "open_document",
    "open_file",
    "open_scan",
    "read_case",
    "record_consent",
    "refuse_consent",
    "remind_of_expiry",
    "remove_tag",
    "set_tier",
    "take_step",
    "unmask",
    "withdraw_consent",
    "withdraw_document",
]
