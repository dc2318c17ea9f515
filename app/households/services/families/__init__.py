"""What changes between households (家庭变动): moving, marrying, splitting, merging, dying."""

from app.households.services.families.dying import Death, plan_death, record_death
from app.households.services.families.merging import (
    ask_merge,
    merge,
    merge_approved,
    merge_between,
    plan_merge,
    separate,
)
from app.households.services.families.moving import Join, Move, join, move, plan_join, plan_move
from app.households.services.families.splitting import Split, plan_split, split
from app.households.services.families.steps import Step

__all__ = [
    "Death",
    "Join",
    "Move",
    "Split",
    "Step",
    "ask_merge",
    "join",
    "merge",
    "merge_approved",
    "merge_between",
    "move",
    "plan_death",
    "plan_join",
    "plan_merge",
    "plan_move",
    "plan_split",
    "record_death",
    "separate",
    "split",
]
