"""What happens between households: who is where, under whom, and that both histories tell it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries
from app.households.errors import FamilyWrong, NotInState, ReasonMissing
from app.households.models import Change, Household, Member
from app.households.queries import Wanted
from app.households.rules import Category, HouseholdState
from app.households.rules.families import LeftWhy, Successor
from app.households.services import families
from app.households.services.families import Death, Join, Move, Split
from tests.factories import DALIANG, SHUNDE, WENXIU, a_household, a_user, a_worker, reload
from tests.households.families import CHEN, HUO, One, a_family, code_of, names

if TYPE_CHECKING:
    from app.accounts.models import User

RONGGUI = "440606006"
GUIZHOU = "440606006001"
TODAY = date(2026, 3, 2)
WHY = "入户核实"


def only_change(household: Household) -> Change:
    return queries.changes(household.id)[0]


def marry(worker: User, home: Household, target: Household, name: str, **more: Any) -> None:
    wedding = Join((code_of(home, name),), target, clock.today(), LeftWhy.MARRIED, {}, **more)
    with transaction():
        families.join(
            worker.actor,
            home,
            wedding,
            reason=WHY,
            version=home.version,
            other_version=target.version,
        )


@pytest.mark.usefixtures("app")
def test_who_marries_leaves_one_household_and_stands_in_the_other() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)

    marry(worker, huo, chen, "霍健豪")

    assert names(huo) == ["霍凤志", "梁桂芳"]
    assert names(chen) == ["陈惠珍", "陈丽燕", "霍健豪"]
    assert (huo.member_count, chen.member_count) == (2, 3)
    left = next(one for one in queries.members(huo) if one.left_on)
    assert (left.left_on, left.id_index) == (clock.today(), None)
    assert (
        queries.listing(worker.actor, Wanted(text="霍健豪"), None).rows[0].household.id == chen.id
    )


@pytest.mark.usefixtures("app")
def test_both_histories_name_the_move_and_each_others_file() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)

    marry(worker, huo, chen, "霍健豪")

    there, here = only_change(huo), only_change(chen)
    assert there.title == f"家人因结婚转到档案 {chen.file_no}"
    assert here.title == f"家人因结婚从档案 {huo.file_no} 转来"
    assert (there.other_id, here.other_id) == (chen.id, huo.id)
    assert (there.reason, here.reason) == (WHY, WHY)
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.user_id == worker.id)).all()
    assert actions == ["household.join", "household.join"]


@pytest.mark.usefixtures("app")
def test_who_comes_back_stands_where_they_stood_before() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)
    marry(worker, huo, chen, "霍健豪")

    marry(worker, reload(chen), reload(huo), "霍健豪")

    assert names(huo) == ["霍凤志", "梁桂芳", "霍健豪"]
    assert names(chen) == ["陈惠珍", "陈丽燕"]
    assert len(queries.members(huo)) == 3


@pytest.mark.usefixtures("app")
def test_when_the_householder_goes_somebody_else_is_the_householder() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)
    wife, son = code_of(huo, "梁桂芳"), code_of(huo, "霍健豪")

    marry(worker, huo, chen, "霍凤志", successor=Successor(wife))

    said = queries.document(reload(huo))
    assert names(huo) == ["梁桂芳", "霍健豪"]
    assert queries.head(huo).name == "梁桂芳"
    assert said["members"][wife]["relationship_code"] == "0"
    assert said["members"][son]["relationship_code"] == "2"


@pytest.mark.usefixtures("app")
def test_a_householder_who_dies_is_followed_and_no_longer_found() -> None:
    worker, huo = a_worker(), a_family(*HUO)
    old, son = code_of(huo, "霍凤志"), code_of(huo, "霍健豪")
    death = Death(old, clock.today(), Successor(son, {}, "", "文秀社区新路9号"))

    with transaction():
        goes_on = families.record_death(worker.actor, huo, death, reason=WHY, version=huo.version)

    assert goes_on
    assert names(huo) == ["霍健豪", "梁桂芳"]
    head = queries.head(huo)
    assert (head.name, head.phone, head.door) == ("霍健豪", "13911112222", "文秀社区新路9号")
    said = queries.document(huo)["members"]
    assert said[code_of(huo, "梁桂芳")]["relationship_code"] == "5"  # the mother of the new one
    assert said[old]["left_why"] == "died"
    assert said[old]["name"] == "霍凤志"  # relatives may still ask (个人信息保护法 §49)
    assert not queries.listing(worker.actor, Wanted(text="霍凤志"), None)


@pytest.mark.usefixtures("app")
def test_a_consent_that_the_dead_signed_ends_with_them() -> None:
    worker, huo = a_worker(), a_family(*HUO)
    death = Death(code_of(huo, "霍凤志"), clock.today(), Successor(code_of(huo, "梁桂芳")))

    with transaction():
        families.record_death(worker.actor, huo, death, reason=WHY, version=huo.version)

    assert all(one.withdrawn_at for one in queries.consents(huo.id))


@pytest.mark.usefixtures("app")
def test_when_nobody_is_left_the_file_closes() -> None:
    worker, huo = a_worker(), a_family(HUO[0])
    death = Death(code_of(huo, "霍凤志"), clock.today())

    with transaction():
        goes_on = families.record_death(worker.actor, huo, death, reason=WHY, version=huo.version)

    assert not goes_on
    assert (reload(huo).state, huo.next_visit_on, huo.member_count) == (
        HouseholdState.CLOSED,
        None,
        0,
    )
    assert only_change(huo).title == "结案，同意书到此为止"


@pytest.mark.usefixtures("app")
def test_who_parts_gets_a_file_that_somebody_else_has_to_approve() -> None:
    worker, huo = a_worker(), a_family(*HUO, category=Category.TK)
    son = code_of(huo, "霍健豪")
    head = Successor(son, {}, "", "文秀社区榕荫巷3号")

    with transaction():
        new = families.split(
            worker.actor,
            huo,
            Split((son,), clock.today(), head),
            reason=WHY,
            version=huo.version,
        )

    assert (names(huo), names(new)) == (["霍凤志", "梁桂芳"], ["霍健豪"])
    assert (new.state, new.category) == (HouseholdState.UNDER_REVIEW, Category.TK)
    assert (new.submitted_by_id, new.aid_fen, new.next_visit_on) == (worker.id, 0, None)
    assert queries.head(new).door == "文秀社区榕荫巷3号"
    assert new.file_no.startswith("440606TK")
    assert only_change(huo).title == f"分户，几位家人另立档案 {new.file_no}"
    assert only_change(new).other_id == huo.id


@pytest.mark.usefixtures("app")
def test_a_household_that_moves_is_found_and_scoped_where_it_lives_now() -> None:
    there = a_user(Role.WORKER, RONGGUI)
    worker, huo = a_worker(), a_family(*HUO)
    before = {one.code: one.alike for one in queries.members(huo)}

    with transaction():
        families.move(
            worker.actor,
            huo,
            Move(GUIZHOU, "桂洲社区木棉里5号", there.id),
            reason=WHY,
            version=huo.version,
        )

    assert (reload(huo).region_code, huo.town_code, huo.worker_id) == (GUIZHOU, RONGGUI, there.id)
    assert queries.listing(there.actor, Wanted(text="霍凤志"), None).rows[0].household.id == huo.id
    assert not queries.listing(worker.actor, Wanted(text="霍凤志"), None)
    assert all(one.alike != before[one.code] for one in queries.members(huo))


@pytest.mark.usefixtures("app")
def test_every_day_before_still_reads_as_it_was() -> None:
    with clock.frozen(clock.at(TODAY)):
        worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)
        before = queries.document(huo), queries.document(chen)
    with clock.frozen(clock.at(TODAY + timedelta(days=3))):
        marry(worker, huo, chen, "霍健豪")
    with clock.frozen(clock.at(TODAY + timedelta(days=5))):
        death = Death(
            code_of(huo, "霍凤志"), clock.today(), Successor(code_of(reload(huo), "梁桂芳"))
        )
        with transaction():
            families.record_death(worker.actor, huo, death, reason=WHY, version=huo.version)

    on = TODAY + timedelta(days=2)
    assert (queries.as_of(reload(huo), on), queries.as_of(reload(chen), on)) == before
    later = queries.as_of(huo, TODAY + timedelta(days=4))
    assert later["cover"]["name"] == "霍凤志"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": ()}, "people"),
        ({"people": ("NOBODY",)}, "people"),
        ({"people": "everybody"}, "people"),
        ({"people": "head"}, "head"),
        ({"on": "tomorrow"}, "on"),
        ({"target": "itself"}, "to"),
        ({"target": "elsewhere"}, "to"),
        ({"target": "closed"}, "to"),
    ],
)
def test_a_marriage_that_makes_no_sense_is_refused_beside_its_field(
    wrong: dict[str, Any], field: str
) -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)
    people: Any = wrong.get("people", (code_of(huo, "霍健豪"),))
    if people == "everybody":
        people = tuple(code_of(huo, one.name) for one in HUO)
    elif people == "head":
        people = (code_of(huo, "霍凤志"),)
    target = {
        "itself": lambda: huo,
        "elsewhere": lambda: a_household(region=GUIZHOU),
        "closed": lambda: a_household(state=HouseholdState.CLOSED),
    }.get(wrong.get("target", ""), lambda: chen)()
    on = clock.today() + timedelta(days=1 if "on" in wrong else 0)

    with pytest.raises(FamilyWrong) as refused:
        families.plan_join(worker.actor, huo, Join(people, target, on, LeftWhy.MOVED))

    assert list(refused.value.wrong) == [field]


@pytest.mark.usefixtures("app")
def test_of_two_who_change_the_same_family_the_second_is_told() -> None:
    worker, huo, chen = a_worker(), a_family(*HUO), a_family(*CHEN)
    seen, other_seen = huo.version, chen.version
    marry(worker, huo, chen, "霍健豪")
    people = (code_of(reload(huo), "梁桂芳"),)

    for version, other_version in ((seen, chen.version + 1), (huo.version, other_seen)):
        with pytest.raises(StalePage), transaction():
            families.join(
                worker.actor,
                huo,
                Join(people, reload(chen), clock.today(), LeftWhy.MOVED),
                reason=WHY,
                version=version,
                other_version=other_version,
            )
        assert names(huo) == ["霍凤志", "梁桂芳"]  # left neither half way


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.WORKER, RONGGUI), (Role.OFFICER, SHUNDE), (Role.VOLUNTEER, DALIANG)],
)
def test_only_who_works_there_changes_a_family(role: Role, region: str) -> None:
    somebody, huo, chen = a_user(role, region).actor, a_family(*HUO), a_family(*CHEN)
    son = code_of(huo, "霍健豪")
    leaving: dict[str, Any] = {"reason": WHY, "version": huo.version}

    verbs: list[Any] = [
        lambda: families.move(somebody, huo, Move(GUIZHOU, "木棉里"), **leaving),
        lambda: families.join(
            somebody,
            huo,
            Join((son,), chen, clock.today(), LeftWhy.MOVED),
            other_version=1,
            **leaving,
        ),
        lambda: families.split(
            somebody, huo, Split((son,), clock.today(), Successor(son, door="木棉里")), **leaving
        ),
        lambda: families.record_death(somebody, huo, Death(son, clock.today()), **leaving),
    ]
    for verb in verbs:
        with pytest.raises(Forbidden):
            verb()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("state", [HouseholdState.UNDER_REVIEW, HouseholdState.CLOSED])
def test_a_file_that_nobody_works_on_is_left_as_it_is(state: HouseholdState) -> None:
    worker, huo = a_worker(), a_family(*HUO, state=state)

    with pytest.raises(NotInState):
        families.plan_move(worker.actor, huo, Move(GUIZHOU, "木棉里"))


@pytest.mark.usefixtures("app")
def test_a_change_without_a_reason_is_refused() -> None:
    worker, huo = a_worker(), a_family(*HUO)

    with pytest.raises(ReasonMissing):
        families.move(worker.actor, huo, Move(GUIZHOU, "木棉里"), reason=" ", version=huo.version)


@pytest.mark.usefixtures("app")
def test_an_old_number_is_kept_as_the_new_one_that_it_is() -> None:
    old = a_family(HUO[1], One("旧证老人", "8", "440623560315182", "1956-03-15"))
    new = a_household(region=WENXIU)
    index = {one.id_index for one in queries.members(old)}

    assert len(index) == 2
    with transaction():
        found = db.session.scalar(select(Member.household_id).where(Member.id_index.in_(index)))
    assert found == old.id != new.id
