"""What is said about a household: its tier and why, the labels of its people, and relatives of staff."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.rules import Role
from app.core import clock
from app.core.db import transaction
from app.core.errors import Forbidden, StalePage
from app.households import queries, services
from app.households.errors import NotInState, Wrong
from app.households.rules import HouseholdState, Tier
from app.households.rules.kin import Kinship, Post, needs_visit
from app.households.rules.tags import Tag, unfit
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.households.life import RONGGUI, a_supervisor, an_officer
from tests.households.life import a_worker as a_worker_actor

if TYPE_CHECKING:
    from flask.testing import FlaskClient

DECLARED = services.Declared("麦仪", Post.COMMITTEE, Kinship.SIBLING)


@pytest.mark.usefixtures("app")
def test_a_tier_by_hand_stays_until_the_rules_may_speak_again() -> None:
    file, worker = a_household(tier_rule="old_alone"), a_worker_actor()

    with transaction():
        services.set_tier(worker, file, Tier.QUARTERLY, reason="女儿搬来同住", version=1)
    assert (reload(file).tier, file.tier_rule) == (Tier.QUARTERLY, "manual")
    with transaction():
        services.edit(worker, file, {"income_fen": 10}, reason="核实", version=2)
    assert reload(file).tier is Tier.QUARTERLY  # no rule goes over somebody's word
    with transaction():
        services.set_tier(worker, file, None, reason="女儿又走了", version=3)

    assert (reload(file).tier, file.tier_rule) == (Tier.MONTHLY, "old_alone")
    titles = [change.title for change in queries.changes(file.id)]
    assert titles[0] == "风险档改回按规则评定"
    assert titles[2] == "风险档人工定为一般"


@pytest.mark.usefixtures("app")
def test_a_tier_needs_a_reason_and_a_difference() -> None:
    file, worker = a_household(tier_rule="manual"), a_worker_actor()

    for reason, tier, field in (
        (" ", Tier.WEEKLY, "reason"),
        ("霍凤志病了", Tier.WEEKLY, "reason"),
    ):
        with pytest.raises(Wrong) as refused, transaction():
            services.set_tier(worker, file, tier, reason=reason, version=1)
        assert refused.value.field == field
    with pytest.raises(StalePage), transaction():
        services.set_tier(worker, file, Tier.WEEKLY, reason="旧页面", version=9)


def test_the_rule_behind_the_tier_is_said_on_the_file(client: FlaskClient) -> None:
    user, file = a_worker(), a_household(tier_rule="very_old_alone")
    sign_in(client, user)
    where = f"/households/{file.file_no}"

    assert "80 岁以上独居" in client.get(where).text
    form = {"tier": "weekly", "reason": "夜里跌倒过", "version": "1"}
    answers = [
        client.post(f"{where}/tier", data=form | more).status_code
        for more in ({"reason": ""}, {"tier": ""}, {"tier": "x"}, {"version": "x"}, {}, {})
    ]

    assert answers == [422, 422, 422, 409, 303, 303]  # nothing is different the second time
    assert "由人工确定" in client.get(where).text


def first(file: Any) -> str:
    return queries.members(file)[0].code


@pytest.mark.parametrize(
    ("tag", "age", "fits"),
    [
        (Tag.LE, 17, True),
        (Tag.LE, 18, False),
        (Tag.KJ, 40, False),
        (Tag.GE, 19, True),  # while they go to school
        (Tag.LR, 59, False),
        (Tag.LR, 60, True),
        (Tag.TY, 30, True),
        (Tag.LR, None, True),
    ],
)
def test_labels_fit_an_age(tag: Tag, age: int | None, fits: bool) -> None:  # noqa: FBT001 - a table
    assert (unfit(tag, age) == "") is fits


@pytest.mark.usefixtures("app")
def test_one_person_may_have_several_labels_each_with_its_day() -> None:
    file, worker, today = a_household(), a_worker_actor(), clock.today()

    for number, tag in enumerate((Tag.LR, Tag.YB)):
        with transaction():
            services.add_tag(worker, reload(file), first(file), tag, today, version=number + 1)

    assert queries.sections(reload(file))["labels"] == {
        first(file): {"LR": today.isoformat(), "YB": today.isoformat()}
    }
    with transaction():
        services.remove_tag(worker, file, first(file), Tag.YB, reason="康复了", version=3)
    assert list(queries.sections(reload(file))["labels"][first(file)]) == ["LR"]
    with pytest.raises(NotInState), transaction():
        services.remove_tag(worker, file, first(file), Tag.YB, reason="再去一次", version=4)


@pytest.mark.usefixtures("app")
def test_a_label_needs_somebody_and_a_day_that_has_been() -> None:
    file, other, worker, today = a_household(), a_household(), a_worker_actor(), clock.today()
    tomorrow = today + timedelta(days=1)
    wrong: list[tuple[str, Any]] = [
        ("member", ("", Tag.LR, today)),
        ("member", (first(other), Tag.LR, today)),
        ("tag", (first(file), None, today)),
        ("tag", (first(file), Tag.LE, today)),  # born 1949
        ("on", (first(file), Tag.LR, None)),
        ("on", (first(file), Tag.LR, tomorrow)),
    ]

    for field, given in wrong:
        with pytest.raises(Wrong) as refused, transaction():
            services.add_tag(worker, file, *given, version=1)
        assert refused.value.field == field


def test_labels_are_put_on_and_seen_by_those_in_scope(client: FlaskClient) -> None:
    user, file = a_worker(), a_household()
    sign_in(client, user)
    where = f"/households/{file.file_no}"
    form = {"member": first(file), "tag": "YB", "on": clock.today().isoformat(), "version": "1"}
    gone = {"member": first(file), "tag": "YB", "reason": "康复了", "version": "2"}

    added = [
        client.post(f"{where}/labels", data=form | more).status_code
        for more in ({"tag": ""}, {"on": ""}, {"member": "x"}, {}, {})
    ]
    assert added == [422, 422, 422, 303, 303]  # it is there already
    assert "因病致贫重病患者" in client.get(f"{where}?tab=members").text
    removed = [
        client.post(f"{where}/labels/remove", data=gone | more).status_code
        for more in ({"reason": ""}, {"tag": "x"}, {}, {})
    ]
    assert removed == [422, 422, 303, 409]


@pytest.mark.usefixtures("app")
def test_labels_leave_no_trace_outside_the_file() -> None:
    file, worker = a_household(), a_worker_actor()
    with transaction():
        services.add_tag(worker, file, first(file), Tag.TY, clock.today(), version=1)

    note = queries.changes(file.id)[0]
    assert note.title == "加标签：困难退役军人"


@pytest.mark.usefixtures("app")
def test_relatives_are_declared_once_and_sealed() -> None:
    file, worker = a_household(), a_worker_actor()

    with transaction():
        services.declare_kin(worker, file, DECLARED, version=1)
    with pytest.raises(Wrong) as refused, transaction():
        services.declare_kin(worker, reload(file), DECLARED, version=2)

    assert refused.value.field == "staff"
    assert reload(file).is_kin
    entry = queries.sections(file)["kin"]["declared"][0]
    assert (entry["staff"], entry["post"], entry["by"]) == ("麦仪", "committee", worker.user_id)
    assert "麦仪" not in queries.changes(file.id)[0].title


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region", "may"),
    [
        (Role.SUPERVISOR, SHUNDE, True),
        (Role.OFFICER, SHUNDE, True),
        (Role.OFFICER, "4406", True),
        (Role.SUPERVISOR, DALIANG, False),
        (Role.OFFICER, DALIANG, False),
        (Role.OFFICER, "440605", False),
        (Role.WORKER, SHUNDE, False),
        (Role.AUDITOR, SHUNDE, False),
    ],
)
def test_only_the_district_or_the_city_visits(role: Role, region: str, may: bool) -> None:  # noqa: FBT001 - a table
    file, actor, today = a_household(is_kin=True), a_user(role, region).actor, clock.today()

    if may:
        with transaction():
            services.confirm_district_visit(actor, file, today, "甲", "乙", version=1)
    else:
        with pytest.raises(Forbidden):
            services.confirm_district_visit(actor, file, today, "甲", "乙", version=1)
    assert reload(file).kin_visited_on == (today if may else None)


@pytest.mark.usefixtures("app")
def test_a_district_visit_has_a_day_and_two_names() -> None:
    file, officer, today = a_household(is_kin=True), an_officer(), clock.today()
    wrong: list[tuple[str, Any]] = [
        ("on", (None, "甲", "乙")),
        ("on", (today + timedelta(days=1), "甲", "乙")),
        ("on", (file.filed_on - timedelta(days=1), "甲", "乙")),
        ("first", (today, " ", "乙")),
        ("second", (today, "甲", "")),
        ("second", (today, "甲", "甲")),
    ]

    for field, given in wrong:
        with pytest.raises(Wrong) as refused, transaction():
            services.confirm_district_visit(officer, file, *given, version=1)
        assert refused.value.field == field
    ordinary = a_household()
    with pytest.raises(NotInState), transaction():
        services.confirm_district_visit(officer, ordinary, today, "甲", "乙", version=1)


def test_a_visit_answers_for_a_year() -> None:
    today = clock.today()

    assert needs_visit(is_kin=True, visited_on=None, day=today)
    assert not needs_visit(is_kin=True, visited_on=today - timedelta(days=365), day=today)
    assert needs_visit(is_kin=True, visited_on=today - timedelta(days=366), day=today)
    assert not needs_visit(is_kin=False, visited_on=None, day=today)


def test_the_list_shows_who_waits_for_the_district(client: FlaskClient) -> None:
    waits = a_household(is_kin=True, state=HouseholdState.UNDER_REVIEW)
    seen = a_household(is_kin=True, kin_visited_on=clock.today())
    over = a_household(is_kin=True, state=HouseholdState.CLOSED)
    sign_in(client, a_user(Role.OFFICER, SHUNDE))

    listed = client.get("/households?kin=1").text

    assert waits.file_no in listed
    assert seen.file_no not in listed
    assert over.file_no not in listed
    assert "等区里入户的近亲属备案" in client.get("/me").text


def test_relatives_are_declared_and_visited_on_the_page(client: FlaskClient) -> None:
    file, today = a_household(), clock.today().isoformat()
    where = f"/households/{file.file_no}/kin"
    declare = {"staff": "麦仪", "post": "handler", "kinship": "spouse", "version": "1"}
    visit = {"on": today, "first": "何家豪", "second": "冯泽", "version": "2"}

    sign_in(client, a_worker())
    assert [
        client.post(where, data=declare | more).status_code
        for more in (
            {"staff": ""},
            {"post": ""},
            {"kinship": "x"},
            {},
            {"staff": "谁", "version": "1"},
        )
    ] == [422, 422, 422, 303, 409]
    assert client.post(f"{where}/visit", data=visit).status_code == 403
    sign_in(client, a_user(Role.OFFICER, SHUNDE))
    assert "麦仪" in client.get(where).text
    assert [
        client.post(f"{where}/visit", data=visit | more).status_code
        for more in ({"on": ""}, {"second": ""}, {}, {})
    ] == [422, 422, 303, 409]
    assert client.post(where, data=declare).status_code == 403
    assert "何家豪" in client.get(where).text


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.WORKER, RONGGUI), (Role.OFFICER, SHUNDE), (Role.ADMIN, "4406"), (Role.DONOR, DALIANG)],
)
def test_only_who_works_there_says_such_things(role: Role, region: str) -> None:
    file, actor = a_household(), a_user(role, region).actor
    verbs: list[Any] = [
        lambda: services.set_tier(actor, file, Tier.WEEKLY, reason="试", version=1),
        lambda: services.add_tag(actor, file, first(file), Tag.LR, clock.today(), version=1),
        lambda: services.remove_tag(actor, file, first(file), Tag.LR, reason="试", version=1),
        lambda: services.declare_kin(actor, file, DECLARED, version=1),
    ]

    for verb in verbs:
        with pytest.raises(Forbidden):
            verb()


@pytest.mark.usefixtures("app")
def test_nothing_is_written_in_an_archived_file() -> None:
    worker, officer = a_worker_actor(), a_supervisor()
    file, today = a_household(state=HouseholdState.ARCHIVED, is_kin=True), clock.today()
    verbs: list[Any] = [
        lambda: services.set_tier(worker, file, Tier.WEEKLY, reason="试", version=1),
        lambda: services.add_tag(worker, file, first(file), Tag.LR, today, version=1),
        lambda: services.declare_kin(worker, file, DECLARED, version=1),
        lambda: services.confirm_district_visit(officer, file, today, "甲", "乙", version=1),
    ]

    for verb in verbs:
        with pytest.raises(NotInState):
            verb()
