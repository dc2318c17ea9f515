"""What is open of a family follows it: needs, tasks, claims, promises and gifts; its past stays, and every total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households.errors import CannotSeparate
from app.households.models import Household
from app.households.rules import HouseholdState
from app.households.rules.families import Choices, LeftWhy, Successor
from app.households.services.families import Death, Join, Move
from app.ledger import queries as ledger
from app.ledger.rules import Dimension, Measure
from app.needs.rules import NeedState
from app.notices.models import Message
from app.portal import queries
from app.portal.services import family
from app.resources import queries as resources
from app.resources.errors import WrongHousehold
from app.tasks import jobs as task_jobs
from app.tasks import queries as tasks
from app.tasks.rules import ClaimState, TaskState
from app.visits import jobs as visit_jobs
from app.visits.models import FollowUp, Visit
from app.visits.rules import Promise, VisitState
from tests.factories import (
    DALIANG,
    a_claim,
    a_need,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    reload,
)
from tests.households.families import CHEN, HUO, One, a_family, code_of
from tests.portal.things import a_visit
from tests.resources.gifts import a_gift_claim, delivered, pledged, received
from tests.visits.stories import facts, hand_in

if TYPE_CHECKING:
    pass

GUIZHOU, RONGGUI = "440606006001", "440606006"
WHY = "入户核实"


def merge(worker: Any, mine: Household, other: Household) -> None:
    with transaction():
        family.merge(
            worker.actor,
            reload(mine),
            reload(other),
            Choices(),
            reason=WHY,
            version=mine.version,
            other_version=other.version,
        )


def everything_counted() -> list[Any]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(Visit)),
        ledger.town_totals(),
        db.session.execute(select(Visit.town_code, func.count()).group_by(Visit.town_code)).all(),
    ]


@pytest.mark.usefixtures("app")
def test_what_is_open_moves_with_the_household_and_what_is_done_stays() -> None:
    worker, there, helper = a_worker(), a_user(Role.WORKER, RONGGUI), a_volunteer()
    huo = a_family(*HUO, worker=worker)
    asked, met = a_need(huo), a_need(huo, state=NeedState.MET)
    open_task = a_task(huo, contact_id=worker.id)
    done = a_task(huo, state=TaskState.DONE)
    visit = a_visit(huo, helper, state=VisitState.CONFIRMED)
    promise = facts(promises=(Promise("带老花镜", clock.today()),))
    hand_in(a_claim(a_task(huo, contact_id=worker.id), helper), promise)
    claim = a_claim(open_task, helper)

    with transaction():
        family.move(
            worker.actor,
            reload(huo),
            Move(GUIZHOU, "桂洲社区木棉里5号", there.id),
            reason=WHY,
            version=huo.version,
        )

    places = [reload(row).region_code for row in (asked, open_task)]
    assert places == [GUIZHOU, GUIZHOU]
    assert [reload(row).town_code for row in (met, done, visit)] == [DALIANG] * 3
    assert reload(open_task).contact_id == there.id
    follow_up = db.session.scalars(select(FollowUp)).one()
    assert follow_up.person_id == there.id
    told = db.session.scalars(select(Message.title).where(Message.user_id == helper.id)).all()
    assert any("搬家" in title for title in told)
    assert reload(claim).state is ClaimState.HELD


@pytest.mark.usefixtures("app")
def test_after_a_death_what_was_for_the_dead_is_taken_back_and_cards_say_who_is_there() -> None:
    worker = a_worker()
    huo = a_family(HUO[0], One("霍小明", "4", "", "2015-06-01"))
    theirs, boys = (a_need(huo, state=NeedState.PUBLISHED) for _ in range(2))
    card, other = a_task(huo, need_id=theirs.id), a_task(huo, need_id=boys.id)
    claim = a_claim(card, a_volunteer())
    boy = code_of(huo, "霍小明")
    death = Death(code_of(huo, "霍凤志"), clock.today(), Successor(boy))

    with transaction():
        family.record_death(
            worker.actor, huo, death, over={theirs.code}, reason=WHY, version=huo.version
        )

    assert reload(theirs).state is NeedState.WITHDRAWN
    assert reload(card).state is TaskState.CANCELLED
    assert reload(claim).state is ClaimState.RELEASED
    assert reload(boys).state is NeedState.PUBLISHED
    assert reload(other).who != "独居长者"


@pytest.mark.usefixtures("app")
def test_when_nobody_is_left_everything_ends_kindly() -> None:
    worker, huo = a_worker(), a_family(HUO[0])
    need, rhythm = a_need(huo, state=NeedState.PUBLISHED), a_task(huo, source="rhythm")
    helper = a_volunteer()
    claim = a_claim(rhythm, helper)

    with transaction():
        family.record_death(
            worker.actor,
            huo,
            Death(code_of(huo, "霍凤志"), clock.today()),
            over=(),
            reason=WHY,
            version=huo.version,
        )

    assert (reload(need).state, reload(rhythm).state) == (
        NeedState.WITHDRAWN,
        TaskState.CANCELLED,
    )
    assert reload(claim).state is ClaimState.RELEASED
    told = db.session.scalars(select(Message.title).where(Message.user_id == helper.id)).all()
    assert len(told) == 1
    assert "谢谢" in told[0]


@pytest.mark.usefixtures("app")
def test_a_merge_keeps_every_total_and_the_survivor_shows_them_all() -> None:
    worker, helper = a_worker(), a_volunteer()
    mine, other = a_family(*HUO), a_family(*CHEN)
    a_visit(mine, helper, state=VisitState.CONFIRMED)
    a_visit(other, helper, state=VisitState.CONFIRMED)
    delivered(received(pledged(claim=a_gift_claim(household=other))), 1)
    visit_jobs.roll_up(clock.today())
    before = everything_counted()

    merge(worker, mine, other)

    assert everything_counted() == before
    assert ledger.verify() == []
    assert reload(mine).visit_count == 2
    assert reload(other).visit_count == 1
    assert len(queries.visits_of(mine.id)) == 2
    assert queries.year_received(mine.id, clock.today())[Measure.GOODS] == 10_000
    assert ledger.totals(Dimension.HOUSEHOLD, other.id)[Measure.GOODS] == 10_000
    assert visit_jobs.roll_up(clock.today()) == 0  # the night agrees


@pytest.mark.usefixtures("app")
def test_live_claims_of_the_merged_file_end_kindly_and_what_was_handed_in_is_still_confirmed() -> (
    None
):
    worker, helper = a_worker(), a_volunteer()
    mine, other = a_family(*HUO), a_family(*CHEN)
    held = a_claim(a_task(other), helper)
    handed = a_claim(a_task(other, capacity=2), a_volunteer())
    hand_in(handed)

    merge(worker, mine, other)

    assert reload(held).state is ClaimState.RELEASED
    assert reload(handed).state is ClaimState.HANDED_IN
    assert not tasks.still_agreed(held.task_id)


@pytest.mark.usefixtures("app")
def test_a_gift_on_its_way_to_the_merged_file_reaches_the_one_that_carries_it_on() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*CHEN)
    line = received(pledged(claim=a_gift_claim(household=other)))

    merge(worker, mine, other)
    with pytest.raises(WrongHousehold):
        delivered(line, 1, reload(other))
    part = delivered(reload(line), 1, reload(mine))

    assert part.household_id == mine.id
    assert list(ledger.verify()) == list(resources.verify()) == []


@pytest.mark.usefixtures("app")
def test_a_file_closed_by_any_verb_is_swept_at_night_once() -> None:
    huo = a_family(*HUO)
    need = a_need(huo, state=NeedState.PUBLISHED)
    task = a_task(huo, need_id=need.id)
    with transaction():
        db.session.get_one(Household, huo.id).state = HouseholdState.CLOSED

    counts = [task_jobs.run_close_left(clock.today()) for _ in range(2)]

    assert counts == [1, 0]
    assert (reload(need).state, reload(task).state) == (NeedState.WITHDRAWN, TaskState.CANCELLED)


@pytest.mark.usefixtures("app")
def test_a_merge_on_which_a_visit_was_built_is_not_taken_back() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*CHEN)
    merge(worker, mine, other)
    a_visit(mine, a_volunteer(), created_at=clock.now())

    with pytest.raises(CannotSeparate), transaction():
        family.separate(
            worker.actor,
            reload(mine),
            reload(other),
            reason=WHY,
            version=mine.version,
            other_version=other.version,
        )


@pytest.mark.usefixtures("app")
def test_both_cards_say_who_is_there_after_a_marriage() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO[:2]), a_family(*CHEN)
    card = a_task(huo, who="三口之家")
    wife = code_of(huo, "梁桂芳")

    with transaction():
        family.join(
            worker.actor,
            huo,
            Join((wife,), chen, clock.today(), LeftWhy.MOVED),
            reason=WHY,
            version=huo.version,
            other_version=chen.version,
        )

    assert reload(card).who == "独居长者"
