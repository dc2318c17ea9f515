"""Merging two files into one (合户), and taking a wrong merge back; docs/decisions/0011 says what stays where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.core import clock
from app.core.access import require
from app.core.db import changed_one, db
from app.core.errors import StalePage
from app.households import policy, queries
from app.households.errors import CannotSeparate, NeedsSecondPerson, NotInState
from app.households.models import Change, Household
from app.households.rules.approvals import ApprovalKind
from app.households.rules.document import rewound
from app.households.rules.families import Choices, emptied, living, merged, same_people
from app.households.rules.states import IN_FORCE, MERGING, STATE_WORDS, WRITABLE
from app.households.services import approvals, twins
from app.households.services.consents import end_consents
from app.households.services.families.steps import Step, carry_out, guard, refuse, said

if TYPE_CHECKING:
    from app.core.access import Actor
    from app.households.models import Approval
    from app.households.rules.document import Document

MERGED, MERGED_INTO = "merged", "merged_into"
LEVELS = (12, 9, 6, 4)  # digits of a region prefix


def plan_merge(
    actor: Actor, mine: Household, other: Household, choices: Choices
) -> tuple[Step, Step]:
    """Return both files as they would stand after the second came into the first."""
    require(policy.can_merge, actor, mine, other)
    return _plan(mine, other, choices)


def merge(
    actor: Actor,
    mine: Household,
    other: Household,
    choices: Choices,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Let a file come into another one (合户): people and parts come together, both histories and every total stay.

    NeedsSecondPerson when two workers look after them and no supervisor merges: that is asked for first.
    """
    guard(actor, mine, WRITABLE)
    guard(actor, other, MERGING)
    if not policy.merges_alone(actor, mine, other):
        raise NeedsSecondPerson
    _merge(actor, mine, other, choices, said(reason), (version, other_version))


def ask_merge(
    actor: Actor,
    mine: Household,
    other: Household,
    choices: Choices | None,
    *,
    reason: str,
    key: str,
) -> Approval:
    """Ask a supervisor to merge two files (提请合并): what was chosen now happens when they agree.

    Whoever does not see the other file chooses nothing: this file's word counts, and who is one person is found by
    their signs.
    """
    require(policy.can_edit, actor, mine if policy.can_edit(actor, mine) else other)
    if choices is None or not policy.can_merge(actor, mine, other):
        choices = Choices(same_people(queries.document(mine), queries.document(other)))
    _plan(mine, other, choices)
    return approvals.ask(
        actor,
        ApprovalKind.MERGE,
        region_code=_common(mine.region_code, other.region_code),
        subject=mine.file_no,
        reason=reason,
        key=key,
        household=mine,
        wanted={
            "mine": mine.file_no,
            "other": other.file_no,
            "versions": [mine.version, other.version],
            "same": dict(choices.same),
            "theirs": sorted(choices.theirs),
            "relations": dict(choices.relations),
        },
    )


def merge_approved(actor: Actor, approval: Approval, wanted: dict[str, Any]) -> None:
    """Do what a supervisor agreed to (EFFECTS); StalePage when either file was changed since it was asked."""
    mine, other = queries.by_file_no(wanted["mine"]), queries.by_file_no(wanted["other"])
    versions = tuple(wanted["versions"])
    if (mine.version, other.version) != versions:
        message = "提请以后，两份档案里有一份改过了。请退回，让对方看过再提"
        raise StalePage(message)
    choices = Choices(wanted["same"], wanted["theirs"], wanted["relations"])
    _merge(actor, mine, other, choices, approval.reason or "", versions)


def separate(
    actor: Actor,
    mine: Household,
    other: Household,
    *,
    reason: str,
    version: int,
    other_version: int,
) -> None:
    """Take a wrong merge back (撤销合并): both files say again what they said, as long as nothing was built on it.

    Consents that ended with the merge stay ended: the household is asked again rather than taken at an old word.
    """
    require(policy.can_merge, actor, mine, other)
    reason = said(reason)
    ours, theirs = merge_between(mine, other)
    before = [queries.document(file) for file in (mine, other)]
    after = [
        rewound(
            document, queries.box(file).open_json(change.fields, f"change.fields:{file.file_no}")
        )
        for file, document, change in zip((mine, other), before, (ours, theirs), strict=True)
    ]
    again = "与档案 {} 的合并撤销，恢复原样"
    steps = (
        Step(mine, before[0], after[0], "separated", again.format(other.file_no)),
        Step(other, before[1], after[1], "separated", again.format(mine.file_no)),
    )
    action = "household.separate"
    carry_out(actor, steps[0], other, version=version, reason=reason, action=action)
    carry_out(actor, steps[1], mine, version=other_version, reason=reason, action=action)
    _carry(other, from_=mine, to=None)
    inner = select(Change.household_id).where(
        Change.kind == MERGED_INTO, Change.other_id == other.id
    )
    db.session.execute(
        update(Household)
        .where(Household.merged_into_id == mine.id, Household.id.in_(inner))
        .values(merged_into_id=other.id)
        .execution_options(synchronize_session=False)
    )
    twins.tell_apart(actor, mine, other, reason)


def merge_between(mine: Household, other: Household) -> tuple[Change, Change]:
    """Return what a merge changed in both files; CannotSeparate when it is not the last thing that changed them."""
    last = [_last_change(file.id) for file in (mine, other)]
    ours, theirs = last
    if (
        other.merged_into_id != mine.id
        or ours is None
        or theirs is None
        or (ours.kind, ours.other_id) != (MERGED, other.id)
        or (theirs.kind, theirs.other_id) != (MERGED_INTO, mine.id)
    ):
        raise CannotSeparate
    return ours, theirs


def _last_change(household_id: int) -> Change | None:
    return db.session.scalars(
        select(Change)
        .where(Change.household_id == household_id, Change.fields.is_not(None))
        .order_by(Change.id.desc())
        .limit(1)
    ).one_or_none()


def _plan(mine: Household, other: Household, choices: Choices) -> tuple[Step, Step]:
    _check_states(mine, other)
    ours, theirs = queries.document(mine), queries.document(other)
    refuse(_wrong(ours, theirs, choices))
    return (
        Step(mine, ours, merged(ours, theirs, choices), MERGED, f"合户，档案 {other.file_no} 并入"),
        Step(
            other,
            theirs,
            emptied(theirs, clock.today()),
            MERGED_INTO,
            f"合户，并入档案 {mine.file_no}",
        ),
    )


def _check_states(mine: Household, other: Household) -> None:
    if mine.id == other.id:
        message = "这是同一份档案，请填另一份的档案号"
        raise NotInState(message)
    if mine.state not in WRITABLE or other.state not in MERGING:
        wrong = mine if mine.state not in WRITABLE else other
        message = f"档案 {wrong.file_no} 现在{STATE_WORDS[wrong.state]}，不能合并"
        raise NotInState(message)
    if other.state in IN_FORCE and mine.state not in IN_FORCE:
        message = "要保留的应该是在档的那一份，请换过来合并"
        raise NotInState(message)


def _wrong(ours: Document, theirs: Document, choices: Choices) -> dict[str, str]:
    here, there = {code for code, _ in living(ours)}, {code for code, _ in living(theirs)}
    twice = len(set(choices.same.values())) != len(choices.same)
    if twice or not set(choices.same) <= there or not set(choices.same.values()) <= here:
        return {"same": "同一个人只能对上一位家人，请再看看"}
    return {}


def _merge(
    actor: Actor,
    mine: Household,
    other: Household,
    choices: Choices,
    reason: str,
    versions: tuple[int, ...],
) -> None:
    ours, theirs = _plan(mine, other, choices)
    action = "household.merge"
    # left first: a number stands in one household at a time
    carry_out(actor, theirs, mine, version=versions[1], reason=reason, action=action)
    carry_out(actor, ours, other, version=versions[0], reason=reason, action=action)
    end_consents(actor, other, f"并入档案 {mine.file_no}，这份同意书到此为止")
    _carry(other, from_=None, to=mine)
    # what came into the other file before is carried on by this one, too: one step from any old number
    db.session.execute(
        update(Household)
        .where(Household.merged_into_id == other.id)
        .values(merged_into_id=mine.id)
        .execution_options(synchronize_session=False)
    )
    twins.settle(actor, mine, other)


def _carry(file: Household, *, from_: Household | None, to: Household | None) -> None:
    now = Household.merged_into_id
    was = now.is_(None) if from_ is None else now == from_.id
    changed_one(
        update(Household)
        .where(Household.id == file.id, was)
        .values(merged_into_id=to.id if to else None)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(file)


def _common(one: str, two: str) -> str:
    """Return the smallest region that holds both: whose supervisor may decide."""
    return next((one[:level] for level in LEVELS if one[:level] == two[:level]), "")
