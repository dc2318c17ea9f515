"""Needs into rows (需求): in every state, with the tasks they open and the claims upon those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from app.needs.models import Need
from app.needs.rules import NeedState
from app.portal.services.demo import texts
from app.portal.services.demo.books import promise
from app.portal.services.demo.plan import DALIANG
from app.portal.services.demo.texts import Ask
from app.tasks.models import Claim, Task
from app.tasks.rules import (
    CLAIM_LIFE,
    ClaimState,
    TaskKind,
    TaskSource,
    TaskState,
    goods_title,
    money_title,
)

if TYPE_CHECKING:
    from app.portal.services.demo.files import City, Home

_N = NeedState
STATES = {
    _N.PUBLISHED: 34,
    _N.IN_PROGRESS: 22,
    _N.UNDER_REVIEW: 16,
    _N.DRAFT: 6,
    _N.RETURNED: 6,
    _N.WITHDRAWN: 5,
    _N.EXPIRED: 5,
    _N.MERGED: 3,
    _N.REFERRED: 3,
}
HERE = (  # in the demonstration's town every state comes up, however the dice fall
    _N.UNDER_REVIEW,
    _N.PUBLISHED,
    _N.IN_PROGRESS,
    _N.RETURNED,
    _N.UNDER_REVIEW,
    _N.DRAFT,
    _N.PUBLISHED,
    _N.IN_PROGRESS,
    _N.EXPIRED,
    _N.PUBLISHED,
    _N.WITHDRAWN,
    _N.REFERRED,
)
GIVEN = 2  # the turn in which something is on its way to the household
UNREVIEWED = frozenset({_N.DRAFT, _N.UNDER_REVIEW})
SHOWN = frozenset({_N.PUBLISHED, _N.IN_PROGRESS, _N.EXPIRED, _N.WITHDRAWN})
SETTLED = frozenset({_N.MET, _N.CLOSED, _N.PARTLY_MET, _N.EXPIRED, _N.WITHDRAWN, _N.MERGED})
LIVE_TASKS = frozenset({TaskState.OPEN, TaskState.FULL})


@dataclass(frozen=True, slots=True)
class Course:
    """How a need went (经过): its state, when it was posted, and when it was over."""

    state: NeedState
    posted: datetime
    deadline: date
    settled: datetime | None = None
    window: tuple[datetime, datetime] | None = None


def write_needs(city: City, home: Home) -> None:
    """Write what a household asks for now; only those who agreed to everything are asked for in public."""
    plan, chance = home.plan, home.chance
    signed = plan.signed_on <= city.before(10)
    here = plan.region.startswith(DALIANG)
    if not (plan.is_open and signed and chance.chance(34 if here else 14)):
        return
    asks = [ask for ask in texts.ASKS if plan.kind in ask.for_kinds]
    state = chance.pick(STATES)
    if here:
        turn = next(city.turns) % len(HERE)
        state = HERE[turn]
        if turn == GIVEN:
            asks = [ask for ask in asks if ask.how is TaskKind.GOODS] or asks
    ask = chance.choice(asks)
    holder = _holder(city, home, ask) if state is _N.IN_PROGRESS else None
    if state is _N.IN_PROGRESS and holder is None:
        state = _N.PUBLISHED
    over = state in SETTLED
    posted = city.at(city.before(chance.randint(4, 8) + (30 if over else 0)), 10, 20)
    posted = max(posted, city.at(plan.signed_on, 16))
    deadline = city.today + timedelta(days=-4 if over else chance.randint(2, 24))
    settled = city.at(city.before(3), 2) if over else None
    window = None
    if (
        ask.seats
        and ask.how in {TaskKind.VISIT, TaskKind.SERVICE}
        and not over
        and chance.chance(60)
    ):
        day = city.today + timedelta(days=chance.randint(2, 6))
        begins = _instant(city, day, chance.choice((9, 10, 14, 15)))
        window = (begins, begins + timedelta(hours=2))
    course = Course(state, posted, deadline, settled, window)
    need = add_need(city, home, ask, course)
    if state in SHOWN:
        _open_task(city, home, ask, course, need, holder)


def _instant(city: City, day: date, hour: int) -> datetime:
    return city.at(city.before(1), hour) + (day - city.before(1))


def add_need(
    city: City, home: Home, ask: Ask, course: Course, *, quantity: int = 0, fen: int = 0
) -> int:
    """Write one need."""
    chance, code = home.chance, home.chance.code("N")
    reviewed = None
    if course.state not in UNREVIEWED:
        reviewed = max(min(course.posted + timedelta(hours=20), city.now), course.posted)
    reason = texts.NEED_REASONS.get(course.state.value, "")
    published = reviewed if course.state not in {_N.RETURNED, _N.MERGED, _N.REFERRED} else None
    seats = ask.seats if ask.how in {TaskKind.VISIT, TaskKind.SERVICE} else 0
    window = course.window or (None, None)
    return city.rows.add(
        Need,
        code=code,
        kind=ask.kind,
        subkind=ask.subkind,
        urgency=ask.urgency,
        title=ask.title,
        wording=ask.wording,
        story=home.box.seal_json({"text": ask.story}, f"need.story:{code}"),
        seats=seats,
        visit_from=window[0],
        visit_until=window[1],
        skill=ask.skill,
        item=ask.item,
        quantity=quantity or ask.quantity,
        unit=ask.unit,
        amount_fen=fen or ask.fen,
        programme_id=city.cast.programmes.get(ask.fund) if fen or ask.fen else None,
        deadline_on=course.deadline,
        state=course.state,
        return_reason=reason,
        posted_by_id=home.worker,
        posted_at=course.posted,
        reviewed_by_id=city.cast.supervisor_of(home.plan.region) if reviewed else None,
        reviewed_at=reviewed,
        published_at=published,
        settled_at=course.settled,
        idempotency_key=chance.code("demo"),
        **home.places,
    )


def add_task(
    city: City,
    home: Home,
    ask: Ask,
    course: Course,
    need: int,
    *,
    state: TaskState,
    taken: int,
    capacity: int,
) -> int:
    """Write the task that a need opened."""
    is_money = ask.how is TaskKind.MONEY
    title = ask.title
    if ask.how is TaskKind.GOODS:
        title = goods_title(ask.item, capacity, ask.unit)
    if is_money:
        title = money_title(ask.fund.value, ask.subkind)
    window = course.window or (None, None)
    due = course.deadline
    if window[1]:
        due = min(due, (window[1] + timedelta(hours=8)).date())
    unit = {TaskKind.GOODS: ask.unit, TaskKind.MONEY: "分"}.get(ask.how, "人")
    return city.rows.add(
        Task,
        code=home.chance.code("T"),
        kind=ask.how,
        source=TaskSource.NEED,
        need_id=need,
        programme_id=city.cast.programmes.get(ask.fund) if is_money else None,
        who=home.who,
        title=title,
        wording=ask.wording,
        urgency=ask.urgency,
        skill=ask.skill,
        unit=unit,
        capacity=capacity,
        taken=taken,
        starts_at=window[0],
        ends_at=window[1],
        due_on=due,
        is_public=True,
        state=state,
        contact_id=home.worker,
        created_at=max(min(course.posted + timedelta(hours=20), city.now), course.posted),
        **home.places,
    )


def _open_task(
    city: City, home: Home, ask: Ask, course: Course, need: int, holder: int | None
) -> None:
    """Open a need's task and, where somebody is on it, give it its holder."""
    chance = home.chance
    capacity = ask.fen or ask.quantity or ask.seats
    state = {_N.EXPIRED: TaskState.EXPIRED, _N.WITHDRAWN: TaskState.CANCELLED}.get(
        course.state, TaskState.OPEN
    )
    units = _part(ask) if holder else 0
    if units == capacity:
        state = TaskState.FULL
    task = add_task(city, home, ask, course, need, state=state, taken=units, capacity=capacity)
    since = max(course.posted + timedelta(days=1), city.at(city.before(chance.randint(1, 3)), 12))
    since = min(since, city.now)
    if holder:
        claim = hold(city, home, task, holder, since, units=units, ends=course.window)
        if ask.how in {TaskKind.GOODS, TaskKind.MONEY}:
            promise(city, home, ask, task, claim, holder, units, since)
    if state is TaskState.FULL and ask.how in {TaskKind.VISIT, TaskKind.SERVICE}:
        _wait(city, home, task, holder, since)


def _part(ask: Ask) -> int:
    if ask.how is TaskKind.MONEY:
        return ask.fen // 2
    return 1 if ask.seats and not ask.quantity else max(ask.quantity // 2, 1)


def _holder(city: City, home: Home, ask: Ask) -> int | None:
    """Say who is on it: a neighbour for what is done at the door, a donor for what is given; None when all are busy."""
    if ask.how in {TaskKind.VISIT, TaskKind.SERVICE}:
        return city.cast.holder_near(home.chance, home.plan.region)
    return city.cast.donor_near(home.chance)


def hold(
    city: City,
    home: Home,
    task: int,
    holder: int,
    since: datetime,
    *,
    units: int = 1,
    ends: tuple[datetime, datetime] | None = None,
) -> int:
    """Write a living claim."""
    return city.rows.add(
        Claim,
        code=home.chance.code("C"),
        task_id=task,
        user_id=holder,
        units=units,
        state=ClaimState.HELD,
        pledged_at=since,
        unrelated=True,
        claimed_at=since,
        expires_at=ends[1] + timedelta(days=3) if ends else since + CLAIM_LIFE,
        idempotency_key=home.chance.code("demo"),
    )


def confirmed(
    city: City, home: Home, task: int, holder: int, units: int, since: datetime, at: datetime
) -> int:
    """Write a claim that was kept."""
    return city.rows.add(
        Claim,
        code=home.chance.code("C"),
        task_id=task,
        user_id=holder,
        units=units,
        state=ClaimState.CONFIRMED,
        pledged_at=since,
        unrelated=True,
        claimed_at=since,
        expires_at=since + CLAIM_LIFE,
        handed_in_at=at,
        ended_at=at,
        idempotency_key=home.chance.code("demo"),
    )


def gave_back(city: City, home: Home, task: int, helper: int, opened: datetime) -> None:
    """Write a claim that was given back."""
    city.rows.add(
        Claim,
        code=home.chance.code("C"),
        task_id=task,
        user_id=helper,
        units=1,
        state=ClaimState.RELEASED,
        pledged_at=opened,
        unrelated=True,
        claimed_at=opened,
        expires_at=opened + CLAIM_LIFE,
        ended_at=min(opened + timedelta(hours=30), city.now),
        end_reason=home.chance.choice(texts.RELEASE_REASONS),
        idempotency_key=home.chance.code("demo"),
    )


def _wait(city: City, home: Home, task: int, holder: int | None, since: datetime) -> None:
    other = city.cast.helper_near(home.chance, home.plan.region)
    if other is None or other == holder or not home.chance.chance(40):
        return
    city.rows.add(
        Claim,
        code=home.chance.code("C"),
        task_id=task,
        user_id=other,
        units=1,
        state=ClaimState.WAITING,
        pledged_at=since,
        unrelated=True,
        claimed_at=since,
        idempotency_key=home.chance.code("demo"),
    )


def met_by_visit(city: City, home: Home, on: date, claimed: datetime, decided: datetime) -> int:
    """Write a need that one visit met, and its task; returns the task."""
    chance = home.chance
    asks = [ask for ask in texts.VISIT_ASKS if home.plan.kind in ask.for_kinds]
    state = chance.choice((_N.MET, _N.CLOSED))
    ask = chance.choice(asks)
    posted = min(claimed - timedelta(days=3), decided)
    course = Course(state, posted, on + timedelta(days=10), decided)
    need = add_need(city, home, ask, course)
    return add_task(city, home, ask, course, need, state=TaskState.DONE, taken=1, capacity=1)
