"""Everyone's own page (工作台): empty and full, in a fixed number of statements, within scope."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.accounts.rules import Role
from app.core import clock
from app.core.db import transaction
from app.households.rules import HouseholdState
from app.ledger.models import Tally
from app.ledger.rules import Account, Dimension, Measure
from app.needs.rules import NeedState
from app.portal.services.figures import count_figures
from app.visits.models import FollowUp
from app.visits.rules import Result, VisitState
from tests.factories import (
    CITY,
    DALIANG,
    SHUNDE,
    a_claim,
    a_household,
    a_need,
    a_programme,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    an_organisation,
    keep,
    sign_in,
)
from tests.portal.things import a_gift, a_visit, delivered, sealed_promise

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask.testing import FlaskClient

    from app.accounts.models import User
    from app.households.models import Household

ELSEWHERE = "440605011001"
CEILING = 6
SCOPE = {Role.OFFICER: CITY, Role.AUDITOR: CITY, Role.ADMIN: "", Role.SUPERVISOR: SHUNDE}


def someone(role: Role) -> User:
    """A person of a role, with the scope such a person has."""
    organisation = an_organisation() if role is Role.FOUNDATION else None
    return a_user(role, SCOPE.get(role, DALIANG), organisation)


def fill(worker: User, households: int) -> list[Household]:
    """Put work of every kind into 大良."""
    today = clock.today()
    found = []
    for number in range(households):
        household = a_household(
            next_visit_on=today - timedelta(days=number + 1),
            last_visit_on=None if number % 2 else today - timedelta(days=40),
            worker=worker,
        )
        found.append(household)
        a_household(next_visit_on=today + timedelta(days=1))
        visit = a_visit(household, a_volunteer())
        sealed = sealed_promise(household)
        keep(
            FollowUp(
                code=sealed[0],
                visit_id=visit.id,
                household_id=household.id,
                what=sealed[1],
                due_on=today,
                person_id=worker.id,
            )
        )
        a_need(household)
        a_need(household, state=NeedState.RETURNED, return_reason="请写清数量")
        a_gift(household)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_every_home_opens_in_an_empty_city(
    client: FlaskClient, role: Role, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    sign_in(client, someone(role))

    with statements() as asked:
        answer = client.get("/me")

    assert answer.status_code == 200
    assert len(asked) <= CEILING


@pytest.mark.parametrize("role", list(Role))
def test_every_home_asks_the_same_however_much_there_is(
    client: FlaskClient, role: Role, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    person = someone(role)
    asked = []
    for households in (1, 9):
        for household in fill(person, households):
            a_claim(a_task(household, capacity=3), person)
            a_gift(household, None)
            delivered(household, Measure.GOODS, 100)
        with transaction():
            count_figures(clock.today())
        sign_in(client, person)
        with statements() as found:
            assert client.get("/me").status_code == 200
        asked.append(len(found))

    assert asked[0] == asked[1] <= CEILING


def test_a_worker_finds_each_kind_of_work_and_no_clear_name(client: FlaskClient) -> None:
    worker = a_worker()
    [household] = fill(worker, 1)
    sign_in(client, worker)

    page = client.get("/me").text

    for words in (
        "逾期未访",
        "逾期 1 天",
        "等你确认的探访",
        "退回来的需求",
        "带降压药过去",
        "棉被 2 床",
    ):
        assert words in page
    assert f"/visits/new?household={household.file_no}" in page
    assert "霍凤志" not in page
    assert "霍**" in page


def test_a_worker_sees_nothing_of_another_town(client: FlaskClient) -> None:
    stranger = a_worker("440605011")
    elsewhere = a_household(region=ELSEWHERE, next_visit_on=clock.today() - timedelta(days=3))
    a_visit(elsewhere, a_volunteer())
    a_need(elsewhere)
    a_gift(elsewhere)
    sign_in(client, a_worker())

    page = client.get("/me").text

    assert elsewhere.file_no not in page
    assert "今天没有要赶的事" in page
    sign_in(client, stranger)
    assert elsewhere.file_no in client.get("/me").text


def test_a_paused_file_is_nobodys_work(client: FlaskClient) -> None:
    a_household(state=HouseholdState.PAUSED, next_visit_on=clock.today() - timedelta(days=3))
    sign_in(client, a_worker())

    assert "逾期未访" not in client.get("/me").text


def test_a_worker_can_keep_to_their_own_households(client: FlaskClient) -> None:
    worker = a_worker()
    late = clock.today() - timedelta(days=3)
    own = a_household(worker=worker, next_visit_on=late)
    other = a_household(next_visit_on=late)
    sign_in(client, worker)

    page = client.get("/me?mine=1").text

    assert own.file_no in page
    assert other.file_no not in page


def test_a_supervisor_sees_what_waits_and_whose_households_are_late(client: FlaskClient) -> None:
    worker = a_worker()
    fill(worker, 3)
    sign_in(client, someone(Role.SUPERVISOR))

    page = client.get("/me").text

    assert "待审核的需求" in page
    assert "，3 户" in page


def test_a_volunteer_reads_only_confirmed_service_as_hours(client: FlaskClient) -> None:
    volunteer, household = a_volunteer(), a_household()
    a_visit(household, volunteer, state=VisitState.CONFIRMED, counts_hours=True, minutes=90)
    a_visit(household, volunteer, minutes=600)
    sign_in(client, volunteer)

    page = client.get("/me").text

    assert "1.5 小时" in page
    assert "还有 1 次等社工确认" in page


def test_a_donor_follows_their_own_gifts_only(client: FlaskClient) -> None:
    donor, household = a_user(Role.DONOR), a_household()
    mine = a_gift(household, donor)
    other = a_gift(household, a_user(Role.DONOR), item="电饭煲")
    keep(
        Tally(
            dimension=Dimension.DONOR,
            subject=str(mine.donor_id),
            account=Account.DELIVERED,
            measure=Measure.GOODS,
            amount=39_800,
        )
    )
    sign_in(client, donor)

    page = client.get("/me").text

    assert mine.code in page
    assert "¥398.00" in page
    assert other.code not in page
    assert household.file_no not in page


def test_a_foundation_sees_its_own_programmes_only(client: FlaskClient) -> None:
    ours, theirs = an_organisation(), an_organisation(name="别家慈善会")
    a_programme(name="和乐颐年", foundation_id=ours.id, charity_id=ours.id)
    a_programme(name="别家项目", foundation_id=theirs.id, charity_id=theirs.id)
    sign_in(client, a_user(Role.FOUNDATION, "", ours))

    page = client.get("/me").text

    assert "和乐颐年" in page
    assert "别家项目" not in page


def test_the_night_counts_each_town_once_and_again_without_a_change(client: FlaskClient) -> None:
    today = clock.today()
    seen, unseen = (
        a_household(last_visit_on=today, member_count=3),
        a_household(next_visit_on=today - timedelta(days=1)),
    )
    volunteer = a_volunteer()
    a_visit(seen, volunteer, state=VisitState.CONFIRMED)
    a_visit(seen, volunteer, state=VisitState.CONFIRMED)
    a_visit(unseen, volunteer, state=VisitState.CONFIRMED, result=Result.NOBODY)
    a_household(region=ELSEWHERE)
    delivered(seen, Measure.MONEY, 300_000)

    with transaction():
        first = count_figures(today)
    with transaction():
        again = count_figures(today)

    assert first > 0
    assert again == 0
    sign_in(client, a_user(Role.OFFICER, DALIANG))
    page = client.get("/me").text
    for words in ("2 户", "4 人", "占在档 50%", "3 户次", "探访率 50%", "¥3,000.00"):
        assert words in page
    assert "桂城" not in page
