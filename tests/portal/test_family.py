"""Pages of a family change: choose, say, look, confirm; refused with everything kept; what is open follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households.errors import CannotSeparate
from app.households.models import Approval, Household
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
    a_household,
    a_need,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    reload,
    sign_in,
)
from tests.households.families import CHEN, HUO, One, a_family, code_of, names
from tests.portal.things import a_visit
from tests.resources.gifts import a_gift_claim, delivered, pledged, received
from tests.visits.stories import facts, hand_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

GUIZHOU, RONGGUI = "440606006001", "440606006"
WHY = "入户核实"
SAID = {"reason": WHY}


def page(file: Household, change: str = "") -> str:
    return f"/households/{file.file_no}/family" + (f"/{change}" if change else "")


def send(client: FlaskClient, file: Household, change: str, **data: Any) -> TestResponse:
    known = {"version": str(file.version), "on": clock.today().isoformat(), **SAID}
    return client.post(page(file, change), data=known | data)


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A worker of 大良, signed in."""
    return sign_in(client, a_worker())


def test_a_marriage_is_looked_at_and_then_done(desk: FlaskClient) -> None:
    huo, chen = a_family(*HUO), a_family(*CHEN)
    said = {
        "who": code_of(huo, "霍健豪"),
        "to": chen.file_no,
        "why": "married",
        "other_version": str(chen.version),
    }

    looked = send(desk, huo, "join", go="preview", **said)
    unchanged = names(huo)
    done = send(desk, huo, "join", **said)

    assert looked.status_code == 200
    assert all(words in looked.text for words in ("离开", "新来", WHY, "霍*豪"))
    assert "霍健豪" not in looked.text
    assert unchanged == ["霍凤志", "梁桂芳", "霍健豪"]
    assert done.status_code == 303
    assert names(chen) == ["陈惠珍", "陈丽燕", "霍健豪"]
    members = desk.get(f"/households/{huo.file_no}?tab=members").text
    assert "不在这一户的家人" in members


def test_pressed_twice_it_happens_once(desk: FlaskClient) -> None:
    huo, chen = a_family(*HUO), a_family(*CHEN)
    said = {
        "who": code_of(huo, "霍健豪"),
        "to": chen.file_no,
        "why": "moved",
        "version": str(huo.version),
        "other_version": str(chen.version),
        "on": clock.today().isoformat(),
        **SAID,
    }

    answers = [desk.post(page(huo, "join"), data=said).status_code for _ in range(2)]

    assert answers == [303, 422]  # whom one meant is not there any more
    assert names(chen) == ["陈惠珍", "陈丽燕", "霍健豪"]


@pytest.mark.parametrize(
    ("change", "said", "words"),
    [
        ("join", {"to": "440606DB2026999999"}, "请选要转过去的家人"),
        ("split", {"who": "NOBODY"}, "请选要分出去的家人"),
        ("death", {}, "请选一位家人"),
        ("move", {"town": "440606999"}, "请选要搬去的镇街"),
        ("merge", {"to": "440606DB2026999999"}, "没有找到这个档案号"),
    ],
)
def test_what_was_not_chosen_is_asked_again(
    desk: FlaskClient, change: str, said: dict[str, str], words: str
) -> None:
    huo = a_family(*HUO)

    answer = send(desk, huo, change, **said)

    assert answer.status_code == 422
    assert words in answer.text


def test_what_is_missing_is_said_beside_its_field_and_everything_typed_is_kept(
    desk: FlaskClient,
) -> None:
    huo = a_family(*HUO)

    answer = send(
        desk,
        huo,
        "death",
        who=code_of(huo, "霍凤志"),
        door="文秀社区新路9号",
        phone="13911112222",
        reason="家属报告",
    )

    assert answer.status_code == 422
    assert "户主不在了，请选一位新户主" in answer.text
    assert all(kept in answer.text for kept in ("文秀社区新路9号", "13911112222", "家属报告"))
    assert names(huo) == ["霍凤志", "梁桂芳", "霍健豪"]


def test_without_a_reason_nothing_is_done(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    answer = send(
        desk, huo, "move", town=RONGGUI, region_code=GUIZHOU, door="桂洲社区木棉里", reason=""
    )

    assert answer.status_code == 422
    assert "请写一句原因" in answer.text
    assert reload(huo).region_code != GUIZHOU


def test_a_stale_page_changes_nothing(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    for version in ("1", "none"):
        answer = send(
            desk,
            huo,
            "move",
            town=RONGGUI,
            region_code=GUIZHOU,
            door="桂洲社区木棉里",
            version=version,
        )
        assert answer.status_code == 409
    assert reload(huo).region_code != GUIZHOU


def test_a_change_that_does_not_exist_is_not_here(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    assert desk.get(page(huo, "party")).status_code == 404
    assert send(desk, huo, "party").status_code == 404


def test_a_file_under_review_waits(desk: FlaskClient) -> None:
    huo = a_family(*HUO, state=HouseholdState.UNDER_REVIEW)

    assert "待审核" in desk.get(page(huo)).text
    answer = send(desk, huo, "split", who=code_of(huo, "霍健豪"), new_head="", new_door="木棉里")
    assert answer.status_code in {409, 422}
    assert names(huo) == ["霍凤志", "梁桂芳", "霍健豪"]


def test_a_split_leads_to_the_new_file_that_waits_for_review(desk: FlaskClient) -> None:
    huo = a_family(*HUO)
    son = code_of(huo, "霍健豪")

    answer = send(desk, huo, "split", who=son, new_head=son, new_door="文秀社区榕荫巷3号")

    db.session.rollback()  # what the request wrote
    new = db.session.scalars(select(Household).where(Household.source == "split")).one()
    assert answer.location.startswith(f"/households/{new.file_no}")
    assert new.state is HouseholdState.UNDER_REVIEW
    assert names(huo) == ["霍凤志", "梁桂芳"]


def test_who_moved_out_of_reach_is_left_at_the_list(desk: FlaskClient) -> None:
    huo = a_family(*HUO)

    answer = send(desk, huo, "move", town=RONGGUI, region_code=GUIZHOU, door="桂洲社区木棉里")

    assert answer.location == "/households"
    assert reload(huo).region_code == GUIZHOU
    assert desk.get(f"/households/{huo.file_no}").status_code == 404


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


def everything_counted() -> list[Any]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(Visit)),
        ledger.town_totals(),
        db.session.execute(select(Visit.town_code, func.count()).group_by(Visit.town_code)).all(),
    ]


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

    counts = [task_jobs.run_sweep(clock.today()) for _ in range(2)]

    assert counts == [1, 0]
    assert (reload(need).state, reload(task).state) == (NeedState.WITHDRAWN, TaskState.CANCELLED)


def test_an_old_number_leads_to_the_file_that_carries_it_on(desk: FlaskClient) -> None:
    mine, other = a_family(*HUO), a_family(*CHEN)
    merge(a_worker(), mine, other)

    led = desk.get(f"/households/{other.file_no}")
    own = desk.get(f"/households/{other.file_no}?own=1")
    survivor = desk.get(f"/households/{mine.file_no}?tab=members")

    assert led.location == f"/households/{mine.file_no}"
    assert f"档案 {mine.file_no} 接着记" in own.text
    assert other.file_no in survivor.text


def test_a_merge_of_two_workers_files_is_asked_for(client: FlaskClient) -> None:
    worker = a_worker()
    mine, other = a_family(*HUO, worker=worker), a_family(*CHEN, worker=a_worker())
    said = {"to": other.file_no, "other_version": str(other.version)}
    sign_in(client, worker)

    looked = send(client, mine, "merge", go="preview", **said)
    asked = send(client, mine, "merge", idempotency_key="key-of-this-page-000001", **said)
    again = send(client, mine, "merge", idempotency_key="key-of-this-page-000001", **said)

    assert "提请督导合并" in looked.text
    assert (asked.status_code, again.status_code) == (303, 303)
    assert db.session.scalar(select(func.count()).select_from(Approval)) == 1
    assert reload(other).merged_into_id is None


def test_a_wrong_merge_is_taken_back_by_its_page(desk: FlaskClient) -> None:
    mine, other = a_family(*HUO), a_family(*CHEN)
    merge(a_worker(), mine, other)
    url = f"/households/{other.file_no}/separate"
    said = {"version": str(reload(mine).version), "other_version": str(reload(other).version)}

    refused = desk.post(url, data=said)
    done = desk.post(url, data=said | SAID)
    again = desk.post(url, data=said | SAID)

    assert (refused.status_code, done.status_code, again.status_code) == (422, 303, 404)
    assert (names(mine), names(other)) == (
        ["霍凤志", "梁桂芳", "霍健豪"],
        ["陈惠珍", "陈丽燕"],
    )


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


def test_strangers_are_led_to_the_door(client: FlaskClient) -> None:
    huo = a_household()

    for url in (page(huo, "move"), f"/households/{huo.file_no}/separate"):
        assert client.post(url, data=SAID).status_code == 303


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
