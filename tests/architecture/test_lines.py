"""Lines that must not be crossed (红线), tried by people who mean to: a colleague, a donor, who writes reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Grant
from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import BadInput, Forbidden
from app.needs import services as needs
from app.needs.errors import TwoPeople
from app.needs.queries import facts_of
from app.notices.models import Message
from app.resources import services as gifts
from app.resources.errors import NoConsent
from app.tasks import services as tasks
from app.visits import services as visits
from tests.factories import (
    DALIANG,
    a_claim,
    a_household,
    a_need,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    keep,
    sign_in,
)
from tests.resources.gifts import a_picture, handover, key, pledged, receipt, received
from tests.visits.stories import a_held_claim, a_photo, facts, hand_in

if TYPE_CHECKING:
    from flask import Flask

    from app.accounts.models import User

TELLING = ("霍凤志说不用了", "打 13800005678 没人接", "住文秀社区仕版38号496的那家", "霍婆婆住院了")


def also(user: User, role: Role) -> User:
    """Give somebody one more role."""
    keep(Grant(user_id=user.id, role=role, region_code=DALIANG, granted_at=clock.now()))
    db.session.expire(user)
    return user


def test_nobody_receives_what_they_promised_themselves(app: Flask) -> None:
    keeper = also(a_user(Role.KEEPER), Role.DONOR)
    line = pledged(donor=keeper)

    with pytest.raises(Forbidden), transaction():
        gifts.receive(keeper.actor, line, receipt(line), a_picture())


def test_nobody_hands_their_own_gift_to_a_household_of_their_choice(app: Flask) -> None:
    worker = also(a_worker(), Role.DONOR)
    line, household = received(pledged(donor=worker)), a_household()

    with pytest.raises(Forbidden), transaction():
        gifts.deliver(worker.actor, line, household, handover(), a_picture(), key=key())


def test_who_changed_a_need_does_not_publish_it(app: Flask) -> None:
    writer, supervisor = a_worker(), a_user(Role.SUPERVISOR)
    need = a_need(state="draft", posted_by_id=writer.id)
    with transaction():
        needs.edit(supervisor.actor, need, facts_of(need))
    with transaction():
        needs.submit(writer.actor, need)

    with pytest.raises(TwoPeople), transaction():
        tasks.publish(supervisor.actor, need)
    another = a_user(Role.SUPERVISOR)
    with transaction():
        tasks.publish(another.actor, need)


@pytest.mark.parametrize("reason", TELLING)
def test_a_reason_names_nobody(app: Flask, reason: str) -> None:
    worker, supervisor, household = a_worker(), a_user(Role.SUPERVISOR), a_household()
    keeper = a_user(Role.KEEPER)
    claim = a_claim(a_task(household), a_volunteer())
    need = a_need(household, posted_by_id=worker.id)
    handed = hand_in(a_held_claim(household=household))
    line = received()
    line.household_id = household.id
    keep(line)

    for verb in (
        lambda: tasks.release(claim.user.actor, claim, reason),
        lambda: needs.return_(supervisor.actor, need, reason),
        lambda: tasks.withdraw(worker.actor, need, reason),
        lambda: visits.return_(supervisor.actor, handed, reason, version=handed.version),
        lambda: visits.amend(supervisor.actor, handed, facts(), reason, key=key()),
        lambda: gifts.reverse(keeper.actor, line, reason),
    ):
        with pytest.raises(BadInput, match="不要写"), transaction():
            verb()


def test_a_reason_is_read_on_the_page_and_stands_in_no_message(app: Flask) -> None:
    worker, supervisor = a_worker(), a_user(Role.SUPERVISOR)
    need = a_need(posted_by_id=worker.id)
    claim = a_held_claim(worker=worker)
    with transaction():
        needs.return_(supervisor.actor, need, "请写清楚时间")
        tasks.release(claim.user.actor, claim, "临时有事：发烧了")

    titles = " ".join(db.session.scalars(select(Message.title)))
    assert "退回来了" in titles
    assert "交回了" in titles
    assert "写清楚" not in titles
    assert "发烧" not in titles


def test_a_withdrawn_consent_closes_the_door_the_record_and_the_card_at_once(app: Flask) -> None:
    household = a_household()
    claim = a_held_claim(household=household)
    visit = hand_in(
        claim, facts(asked_for_photos=True, notes={"text": "睡得不好"}), photos=[a_photo()]
    )
    other = a_held_claim(volunteer=claim.user, household=household)
    task = a_task(household)
    helper, worker = sign_in(app.test_client(), claim.user), sign_in(app.test_client(), a_worker())
    pages = (f"/claims/{other.code}", f"/visits/{visit.code}", f"/visits/{visit.code}/photos/1")
    before = [helper.get(page) for page in pages]
    assert "霍凤志" in before[0].text
    assert "睡得不好" in before[1].text
    assert before[2].status_code == 200

    for purpose in ("visit", "goods"):
        said = {"purpose": purpose, "recipient": "helpers"}
        address = f"/households/{household.file_no}/consents/withdraw"
        assert worker.post(address, data=said).status_code == 303

    after = [helper.get(page) for page in pages]
    assert "霍凤志" not in after[0].text
    assert "睡得不好" not in after[1].text
    assert after[2].status_code == 403
    assert helper.get(f"/tasks/{task.code}").status_code == 404
    assert worker.get(pages[2]).status_code == 200
    line, keeper = received(), a_user(Role.KEEPER)
    with pytest.raises(NoConsent), transaction():
        gifts.deliver(keeper.actor, line, household, handover(), a_picture(), key=key())


def test_an_invitation_leads_to_this_site_whatever_the_request_calls_it(app: Flask) -> None:
    admin = sign_in(app.test_client(), a_user(Role.ADMIN, ""))
    said = {"name": "新同事", "role": "worker", "region_code": DALIANG}

    cookie = admin.get_cookie("shanlin")
    assert cookie
    admin.set_cookie("shanlin", cookie.value, domain="evil.example")

    admin.post("/admin/invitations", data=said, base_url="http://evil.example")
    page = admin.get("/admin/invitations", base_url="http://evil.example").text

    assert "http://localhost/invitations/" in page
    assert "evil.example" not in page


def test_a_failing_statement_does_not_tell_what_it_was_given(app: Flask) -> None:
    with pytest.raises(DBAPIError) as failure:
        db.session.execute(text("select * from nowhere where name = :name"), {"name": "霍凤志"})

    assert "霍凤志" not in str(failure.value)
