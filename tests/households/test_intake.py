"""Opening a file on the page: a draft with whatever is known, gone on with until it can be reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households import queries
from app.households.models import Change, Household, Member, Span, Twins
from app.households.rules import HouseholdState, Tier
from app.households.rules.twins import sounds
from tests.factories import DALIANG, WENXIU, a_household, a_user, reload, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

MAN, WOMAN = "440606198607040017", "440623195603151820"
KEY = "the-same-form-sent-twice"
NEW = {"region_code": WENXIU, "category": "DB", "name": "霍凤志", "idempotency_key": KEY}
MEMBER = {"name": "霍子浩", "relationship_code": "2", "version": "1"}


@pytest.fixture
def worker(client: FlaskClient) -> FlaskClient:
    """A worker of 大良, signed in."""
    return sign_in(client, a_user(Role.WORKER, DALIANG))


def url(file: Household, rest: str) -> str:
    return f"/households/{file.file_no}/{rest}"


def the_file() -> Household:
    db.session.rollback()
    return db.session.scalars(select(Household)).one()


def test_a_file_is_opened_as_a_draft_once_and_says_what_is_missing(worker: FlaskClient) -> None:
    assert "文秀社区" in worker.get("/households/new").text
    people = {
        "people-0-name": "霍子浩",
        "people-0-relationship_code": "2",
        "people-0-id_number": MAN,
    }

    answers = [worker.post("/households/new", data=NEW | people) for _ in range(2)]

    file = the_file()
    assert {each.status_code for each in answers} == {303}
    assert {each.location for each in answers} == {f"/households/{file.file_no}?tab=record"}
    assert file.file_no.startswith("440606DB")
    assert (file.state, file.source, file.member_count) == (HouseholdState.DRAFT, "form", 2)
    assert (file.tier, file.tier_rule, file.next_visit_on) == (Tier.QUARTERLY, "ordinary", None)
    assert db.session.scalars(select(Change.kind)).all() == ["created"]
    assert db.session.scalars(select(Span.state)).all() == [HouseholdState.DRAFT]
    assert "household.create" in db.session.scalars(select(AuditRow.action)).all()
    assert queries.as_of(file, clock.today() - timedelta(days=1)) == {}
    page = worker.get(f"/households/{file.file_no}").text
    assert "送审前还差这些" in page
    assert "户主没有证件号，也没写为什么没有" in page
    assert file.file_no in worker.get("/households?state=draft").text
    found = queries.listing(a_user(Role.WORKER, DALIANG).actor, queries.Wanted(text=MAN), None)
    assert [line.household.file_no for line in found.rows] == [file.file_no]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"region_code": "440606006001"}, "请选是哪个村居"),
        ({"category": ""}, "请选一个类别"),
        ({"name": ""}, "请写姓名"),
        ({"id_number": WOMAN}, "已在档案"),
        ({"people-0-name": "冼英", "people-0-relationship_code": "1", "people-0-id_number": WOMAN}, "已在档案"),
        ({"id_number": MAN, "sex": "2"}, "证件号上是男"),
    ],
)  # fmt: skip
def test_a_refused_file_keeps_what_was_typed_and_opens_nothing(
    worker: FlaskClient, said: dict[str, str], words: str
) -> None:
    other = a_household(id_number=WOMAN)

    answer = worker.post("/households/new", data=NEW | {"door": "仕版 9 号"} | said)

    assert answer.status_code == 422
    assert words in answer.text
    assert "仕版 9 号" in answer.text
    assert the_file().id == other.id


def test_somebody_who_sounds_like_one_on_file_is_told_of_at_once(worker: FlaskClient) -> None:
    known = a_household(name="霍凤枝")
    with transaction():
        db.session.execute(
            update(Member).values(
                alike=ring().index("alike", sounds("霍凤枝", "1956-03-15", WENXIU))
            )
        )

    answer = worker.post("/households/new", data=NEW | {"birth": "1956-03-15"})

    pair = db.session.scalars(select(Twins)).one()
    assert known.id in (pair.first_id, pair.second_id)
    page = worker.get(answer.location).text
    assert "这家人像是另有一份档案" in page
    assert f"/households/twins/{pair.code}" in page
    assert f"/households/twins/{pair.code}" in worker.get(f"/households/{known.file_no}").text


def test_a_member_who_sounds_like_one_on_file_is_told_of(worker: FlaskClient) -> None:
    worker.post("/households/new", data=NEW | {"birth": "1956-03-15"})
    other = a_household()
    said = MEMBER | {
        "name": "霍凤枝",
        "birth": "1956-03-15",
        "idempotency_key": "another-form-sent-once",
        "reason": "入户核实",
    }

    answer = worker.post(url(other, "members/new"), data=said)

    db.session.rollback()
    assert answer.status_code == 303
    pair = db.session.scalars(select(Twins)).one()
    assert other.id in (pair.first_id, pair.second_id)


def test_one_more_person_fits_without_scripts(worker: FlaskClient) -> None:
    answer = worker.post("/households/new", data=NEW | {"more": "people", "people-0-name": "冼英"})

    assert answer.status_code == 200
    assert "冼英" in answer.text
    assert "people-1-name" in answer.text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.VOLUNTEER, Role.ADMIN])
def test_only_workers_and_supervisors_open_files(client: FlaskClient, role: Role) -> None:
    sign_in(client, a_user(role, DALIANG))

    assert client.get("/households/new").status_code == 403
    assert client.post("/households/new", data=NEW).status_code == 403


def test_a_draft_is_gone_on_with_and_what_the_short_form_does_not_ask_stays(
    worker: FlaskClient,
) -> None:
    people = {
        "people-0-name": "霍子浩",
        "people-0-relationship_code": "2",
        "people-0-birth": "1986-07-04",
    }
    worker.post("/households/new", data=NEW | people)
    file = the_file()
    head, son = queries.members(file)
    member = MEMBER | {"health": "chronic", "birth": "1986-07-04"}
    worker.post(url(file, f"members/{son.code}/edit"), data=member)

    page = worker.get(url(file, "intake")).text
    more = {"version": "2", "code": head.code, "door": "仕版 9 号", "people-0-code": son.code}
    answer = worker.post(url(file, "intake"), data=NEW | people | more)
    stale = worker.post(url(file, "intake"), data=NEW | people | more | {"door": "另一处"})

    assert "霍子浩" in page
    assert son.code in page
    assert (answer.status_code, stale.status_code) == (303, 409)
    assert "另一处" in stale.text
    document = queries.document(reload(file))
    assert document["cover"]["door"] == "仕版 9 号"
    assert set(document["members"]) == {head.code, son.code}
    assert document["members"][son.code]["health"] == "chronic"


def test_an_emptied_row_takes_somebody_out_of_a_draft(worker: FlaskClient) -> None:
    people = {
        "people-0-name": "霍子浩",
        "people-0-relationship_code": "2",
        "people-0-id_number": MAN,
    }
    worker.post("/households/new", data=NEW | people)
    file = the_file()
    head, son = queries.members(file)

    worker.post(
        url(file, "intake"),
        data=NEW | {"version": "1", "code": head.code, "people-0-code": son.code},
    )

    assert [one.code for one in queries.members(reload(file))] == [head.code]
    assert file.member_count == 1


def test_a_file_in_force_is_not_gone_on_with_as_a_draft(worker: FlaskClient) -> None:
    file = a_household()

    assert worker.get(url(file, "intake")).status_code == 409
    assert worker.post(url(file, "intake"), data=NEW | {"version": "1"}).status_code == 409
