"""A changed workbook over known files: what it says is taken, its silence takes nothing, and all of it is history."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import StalePage
from app.households import queries
from app.households.models import Change, Household, Member, Span
from app.households.rules.bringing import NOT_IN_LEDGER
from app.households.rules.preview import told
from app.households.services.importing import Plan, commit, plan, prepare
from app.households.services.writing import write
from app.regions.queries import place_short
from tests.factories import DALIANG, a_household, a_user, reload
from tests.households.ledgers import MAN_1986, WOMAN_1948, a_member, a_row, another, read


def take_in(*rows: Sequence[object]) -> Plan:
    made = plan(SYSTEM, read(*rows))
    ready = prepare(SYSTEM, made)
    with transaction():
        commit(SYSTEM, ready)
    return made


def the_file(name: str = "霍英") -> Household:
    db.session.rollback()
    files = db.session.scalars(select(Household).order_by(Household.id)).all()
    return next(file for file in files if queries.head(file).name == name)


def said(name: str = "霍英") -> dict[str, Any]:
    return queries.document(the_file(name))


def people(name: str = "霍英") -> dict[str, dict[str, Any]]:
    return {one["name"]: one | {"code": code} for code, one in said(name)["members"].items()}


def change_by_hand(**parts: Any) -> None:
    """Change parts of the file of 霍英 as a worker does: cover, members, sections."""
    file, actor = the_file(), a_user(Role.WORKER, DALIANG).actor
    with transaction():
        write(actor, file, queries.document(file) | parts, version=file.version, reason="上门核对")


def yesterday() -> None:
    """Let everything that happened so far have happened a day ago."""
    earlier = timedelta(days=1)
    db.session.rollback()
    with transaction():
        for change in db.session.scalars(select(Change)):
            change.at -= earlier
        for file in db.session.scalars(select(Household)):
            file.created_at -= earlier
        for span in db.session.scalars(select(Span)):
            span.from_on -= earlier
            if span.until_on:
                span.until_on -= earlier


@pytest.mark.usefixtures("app")
def test_a_file_can_be_rewound_over_an_import() -> None:
    take_in(a_row(), a_member())
    before = said()
    yesterday()

    take_in(a_row(月人均收入=700.0, 联系电话="13900001111"), a_member(备注="在外务工"), another())

    today = clock.today()
    assert said() != before
    assert queries.as_of(the_file(), today - timedelta(days=1)) == before
    assert queries.as_of(the_file(), today) == said()
    assert queries.as_of(the_file(), today - timedelta(days=2)) == {}
    assert queries.as_of(the_file("区兰"), today - timedelta(days=1)) == {}


@pytest.mark.usefixtures("app")
def test_a_person_who_stays_keeps_their_code_and_what_only_the_file_knows() -> None:
    take_in(a_row(), a_member())
    code = people()["霍明"]["code"]
    document = said()
    change_by_hand(
        members=document["members"] | {code: document["members"][code] | {"schooling": "60"}}
    )

    take_in(a_row(), a_member(备注="在外务工"))

    him = people()["霍明"]
    assert (him["code"], him["schooling"], him["note"]) == (code, "60", "在外务工")


@pytest.mark.usefixtures("app")
def test_a_person_without_a_number_is_known_by_name_and_birth() -> None:
    take_in(a_row(), a_member(公民身份号码=""))
    code = people()["霍明"]["code"]

    take_in(a_row(), a_member(公民身份号码=MAN_1986))

    him = people()["霍明"]
    assert (him["code"], him["id_number"]) == (code, MAN_1986)


@pytest.mark.usefixtures("app")
def test_whom_the_workbook_no_longer_names_has_left_and_stays_on_file() -> None:
    take_in(a_row(), a_member())

    take_in(a_row(月人均收入=700.0))

    him, file = people()["霍明"], the_file()
    assert (him["left_on"], him["left_why"]) == (clock.today().isoformat(), NOT_IN_LEDGER)
    assert file.member_count == 1
    member = db.session.scalars(select(Member).where(Member.code == him["code"])).one()
    assert member.id_index is None


@pytest.mark.usefixtures("app")
def test_a_workbook_that_counts_more_people_than_it_names_lets_nobody_leave() -> None:
    take_in(a_row(), a_member())

    take_in(a_row(家庭人口=2.0, 月人均收入=700.0))

    assert "left_on" not in people()["霍明"]


@pytest.mark.usefixtures("app")
def test_somebody_written_in_by_hand_stays_when_the_workbook_does_not_name_them() -> None:
    take_in(a_row())
    born = {"name": "霍新", "birth": "2026-01-05", "position": 1, "relationship_code": "4"}
    change_by_hand(members=said()["members"] | {"NEWBORN234": born})

    take_in(a_row(月人均收入=700.0))

    assert "left_on" not in people()["霍新"]
    assert the_file().member_count == 2


@pytest.mark.usefixtures("app")
def test_somebody_written_in_by_hand_leaves_when_the_workbook_names_them_elsewhere() -> None:
    take_in(a_row(), another())
    him = {"name": "霍明", "id_number": MAN_1986, "position": 1, "relationship_code": "2"}
    change_by_hand(members=said()["members"] | {"BYHAND2345": him})

    made = take_in(a_row(), another(), a_member(序号="", 与户主关系="孙子"))

    assert made.rejections == []
    assert people()["霍明"]["left_on"] == clock.today().isoformat()
    assert "left_on" not in people("区兰")["霍明"]


@pytest.mark.usefixtures("app")
def test_nobody_comes_back_by_a_workbook_whom_somebody_wrote_down_as_gone() -> None:
    take_in(a_row(), a_member())
    members = said()["members"]
    code = people()["霍明"]["code"]
    left = members[code] | {"left_on": "2026-08-01", "left_why": "death"}
    change_by_hand(members=members | {code: left})

    made = take_in(a_row(月人均收入=700.0), a_member())

    assert people()["霍明"]["left_on"] == "2026-08-01"
    assert [each.code for each in made.problems if each.row == 5] == ["left_by_hand"]


@pytest.mark.usefixtures("app")
def test_who_left_by_a_workbook_comes_back_by_a_workbook() -> None:
    take_in(a_row(), a_member())
    code = people()["霍明"]["code"]
    take_in(a_row(月人均收入=700.0))

    take_in(a_row(), a_member())

    him = people()["霍明"]
    assert him["code"] == code
    assert "left_on" not in him


@pytest.mark.usefixtures("app")
def test_silence_takes_nothing_away() -> None:
    take_in(a_row(联系电话="13812345678", 月人均收入=602.05))
    change_by_hand(
        sections={"plan": {"aim": "每周有人来"}},
        cover=said()["cover"] | {"tier": "weekly", "tier_rule": "manual"},
    )
    before = said()

    made = plan(SYSTEM, read(a_row(联系电话="", 月人均收入="", 救助金额=""), a_member()))
    ready = prepare(SYSTEM, made)
    with transaction():
        commit(SYSTEM, ready)

    after = said()
    assert after["sections"] == before["sections"]
    assert after["cover"] == before["cover"]
    assert people()["霍英"]["phone"] == "13812345678"


@pytest.mark.usefixtures("app")
def test_a_workbook_that_says_the_same_in_other_words_changes_nothing_once_and_for_all() -> None:
    take_in(a_row())
    before = (said(), the_file().version)

    first = take_in(a_row(联系电话=""))
    digest = reload(the_file()).source_digest
    second = take_in(a_row(联系电话=""))

    assert first.counts() == second.counts() == {
        "new": 0, "changed": 0, "unchanged": 1, "gone": 0, "rejected": 0
    }  # fmt: skip
    assert (said(), the_file().version) == before
    assert the_file().source_digest == digest
    assert [note.title for note in queries.changes(the_file().id)] == ["从台账建档"]


@pytest.mark.usefixtures("app")
def test_a_file_written_by_hand_is_known_by_its_householder() -> None:
    file = a_household(id_number=WOMAN_1948)

    counts = plan(SYSTEM, read(another())).counts()
    take_in(another())

    assert (counts["new"], counts["changed"]) == (0, 1)
    assert queries.head(reload(file)).name == "区兰"
    assert plan(SYSTEM, read(another())).unchanged == 1


@pytest.mark.usefixtures("app")
def test_when_the_householder_changes_the_new_one_stands_first() -> None:
    take_in(a_row(), a_member())
    take_in(
        a_row(与户主关系="配偶", 家庭编号="H1", 户主姓名="霍明"),
        a_member(与户主关系="户主", 户主姓名="霍明"),
    )

    made = plan(
        SYSTEM, read(a_row(与户主关系="配偶", 户主姓名="霍明"), a_member(与户主关系="户主"))
    )

    # a new householder of a workbook is not the file's householder yet: moving on is somebody's own step
    assert [each.reason for each in made.rejections] == ["person_in_another_household"]
    assert [one["name"] for one in said()["members"].values()] == ["霍英", "霍明"]


@pytest.mark.usefixtures("app")
def test_spans_are_kept_for_new_and_for_changed_files() -> None:
    take_in(a_row(), another())
    yesterday()

    take_in(a_row(月人均收入=700.0), another(备注="在家"))

    today = clock.today()
    spans: dict[str, list[tuple[date, date | None, int]]] = {}
    for name in ("霍英", "区兰"):
        rows = db.session.scalars(
            select(Span).where(Span.household_id == the_file(name).id).order_by(Span.from_on)
        )
        spans[name] = [(row.from_on, row.until_on, row.income_fen) for row in rows]
    past = today - timedelta(days=1)
    assert spans["霍英"] == [(past, today, 60205), (today, None, 70000)]
    assert spans["区兰"] == [(past, None, 60205)]


@pytest.mark.usefixtures("app")
def test_a_second_import_of_one_day_replaces_the_first_ones_span() -> None:
    take_in(a_row())

    take_in(a_row(月人均收入=700.0))

    [span] = db.session.scalars(select(Span)).all()
    assert (span.from_on, span.until_on, span.income_fen) == (clock.today(), None, 70000)


@pytest.mark.usefixtures("app")
def test_a_preview_says_before_and_after_and_names_nobody() -> None:
    take_in(a_row(), a_member())

    made = plan(SYSTEM, read(a_row(月人均收入=700.0, 联系电话="13900001111")))
    words = told(made.differences[0], place_short, made.people[0])

    assert ("月人均收入", "¥602.05", "¥700.00") in words
    assert ("电话", "138****5678", "139****1111") in words
    assert ("霍*的离户日期", "没有", clock.today().isoformat()) in words
    assert "霍英" not in str(words)


@pytest.mark.usefixtures("app")
def test_search_words_follow_the_people() -> None:
    take_in(a_row(), a_member())

    take_in(a_row(姓名="霍颖", 户主姓名="霍颖"), another(联系电话="13900002222"))

    def found_by(text: str) -> int:
        return len(queries.listing(SYSTEM, queries.Wanted(text=text), None).rows)

    assert [found_by(text) for text in ("霍颖", "霍英", "霍明", MAN_1986, "13900002222")] == [
        1,
        0,
        0,
        0,
        1,
    ]


@pytest.mark.usefixtures("app")
def test_a_stale_plan_changes_no_member() -> None:
    take_in(a_row(), a_member())
    ready = prepare(SYSTEM, plan(SYSTEM, read(a_row(月人均收入=700.0))))
    with transaction():
        db.session.execute(update(Household).values(version=7))
    before = said()

    with pytest.raises(StalePage), transaction():
        commit(SYSTEM, ready)

    assert said() == before
