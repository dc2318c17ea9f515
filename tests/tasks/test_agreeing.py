"""When a household agrees no longer, or a helper is gone: doors close, cards vanish, people are told (收回认领)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.accounts import services as accounts
from app.accounts.models import Grant
from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.households.models import Consent
from app.households.rules import Purpose, Recipient
from app.needs.models import Need
from app.needs.rules import NeedState
from app.notices.models import Message
from app.tasks import services
from app.tasks.jobs import run_not_agreed, run_of_the_gone
from app.tasks.rules import ClaimState, TaskState
from tests.factories import (
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

if TYPE_CHECKING:
    from flask import Flask

    from app.households.models import Household
    from app.tasks.models import Claim, Task

pytestmark = pytest.mark.usefixtures("app")


def withdraw(household: Household, purpose: Purpose = Purpose.VISIT) -> int:
    worker = a_worker()
    with transaction():
        return services.withdraw_consent(worker.actor, household, purpose, Recipient.HELPERS)


def run_out(household: Household) -> None:
    yesterday = clock.today() - timedelta(days=1)
    with transaction():
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == household.id)
            .values(given_on=yesterday - timedelta(days=400), expires_on=yesterday)
        )


def in_line(task: Task, user: Any) -> Claim:
    """Somebody who waits: the builder counts a place for every claim, and a line takes none."""
    line = a_claim(task, user, state=ClaimState.WAITING, expires_at=None)
    with transaction():
        task.taken -= 1
        db.session.add(task)
    return line


def told(user: Any) -> list[str]:
    return list(db.session.scalars(select(Message.title).where(Message.user_id == user.id)))


def test_withdrawing_ends_what_is_held_and_waited_for_and_tells_their_people() -> None:
    household, holder, waiting = a_household(), a_volunteer(), a_volunteer()
    need = a_need(household, state=NeedState.IN_PROGRESS)
    task = a_task(household, need_id=need.id, state=TaskState.FULL)
    line = in_line(task, waiting)
    held = a_claim(task, holder)

    assert withdraw(household) == 2

    assert reload(held).state is ClaimState.RELEASED
    assert reload(line).state is ClaimState.DECLINED
    assert (reload(task).taken, task.state) == (0, TaskState.OPEN)
    assert db.session.get_one(Need, need.id).state is NeedState.PUBLISHED
    for person in (holder, waiting):
        [words] = told(person)
        assert "不用去了" in words
        assert "谢谢你" in words


def test_what_was_handed_in_and_other_kinds_of_help_go_on() -> None:
    household, holder = a_household(), a_volunteer()
    done = a_claim(a_task(household), holder, state=ClaimState.HANDED_IN)
    gift = a_claim(a_task(household, kind="goods", unit="床"), a_user(Role.DONOR))

    assert withdraw(household) == 0

    assert reload(done).state is ClaimState.HANDED_IN
    assert reload(gift).state is ClaimState.HELD


def test_a_consent_that_ran_out_closes_the_door_at_once_and_ends_the_claim_in_the_night(
    app: Flask,
) -> None:
    household, holder, worker = a_household(), a_volunteer(), a_worker()
    task = a_task(household, contact_id=worker.id)
    claim = a_claim(task, holder)
    helper = sign_in(app.test_client(), holder)
    assert "霍凤志" in helper.get(f"/claims/{claim.code}").text

    run_out(household)

    assert "霍凤志" not in helper.get(f"/claims/{claim.code}").text
    stranger = sign_in(app.test_client(), a_volunteer())
    assert task.title not in stranger.get("/tasks").text
    assert stranger.get(f"/tasks/{task.code}").status_code == 404
    assert [run_not_agreed(clock.today()) for _ in range(2)] == [1, 0]
    assert reload(claim).state is ClaimState.RELEASED
    assert "不用去了" in told(holder)[0]
    assert "认领已收起" in told(worker)[0]
    assert "谢谢你愿意帮忙" in helper.get(f"/claims/{claim.code}").text


def test_agreeing_again_opens_the_card_again() -> None:
    household, newcomer = a_household(), a_volunteer()
    task = a_task(household)
    a_claim(task, a_volunteer())
    withdraw(household)

    with transaction():
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == household.id)
            .values(withdrawn_at=None, ended="")
        )
    with transaction():
        again = services.claim(
            newcomer.actor, task, units=1, pledge=True, unrelated=True, key="k" * 20
        )

    assert again.state is ClaimState.HELD


@pytest.mark.parametrize("how", ["disabled", "grant ended"])
def test_what_a_gone_volunteer_holds_goes_to_the_next_in_line_and_the_worker_is_told(
    how: str,
) -> None:
    leaver, next_one, worker = a_volunteer(), a_volunteer(), a_worker()
    admin = a_user(Role.ADMIN, "")
    task = a_task(a_household(), contact_id=worker.id, state=TaskState.FULL)
    line = in_line(task, next_one)
    held = a_claim(task, leaver)
    assert run_of_the_gone(clock.today()) == 0
    with transaction():
        if how == "disabled":
            accounts.disable(admin.actor, leaver)
        else:
            db.session.execute(
                update(Grant).where(Grant.user_id == leaver.id).values(ended_at=clock.now())
            )

    assert [run_of_the_gone(clock.today()) for _ in range(2)] == [1, 0]

    assert reload(held).state is ClaimState.RELEASED
    assert reload(line).state is ClaimState.HELD
    assert any("账号停用" in words for words in told(worker))


@pytest.mark.parametrize("how", ["disabled", "grant ended"])
@pytest.mark.parametrize("role", [Role.WORKER, Role.VOLUNTEER])
def test_removed_people_lose_access_in_sessions_that_are_open(
    app: Flask, role: Role, how: str
) -> None:
    person, admin = a_user(role), a_user(Role.ADMIN, "")
    household = a_household()
    claim = a_claim(a_task(household), person)
    page = f"/households/{household.file_no}" if role is Role.WORKER else f"/claims/{claim.code}"
    client = sign_in(app.test_client(), person)
    assert client.get(page).status_code == 200

    with transaction():
        if how == "disabled":
            accounts.disable(admin.actor, person)
        else:
            accounts.end_grant(admin.actor, person, person.grants[0].id)
    run_of_the_gone(clock.today())

    answer = client.get(page)
    assert "霍凤志" not in answer.text
    assert answer.status_code in ({303} if how == "disabled" else {200, 403})
    if role is Role.WORKER and how == "grant ended":
        assert answer.status_code == 403
