"""A visit from the volunteer's phone to the worker's word, through the services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditRow
from app.core import clock
from app.core.access import Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere, StalePage
from app.households.rules import HouseholdState, Purpose
from app.ledger.models import Entry
from app.ledger.rules import EntryKind
from app.media.models import Media
from app.notices.models import Message
from app.tasks.rules import ClaimState, TaskKind, TaskSource, TaskState
from app.visits import errors, queries, services
from app.visits.models import FollowUp, Visit
from app.visits.rules import FollowUpKind, Promise, Result, VisitState
from tests.factories import (
    a_household,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    reload,
)
from tests.visits.stories import (
    KEY,
    a_held_claim,
    a_photo,
    amend,
    confirm,
    errand,
    facts,
    give_back,
    hand_in,
    hours,
)

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.usefixtures("app")


def test_a_record_handed_in_waits_for_the_worker_who_hears_of_it() -> None:
    worker = a_worker()
    claim = a_held_claim(worker=worker)

    visit = hand_in(claim, facts(notes={"text": "老人家精神不错"}))

    assert visit.state is VisitState.SUBMITTED
    assert reload(claim).state is ClaimState.HANDED_IN
    assert "老人家".encode() not in visit.notes
    assert queries.notes(visit) == {"text": "老人家精神不错"}
    told = db.session.scalars(select(Message.user_id)).all()
    assert told == [worker.id]
    assert [found.id for found in queries.to_confirm(worker.actor)] == [visit.id]


def test_a_confirmed_visit_ends_the_claim_moves_the_file_and_counts_the_hours() -> None:
    claim = a_held_claim()
    visit = hand_in(claim)

    confirm(visit)

    household = reload(visit.household)
    assert reload(claim).state is ClaimState.CONFIRMED
    assert (household.visit_count, household.last_visit_on) == (1, clock.today())
    assert household.next_visit_on == clock.today() + timedelta(days=30)
    assert hours(household.id) == 50
    entry = db.session.scalars(select(Entry)).one()
    assert (entry.kind, entry.subject) == (EntryKind.SERVE, visit.code)


def test_an_attempt_is_a_record_but_does_not_restart_the_rhythm() -> None:
    claim = a_held_claim()
    due = claim.task.household.next_visit_on

    confirm(hand_in(claim, facts(Result.NOBODY, minutes=20)))

    household = reload(claim.task.household)
    assert (household.visit_count, household.last_visit_on) == (1, None)
    assert household.next_visit_on == due
    assert hours(household.id) == 0


def test_two_attempts_in_a_row_ask_the_village_once() -> None:
    worker = a_worker()
    household = a_household(worker=worker)
    for number in range(3):
        claim = a_held_claim(household=household, worker=worker)
        confirm(hand_in(claim, facts(Result.NOBODY), key=f"{KEY}{number}"))

    found = db.session.scalars(select(FollowUp)).all()

    assert [(f.kind, f.person_id) for f in found] == [(FollowUpKind.VERIFY, worker.id)]
    assert queries.promise(found[0], household).startswith("连续两次")


def test_the_same_page_sent_twice_is_one_record() -> None:
    claim = a_held_claim()

    first, second = hand_in(claim), hand_in(claim)

    assert first.code == second.code
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_another_page_for_a_claim_that_is_handed_in_is_refused() -> None:
    claim = a_held_claim()
    hand_in(claim)

    with pytest.raises(errors.ClaimIsOver):
        hand_in(claim, key="key-of-another-page-02")


def test_a_draft_is_kept_found_again_and_handed_in_as_the_same_record() -> None:
    claim = a_held_claim()
    with transaction():
        draft = services.save_draft(
            claim.user.actor,
            errand(claim),
            facts(minutes=None, notes={"text": "先写一半"}, asked_for_photos=True),
            [a_photo()],
            key=KEY + "a",
        )
    assert draft.state is VisitState.DRAFT
    assert queries.unfinished(claim.user_id, errand(claim)) == draft
    assert reload(claim).state is ClaimState.HELD

    said = facts(asked_for_photos=True)
    visit = hand_in(claim, said, key=KEY + "b", photos=[a_photo(), a_photo("blue")])

    assert visit.code == draft.code
    assert visit.state is VisitState.SUBMITTED
    assert [photo.position for photo in queries.photos(visit)] == [1, 2]


def test_a_draft_and_its_handing_in_may_come_from_the_same_page() -> None:
    claim = a_held_claim()
    with transaction():
        draft = services.save_draft(claim.user.actor, errand(claim), facts(), key=KEY)

    assert hand_in(claim).code == draft.code


def test_a_returned_record_is_mended_and_handed_in_again() -> None:
    claim = a_held_claim()
    visit = hand_in(claim)
    give_back(visit)
    assert reload(visit).state is VisitState.RETURNED
    assert reload(claim).state is ClaimState.HELD

    again = hand_in(claim, facts(minutes=60), key=KEY + "2")

    assert (again.code, again.state, again.minutes) == (visit.code, VisitState.SUBMITTED, 60)
    confirm(again)
    assert hours(visit.household_id) == 60


def test_a_page_that_shows_an_older_record_confirms_nothing() -> None:
    claim = a_held_claim()
    visit = hand_in(claim)
    seen = visit.version
    give_back(visit)
    hand_in(claim, facts(minutes=700), key=KEY + "2")

    with pytest.raises(StalePage):
        confirm(visit, version=seen)

    assert reload(visit).state is VisitState.SUBMITTED
    assert hours(visit.household_id) == 0


def test_confirming_twice_counts_once() -> None:
    visit = hand_in(a_held_claim())
    seen = visit.version
    confirm(visit)

    with pytest.raises(StalePage):
        confirm(visit, version=seen)

    assert reload(visit.household).visit_count == 1
    assert hours(visit.household_id) == 50


def test_nobody_confirms_what_they_did_themselves() -> None:
    worker = a_worker()
    visit = hand_in(a_held_claim(volunteer=worker))

    for stranger in (
        worker,
        a_volunteer(),
        a_worker("440605011"),
        a_user("officer"),
        a_user("admin"),
    ):
        with pytest.raises(Forbidden), transaction():
            services.confirm(stranger.actor, visit, version=visit.version)


def test_a_supervisor_of_the_district_confirms_too() -> None:
    visit = hand_in(a_held_claim())

    confirm(visit, a_user("supervisor", "440606"))

    assert reload(visit).state is VisitState.CONFIRMED


def test_a_return_needs_its_reason() -> None:
    visit = hand_in(a_held_claim())

    with pytest.raises(errors.ReasonMissing):
        give_back(visit, "  ")


def test_nobody_writes_under_the_claim_of_somebody_else() -> None:
    claim = a_held_claim()

    for other in (a_volunteer(), a_worker()):
        with pytest.raises(Forbidden), transaction():
            services.submit(other.actor, errand(claim), facts(), key=KEY)


def test_a_worker_records_their_own_visit_without_hours_and_it_settles_the_rhythm_task() -> None:
    worker = a_worker()
    household = a_household(worker=worker)
    task = a_task(household, source=TaskSource.RHYTHM, is_public=False)
    with transaction():
        visit = services.submit(
            worker.actor, queries.errand_for_file(household.file_no), facts(), key=KEY
        )

    assert (visit.claim_id, visit.task_id) == (None, task.id)
    confirm(visit, a_user("supervisor"))

    assert reload(task).state is TaskState.DONE
    assert reload(household).visit_count == 1
    assert hours(household.id) == 0


def test_a_paid_worker_who_claims_earns_no_hours() -> None:
    visit = hand_in(a_held_claim(volunteer=a_worker()))

    confirm(visit)

    assert hours(visit.household_id) == 0


def test_helpers_and_workers_of_elsewhere_record_nothing_on_a_file() -> None:
    about = queries.errand_for_file(a_household().file_no)

    for person in (a_volunteer(), a_worker("440605011"), a_user("officer")):
        with pytest.raises(Forbidden), transaction():
            services.submit(person.actor, about, facts(), key=KEY)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (lambda: facts(visited_on=clock.today() + timedelta(days=1)), errors.InTheFuture),
        (lambda: facts(visited_on=clock.today() - timedelta(days=1)), errors.BeforeTheClaim),
        (lambda: facts(minutes=0), errors.MinutesMissing),
        (lambda: facts(minutes=721), errors.MinutesMissing),
        (lambda: facts(Result.FAMILY, minutes=None), errors.MinutesMissing),
        (lambda: facts(Result.NOBODY, minutes=721), errors.MinutesMissing),
        (
            lambda: facts(promises=(Promise("带药", clock.today() - timedelta(days=1)),)),
            errors.PromiseTooEarly,
        ),
    ],
    ids=["tomorrow", "before", "no time", "a day", "family", "attempt", "promise"],
)
def test_what_cannot_have_happened_is_refused(said: Any, refusal: type[errors.BadVisit]) -> None:
    claim = a_held_claim()

    with pytest.raises(refusal):
        hand_in(claim, said())

    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0
    assert reload(claim).state is ClaimState.HELD


def test_a_visit_after_the_window_of_the_claim_is_refused() -> None:
    claim = a_held_claim()
    claim.claimed_at = clock.now() - timedelta(days=20)
    claim.expires_at = clock.now() - timedelta(days=5)
    with transaction():
        db.session.add(claim)

    with pytest.raises(errors.AfterTheWindow):
        hand_in(claim)


def test_a_gift_is_not_visited_and_a_closed_file_neither() -> None:
    with pytest.raises(errors.NotAVisit):
        hand_in(a_held_claim(kind=TaskKind.GOODS))
    worker = a_worker()
    household = a_household(worker=worker, state=HouseholdState.CLOSED, next_visit_on=None)
    with pytest.raises(errors.FileNotOpen), transaction():
        services.submit(worker.actor, queries.errand_for_file(household.file_no), facts(), key=KEY)
    early = queries.errand_for_file(a_household().file_no)
    with pytest.raises(errors.BeforeTheFile), transaction():
        services.submit(worker.actor, early, facts(visited_on=date(2025, 12, 31)), key=KEY)


def test_photos_need_the_household_s_consent_and_its_nod() -> None:
    silent = a_household(consents=(Purpose.VISIT,))

    with pytest.raises(errors.NoPhotoConsent):
        hand_in(a_held_claim(household=silent), facts(asked_for_photos=True), photos=[a_photo()])
    with pytest.raises(errors.PhotosNotAsked):
        hand_in(a_held_claim(), facts(), photos=[a_photo()])
    with pytest.raises(errors.TooManyPhotos):
        hand_in(a_held_claim(), facts(asked_for_photos=True), photos=[a_photo()] * 10)
    assert db.session.scalar(select(func.count()).select_from(Media)) == 0
    hand_in(a_held_claim(household=silent), facts(), key=KEY + "3")


def test_photos_open_for_the_worker_always_and_for_the_volunteer_while_the_claim_lives() -> None:
    worker = a_worker()
    claim = a_held_claim(worker=worker)
    visit = hand_in(claim, facts(asked_for_photos=True), photos=[a_photo()])

    def opened(actor: Actor) -> bytes:
        with transaction():
            return services.open_photo(actor, queries.by_code(visit.code), 1, thumb=False)

    assert opened(claim.user.actor)[:3] == b"\xff\xd8\xff"
    with pytest.raises(Forbidden):
        opened(a_volunteer().actor)
    confirm(visit)
    with pytest.raises(Forbidden):
        opened(claim.user.actor)
    assert opened(worker.actor)[:3] == b"\xff\xd8\xff"
    rows = db.session.scalars(select(AuditRow.user_id).where(AuditRow.action == "visit.photo"))
    assert list(rows) == [claim.user_id, worker.id]


def test_promises_come_to_the_worker_and_are_ticked_off_once() -> None:
    worker = a_worker()
    claim = a_held_claim(worker=worker)
    said = facts(promises=(Promise("带老花镜来", clock.today() + timedelta(days=5)),))
    hand_in(claim, said)

    (follow_up,) = queries.follow_ups(worker.id)

    assert queries.promise(follow_up, follow_up.visit.household) == "带老花镜来"
    stranger = a_volunteer()
    with pytest.raises(Forbidden), transaction():
        services.finish_follow_up(stranger.actor, follow_up)
    with transaction():
        services.finish_follow_up(worker.actor, follow_up)
    assert not queries.follow_ups(worker.id)
    with pytest.raises(StalePage), transaction():
        services.finish_follow_up(worker.actor, follow_up)


def test_an_amendment_is_a_new_version_and_hours_and_figures_follow() -> None:
    visit = hand_in(a_held_claim(), facts(asked_for_photos=True), photos=[a_photo()])
    confirm(visit)

    newer = amend(visit, facts(minutes=30), "时间记多了", judge := a_worker())
    again = amend(visit, facts(minutes=30), "时间记多了", judge)

    assert again.code == newer.code
    assert reload(visit).state is VisitState.AMENDED
    assert (visit.minutes, newer.minutes, newer.amend_reason) == (50, 30, "时间记多了")
    assert hours(visit.household_id) == 30
    assert reload(visit.household).visit_count == 1
    assert len(queries.photos(newer)) == 1
    assert [version.code for version in queries.versions(visit)] == [visit.code, newer.code]


def test_amended_to_an_attempt_the_rhythm_goes_back_and_the_hours_go() -> None:
    visit = hand_in(a_held_claim())
    confirm(visit)

    amend(visit, facts(Result.NOBODY), "记错户")

    household = reload(visit.household)
    assert (household.visit_count, household.last_visit_on) == (1, None)
    assert household.next_visit_on == household.filed_on + timedelta(days=30)
    assert hours(household.id) == 0


def test_only_a_confirmed_record_is_amended_and_only_with_a_reason() -> None:
    claim = a_held_claim()
    visit = hand_in(claim)

    with pytest.raises(errors.NotAnAmendment):
        amend(visit, facts())
    confirm(visit)
    with pytest.raises(errors.ReasonMissing):
        amend(visit, facts(), " ")
    with pytest.raises(Forbidden):
        amend(visit, facts(), judge=claim.user)


def test_unknown_claims_files_and_records_are_not_here() -> None:
    for ask in (queries.errand_for_claim, queries.errand_for_file, queries.by_code):
        with pytest.raises(NotHere):
            ask("X-NOTHING")
