"""A read workbook against the files: compared, taken in whole or not at all."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core.access import SYSTEM, Actor
from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries
from app.households.models import Change, Household, Member, SearchToken
from app.households.rules import HouseholdState
from app.households.services import ahead
from app.households.services.ahead import Ahead
from app.households.services.filing import Filer
from app.households.services.importing import Plan, commit, plan, prepare
from tests.factories import CITY, DALIANG, WENXIU, a_household, a_user, reload
from tests.households.imports import many
from tests.households.ledgers import (
    MAN_1986,
    WOMAN_1948,
    WOMAN_1956,
    a_member,
    a_row,
    another,
    read,
)


def planned(*rows: Sequence[object], actor: Actor = SYSTEM) -> Plan:
    return plan(actor, read(*rows))


def take_in(*rows: Sequence[object], actor: Actor = SYSTEM) -> Plan:
    made = planned(*rows, actor=actor)
    ready = prepare(actor, made)
    with transaction():
        commit(actor, ready)
    return made


def everything() -> list[Any]:
    """Return what the tables hold, in so far as an import may touch it."""
    db.session.rollback()
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Household, Member, Change, SearchToken, AuditRow)
    ]
    return [
        *counts,
        *db.session.execute(
            select(Household.file_no, Household.version).order_by(Household.id)
        ).all(),
    ]


def the_file() -> Household:
    return db.session.scalars(select(Household)).one()


@pytest.mark.usefixtures("app")
def test_a_new_household_gets_a_file_with_everything_sealed() -> None:
    take_in(a_row(), a_member())

    file = the_file()
    head = queries.head(file)
    box = queries.box(file)
    people = [queries.person(box, member) for member in queries.members(file)]
    assert (head.name, head.phone, file.region_code) == ("霍英", "13812345678", WENXIU)
    assert [person["name"] for person in people] == ["霍英", "霍明"]
    assert (file.member_count, file.income_fen, file.aid_fen) == (2, 60205, 10000)
    assert file.state is HouseholdState.ACTIVE
    assert file.next_visit_on is not None


@pytest.mark.usefixtures("app")
def test_the_householder_stands_first_whatever_row_names_them() -> None:
    take_in(
        a_row(
            姓名="霍明", 与户主关系="子", 性别="男", 公民身份号码=MAN_1986, 出生年月="1986-07-04"
        ),
        a_member(
            姓名="霍英",
            与户主关系="户主",
            性别="女",
            公民身份号码=WOMAN_1956,
            出生年月="1956-03-15",
        ),
    )

    first = queries.members(the_file())[0]
    assert queries.person(queries.box(the_file()), first)["name"] == "霍英"
    assert first.id_index == ring().index("id", WOMAN_1956)


@pytest.mark.usefixtures("app")
def test_the_same_workbook_again_changes_nothing() -> None:
    take_in(a_row(), a_member(), another())
    before = everything()

    made = take_in(a_row(), a_member(), another())

    assert made.unchanged == 2
    assert everything() == before


@pytest.mark.usefixtures("app")
def test_a_changed_workbook_says_what_is_new_changed_and_gone() -> None:
    take_in(a_row(), a_member())

    changed = planned(a_row(月人均收入=700.0), a_member(), another())
    vanished = planned(another())

    assert changed.counts() == {"new": 1, "changed": 1, "unchanged": 0, "gone": 0, "rejected": 0}
    assert vanished.counts()["gone"] == 1
    assert vanished.gone == [the_file().file_no]


@pytest.mark.usefixtures("app")
def test_a_changed_file_keeps_its_number_and_remembers_what_it_said() -> None:
    take_in(a_row(), a_member(联系电话=""))
    number = the_file().file_no

    take_in(a_row(月人均收入=700.0, 联系电话="13900001111"), a_member(联系电话=""))

    file = reload(the_file())
    note = queries.changes(file.id)[0]
    fields = queries.box(file).open_json(note.fields, f"change.fields:{number}")
    assert (file.file_no, file.income_fen, file.version) == (number, 70000, 2)
    assert fields["cover/income_fen"] == [60205, 70000]
    assert fields["cover/phone"] == ["13812345678", "13900001111"]
    assert note.title == "按新台账更新"
    assert found_by("13900001111") == [number]
    assert found_by("13812345678") == []


def found_by(text: str) -> list[str]:
    page = queries.listing(SYSTEM, queries.Wanted(text=text), None)
    return [line.household.file_no for line in page.rows]


@pytest.mark.usefixtures("app")
def test_a_person_on_file_elsewhere_keeps_that_household() -> None:
    a_household(id_number=MAN_1986)

    made = planned(a_row(), a_member(), another())

    assert [(each.row, each.reason) for each in made.rejections] == [
        (4, "person_in_another_household")
    ]
    assert made.counts()["new"] == 1
    [problem] = [each for each in made.problems if each.severity == "error"]
    assert "另一份档案" in problem.message


@pytest.mark.usefixtures("app")
def test_a_person_moves_when_the_old_household_lets_them_go() -> None:
    take_in(a_row(), a_member(), another())

    made = take_in(a_row(), another(), a_member(序号="", 与户主关系="孙子"))

    assert made.rejections == []
    home = db.session.scalars(
        select(Household).join(Member).where(Member.id_index == ring().index("id", MAN_1986))
    ).one()
    assert queries.head(home).name == "区兰"


@pytest.mark.usefixtures("app")
def test_a_household_outside_the_senders_town_is_refused() -> None:
    worker = a_user(Role.WORKER, DALIANG).actor

    made = planned(a_row(), another(镇="容桂街道", 村="容里社区居委会"), actor=worker)

    assert [each.reason for each in made.rejections] == ["outside_scope"]
    assert made.counts()["new"] == 1


@pytest.mark.usefixtures("app")
def test_a_file_of_another_town_is_not_drawn_over_and_not_listed_as_gone() -> None:
    take_in(a_row(镇="容桂街道", 村="容里社区居委会"))
    worker = a_user(Role.WORKER, DALIANG).actor

    moved = planned(a_row(), actor=worker)
    silent = planned(another(镇="容桂街道", 村="容里社区居委会"), actor=worker)

    assert [each.reason for each in moved.rejections] == ["outside_scope"]
    assert silent.gone == []


@pytest.mark.usefixtures("app")
def test_an_archived_file_is_not_written_over() -> None:
    take_in(a_row())
    with transaction():
        db.session.execute(update(Household).values(state=HouseholdState.ARCHIVED))

    made = planned(a_row(月人均收入=1.0))

    assert [each.reason for each in made.rejections] == ["file_archived"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "role", [Role.VOLUNTEER, Role.DONOR, Role.ADMIN, Role.AUDITOR, Role.KEEPER]
)
def test_who_does_not_work_with_files_takes_none_in(role: Role) -> None:
    with pytest.raises(Forbidden):
        planned(a_row(), actor=a_user(role, CITY).actor)


def test_nothing_is_kept_when_the_last_insert_fails(app: Flask) -> None:
    made = prepare(SYSTEM, planned(a_row(), a_member(), another()))
    # somebody else put one of these people on file after the plan was made
    a_household(id_number=WOMAN_1948)
    before = everything()

    with pytest.raises(IntegrityError), app.app_context(), transaction():
        commit(SYSTEM, made)

    assert everything() == before


@pytest.mark.usefixtures("app")
def test_a_file_changed_since_the_plan_is_not_written_over() -> None:
    take_in(a_row())
    made = prepare(SYSTEM, planned(a_row(月人均收入=1.0), another()))
    with transaction():
        db.session.execute(update(Household).values(version=2))
    before = everything()

    with pytest.raises(StalePage), transaction():
        commit(SYSTEM, made)

    assert everything() == before


@pytest.mark.usefixtures("app")
def test_two_plans_have_one_fingerprint_only_when_they_would_do_the_same() -> None:
    first = planned(a_row())

    assert planned(a_row()).fingerprint == first.fingerprint
    assert planned(a_row(月人均收入=1.0)).fingerprint != first.fingerprint
    assert planned(a_row(), another()).fingerprint != first.fingerprint


@pytest.mark.usefixtures("app")
def test_what_a_second_process_sealed_is_the_same_as_what_this_one_seals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "WORTH_IT", 2)
    monkeypatch.setattr(ahead, "CHUNK", 3)
    rows = many(30, 联系电话="13900001111")
    with Ahead(SYSTEM) as sealing:
        reading = read(*rows)
        sealing.follow(reading.households)
        made = plan(SYSTEM, reading, sealing)
    ready = prepare(SYSTEM, made)
    with transaction():
        commit(SYSTEM, ready)

    names = {queries.head(file).name for file in db.session.scalars(select(Household))}
    assert names == {row[5] for row in rows}
    assert len(found_by("13900001111")) == 20  # a full page
    assert plan(SYSTEM, read(*rows)).unchanged == 30


@pytest.mark.usefixtures("app")
def test_a_file_number_that_somebody_has_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(a_row())
    taken = the_file().file_no
    drawn = iter([taken, f"{taken[:-6]}000001"])
    monkeypatch.setattr(Filer, "draw", lambda *_: next(drawn))

    take_in(a_row(), another())

    numbers = set(db.session.scalars(select(Household.file_no)))
    assert numbers == {taken, f"{taken[:-6]}000001"}


@pytest.mark.usefixtures("app")
def test_first_visits_of_a_town_are_spread_over_the_rhythm() -> None:
    rows = [
        a_row(
            序号=float(n),
            家庭编号=f"H{n}",
            姓名=f"霍{n}",
            户主姓名=f"霍{n}",
            公民身份号码="",
            出生年月="1956-03-15",
        )
        for n in range(40)
    ]
    take_in(*rows)

    days = set(db.session.scalars(select(Household.next_visit_on)))
    assert len(days) > 15


@pytest.mark.usefixtures("app")
def test_a_whole_import_is_one_audit_row_without_names() -> None:
    take_in(a_row(), a_member(), another())

    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "households.import")).all()
    assert len(rows) == 1
    assert rows[0].detail["new"] == 2
    assert rows[0].detail["by_district"] == {"440606": 2}
