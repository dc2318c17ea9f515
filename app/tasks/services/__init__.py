"""What changes tasks and claims (任务与认领): opened, taken, passed on, done."""

from app.tasks.services.agreeing import (
    end_not_agreed,
    give_back_of_the_gone,
    take_from,
    withdraw_consent,
)
from app.tasks.services.claiming import (
    claim,
    leave,
    release,
    turn_away,
    wait,
)
from app.tasks.services.expiry import (
    ask_needs_again,
    expire_claims,
    expire_needs,
    remind_holders,
)
from app.tasks.services.following import (
    end_all,
    follow,
    sweep,
)
from app.tasks.services.leaving import (
    free_paused_claims,
)
from app.tasks.services.opening import (
    finish_rhythm,
    open_rhythm_visit,
    preview,
    publish,
    withdraw,
)
from app.tasks.services.progress import (
    confirm,
    hand_in,
    read_household,
    take_back,
)

__all__ = [
    "ask_needs_again",
    "claim",
    "confirm",
    "end_all",
    "end_not_agreed",
    "expire_claims",
    "expire_needs",
    "finish_rhythm",
    "follow",
    "free_paused_claims",
    "give_back_of_the_gone",
    "hand_in",
    "leave",
    "open_rhythm_visit",
    "preview",
    "publish",
    "read_household",
    "release",
    "remind_holders",
    "sweep",
    "take_back",
    "take_from",
    "turn_away",
    "wait",
    "withdraw",
    "withdraw_consent",
]
