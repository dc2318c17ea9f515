"""A need: written by one, read by another, then shown."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.access import Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households.models import Household
from app.households.rules import HouseholdState, Purpose
from app.needs import errors, queries, services
from app.needs.models import Need
from app.needs.queries import Filters
from app.needs.rules import NEXT, Facts, NeedKind, NeedState, Urgency, can_become, wrong_with
from app.tasks import services as tasks
from tests.factories import (
    CITY,
    SHUNDE,
    a_household,
    a_need,
    a_programme,
    a_user,
    a_volunteer,
    a_worker,
    reload,
)


def facts(**changed: Any) -> Facts:
    """What a worker writes of a visit."""
    values: dict[str, Any] = {
        "kind": NeedKind.HEART,
        "subkind": "陪伴",
        "urgency": Urgency.SOON,
        "title": "上门陪伴",
        "wording": "老人想找人说说话",
        "story": "老伴去年走了",
        "deadline_on": clock.today() + timedelta(days=20),
        "seats": 1,
    } | changed
    return Facts(**values)


def post(worker: User, household: Household, *, key: str = "", **changed: Any) -> Need:
    """Write it down."""
    seen = bool(changed.pop("seen_before", False))
    with transaction():
        return services.post(
            worker.actor,
            household,
            facts(**changed),
            key=key or secrets.token_urlsafe(18),
            seen_before=seen,
        )


TODAY = clock.today()
WRONG = [
    ({"seats": 0}, "seats"),
    ({"seats": 21}, "seats"),
    ({"quantity": 4, "item": "棉被"}, "item"),
    ({"quantity": 4, "unit": "床"}, "item"),
    ({"amount_fen": 200_000}, "programme"),
    ({"amount_fen": 5_000_001, "programme_id": 1}, "amount"),
    ({"deadline_on": TODAY - timedelta(days=1)}, "deadline_on"),
    ({"deadline_on": TODAY + timedelta(days=181)}, "deadline_on"),
    ({"visit_from": clock.now()}, "visit_until"),
    ({"visit_from": clock.now(), "visit_until": clock.now() - timedelta(hours=1)}, "visit_until"),
]


@pytest.mark.parametrize(("changed", "field"), WRONG)
def test_what_makes_no_sense_is_said_beside_its_field(changed: dict[str, Any], field: str) -> None:
    assert list(wrong_with(facts(**changed), TODAY)) == [field]


def test_a_sound_need_has_nothing_wrong() -> None:
    assert wrong_with(facts(), TODAY) == {}


@pytest.mark.parametrize("state", list(NeedState))
def test_no_state_follows_itself_and_ends_are_ends(state: NeedState) -> None:
    assert not can_become(state, state)
    if state in {NeedState.CLOSED, NeedState.WITHDRAWN, NeedState.MERGED}:
        assert not NEXT[state]


@pytest.mark.usefixtures("app")
class TestWriting:
    """A worker writes."""

    def test_a_draft_is_kept_and_its_story_sealed(self) -> None:
        worker, household = a_worker(), a_household()

        need = post(worker, household)

        assert reload(need).state is NeedState.DRAFT
        assert "老伴".encode() not in need.story
        assert queries.story(queries.by_code(need.code)) == "老伴去年走了"

    def test_the_same_key_gives_the_same_need(self) -> None:
        worker, household, key = a_worker(), a_household(), secrets.token_urlsafe(18)

        assert post(worker, household, key=key).id == post(worker, household, key=key).id

    @pytest.mark.parametrize("field", ["title", "wording", "item", "unit", "skill"])
    def test_a_members_name_stands_nowhere_on_the_card(self, field: str) -> None:
        household = a_household(name="霍凤志")

        with pytest.raises(errors.WordingTellsTooMuch) as refused:
            post(a_worker(), household, **{field: "霍 凤志"})

        assert list(refused.value.found) == [field]

    def test_the_same_kind_within_90_days_must_be_seen_first(self) -> None:
        household, worker = a_household(), a_worker()
        a_need(
            household,
            state=NeedState.MET,
            settled_at=clock.now() - timedelta(days=89),
            posted_at=clock.now() - timedelta(days=120),
        )

        with pytest.raises(errors.AskedBefore):
            post(worker, household)

        assert post(worker, household, seen_before=True).id
        assert post(worker, household, kind=NeedKind.CARE).id

    def test_after_90_days_nothing_is_asked(self) -> None:
        household = a_household()
        long_ago = clock.now() - timedelta(days=92)
        a_need(household, state=NeedState.MET, settled_at=long_ago, posted_at=long_ago)

        assert post(a_worker(), household).id

    @pytest.mark.parametrize(
        "state", [HouseholdState.DRAFT, HouseholdState.PAUSED, HouseholdState.CLOSED]
    )
    def test_only_a_file_in_force_asks_for_something(self, state: HouseholdState) -> None:
        with pytest.raises(errors.FileNotActive):
            post(a_worker(), a_household(state=state))

    @pytest.mark.parametrize(
        ("role", "region", "may"),
        [
            (Role.WORKER, "440606005", True),
            (Role.SUPERVISOR, SHUNDE, True),
            (Role.WORKER, "440606102", False),
            (Role.OFFICER, SHUNDE, False),
            (Role.VOLUNTEER, SHUNDE, False),
            (Role.ADMIN, CITY, False),
        ],
    )
    def test_who_may_write(self, role: Role, region: str, *, may: bool) -> None:
        household, person = a_household(), a_user(role, region)

        if may:
            assert post(person, household).id
        else:
            with pytest.raises(Forbidden):
                post(person, household)


@pytest.mark.usefixtures("app")
class TestReviewing:
    """Another one reads."""

    def test_two_people_look_at_it(self) -> None:
        supervisor = a_user(Role.SUPERVISOR)
        need = post(supervisor, a_household())
        with transaction():
            services.submit(supervisor.actor, queries.by_code(need.code))

        with pytest.raises(errors.TwoPeople), transaction():
            tasks.publish(supervisor.actor, queries.by_code(need.code))

        another = a_user(Role.SUPERVISOR)
        with transaction():
            tasks.publish(another.actor, queries.by_code(need.code))
        assert reload(need).state is NeedState.PUBLISHED

    def test_without_consent_it_is_not_submitted_and_the_draft_stays(self) -> None:
        worker, household = a_worker(), a_household(consents=(Purpose.GOODS,))
        need = post(worker, household)

        with pytest.raises(errors.NoConsent, match="上门探访") as refused, transaction():
            services.submit(worker.actor, queries.by_code(need.code))

        assert refused.value.file_no == household.file_no
        assert reload(need).state is NeedState.DRAFT

    @pytest.mark.parametrize(
        ("changed", "purpose"),
        [
            ({}, Purpose.VISIT),
            ({"kind": NeedKind.CARE}, Purpose.SERVICE),
            ({"seats": 0, "item": "棉被", "quantity": 1, "unit": "床"}, Purpose.GOODS),
            ({"seats": 0, "amount_fen": 100, "programme_id": 1}, Purpose.MONEY),
        ],
    )
    def test_each_kind_of_help_needs_its_own_consent(
        self, changed: dict[str, Any], purpose: Purpose
    ) -> None:
        assert queries.purposes_of(facts(**changed)) == (purpose,)

    def test_money_is_asked_of_a_programme(self) -> None:
        worker, programme = a_worker(), a_programme()
        need = post(worker, a_household(), seats=0, amount_fen=50_000, programme_id=programme.id)
        with transaction():
            services.submit(worker.actor, queries.by_code(need.code))
        supervisor = a_user(Role.SUPERVISOR)

        with transaction():
            [task] = tasks.publish(supervisor.actor, queries.by_code(need.code))

        assert task.programme_id == programme.id
        assert task.card_title == "支持“和乐颐年” · 陪伴"

    def test_a_returned_need_can_be_mended_and_sent_again(self) -> None:
        worker, supervisor = a_worker(), a_user(Role.SUPERVISOR)
        need = post(worker, a_household())
        with transaction():
            services.submit(worker.actor, queries.by_code(need.code))
        with transaction():
            services.return_(supervisor.actor, queries.by_code(need.code), "写清楚要几点")
        with transaction():
            services.edit(worker.actor, queries.by_code(need.code), facts(title="上门聊天"))
        with transaction():
            services.submit(worker.actor, queries.by_code(need.code))

        assert reload(need).state is NeedState.UNDER_REVIEW
        assert (need.title, need.return_reason) == ("上门聊天", "")

    def test_what_is_published_is_not_edited_any_more(self) -> None:
        worker = a_worker()
        need = a_need(state=NeedState.PUBLISHED)

        with pytest.raises(StalePage), transaction():
            services.edit(
                worker.actor, queries.by_code(need.code), facts(seats=3), seen_before=True
            )

    def test_a_page_that_grew_old_changes_nothing(self) -> None:
        worker = a_worker()
        need = post(worker, a_household())
        old = queries.by_code(need.code)
        db.session.expunge(old)
        with transaction():
            services.edit(worker.actor, queries.by_code(need.code), facts(title="上门聊天"))

        with pytest.raises(StalePage), transaction():
            services.edit(worker.actor, old, facts(title="陪着散步"))

    def test_only_supervisors_of_the_place_review(self) -> None:
        need = a_need(posted_by_id=a_worker().id)

        for person in (a_worker(), a_user(Role.SUPERVISOR, "440606102"), a_volunteer()):
            with pytest.raises(Forbidden), transaction():
                tasks.publish(person.actor, queries.by_code(need.code))

    def test_reading_the_story_leaves_a_row(self) -> None:
        worker, need = a_worker(), a_need()

        with transaction():
            assert services.read_story(worker.actor, queries.by_code(need.code)) == "老伴去年走了"

        assert db.session.scalars(select(AuditRow.action)).all() == ["need.read"]


@pytest.mark.usefixtures("app")
class TestLists:
    """What each sees."""

    @pytest.mark.parametrize(
        ("role", "region", "sees"),
        [
            (Role.WORKER, "440606005", True),
            (Role.OFFICER, SHUNDE, True),
            (Role.OFFICER, CITY, True),
            (Role.WORKER, "440606102", False),
            (Role.VOLUNTEER, CITY, False),
            (Role.ADMIN, CITY, False),
            (Role.WORKER, "", False),
        ],
    )
    def test_one_sees_the_needs_of_ones_region(
        self, role: Role, region: str, *, sees: bool
    ) -> None:
        a_need()
        person = a_user(role, region)

        assert bool(queries.visible(person.actor, Filters(), None)) is sees

    def test_pages_follow_each_other_without_gaps(self) -> None:
        worker, household = a_worker(), a_household()
        for _ in range(45):
            a_need(household)

        seen: list[int] = []
        cursor = None
        while True:
            page = queries.visible(worker.actor, Filters(), cursor)
            seen += [need.id for need in page.rows]
            cursor = page.next
            if cursor is None:
                break

        assert len(seen) == len(set(seen)) == 45
        assert seen == sorted(seen, reverse=True)

    def test_what_i_wrote_waits_for_another_supervisor(self) -> None:
        supervisor, another = a_user(Role.SUPERVISOR), a_user(Role.SUPERVISOR)
        a_need(posted_by_id=supervisor.id)

        assert queries.to_review(supervisor.actor, 10) == []
        assert len(queries.to_review(another.actor, 10)) == 1
        assert queries.to_review(Actor(), 10) == []
