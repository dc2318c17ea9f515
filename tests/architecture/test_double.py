"""The double click and the greedy thumb (同时提交): equal submissions at once give one thing and one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts import services as accounts
from app.accounts.models import Invitation, Organisation
from app.accounts.rules import OrganisationKind, Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Refusal
from app.households import queries as files
from app.households import services as households
from app.households.models import Approval, Household, HouseholdDocument, ImportBatch, Member
from app.households.rules.documents import DocumentKind
from app.households.services import batches, members
from app.needs import services as needs
from app.needs.models import Need
from app.needs.rules import Facts, NeedKind, Urgency
from app.programmes import services as programmes
from app.programmes.models import Programme
from app.resources import queries as gift_queries
from app.resources import services as gifts
from app.resources.models import Delivery, ResourceLine
from app.tasks import queries as task_queries
from app.tasks import services as tasks
from app.tasks.models import Claim
from app.tasks.rules import MAX_OPEN_CLAIMS
from tests.factories import (
    WENXIU,
    a_household,
    a_programme,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    an_organisation,
)
from tests.households.ledgers import a_row, a_workbook
from tests.households.life import PDF, a_wish
from tests.resources.gifts import a_picture, handover, quilts, received

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

KEY = "the-same-form-sent-twice"


def at_once(app: Flask, verbs: list[Callable[[], Any]]) -> list[Any]:
    """Run verbs in threads and transactions of their own, all let loose together; each gives its answer or refusal."""
    db.session.remove()
    gate = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    return verb()
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(lambda verb: Context().run(run, verb), verbs))


def a_need_twice() -> tuple[type, Callable[[], Any]]:
    worker, file = a_worker().actor, a_household()
    facts = Facts(
        kind=NeedKind.HEART, subkind="陪伴", urgency=Urgency.NORMAL, title="上门陪伴", wording="想找人说说话",
story="", seats=1, deadline_on=clock.today() + timedelta(days=20),
    )  # fmt: skip
    return Need, lambda: needs.post(worker, file, facts, key=KEY).code


def a_programme_twice() -> tuple[type, Callable[[], Any]]:
    foundation, charity = an_organisation(OrganisationKind.FOUNDATION, "基金会"), an_organisation()
    officer = a_user(Role.FOUNDATION, "", foundation).actor
    facts = programmes.Facts("新项目", "照顾长者", "", charity.id, clock.today(), None)
    return Programme, lambda: programmes.create(officer, foundation.id, facts, KEY).code


def a_gift_twice() -> tuple[type, Callable[[], Any]]:
    donor, programme = a_user(Role.DONOR).actor, a_programme()
    return ResourceLine, lambda: gifts.pledge(donor, quilts(), programme=programme, key=KEY).code


def a_delivery_twice() -> tuple[type, Callable[[], Any]]:
    code, file, worker = received().code, a_household(), a_worker().actor

    def deliver() -> str:
        line = gift_queries.by_code(code)
        return gifts.deliver(worker, line, file, handover(2), a_picture(), key=KEY).code

    return Delivery, deliver


def an_invitation_twice() -> tuple[type, Callable[[], Any]]:
    admin = a_user(Role.ADMIN, "").actor
    said: dict[str, Any] = {"role": Role.WORKER, "name": "新同事", "region_code": "440606005"}
    return Invitation, lambda: accounts.invite(admin, key=KEY, **said)


def an_organisation_twice() -> tuple[type, Callable[[], Any]]:
    admin = a_user(Role.ADMIN, "").actor
    said: dict[str, Any] = {"name": "新站", "kind": OrganisationKind.STATION, "region_code": ""}
    return (
        Organisation,
        lambda: accounts.create_organisation(admin, notice="", key=KEY, **said).code,
    )


def a_file_twice() -> tuple[type, Callable[[], Any]]:
    worker = a_worker().actor
    cover = {"region_code": WENXIU, "category": "DB", "name": "冼英"}
    people = [{"name": "冼英", "relationship_code": "0", "id_number": "440606198607040017"}]
    return Household, lambda: households.open_file(worker, cover, people, key=KEY).file_no


def a_member_twice() -> tuple[type, Callable[[], Any]]:
    worker, file = a_worker().actor, a_household()
    facts = {"name": "冼英", "relationship_code": "1", "id_number": "440606198607040017"}

    def add() -> str:
        now = files.by_file_no(file.file_no)
        return members.add(worker, now, facts, key=KEY, version=now.version, reason="补登")

    return Member, add


def a_workbook_twice() -> tuple[type, Callable[[], Any]]:
    worker, data = a_worker().actor, a_workbook(a_row())
    return ImportBatch, lambda: batches.receive(worker, data, ".xlsx", KEY).code


def an_account_twice() -> tuple[type, Callable[[], Any]]:
    from app.accounts.models import User  # noqa: PLC0415
    from app.core.access import NOBODY  # noqa: PLC0415

    said: dict[str, Any] = {"role": Role.DONOR, "username": "jiefang", "name": "街坊", "phone": ""}
    return (
        User,
        lambda: (
            accounts.register(NOBODY, password_hash="none", home_region="", key=KEY, **said).code
        ),
    )


def a_paper_twice() -> tuple[type, Callable[[], Any]]:
    worker, file, said = a_worker().actor, a_household(), {"kind": DocumentKind.CLASS, "title": ""}
    today = clock.today()
    return (
        HouseholdDocument,
        lambda: (
            households.add_document(worker, file, PDF, dated_on=today, key=KEY, **said).code  # type: ignore[arg-type]  # a kind and a title
        ),
    )


def a_class_twice() -> tuple[type, Callable[[], Any]]:
    worker, file = a_worker().actor, a_household()
    wish = a_wish(file, worker)
    return Approval, lambda: households.ask_class(worker, file, wish, "理由", key=KEY).code


@pytest.mark.parametrize(
    "thing",
    [
        a_paper_twice,
        a_class_twice,
        a_need_twice,
        a_programme_twice,
        a_gift_twice,
        a_delivery_twice,
        an_invitation_twice,
        an_organisation_twice,
        a_workbook_twice,
        a_file_twice,
        a_member_twice,
        an_account_twice,
    ],
)
def test_the_same_form_sent_twice_at_once_makes_one_thing_and_gives_one_answer(
    app: Flask, thing: Callable[[], tuple[type, Callable[[], Any]]]
) -> None:
    model, verb = thing()
    count = select(func.count()).select_from(model)
    before = db.session.scalar(count) or 0

    answers = at_once(app, [verb] * 4)

    assert len(set(answers)) == 1, answers
    assert db.session.scalar(count) == before + 1


def test_nobody_claims_more_than_they_can_keep_however_many_thumbs_they_have(app: Flask) -> None:
    codes = [a_task().code for _ in range(MAX_OPEN_CLAIMS + 4)]
    greedy = a_volunteer().actor

    def claim(code: str) -> Any:
        task, promise = task_queries.by_code(code), {"pledge": True, "unrelated": True}
        return tasks.claim(greedy, task, units=1, key=f"{KEY}{code}"[-40:], **promise)

    at_once(app, [lambda code=code: claim(code) for code in codes])  # type: ignore[misc]

    assert db.session.scalar(select(func.count()).select_from(Claim)) == MAX_OPEN_CLAIMS


def test_a_delivery_written_down_by_two_people_from_one_page_counts_once(app: Flask) -> None:
    """Two colleagues stood at the door; both pages said that four quilts were left."""
    line, file = received(), a_household()
    code, seen, people = line.code, line.version, [a_worker().actor, a_worker().actor]

    def deliver(who: Any) -> Any:
        now = gift_queries.by_code(code)
        return gifts.deliver(who, now, file, handover(2), a_picture(), key=KEY, seen=seen)

    answers = at_once(app, [lambda who=who: deliver(who) for who in people])  # type: ignore[misc]

    assert sorted(isinstance(answer, Refusal) for answer in answers) == [False, True]
