"""No duplicates: the signs at entry, what the night finds, what is asked once and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere
from app.households import jobs, queries
from app.households.errors import AlreadySettled, ReasonMissing
from app.households.models import Household, Member, Twins
from app.households.rules import HouseholdState
from app.households.rules.identity import normal_number
from app.households.rules.twins import UNKNOWABLE, TwinRule, TwinState, sounds
from app.households.services import twins
from app.households.services.importing import commit, plan, prepare
from app.households.services.twins import Sign
from tests.factories import CITY, SHUNDE, WENXIU, a_household, a_user, a_worker, reload
from tests.households.families import CHEN, HUO, One, a_family
from tests.households.ledgers import a_row, read

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER, OLD_NUMBER = "440623195603151820", "440623560315182"
GUIZHOU, RONGGUI = "440606006001", "440606006"
HEARD = One("霍凤枝", "0", "", "1956-03-15")  # 枝 and 志 sound alike


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (OLD_NUMBER, NUMBER),
        (" 440606 19900505 352x ", "44060619900505352X"),
        ("H12345678", "H12345678"),
        ("440623561315182", "440623561315182"),  # no month 13: not an old number
        (None, ""),
    ],
)
def test_a_number_is_told_apart_in_one_form(typed: str | None, kept: str) -> None:
    assert normal_number(typed) == kept


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        (("冼妙嫦", "1950-01-02", WENXIU), ("洗妙常", "1950-01-02", WENXIU), True),
        (("冼妙嫦", "1950-01-02", WENXIU), ("冼妙嫦", "1950-01-03", WENXIU), False),
        (("冼妙嫦", "1950-01-02", WENXIU), ("冼妙嫦", "1950-01-02", GUIZHOU), False),
    ],
)
def test_who_sounds_alike_was_born_on_one_day_in_one_village(
    one: tuple[str, str, str], two: tuple[str, str, str], *, alike: bool
) -> None:
    assert (sounds(*one) == sounds(*two)) is alike


def test_of_whom_nothing_is_known_nothing_is_said() -> None:
    assert sounds("", "1950-01-02", WENXIU) == sounds("冼妙嫦", None, WENXIU) == ""


def looked(somebody: Any, facts: dict[str, Any], region: str = WENXIU) -> Sequence[Sign]:
    with transaction():
        return twins.signs(somebody.actor, facts, region)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"id_number": NUMBER}, TwinRule.SAME_ID),
        ({"id_number": OLD_NUMBER}, TwinRule.OLD_AND_NEW_ID),
        ({"certificate": NUMBER + "43"}, TwinRule.SAME_ID),
        ({"name": "霍凤枝", "birth": "1956-03-15"}, TwinRule.SOUNDS_ALIKE),
    ],
)
def test_each_sign_is_seen_while_somebody_types(facts: dict[str, Any], rule: TwinRule) -> None:
    worker, file = a_worker(), a_family(*HUO)

    [sign] = looked(worker, facts)

    assert (sign.rule, sign.file_no, sign.name) == (rule, file.file_no, "霍*志")
    assert sign.is_certain is (rule is not TwinRule.SOUNDS_ALIKE)


@pytest.mark.usefixtures("app")
def test_of_another_workers_file_only_surname_and_town_are_told_and_that_is_written_down() -> None:
    worker, file = a_worker(RONGGUI), a_family(*HUO)

    [sign] = looked(worker, {"id_number": NUMBER}, GUIZHOU)

    assert (sign.name, sign.file_no, sign.region_code) == ("霍**", "", "440606005")
    row = db.session.scalars(select(AuditRow).where(AuditRow.user_id == worker.id)).one()
    assert (row.action, row.household_id) == ("household.twin_seen", file.id)


@pytest.mark.usefixtures("app")
def test_a_file_is_no_twin_of_itself_and_who_left_is_nobodys() -> None:
    worker, file = a_worker(), a_family(*HUO)

    with transaction():
        found = twins.signs(worker.actor, {"id_number": NUMBER}, WENXIU, but=file.id)
    stranger = looked(worker, {"id_number": "440606199905053524"})

    assert list(found) == list(stranger) == []


@pytest.mark.usefixtures("app")
def test_what_was_seen_at_entry_waits_on_the_list_once() -> None:
    worker, first, second = a_worker(), a_family(*HUO), a_family(*CHEN)
    signs = looked(worker, {"name": "霍凤枝", "birth": "1956-03-15"})

    with transaction():
        counts = [twins.note(worker.actor, second, signs) for _ in range(2)]

    assert counts == [1, 0]
    pair = db.session.scalars(select(Twins)).one()
    assert (pair.first_id, pair.second_id) == (first.id, second.id)


@pytest.mark.usefixtures("app")
def test_the_night_finds_who_sounds_alike_and_nothing_the_second_time() -> None:
    first, second = a_family(*HUO), a_family(HEARD)
    a_family(One("霍凤枝", "0", "", "1956-03-15"), region=GUIZHOU)  # another village

    counts = [jobs.find_twins(clock.today()) for _ in range(2)]

    assert counts == [1, 0]
    pair = db.session.scalars(select(Twins)).one()
    assert (pair.first_id, pair.second_id, pair.rule) == (
        first.id,
        second.id,
        TwinRule.SOUNDS_ALIKE,
    )


@pytest.mark.usefixtures("app")
def test_a_file_that_is_over_is_no_twin_at_night() -> None:
    a_family(*HUO)
    a_family(HEARD, state=HouseholdState.CLOSED)

    assert jobs.find_twins(clock.today()) == 0


@pytest.mark.usefixtures("app")
def test_whom_nobody_looked_at_is_looked_at_once() -> None:
    a_family(*HUO), a_family(HEARD)
    with transaction():
        db.session.execute(update(Member).values(alike=None))

    counts = [jobs.find_twins(clock.today()) for _ in range(2)]

    assert counts == [4 + 1, 0]  # four people looked at, one pair


@pytest.mark.usefixtures("app")
def test_of_whom_it_cannot_be_said_the_night_does_not_ask_again() -> None:
    file = a_family(One("无生日", "0", "", ""))
    with transaction():
        db.session.execute(update(Member).values(alike=None))

    jobs.find_twins(clock.today())

    db.session.rollback()
    [member] = queries.members(reload(file))
    assert member.alike == UNKNOWABLE


@pytest.mark.usefixtures("app")
def test_an_old_number_on_file_is_found_beside_the_new_one() -> None:
    new, old = a_family(*HUO), a_family(One("霍风志", "0", "", "1956-03-16"))
    box = queries.box(old)
    [member] = queries.members(old)
    said = queries.person(box, member) | {"id_number": OLD_NUMBER}
    with transaction():
        db.session.execute(
            update(Member)
            .where(Member.id == member.id)
            .values(
                alike=None,
                id_index=ring().index("id", OLD_NUMBER),
                person=box.seal_json(said, f"member.person:{member.code}"),
            )
        )

    jobs.find_twins(clock.today())

    pair = db.session.scalars(select(Twins)).one()
    assert (pair.rule, pair.first_id, pair.second_id) == (
        TwinRule.OLD_AND_NEW_ID,
        new.id,
        old.id,
    )


@pytest.mark.usefixtures("app")
def test_a_pair_told_apart_is_never_asked_about_again() -> None:
    worker, _, _ = a_worker(), a_family(*HUO), a_family(HEARD)
    jobs.find_twins(clock.today())
    pair = db.session.scalars(select(Twins)).one()

    with pytest.raises(ReasonMissing):
        twins.declare_different(worker.actor, pair, " ")
    with transaction():
        twins.declare_different(worker.actor, pair, "同名的两个人")
    with pytest.raises(AlreadySettled), transaction():
        twins.declare_different(worker.actor, pair, "再说一次")

    assert jobs.find_twins(clock.today()) == 0
    assert reload(pair).state is TwinState.DIFFERENT
    assert not queries.twins(worker.actor, TwinState.OPEN, None)


def a_pair() -> Twins:
    a_family(*HUO)
    a_family(HEARD)
    jobs.find_twins(clock.today())
    pair = db.session.scalars(select(Twins)).one()
    with transaction():  # as if the second one had moved since
        db.session.execute(update(Twins).values(second_region_code=GUIZHOU))
    return reload(pair)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region", "sees", "judges"),
    [
        (Role.WORKER, "440606005", True, True),
        (Role.WORKER, RONGGUI, True, True),
        (Role.SUPERVISOR, SHUNDE, True, True),
        (Role.OFFICER, SHUNDE, True, False),
        (Role.OFFICER, CITY, True, False),
        (Role.WORKER, "440606102", False, False),
        (Role.ADMIN, CITY, False, False),
    ],
)
def test_a_pair_is_seen_from_either_side(
    role: Role, region: str, *, sees: bool, judges: bool
) -> None:
    pair, somebody = a_pair(), a_user(role, region).actor

    listed = bool(queries.twins(somebody, TwinState.OPEN, None))

    assert listed is sees
    if not sees:
        with pytest.raises(NotHere):
            queries.twins_by_code(somebody, pair.code)
    if not judges:
        with pytest.raises(Forbidden):
            twins.declare_different(somebody, pair, "两个人")


@pytest.mark.usefixtures("app")
def test_a_workbook_finds_its_twins_when_it_comes_in() -> None:
    worker = a_worker()
    first = a_family(One("霍凤志", "0", "", "1956-03-15"))
    heard = {"户主姓名": "霍凤枝", "姓名": "霍凤枝", "公民身份号码": NUMBER}
    reading = read(a_row(**heard))
    made = plan(worker.actor, reading)
    ready = prepare(worker.actor, made)

    with transaction():
        commit(worker.actor, ready)

    second = db.session.scalars(select(Household).where(Household.source == "workbook")).one()
    pair = db.session.scalars(select(Twins)).one()
    assert (pair.first_id, pair.second_id) == (first.id, second.id)


@pytest.mark.usefixtures("app")
def test_a_workbook_with_an_old_number_finds_the_file_that_the_person_has() -> None:
    worker = a_worker()
    file = a_family(*HUO)

    made = plan(worker.actor, read(a_row(公民身份号码=OLD_NUMBER)))

    assert (made.new, made.rejections) == ([], [])
    assert [known.id for _, known in made.changed] == [file.id]


@pytest.mark.usefixtures("app")
def test_nothing_of_a_pair_is_kept_in_clear() -> None:
    pair = a_pair()

    kept = repr(db.session.execute(select(Twins.__table__)).all())

    assert "霍" not in kept
    assert NUMBER not in kept
    assert pair.code.startswith("W-")


@pytest.mark.usefixtures("app")
def test_files_without_a_twin_are_left_alone() -> None:
    a_household()

    assert jobs.find_twins(clock.today()) == 1  # looked at, and that is all
    assert db.session.scalars(select(Twins)).all() == []
