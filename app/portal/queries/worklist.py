"""The worklist (今天要做的): all that waits for a desk, in three statements however much it is.

One statement takes the first few of each list, one opens the covers of the households in them, one counts each list,
a hundred at most.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Date,
    LargeBinary,
    String,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from app.accounts.models import User
from app.accounts.rules import Role
from app.core.crypto import SealedText
from app.core.db import UtcDateTime, db
from app.households import policy as files
from app.households import queries as households
from app.households.models import Approval, Household
from app.households.rules import HouseholdState
from app.households.rules.classes import REMIND_CLASS
from app.households.rules.masking import mask_surname
from app.needs.models import Need
from app.needs.rules import NeedState
from app.portal.rules import MANY, SOON_DAYS
from app.resources.models import ResourceLine
from app.resources.rules import LineKind, LineState
from app.visits.models import FollowUp, Visit
from app.visits.rules import VisitState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from app.core.access import Actor

SHOWN = 5
TO_DELIVER = (LineState.RECEIVED, LineState.IN_STOCK, LineState.EARMARKED)


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose work, on which day, and whether only their own households."""

    actor: Actor
    today: date
    mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: a thing, whose household it is (masked), and what is known of it."""

    code: str
    words: str
    state: str
    day: date | None
    at: Any
    amount: int
    person: str
    household: Household | None
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """The lists by name, and how long each is (a hundred means: a hundred or more)."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def worklist(actor: Actor, today: date, parts: tuple[str, ...], *, mine: bool = False) -> Worklist:
    """Return the lists named in `parts` as this person may see them; `mine` keeps to their own households."""
    desk = Desk(actor, today, mine)
    wanted = {part: _WANTED[part](desk) for part in parts}
    cut = [select(_cut(part, statement, SHOWN)) for part, statement in wanted.items()]
    rows = db.session.execute(union_all(*cut)).all()
    ids = {row.household_id for row in rows if row.household_id}
    known = {
        one.id: one
        for one in (
            db.session.scalars(select(Household).where(Household.id.in_(ids))) if ids else ()
        )
    }
    lines: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        lines[row.part].append(_line(row, known.get(row.household_id)))
    late = {line.code for line in lines["overdue"]}
    lines["never"] = [line for line in lines["never"] if line.code not in late]
    return Worklist({part: found for part, found in lines.items() if found}, _counts(wanted))


def _counts(wanted: dict[str, Select[Any]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(statement.limit(MANY).subquery())
        .scalar_subquery()
        .label(part)
        for part, statement in wanted.items()
    ]
    return dict(db.session.execute(select(*columns)).one()._mapping)  # noqa: SLF001 - its public name in SQLAlchemy


def _line(row: Any, household: Household | None) -> Line:
    name, what = "已清除" if household is not None and household.data_key is None else "", ""
    if household is not None and household.data_key is not None:
        box = households.box(household)
        head = box.open_json(household.head, f"household.head:{household.file_no}")
        name = mask_surname(head.get("name") or "")
        if row.sealed:
            opened = box.open_json(row.sealed, f"follow_up.what:{row.code}")
            what = opened if isinstance(opened, str) else str(opened.get("text", ""))
    return Line(
        code=row.code,
        words=row.words,
        state=row.state,
        day=row.day,
        at=row.at,
        amount=row.amount,
        person=mask_surname(row.person or ""),
        household=household,
        name=name,
        what=what,
    )


def _cut(part: str, statement: Select[Any], limit: int) -> Any:
    return statement.add_columns(literal(part).label("part")).limit(limit).subquery()


def _row(  # noqa: PLR0913 - one call says the whole row
    *,
    household: Any = None,
    code: Any = None,
    words: Any = None,
    state: Any = None,
    day: Any = None,
    at: Any = None,
    amount: Any = None,
    person: Any = None,
    sealed: Any = None,
) -> Select[Any]:
    """Select what every list has in common; the types are said, since PostgreSQL guesses none in a union."""
    name = SealedText("user.name")
    return select(
        cast(null() if household is None else household, BigInteger).label("household_id"),
        cast("" if code is None else code, String).label("code"),
        cast("" if words is None else words, String).label("words"),
        cast("" if state is None else state, String).label("state"),
        (cast(null(), Date) if day is None else day).label("day"),
        (cast(null(), UtcDateTime) if at is None else at).label("at"),
        cast(0 if amount is None else amount, BigInteger).label("amount"),
        type_coerce(cast(null(), LargeBinary) if person is None else person, name).label("person"),
        (cast(null(), LargeBinary) if sealed is None else sealed).label("sealed"),
    )


def _file_row(desk: Desk, *rules: Any) -> Select[Any]:
    statement = _row(
        household=Household.id,
        code=Household.file_no,
        state=Household.tier,
        day=Household.next_visit_on,
        at=Household.created_at,
    ).where(files.visible_to(desk.actor), Household.state == HouseholdState.ACTIVE, *rules)
    return statement.where(Household.worker_id == desk.actor.user_id) if desk.mine else statement


def _some_files(desk: Desk, day: Any, *rules: Any) -> Select[Any]:
    """Select files wherever they stand; the small indexes of what waits lead."""
    statement = _row(
        household=Household.id,
        code=Household.file_no,
        words=Household.case_stage,
        state=Household.state,
        day=day,
        at=Household.updated_at,
    ).where(files.visible_to(desk.actor), *rules)
    return statement.where(Household.worker_id == desk.actor.user_id) if desk.mine else statement


def _decide(desk: Desk) -> Select[Any]:
    return (
        _row(
            household=Approval.household_id,
            code=Approval.code,
            words=Approval.kind,
            state=Approval.state,
            day=Approval.ends_on,
            at=Approval.asked_at,
        )
        .where(households.waiting_for(desk.actor))
        .order_by(Approval.id)
    )


def _file_review(desk: Desk) -> Select[Any]:
    rules = households.stands(HouseholdState.UNDER_REVIEW)
    return _some_files(desk, Household.filed_on, rules).order_by(Household.id)


def _file_returned(desk: Desk) -> Select[Any]:
    rules = households.stands(HouseholdState.RETURNED)
    return _some_files(desk, Household.filed_on, rules).order_by(Household.id)


def _class_over(desk: Desk) -> Select[Any]:
    soon = Household.class_until <= desk.today + REMIND_CLASS
    in_force = Household.state.in_((HouseholdState.ACTIVE, HouseholdState.PAUSED))
    return _some_files(desk, Household.class_until, soon, in_force).order_by(
        Household.class_until, Household.id
    )


def _pause_over(desk: Desk) -> Select[Any]:
    over = Household.paused_until < desk.today
    return _some_files(
        desk, Household.paused_until, over, Household.state == HouseholdState.PAUSED
    ).order_by(Household.paused_until, Household.id)


def _kin(desk: Desk) -> Select[Any]:
    return _some_files(desk, Household.filed_on, households.awaits_district()).order_by(
        Household.id
    )


def _overdue(desk: Desk) -> Select[Any]:
    return _file_row(desk, Household.next_visit_on < desk.today).order_by(
        Household.next_visit_on, Household.id
    )


def _soon(desk: Desk) -> Select[Any]:
    due = Household.next_visit_on.between(desk.today, desk.today + timedelta(days=SOON_DAYS))
    return _file_row(desk, due).order_by(Household.next_visit_on, Household.id)


def _never(desk: Desk) -> Select[Any]:
    return _file_row(desk, Household.last_visit_on.is_(None)).order_by(Household.id)


def _confirm(desk: Desk) -> Select[Any]:
    rules = [
        Visit.state == VisitState.SUBMITTED,
        _in_scope(Visit, desk.actor, Role.WORKER, Role.SUPERVISOR),
    ]
    return (
        _row(
            household=Visit.household_id,
            code=Visit.code,
            words=Visit.manner,
            state=Visit.result,
            day=Visit.visited_on,
            at=Visit.submitted_at,
            amount=Visit.minutes,
            person=User.name,
        )
        .join_from(Visit, User, User.id == Visit.visitor_id)
        .where(*rules)
        .order_by(Visit.id)
    )


def _need_row(actor: Actor, *states: NeedState) -> Select[Any]:
    return (
        _row(
            household=Need.household_id,
            code=Need.code,
            words=Need.title,
            state=Need.state,
            day=Need.deadline_on,
            at=Need.posted_at,
        )
        .where(Need.state.in_(states), _in_scope(Need, actor, Role.WORKER, Role.SUPERVISOR))
        .order_by(Need.id)
    )


def _returned(desk: Desk) -> Select[Any]:
    return _need_row(desk.actor, NeedState.RETURNED)


def _review(desk: Desk) -> Select[Any]:
    return _need_row(desk.actor, NeedState.UNDER_REVIEW)


def _follow(desk: Desk) -> Select[Any]:
    return (
        _row(
            household=FollowUp.household_id,
            code=FollowUp.code,
            words=Visit.code,
            day=FollowUp.due_on,
            sealed=FollowUp.what,
        )
        .join_from(FollowUp, Visit, Visit.id == FollowUp.visit_id)
        .where(FollowUp.person_id == desk.actor.user_id, FollowUp.done_at.is_(None))
        .order_by(FollowUp.due_on, FollowUp.id)
    )


def _gifts(actor: Actor, *states: LineState) -> Select[Any]:
    scopes = actor.regions(Role.WORKER, Role.SUPERVISOR, Role.KEEPER)
    inside = [_under(ResourceLine.town_code, prefix) for prefix in scopes]
    pieces = " " + cast(ResourceLine.quantity, String) + " " + ResourceLine.unit
    return (
        _row(
            household=ResourceLine.household_id,
            code=ResourceLine.code,
            words=case(
                (ResourceLine.kind == LineKind.GOODS, ResourceLine.item + pieces),
                else_=ResourceLine.item,
            ),
            state=ResourceLine.kind,
            day=ResourceLine.received_on,
            at=ResourceLine.pledged_at,
            amount=ResourceLine.pledged_fen,
        )
        .where(ResourceLine.state.in_(states), or_(*inside) if inside else false())
        .order_by(ResourceLine.id)
    )


def _receive(desk: Desk) -> Select[Any]:
    return _gifts(desk.actor, LineState.PLEDGED)


def _deliver(desk: Desk) -> Select[Any]:
    return _gifts(desk.actor, *TO_DELIVER)


def _in_scope(table: Any, actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Say that a row's place lies under one of the regions: an equality on the column of that level."""
    columns = {6: table.district_code, 9: table.town_code, 12: table.region_code}
    prefixes = actor.regions(*roles)
    rules = [columns[len(p)] == p if len(p) in columns else table.town_code != "" for p in prefixes]
    return or_(*rules) if rules else false()


def _under(column: Any, prefix: str) -> ColumnElement[bool]:
    """The same where only the town is kept: a community's gifts are its town's."""
    town = prefix[:9]
    rule: ColumnElement[bool] = (
        column == town if len(town) == 9 else column.between(town, town.ljust(9, "9"))  # noqa: PLR2004
    )
    return rule


_WANTED = {
    "overdue": _overdue,
    "soon": _soon,
    "never": _never,
    "confirm": _confirm,
    "returned": _returned,
    "review": _review,
    "decide": _decide,
    "file_review": _file_review,
    "file_returned": _file_returned,
    "class_over": _class_over,
    "pause_over": _pause_over,
    "kin": _kin,
    "follow": _follow,
    "receive": _receive,
    "deliver": _deliver,
}
