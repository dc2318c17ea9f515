"""Handing over: all of a worker's files in one, with what hangs on them; notes for oneself stay one's own (交接)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select

from app.accounts import services as accounts
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock, codes
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.households import queries
from app.households.errors import NothingToHand
from app.households.models import Change, Handover, WorkerNote
from app.households.services.notes import keep_note
from app.needs.errors import ReasonTellsTooMuch
from app.notices.models import Message
from app.portal.services import handover as services
from app.tasks.rules import ClaimState
from app.visits.models import FollowUp
from tests.factories import (
    WENXIU,
    a_claim,
    a_household,
    a_need,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    keep,
    reload,
    sign_in,
)
from tests.portal.things import a_visit

if TYPE_CHECKING:
    from flask import Flask

    from app.accounts.models import User
    from app.households.models import Household

pytestmark = pytest.mark.usefixtures("app")
OTHER = "440606005003"


def key() -> str:
    return secrets.token_urlsafe(18)


def hand(leaving: User, shares: dict[str, User], note: str = "老楼没电梯", **more: Any) -> Any:
    supervisor = more.pop("by", None) or a_user(Role.SUPERVISOR)
    with transaction():
        return services.hand_over(
            supervisor.actor, leaving, shares, note, key=more.get("key") or key()
        )


def a_follow_up(household: Household, person: User) -> FollowUp:
    visit = a_visit(household, person)
    code = codes.new("F")
    sealed = queries.box(household).seal_json({"text": "带老花镜"}, f"follow_up.what:{code}")
    return keep(
        FollowUp(
            code=code,
            visit_id=visit.id,
            household_id=household.id,
            what=sealed,
            due_on=clock.today(),
            person_id=person.id,
        )
    )


def test_files_go_with_their_follow_ups_drafts_and_tasks_and_both_are_told() -> None:
    leaving, taker = a_worker(), a_worker()
    household, untouched = a_household(worker=leaving), a_household(worker=a_worker())
    promise = a_follow_up(household, leaving)
    draft = a_need(household, state="draft", posted_by_id=leaving.id)
    posted = a_need(household, posted_by_id=leaving.id)
    task = a_task(household, contact_id=leaving.id)

    [row] = hand(leaving, {WENXIU: taker})

    assert reload(household).worker_id == taker.id
    assert reload(untouched).worker_id != taker.id
    assert reload(promise).person_id == taker.id
    assert reload(draft).posted_by_id == taker.id
    assert reload(posted).posted_by_id == leaving.id
    assert reload(task).contact_id == taker.id
    assert (row.files, row.follow_ups, row.drafts, row.tasks) == (1, 1, 1, 1)
    told = db.session.execute(
        select(Message.user_id, Message.kind).where(Message.kind.like("handover.%"))
    ).all()
    assert {tuple(one) for one in told} == {
        (taker.id, "handover.to_you"),
        (leaving.id, "handover.from_you"),
    }


def test_every_file_has_its_row_of_history_and_of_the_log_and_its_past_is_right() -> None:
    leaving, taker = a_worker(), a_worker()
    files = [a_household(worker=leaving) for _ in range(3)]

    hand(leaving, {WENXIU: taker})

    for file in files:
        reload(file)
        assert queries.document(file)["cover"]["worker_id"] == taker.id
        [change] = db.session.scalars(select(Change).where(Change.household_id == file.id))
        fields = queries.box(file).open_json(change.fields, f"change.fields:{file.file_no}")
        assert fields == {"cover/worker_id": [leaving.id, taker.id]}
        assert db.session.scalar(
            select(func.count())
            .select_from(AuditRow)
            .where(AuditRow.action == "household.handover", AuditRow.household_id == file.id)
        )
    assert files[0].version == 2


def test_villages_go_to_different_people() -> None:
    leaving, near, far = a_worker(), a_worker(), a_worker()
    here, there = a_household(worker=leaving), a_household(worker=leaving, region=OTHER)

    made = hand(leaving, {WENXIU: near, OTHER: far})

    assert len(made) == 2
    assert (reload(here).worker_id, reload(there).worker_id) == (near.id, far.id)


def test_the_same_submission_hands_over_once() -> None:
    leaving, taker, once = a_worker(), a_worker(), key()
    a_household(worker=leaving)

    first, second = (hand(leaving, {WENXIU: taker}, key=once) for _ in range(2))

    assert [one.id for one in first] == [one.id for one in second]
    assert db.session.scalar(select(func.count()).select_from(Handover)) == 1


def statements(leaving: User, taker: User) -> int:
    """How many statements a handover takes, without reading the families for its note, one after the other."""
    ran: list[str] = []

    def note(*said: Any) -> None:
        ran.append(said[2])

    event.listen(db.engine, "before_cursor_execute", note)
    hand(leaving, {WENXIU: taker})
    event.remove(db.engine, "before_cursor_execute", note)
    return sum("FROM member" not in one for one in ran)


def test_it_takes_no_more_statements_for_more_files() -> None:
    taker, counts = a_worker(), []
    for number in (2, 12):
        leaving = a_worker()
        for _ in range(number):
            a_household(worker=leaving)
        counts.append(statements(leaving, taker))

    assert counts[0] == counts[1]


def test_who_may_not_hand_over_and_to_whom_not() -> None:
    leaving, taker = a_worker(), a_worker()
    a_household(worker=leaving)
    elsewhere = a_worker("440604010")

    for somebody in (a_worker(), a_user(Role.OFFICER), a_user(Role.ADMIN, "")):
        with pytest.raises(Forbidden):
            hand(leaving, {WENXIU: taker}, by=somebody)
    with pytest.raises(Forbidden):
        hand(leaving, {WENXIU: taker}, by=a_user(Role.SUPERVISOR, "440604010"))
    for wrong in (leaving, elsewhere, a_user(Role.SUPERVISOR)):
        with pytest.raises(NothingToHand):
            hand(leaving, {WENXIU: wrong})
    with pytest.raises(NothingToHand):
        hand(taker, {WENXIU: leaving})


def test_a_note_that_names_a_family_is_refused() -> None:
    leaving, taker = a_worker(), a_worker()
    household = a_household(worker=leaving)

    with pytest.raises(ReasonTellsTooMuch):
        hand(leaving, {WENXIU: taker}, "霍凤志家要多留意")

    assert reload(household).worker_id == leaving.id


# ── notes for oneself ─────────────────────────────────────────────────────────────


def test_a_predecessors_own_notes_stay_their_own(app: Flask) -> None:
    leaving, taker = a_worker(), a_worker()
    household = a_household(worker=leaving)
    page = f"/households/{household.file_no}/note"
    old, new = sign_in(app.test_client(), leaving), sign_in(app.test_client(), taker)
    assert old.post(page, data={"text": "儿子欠了赌债"}).status_code == 303

    hand(leaving, {WENXIU: taker})

    assert "儿子欠了赌债" in old.get(page).text
    supervisor = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    for somebody in (new, supervisor):
        assert "儿子欠了赌债" not in somebody.get(page).text
    new.post(page, data={"text": "周三上午在家"})
    assert "儿子欠了赌债" in old.get(page).text
    assert "周三上午在家" not in old.get(page).text


def test_an_empty_note_is_torn_up_and_a_long_one_refused(app: Flask) -> None:
    worker = a_worker()
    household = a_household()
    with transaction():
        keep_note(worker.actor, household, "周三上午在家")
    client = sign_in(app.test_client(), worker)

    long = client.post(f"/households/{household.file_no}/note", data={"text": "长" * 2001})
    client.post(f"/households/{household.file_no}/note", data={"text": " "})

    assert long.status_code == 422
    assert "2000 字以内" in long.text
    assert db.session.scalar(select(func.count()).select_from(WorkerNote)) == 0


def test_only_those_who_write_in_a_file_keep_a_note_on_it() -> None:
    household, officer = a_household(), a_user(Role.OFFICER)

    with pytest.raises(Forbidden), transaction():
        keep_note(officer.actor, household, "不该有")


# ── pages ─────────────────────────────────────────────────────────────────────────


def test_a_supervisor_hands_over_on_the_page(app: Flask) -> None:
    leaving, taker = a_worker(), a_worker()
    household = a_household(worker=leaving)
    client = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    where = f"/households/handover/{leaving.code}"

    assert leaving.name in client.get("/households/handover").text
    assert "1 份" in client.get(where).text
    missing = client.post(where, data={"to": taker.code, "note": ""})
    assert missing.status_code == 422
    assert "请写几句交接说明" in missing.text
    telling = client.post(where, data={"to": taker.code, "note": "霍凤志家"})
    assert telling.status_code == 422
    done = client.post(where, data={"to": taker.code, "note": "老楼没电梯"})

    assert done.status_code == 303
    assert reload(household).worker_id == taker.id
    note = sign_in(app.test_client(), taker).get(done.headers["Location"])
    assert "老楼没电梯" in note.text
    stranger = sign_in(app.test_client(), a_worker())
    assert stranger.get(done.headers["Location"]).status_code == 404
    assert client.post(where, data={"to": taker.code, "note": "再来"}).status_code == 409


def test_what_a_volunteer_holds_is_offered_on_and_nobody_is_assigned(app: Flask) -> None:
    leaving, asked = a_volunteer(), a_volunteer()
    claim = a_claim(a_task(a_household()), leaving)
    client = sign_in(app.test_client(), a_user(Role.SUPERVISOR))
    where = f"/households/handover/{leaving.code}"

    assert "转给别人" in client.get(where).text
    assert client.post(f"{where}/claims", data={"note": ""}).status_code == 422
    telling = client.post(f"{where}/claims", data={"note": "霍凤志家"})
    assert telling.status_code == 422
    done = client.post(f"{where}/claims", data={"note": "搬去外地了", "to": asked.code})

    assert done.status_code == 303
    assert reload(claim).state is ClaimState.RELEASED
    said = db.session.scalars(select(Message.title).where(Message.user_id == asked.id)).all()
    assert len(said) == 1
    assert "愿意就认领" in said[0]
    assert client.get(where).status_code == 404


def test_a_worker_who_was_disabled_is_first_in_the_list_with_files_to_hand_over(
    app: Flask,
) -> None:
    leaving, admin = a_worker(), a_user(Role.ADMIN, "")
    a_household(worker=leaving)
    with transaction():
        accounts.disable(admin.actor, leaving)

    page = sign_in(app.test_client(), a_user(Role.SUPERVISOR)).get("/households/handover").text

    assert "已离开，还有档案" in page
