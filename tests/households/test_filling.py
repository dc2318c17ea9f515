"""Filling in sections and keeping people: what is written, what is refused, and what is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere, StalePage
from app.households import queries, services
from app.households.errors import (
    AlreadyOnFile,
    HouseholderStays,
    LastOneLeaves,
    NoHouseholder,
    NotWritable,
    ReasonMissing,
)
from app.households.models import Household, Member
from app.households.rules import HouseholdState, Tier
from app.households.rules.states import WRITABLE
from app.households.services import members
from tests.factories import CITY, DALIANG, SHUNDE, a_household, a_user, reload, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

RONGGUI, RONGLI = "440606006", "440606006001"
WOMAN, MAN = "440623195603151820", "440606198607040017"
KEY = "the-same-form-sent-twice"
SON = {"name": "霍子浩", "relationship_code": "2", "sex": "1", "birth": "1986-07-04"}


def a_worker(region: str = DALIANG) -> Any:
    return a_user(Role.WORKER, region).actor


def said(file: Household) -> dict[str, Any]:
    return queries.document(reload(file))


def fill(who: Any, file: Household, kind: str, values: dict[str, Any], **more: Any) -> bool:
    with transaction():
        given: dict[str, Any] = {"version": file.version, "reason": "入户核实"} | more
        return services.fill(who, file, kind, values, **given)


def add(who: Any, file: Household, facts: dict[str, Any] = SON, **more: Any) -> str:
    with transaction():
        given: dict[str, Any] = {"key": KEY, "version": file.version, "reason": "补登"} | more
        return members.add(who, file, facts, **given)


def change(who: Any, file: Household, code: str, facts: dict[str, Any], **more: Any) -> bool:
    given: dict[str, Any] = {"version": reload(file).version, "reason": "核对"} | more
    with transaction():
        return members.change(who, file, code, facts, **given)


def codes_of(file: Household) -> list[str]:
    return [one.code for one in queries.members(reload(file))]


@pytest.mark.usefixtures("app")
def test_a_section_is_sealed_kept_in_the_history_and_audited() -> None:
    file, worker = a_household(), a_worker()

    assert fill(worker, file, "income", {"wage": 100_000, "note": "在饭店洗碗"})

    change_ = queries.changes(file.id)[0]
    fields = queries.box(file).open_json(change_.fields, f"change.fields:{file.file_no}")
    assert said(file)["sections"] == {"income": {"wage": 100_000, "note": "在饭店洗碗"}}
    assert (change_.title, change_.reason) == ("填了收入", "入户核实")
    assert fields == {"sections": [None, {"income": {"wage": 100_000, "note": "在饭店洗碗"}}]}
    assert db.session.scalars(select(AuditRow.action)).all() == ["household.edit"]


@pytest.mark.usefixtures("app")
def test_what_a_form_does_not_ask_stays_in_its_section() -> None:
    file, worker = a_household(), a_worker()
    fill(worker, file, "plan", {"agreed": True, "meeting": "M-1"})

    fill(worker, reload(file), "plan", {"agreed": False})

    assert said(file)["sections"]["plan"] == {"agreed": False, "meeting": "M-1"}


@pytest.mark.usefixtures("app")
def test_the_cover_keeps_what_was_stated_until_somebody_adopts_the_figure() -> None:
    file, worker = a_household(income_fen=120_000), a_worker()

    fill(worker, file, "income", {"wage": 100_000, "aid": 5_000})
    assert (reload(file).income_fen, file.aid_fen) == (120_000, 0)

    fill(worker, file, "income", {"wage": 90_000, "aid": 5_000}, adopt=True)
    assert (reload(file).income_fen, file.aid_fen) == (90_000, 5_000)


@pytest.mark.usefixtures("app")
def test_a_crisis_in_the_assessment_sets_the_tier_unless_somebody_said_it() -> None:
    judged, stated = a_household(tier_rule="ordinary"), a_household(tier_rule="manual")
    worker = a_worker()

    for file in (judged, stated):
        fill(worker, file, "assessment", {"on": "2026-03-01", "score": 10, "crisis": True})

    assert (reload(judged).tier, judged.tier_rule) == (Tier.WEEKLY, "crisis")
    assert reload(stated).tier is Tier.MONTHLY


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "state", [one for one in HouseholdState if one is not HouseholdState.ERASED]
)
def test_a_file_is_written_in_while_it_is_open(state: HouseholdState) -> None:
    file, worker = a_household(state=state), a_worker()

    if state in WRITABLE:
        assert fill(worker, file, "housing", {"area": 60})
    else:
        with pytest.raises(NotWritable):
            fill(worker, file, "housing", {"area": 60})
        with pytest.raises(NotWritable):
            add(worker, file)


@pytest.mark.usefixtures("app")
def test_a_file_in_force_asks_why_and_a_draft_does_not() -> None:
    worker = a_worker()

    with pytest.raises(ReasonMissing):
        fill(worker, a_household(), "housing", {"area": 60}, reason=" ")
    assert fill(worker, a_household(state=HouseholdState.DRAFT), "housing", {"area": 60}, reason="")


@pytest.mark.usefixtures("app")
def test_a_stale_page_fills_in_nothing() -> None:
    file, worker = a_household(), a_worker()
    fill(worker, file, "housing", {"area": 60})

    with pytest.raises(StalePage):
        fill(worker, file, "housing", {"area": 70}, version=1)

    assert said(file)["sections"]["housing"] == {"area": 60}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.WORKER, RONGGUI), (Role.OFFICER, SHUNDE), (Role.ADMIN, CITY), (Role.VOLUNTEER, DALIANG)],
)
def test_only_who_works_there_fills_in(role: Role, region: str) -> None:
    file, other = a_household(), a_user(role, region).actor
    code = codes_of(file)[0]
    verbs: list[Any] = [
        lambda: fill(other, file, "housing", {"area": 60}),
        lambda: add(other, file),
        lambda: change(other, file, code, SON),
        lambda: members.leave(other, file, code, on=clock.today(), why="died", version=1),
        lambda: members.move(other, file, code, up=True, version=1),
    ]

    for verb in verbs:
        with pytest.raises(Forbidden):
            verb()


@pytest.mark.usefixtures("app")
def test_a_new_member_counts_is_found_and_comes_once_however_often_the_form_is_sent() -> None:
    file, worker = a_household(), a_worker()

    code = add(worker, file, SON | {"id_number": MAN, "phone": "13900001111"})
    again = add(worker, file, SON | {"id_number": MAN}, version=1)

    assert code == again
    assert reload(file).member_count == 2
    assert said(file)["members"][code]["relationship"] == "子"
    for words in ("子浩", MAN, "13900001111"):
        assert queries.listing(worker, queries.Wanted(text=words), None).rows


@pytest.mark.usefixtures("app")
def test_a_correction_keeps_the_account_and_what_no_form_asks() -> None:
    file, worker = a_household(), a_worker()
    code = add(worker, file, SON | {"account": "62284804", "marriage": "10"})

    change(worker, file, code, SON | {"name": "霍子豪"})
    kept = said(file)["members"][code]
    change(worker, file, code, SON | {"account": ""})

    assert (kept["name"], kept["account"], kept["marriage"]) == ("霍子豪", "62284804", "10")
    assert "account" not in said(file)["members"][code]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("region", "words"),
    [("440606005001", "440606"), (RONGLI, "这个证件号已在别处建档，请督导查重")],
)
def test_one_person_stands_in_one_file_of_the_city(region: str, words: str) -> None:
    other, file = a_household(region=region, id_number=MAN), a_household()

    with pytest.raises(AlreadyOnFile) as refused:
        add(a_worker(), file, SON | {"id_number": MAN})

    assert words in refused.value.message
    assert (other.file_no in refused.value.message) == (region[:9] == DALIANG)
    assert MAN not in refused.value.message
    assert reload(file).member_count == 1


@pytest.mark.usefixtures("app")
def test_one_number_stands_once_in_a_household() -> None:
    file, worker = a_household(id_number=MAN), a_worker()

    with pytest.raises(AlreadyOnFile):
        add(worker, file, SON | {"id_number": MAN})


@pytest.mark.usefixtures("app")
def test_whoever_left_is_free_to_stand_in_another_file() -> None:
    old, new, worker = a_household(), a_household(), a_worker()
    code = add(worker, old, SON | {"id_number": MAN})
    with transaction():
        members.leave(
            worker, old, code, on=clock.today(), why="married", version=reload(old).version
        )

    add(worker, new, SON | {"id_number": MAN})

    gone = said(old)["members"][code]
    assert (gone["left_on"], gone["left_why"]) == (clock.today().isoformat(), "married")
    assert (reload(old).member_count, reload(new).member_count) == (1, 2)
    with pytest.raises(NotHere):
        members.move(worker, old, code, up=True, version=reload(old).version)
    assert queries.changes(old.id)[0].title == "一位家庭成员离户"


@pytest.mark.usefixtures("app")
def test_the_householder_and_the_last_one_do_not_simply_leave() -> None:
    alone, file, worker = a_household(), a_household(), a_worker()
    add(worker, file)

    def leave(which: Household) -> None:
        code, version = codes_of(which)[0], reload(which).version
        with transaction():
            members.leave(worker, which, code, on=clock.today(), why="died", version=version)

    with pytest.raises(LastOneLeaves):
        leave(alone)
    with pytest.raises(HouseholderStays):
        leave(file)


@pytest.mark.usefixtures("app")
def test_a_new_householder_stands_first_on_the_cover_and_turns_the_relationships() -> None:
    file, worker = a_household(phone="13800005678"), a_worker()
    son = add(worker, file, SON | {"phone": "13900001111"})
    first = codes_of(file)[0]

    change(worker, file, son, SON | {"relationship_code": "0", "phone": "13900001111"})

    people = said(file)["members"]
    head = queries.head(reload(file))
    assert codes_of(file) == [son, first]
    assert (people[son]["relationship_code"], people[first]["relationship"]) == ("0", "父母")
    assert (head.name, head.phone) == ("霍子浩", "13900001111")
    assert queries.changes(file.id)[0].title == "换了户主"


@pytest.mark.usefixtures("app")
def test_a_household_is_never_without_a_householder() -> None:
    file, worker = a_household(), a_worker()

    with pytest.raises(NoHouseholder):
        change(worker, file, codes_of(file)[0], SON)


@pytest.mark.usefixtures("app")
def test_members_change_places_and_the_householder_stays_first() -> None:
    file, worker = a_household(), a_worker()
    first = codes_of(file)[0]
    one, two = (add(worker, reload(file), SON, key=f"{KEY}-{n}") for n in (1, 2))

    def up(code: str) -> bool:
        with transaction():
            return members.move(worker, file, code, up=True, version=reload(file).version)

    assert up(two)
    assert codes_of(file) == [first, two, one]
    assert not up(two)
    assert not up(first)


@pytest.mark.usefixtures("app")
def test_nobody_is_changed_who_is_not_there() -> None:
    file, worker = a_household(), a_worker()

    with pytest.raises(NotHere):
        change(worker, file, "NOBODY", SON)


@pytest.mark.usefixtures("app")
def test_no_name_number_or_note_stands_in_the_tables() -> None:
    file, worker = a_household(), a_worker()
    add(worker, file, SON | {"id_number": MAN, "account": "6228480402564890"})
    fill(worker, reload(file), "support", {"note": "和弟弟吵过", "helpers": [{"who": "child"}]})

    rows = b"".join(db.session.scalars(select(Member.person)))

    assert MAN.encode() not in rows
    assert "子浩".encode() not in rows
    assert MAN not in str([vars(one) for one in db.session.scalars(select(AuditRow))])


def test_pages_mask_the_account_and_open_with_an_audit_row(client: FlaskClient) -> None:
    sign_in(client, user := a_user(Role.WORKER, DALIANG))
    file = a_household()
    code = add(user.actor, file, SON | {"account": "6228480402564890", "note": "敲门久一点"})

    page = client.get(f"/households/{file.file_no}/members/{code}/edit").text

    listed = client.get(f"/households/{file.file_no}?tab=members").text

    assert "霍子浩" in page
    assert "************4890" in page
    assert "************4890" in listed
    assert "敲门久一点" not in listed
    assert "6228480402564890" not in page
    db.session.rollback()
    reasons = db.session.scalars(
        select(AuditRow.reason).where(AuditRow.action == "household.unmask")
    )
    assert reasons.all() == ["修改档案：家庭成员"]
