"""What was done into rows (探访、认领): visits with the claims behind them, follow-ups, hours, and what falls due."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from app.households.rules import HouseholdState
from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.needs.rules import Urgency
from app.portal.services.demo import needs, texts
from app.portal.services.demo.books import RECENT, post, record
from app.portal.services.demo.pictures import Wanted
from app.portal.services.demo.plan import DALIANG, VISITABLE, ConsentPlan
from app.tasks.models import Claim, Task
from app.tasks.rules import CLAIM_LIFE, ClaimState, TaskKind, TaskSource, TaskState
from app.tasks.services.opening import RHYTHM_TITLE, RHYTHM_WORDING
from app.visits.models import FollowUp, Visit
from app.visits.rules import CONTACT, OPEN_AHEAD, FollowUpKind, Manner, Opinion, Result, VisitState

if TYPE_CHECKING:
    from typing import Any

    from app.portal.services.demo.files import City, Home
    from app.portal.services.demo.plan import VisitPlan

OPINIONS = {Opinion.SAME: 84, Opinion.UP: 7, Opinion.DOWN: 9}
MANNERS = {Manner.HOME: 88, Manner.PHONE: 8, Manner.VIDEO: 2, Manner.OFFICE: 2}
BODIES = {"same": 74, "weaker": 18, "ill": 8}
MOODS = {"bright": 40, "calm": 46, "low": 14}


class Errand(NamedTuple):
    """By which claim somebody came (差事); none: a worker's own visit."""

    visitor: int
    claim: int | None = None
    task: int | None = None


def write_visits(city: City, home: Home) -> None:
    """Write a file's records, oldest first, and the visit that its rhythm asks for now."""
    waits = False
    for visit in home.plan.visits:
        waits |= visit.state is VisitState.SUBMITTED
        _visit(city, home, visit)
    due = home.plan.next_on
    if due and not waits and due <= city.today + OPEN_AHEAD:
        _due(city, home, due)


def _visit(city: City, home: Home, plan: VisitPlan) -> None:
    chance = home.chance
    code = chance.code("V")
    hour, minute = chance.randint(9, 16), chance.choice((0, 10, 15, 30, 40))
    minutes = chance.randint(25, 90) if plan.result in CONTACT else 10
    started = city.at(plan.on, hour, minute)
    submitted = max(city.at(plan.on, 20), started)
    confirmed = plan.state is VisitState.CONFIRMED
    decided = max(city.at(plan.on + timedelta(days=1), 9, 30), submitted) if confirmed else None
    errand = _errand(city, home, plan, submitted, decided)
    counts = errand.claim is not None and plan.result in CONTACT
    judge = home.worker if errand.claim else city.cast.supervisor_of(home.plan.region)
    visit = city.rows.add(
        Visit,
        code=code,
        claim_id=errand.claim,
        task_id=errand.task,
        visitor_id=errand.visitor,
        recorded_by_id=errand.visitor,
        visited_on=plan.on,
        started_at=started,
        ended_at=started + timedelta(minutes=minutes),
        minutes=minutes,
        manner=chance.pick(MANNERS) if plan.result is Result.MET else Manner.HOME,
        result=plan.result,
        companions=1 if errand.claim and chance.chance(70) else 0,
        opinion=chance.pick(OPINIONS),
        needs_found=[chance.choice(("01", "02", "06", "11"))] if chance.chance(12) else [],
        notes=home.box.seal_json(_notes(home, plan), f"visit.notes:{code}"),
        state=plan.state,
        counts_hours=counts,
        confirmed_by_id=judge if confirmed else None,
        confirmed_at=decided,
        submitted_at=submitted,
        created_at=submitted,
        updated_at=decided or submitted,
        **home.places,
    )
    record(city, errand.visitor, "visit.submit", code, home, submitted)
    if decided:
        record(city, judge, "visit.confirm", code, home, decided)
    if decided and counts:
        leg = Leg(
            Account.DONOR,
            Measure.HOURS,
            minutes,
            household_id=home.id,
            town_code=home.plan.region[:9],
        )
        legs = move(leg, Account.DELIVERED)
        post(city, judge, EntryKind.SERVE, plan.on, code, legs, chance.code("E"))
    _follow_up(city, home, plan, visit)
    if _is_pictured(city, home, plan):
        city.photos.append(Wanted(visit, code, plan.on, errand.visitor, home.id, home.box))


def _is_pictured(city: City, home: Home, plan: VisitPlan) -> bool:
    """A photo needs somebody who was met and a household that agreed; those nearest to today are looked at."""
    return (
        len(city.photos) < city.most_photos
        and home.plan.region.startswith(DALIANG)
        and home.plan.consent is ConsentPlan.FULL
        and plan.result in CONTACT
        and plan.on >= city.before(RECENT)
    )


def _notes(home: Home, plan: VisitPlan) -> dict[str, Any]:
    chance = home.chance
    if plan.result not in CONTACT:
        return {"text": chance.choice(texts.ATTEMPT_NOTES)}
    notes: dict[str, Any] = {
        "health": chance.pick(BODIES),
        "mood": chance.pick(MOODS),
        "text": chance.choice(texts.VISIT_NOTES),
    }
    if chance.chance(9):
        notes["safety"] = [chance.choice(("water", "power", "gas", "fire"))]
    return notes


def _follow_up(city: City, home: Home, plan: VisitPlan, visit: int) -> None:
    """Something to do after it: what is asked after a stay in hospital, and now and then a promise."""
    chance = home.chance
    recent = plan.on >= city.before(RECENT)
    kind, what = FollowUpKind.TOLD, chance.choice(texts.FOLLOW_UPS)
    due = plan.on + timedelta(days=chance.randint(3, 16))
    if plan.result is Result.HOSPITAL:
        kind, what = FollowUpKind.CHECK, texts.HOSPITAL
        due = plan.on + timedelta(days=3)
    elif plan.state is not VisitState.CONFIRMED or not chance.chance(26 if recent else 6):
        return
    done = due < city.today and not (recent and chance.chance(25))
    code = chance.code("F")
    city.rows.add(
        FollowUp,
        code=code,
        visit_id=visit,
        household_id=home.id,
        kind=kind,
        what=home.box.seal_json({"text": what}, f"follow_up.what:{code}"),
        due_on=due,
        person_id=home.worker,
        done_at=city.at(due, 16) if done else None,
    )


def _errand(
    city: City, home: Home, plan: VisitPlan, submitted: datetime, decided: datetime | None
) -> Errand:
    """Find out by which claim somebody came: one of the rhythm's, or of a need that it met."""
    if not plan.helper:
        return Errand(home.worker)
    chance = home.chance
    live = decided is None
    helper = city.cast.helper_near(chance, home.plan.region, live=live)
    if helper is None:
        helper = city.cast.helper_near(chance, home.plan.region) or home.worker
    claimed = city.at(plan.on - timedelta(days=chance.randint(1, 5)), 19, 30)
    met_need = (
        decided is not None
        and plan.result in CONTACT
        and home.plan.consent is ConsentPlan.FULL
        and chance.chance(20)
    )
    if met_need and decided:
        task = needs.met_by_visit(city, home, plan.on, claimed, decided)
    else:
        task = _rhythm(
            city,
            home,
            plan.on + timedelta(days=1),
            state=TaskState.FULL if live else TaskState.DONE,
            taken=1,
            at=claimed - timedelta(days=1),
        )
    claim = city.rows.add(
        Claim,
        code=chance.code("C"),
        task_id=task,
        user_id=helper,
        units=1,
        state=ClaimState.HANDED_IN if live else ClaimState.CONFIRMED,
        pledged_at=claimed,
        unrelated=True,
        claimed_at=claimed,
        expires_at=claimed + CLAIM_LIFE,
        handed_in_at=submitted,
        ended_at=decided,
        idempotency_key=chance.code("demo"),
    )
    return Errand(helper, claim, task)


def _rhythm(
    city: City, home: Home, due: date, *, state: TaskState, taken: int, at: datetime
) -> int:
    late = due < city.today and state in {TaskState.OPEN, TaskState.FULL}
    return city.rows.add(
        Task,
        code=home.chance.code("T"),
        kind=TaskKind.VISIT,
        source=TaskSource.RHYTHM,
        who=home.who,
        title=RHYTHM_TITLE,
        wording=RHYTHM_WORDING,
        urgency=Urgency.NORMAL,
        unit="人",
        capacity=1,
        taken=taken,
        due_on=due,
        is_public=home.plan.consent in VISITABLE,
        state=state,
        contact_id=home.worker,
        overdue_at=city.at(due + timedelta(days=1), 7) if late else None,
        created_at=at,
        **home.places,
    )


def _due(city: City, home: Home, due: date) -> None:
    """Open the visit that falls due; a neighbour may hold it already, and another may have given it back."""
    chance = home.chance
    opened = city.at(due - OPEN_AHEAD, 5, 30)
    public = home.plan.consent in VISITABLE and home.plan.state is HouseholdState.ACTIVE
    helper = None
    if public and chance.chance(20):
        helper = city.cast.holder_near(chance, home.plan.region)
    state = TaskState.FULL if helper else TaskState.OPEN
    task = _rhythm(city, home, due, state=state, taken=1 if helper else 0, at=opened)
    if helper:
        since = city.at(city.before(chance.randint(0, 4)), 12)
        needs.hold(city, home, task, helper, max(since, opened))
    elif public and chance.chance(8):
        other = city.cast.helper_near(chance, home.plan.region)
        needs.gave_back(city, home, task, other or home.worker, opened)
