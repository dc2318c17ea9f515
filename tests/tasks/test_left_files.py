"""When a file is paused or closed: the window to the door shuts at once, and the night tells who held or waited."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import Refusal
from app.households.rules.closing import Closing
from app.households.services import states
from app.needs.rules import NeedState
from app.notices.models import Message
from app.tasks import policy, services
from app.tasks.errors import DoorClosed
from app.tasks.jobs import run_close_left
from app.tasks.rules import ClaimState, TaskKind, TaskSource, TaskState
from tests.factories import (
    a_claim,
    a_household,
    a_need,
    a_task,
    a_volunteer,
    reload,
    sign_in,
)

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.households.models import Household


pytestmark = pytest.mark.usefixtures("app")


def pause(file: Household) -> None:
    until = clock.today() + timedelta(days=30)
    with transaction():
        states.pause(SYSTEM, file, until, reason="住院", version=file.version)


def close(file: Household) -> None:
    with transaction():
        states.close(SYSTEM, file, Closing.MOVED, None, reason="搬走了", version=file.version)


@pytest.mark.parametrize("leave", [pause, close])
def test_the_window_shuts_the_moment_the_file_is_left(client: FlaskClient, leave: object) -> None:
    file, helper = a_household(), a_volunteer()
    claim = a_claim(a_task(file), helper)
    sign_in(client, helper)
    assert "13800005678" in client.get(f"/claims/{claim.code}").text

    leave(file)  # type: ignore[operator]  # one of the two above

    page = client.get(f"/claims/{claim.code}")
    assert page.status_code == 200
    for secret in ("霍凤志", "13800005678", "仕版38号"):
        assert secret not in page.text
    claim = reload(claim)
    assert not policy.sees_household(helper.actor, claim)
    with pytest.raises(DoorClosed), transaction():
        services.read_household(helper.actor, claim)


def test_nobody_claims_what_belongs_to_a_paused_file() -> None:
    file = a_household()
    task = a_task(file)
    helper = a_volunteer()
    pause(file)

    with pytest.raises(Refusal), transaction():
        services.claim(helper.actor, task, units=1, pledge=True, unrelated=True, key="k" * 18)


def test_the_night_cancels_what_was_open_for_a_closed_file_once() -> None:
    file, helper, waiting = a_household(), a_volunteer(), a_volunteer()
    need = a_need(file, state=NeedState.PUBLISHED)
    task = a_task(file, need_id=need.id)
    rhythm = a_task(file, source=TaskSource.RHYTHM)
    other = a_task()
    held = a_claim(task, helper)
    line = a_claim(rhythm, waiting, state=ClaimState.WAITING, expires_at=None)
    with transaction():
        rhythm.taken -= 1  # the factory counts a place for it, and a line takes none
        db.session.add(rhythm)
    close(file)

    changed = [run_close_left(clock.today()), run_close_left(clock.today())]

    assert changed[0] > 0
    assert changed[1] == 0
    assert (reload(task).state, task.taken) == (TaskState.CANCELLED, 0)
    assert reload(rhythm).state is TaskState.CANCELLED
    assert reload(other).state is TaskState.OPEN
    assert reload(need).state is NeedState.WITHDRAWN
    assert reload(held).state is ClaimState.RELEASED
    assert reload(line).state is ClaimState.DECLINED
    told = db.session.scalars(select(Message.user_id).where(Message.kind == "claim.ended"))
    assert sorted(told) == sorted([helper.id, waiting.id])


def test_what_was_handed_in_for_a_closed_file_is_still_confirmed() -> None:
    file, helper = a_household(), a_volunteer()
    claim = a_claim(a_task(file, kind=TaskKind.VISIT), helper, state=ClaimState.HANDED_IN)
    close(file)

    run_close_left(clock.today())

    assert reload(claim).state is ClaimState.HANDED_IN


def test_a_pause_takes_places_back_and_the_task_goes_on_with_the_file() -> None:
    file, helper, next_helper = a_household(), a_volunteer(), a_volunteer()
    task = a_task(file, capacity=2)
    held = a_claim(task, helper)
    line = a_claim(task, next_helper, state=ClaimState.WAITING, expires_at=None)
    with transaction():  # one seat, taken; the factory counts a place for whoever waits
        task.capacity, task.taken, task.state = 1, 1, TaskState.FULL
        db.session.add(task)
    pause(file)

    changed = [run_close_left(clock.today()), run_close_left(clock.today())]

    assert changed == [2, 0]
    assert reload(held).state is ClaimState.RELEASED
    assert reload(line).state is ClaimState.DECLINED  # nobody is promoted to a door that is shut
    assert (reload(task).state, task.taken) == (TaskState.OPEN, 0)
    with transaction():
        states.resume(SYSTEM, reload(file), reason="出院", version=file.version)
    with transaction():
        made = services.claim(
            next_helper.actor, reload(task), units=1, pledge=True, unrelated=True, key="k" * 18
        )
    assert made.state is ClaimState.HELD
