"""Two files become one, and are taken apart again: what comes together, what stays, who has to agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries
from app.households.errors import (
    CannotSeparate,
    FamilyWrong,
    NeedsSecondPerson,
    NotDecidable,
    NotInState,
)
from app.households.models import Approval, Household, Twins
from app.households.rules import HouseholdState
from app.households.rules.approvals import ApprovalState
from app.households.rules.families import Choices, same_people
from app.households.rules.twins import TwinState
from app.households.services import approvals, edit, families, twins
from app.households.services.deciding import EFFECTS
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload
from tests.households.families import CHEN, HUO, One, a_family, code_of, names

if TYPE_CHECKING:
    from app.accounts.models import User

WHY = "核过户口本，是同一家"
AGAIN = (One("霍凤枝", "0", "", "1956-03-15", "13666667777"), One("霍小明", "4", "", "2015-06-01"))
GUIZHOU = "440606006001"
KEY = "merge-key-00000001"


def chosen(mine: Household, other: Household, **more: Any) -> Choices:
    same = same_people(queries.document(mine), queries.document(other))
    return Choices(same, more.get("theirs", frozenset()), more.get("relations", {}))


def merge(worker: User, mine: Household, other: Household, choices: Choices | None = None) -> None:
    with transaction():
        families.merge(
            worker.actor,
            mine,
            other,
            choices or chosen(mine, other),
            reason=WHY,
            version=mine.version,
            other_version=other.version,
        )


@pytest.mark.usefixtures("app")
def test_one_person_becomes_one_and_the_others_come_along() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
    boy = code_of(other, "霍小明")

    merge(worker, mine, other, chosen(mine, other, relations={boy: "4"}))

    said = queries.document(reload(mine))
    assert names(mine) == ["霍凤志", "梁桂芳", "霍健豪", "霍小明"]
    assert said["members"][boy]["relationship_code"] == "4"
    assert said["members"][code_of(mine, "霍凤志")]["phone"] == "13800005678"  # ours counts
    assert names(other) == []
    assert (reload(other).state, other.merged_into_id) == (HouseholdState.ARCHIVED, mine.id)
    assert queries.carried_on(other).file_no == mine.file_no
    assert [one.file_no for one in queries.came_into(mine.id)] == [other.file_no]


@pytest.mark.usefixtures("app")
def test_where_both_speak_the_one_chosen_counts() -> None:
    worker, mine, other = a_worker(), a_family(*HUO, housing="own"), a_family(*AGAIN)
    with transaction():
        edit(
            worker.actor,
            other,
            {"housing": "rented", "cause": "illness", "income_fen": 90_000},
            reason="登记",
            version=other.version,
        )
    with transaction():
        edit(worker.actor, mine, {"income_fen": 50_000}, reason="登记", version=mine.version)
    head = code_of(mine, "霍凤志")
    theirs = frozenset({"cover/income_fen", f"members/{head}"})

    merge(worker, reload(mine), reload(other), chosen(mine, other, theirs=theirs))

    said = queries.document(reload(mine))
    assert (mine.housing, mine.cause, mine.income_fen) == ("own", "illness", 90_000)
    assert said["members"][head]["name"] == "霍凤枝"
    assert said["members"][head]["id_number"] == "440623195603151820"  # a gap of theirs is filled
    assert queries.head(mine).name == "霍凤枝"


@pytest.mark.usefixtures("app")
def test_consents_count_only_for_the_household_that_gave_them() -> None:
    worker, mine, other = a_worker(), a_family(*HUO, consents=()), a_family(*AGAIN)

    merge(worker, mine, other)

    assert queries.consents(mine.id) == []
    assert all(one.withdrawn_at for one in queries.consents(other.id))


@pytest.mark.usefixtures("app")
def test_both_files_still_read_as_they_were_before() -> None:
    with clock.frozen(clock.now() - timedelta(days=3)):
        worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
        before = queries.document(mine), queries.document(other)
    yesterday = clock.today() - timedelta(days=1)

    merge(worker, mine, other)

    after = queries.as_of(reload(mine), yesterday), queries.as_of(reload(other), yesterday)
    assert after == before
    titles = [one.title for one in queries.changes(mine.id)]
    assert f"合户，档案 {other.file_no} 并入" in titles
    assert f"合户，并入档案 {mine.file_no}" in titles  # the other's history is told here, too


@pytest.mark.usefixtures("app")
def test_a_wrong_merge_is_taken_back_word_for_word() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
    before = queries.document(mine), queries.document(other)
    merge(worker, mine, other)

    with transaction():
        families.separate(
            worker.actor,
            reload(mine),
            reload(other),
            reason="是两家人",
            version=mine.version,
            other_version=other.version,
        )

    assert (queries.document(reload(mine)), queries.document(reload(other))) == before
    assert other.merged_into_id is None
    pair = db.session.scalars(select(Twins)).one()
    assert (pair.state, pair.reason) == (TwinState.DIFFERENT, "是两家人")


@pytest.mark.usefixtures("app")
def test_a_merge_that_adds_nothing_is_told_in_both_histories_and_taken_back_all_the_same() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(AGAIN[0])
    before = queries.document(mine), queries.document(other)
    seen = mine.version

    merge(worker, mine, other)

    assert queries.document(reload(mine)) == before[0]
    assert f"合户，档案 {other.file_no} 并入" in [one.title for one in queries.changes(mine.id)]
    with pytest.raises(StalePage), transaction():
        edit(worker.actor, mine, {"income_fen": 1}, reason="旧页面", version=seen)
    with transaction():
        families.separate(
            worker.actor,
            reload(mine),
            reload(other),
            reason="是两家人",
            version=mine.version,
            other_version=other.version,
        )
    assert (queries.document(reload(mine)), queries.document(reload(other))) == before


@pytest.mark.usefixtures("app")
def test_a_merge_on_which_something_was_built_stays() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
    merge(worker, mine, other)
    with transaction():
        edit(
            worker.actor,
            reload(mine),
            {"income_fen": 1},
            reason="登记",
            version=mine.version,
        )

    with pytest.raises(CannotSeparate), transaction():
        families.separate(
            worker.actor,
            reload(mine),
            reload(other),
            reason="是两家人",
            version=mine.version,
            other_version=other.version,
        )


@pytest.mark.usefixtures("app")
def test_what_came_into_a_file_that_came_into_another_is_one_step_from_its_old_number() -> None:
    worker, first, second, third = a_worker(), a_family(*HUO), a_family(*AGAIN), a_family(*CHEN)
    merge(worker, second, third)
    merge(worker, first, reload(second))

    assert reload(third).merged_into_id == first.id

    with transaction():
        families.separate(
            worker.actor,
            reload(first),
            reload(second),
            reason="是两家人",
            version=first.version,
            other_version=second.version,
        )
    assert reload(third).merged_into_id == second.id


@pytest.mark.usefixtures("app")
def test_two_workers_files_are_merged_by_a_supervisor_or_with_one() -> None:
    worker, colleague, supervisor = a_worker(), a_worker(), a_user(Role.SUPERVISOR)
    mine, other = a_family(*HUO, worker=worker), a_family(*AGAIN, worker=colleague)

    with pytest.raises(NeedsSecondPerson):
        merge(worker, mine, other)

    merge(supervisor, mine, other)
    assert reload(other).merged_into_id == mine.id


def asked(worker: User, mine: Household, other: Household, choices: Choices | None) -> Approval:
    with transaction():
        return families.ask_merge(worker.actor, mine, other, choices, reason=WHY, key=KEY)


def approve(somebody: User, approval: Approval) -> None:
    with transaction():
        approvals.decide(somebody.actor, approval, ApprovalState.APPROVED, "", EFFECTS)


@pytest.mark.usefixtures("app")
def test_across_towns_a_supervisor_of_both_agrees_and_it_is_done() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN, region=GUIZHOU)
    approval = asked(worker, mine, other, None)

    assert approval.region_code == SHUNDE  # the district is the smallest that holds both towns
    assert asked(worker, mine, other, None).id == approval.id  # pressed twice, asked once
    with pytest.raises(Forbidden):
        approve(a_user(Role.SUPERVISOR, DALIANG), approval)
    approve(a_user(Role.SUPERVISOR, SHUNDE), approval)

    assert names(mine) == ["霍凤志", "梁桂芳", "霍健豪", "霍小明"]
    assert reload(other).merged_into_id == mine.id
    with pytest.raises(NotDecidable):
        approve(a_user(Role.SUPERVISOR, SHUNDE), approval)


@pytest.mark.usefixtures("app")
def test_what_was_asked_is_not_done_to_a_file_that_says_something_else_by_now() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN, region=GUIZHOU)
    approval = asked(worker, mine, other, None)
    with transaction():
        edit(worker.actor, mine, {"income_fen": 1}, reason="登记", version=mine.version)

    with pytest.raises(StalePage):
        approve(a_user(Role.SUPERVISOR, SHUNDE), approval)

    assert reload(other).merged_into_id is None


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (HouseholdState.DRAFT, HouseholdState.ACTIVE),
        (HouseholdState.CLOSED, HouseholdState.ACTIVE),
        (HouseholdState.ACTIVE, HouseholdState.UNDER_REVIEW),
        (HouseholdState.ACTIVE, HouseholdState.ARCHIVED),
    ],
)
def test_a_file_in_force_is_never_lost_in_one_that_is_not(
    mine: HouseholdState, other: HouseholdState
) -> None:
    worker = a_worker()
    one, two = a_household(state=mine), a_household(state=other)

    with pytest.raises(NotInState):
        merge(worker, one, two, Choices())


@pytest.mark.usefixtures("app")
def test_two_people_of_one_file_are_not_one_person_of_the_other() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
    head = code_of(mine, "霍凤志")
    twice = dict.fromkeys((code_of(other, one.name) for one in AGAIN), head)

    with pytest.raises(FamilyWrong):
        merge(worker, mine, other, Choices(twice))


@pytest.mark.usefixtures("app")
def test_a_file_is_not_merged_with_itself_nor_twice() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)

    with pytest.raises(NotInState):
        merge(worker, mine, mine, Choices())
    merge(worker, mine, other)
    with pytest.raises(NotInState):
        merge(worker, reload(mine), reload(other), Choices())


@pytest.mark.usefixtures("app")
def test_after_a_merge_its_pairs_are_settled_and_what_was_told_apart_stays_so() -> None:
    worker, mine, other = a_worker(), a_family(*HUO), a_family(*AGAIN)
    third = a_family(One("霍凤志", "0", "", "1956-03-15"))
    with transaction():
        twins.find_piece()
    pair = db.session.scalars(
        select(Twins).where(Twins.first_id == other.id, Twins.second_id == third.id)
    ).one()
    with transaction():
        twins.declare_different(worker.actor, pair, "两个人")

    merge(worker, mine, other)

    states = {
        (one.first_id, one.second_id): one.state
        for one in db.session.scalars(select(Twins).execution_options(populate_existing=True))
    }
    assert states[mine.id, other.id] is TwinState.MERGED
    assert states[mine.id, third.id] is TwinState.DIFFERENT
