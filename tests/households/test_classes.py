"""Classes of social assistance: asked with evidence, approved by another, valid for so long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.households import queries, services
from app.households.errors import (
    ClassAskedAlready,
    KinVisitFirst,
    NotInState,
    SameClass,
    Wrong,
)
from app.households.jobs import remind_files
from app.households.rules import Category, HouseholdState, Tier
from app.households.rules.approvals import ApprovalState
from app.households.rules.classes import is_over, last_day, wrong_with_class
from app.households.rules.documents import DocumentKind
from app.households.services import deciding
from app.notices.models import Message
from tests.factories import DALIANG, SHUNDE, a_household, a_user, a_worker, reload, sign_in
from tests.households.life import (
    RONGGUI,
    a_paper,
    a_supervisor,
    a_wish,
    an_officer,
    anew,
    asked_class,
    key,
)
from tests.households.life import a_worker as a_worker_actor

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.core.access import Actor
    from app.households.models import Approval

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 3, 1), date(2027, 2, 28)),
        (date(2026, 3, 31), date(2027, 3, 30)),
        (date(2027, 2, 28), date(2028, 2, 27)),
        (date(2028, 2, 29), date(2029, 2, 27)),
        (date(2026, 12, 15), date(2027, 12, 14)),
    ],
)
def test_rigid_spending_holds_twelve_months_and_not_a_day_more(since: date, until: date) -> None:
    assert last_day(Category.GX, since) == until
    assert last_day(Category.DB, since) is None


@pytest.mark.parametrize(
    ("category", "subclass", "since", "until", "fields"),
    [
        ("GX", "", TODAY, date(2027, 3, 30), set()),
        ("GX", "", TODAY, date(2027, 3, 31), {"until"}),
        ("GX", "", TODAY, None, {"until"}),
        ("GX", "", TODAY, TODAY, {"until"}),
        ("GX", "", date(2025, 4, 1), date(2026, 3, 30), {"until"}),  # over already
        ("DB", "DB1", TODAY, None, set()),
        ("DB", "", TODAY, date(2026, 9, 1), {"until"}),
        ("TK", "TK2", TODAY, None, set()),
        ("TK", "DB1", TODAY, None, {"subclass"}),
        ("KJ", "WF", TODAY, None, set()),
        ("BY", "", date(2026, 4, 1), None, {"since"}),
        ("BY", "", date(2025, 3, 1), None, {"since"}),
    ],
)
def test_what_a_class_may_say(
    category: str, subclass: str, since: date, until: date | None, fields: set[str]
) -> None:
    assert set(wrong_with_class(Category(category), subclass, since, until, TODAY)) == fields


def test_a_class_is_over_the_day_after_its_last() -> None:
    assert not is_over(TODAY, TODAY)
    assert is_over(TODAY - timedelta(days=1), TODAY)
    assert not is_over(None, TODAY)


def approve(actor: Actor, asked: Approval, state: ApprovalState = ApprovalState.APPROVED) -> None:
    with transaction():
        deciding.decide(actor, asked, state, "材料不全")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("decider", [a_supervisor, an_officer])
def test_an_approved_class_stands_in_the_file_with_its_grounds(decider: Any) -> None:
    file, worker, second = a_household(), a_worker_actor(), decider()
    asked = asked_class(file, worker)
    assert reload(file).category is Category.DB  # asking changes nothing

    approve(second, asked)

    assert (reload(file).category, file.class_until) == (
        Category.GX,
        clock.today() + timedelta(days=330),
    )
    more = queries.sections(file)["class"]
    assert more["approval"] == asked.code
    assert more["evidence"] == queries.documents(file)[0].code
    note = queries.changes(file.id)[0]
    assert (note.kind, note.user_id) == ("class", second.user_id)
    assert note.title == "类别定为支出型困难家庭"


@pytest.mark.usefixtures("app")
def test_the_rules_judge_the_tier_anew_with_the_class() -> None:
    file, worker = a_household(tier=Tier.QUARTERLY, tier_rule="ordinary"), a_worker_actor()
    asked = asked_class(file, worker, category=Category.TK, subclass="TK1", until=None)
    second = an_officer()

    approve(second, asked)

    # 独居、76 岁以上不到 80 岁：特困一条先于独居
    assert (reload(file).tier, file.tier_rule) == (Tier.MONTHLY, "supported")


@pytest.mark.usefixtures("app")
def test_a_refused_or_withdrawn_request_changes_nothing() -> None:
    file, worker, second = a_household(), a_worker_actor(), a_supervisor()

    approve(second, asked_class(file, worker), ApprovalState.REFUSED)

    assert (reload(file).category, file.class_until) == (Category.DB, None)


@pytest.mark.usefixtures("app")
def test_whoever_asks_does_not_approve() -> None:
    file, supervisor = a_household(), a_supervisor()
    asked = asked_class(file, supervisor)

    with pytest.raises(Forbidden):
        approve(supervisor, asked)
    assert anew(asked).state is ApprovalState.ASKED


@pytest.mark.usefixtures("app")
def test_one_request_at_a_time_and_the_same_key_once() -> None:
    file, worker = a_household(), a_worker_actor()
    wish, same = a_wish(file, worker), key()
    with transaction():
        first = services.ask_class(worker, file, wish, "理由", key=same)
    with transaction():
        again = services.ask_class(worker, file, wish, "理由", key=same)

    assert first.id == again.id
    with pytest.raises(ClassAskedAlready), transaction():
        services.ask_class(worker, file, wish, "理由", key=key())


@pytest.mark.usefixtures("app")
def test_a_class_needs_grounds_that_stand() -> None:
    file, other, worker = a_household(), a_household(), a_worker_actor()
    elsewhere = a_paper(other, worker).code
    letter = a_paper(file, worker, DocumentKind.OTHER).code
    gone = a_paper(file, worker)
    with transaction():
        services.withdraw_document(worker, file, gone, "拍错了")

    for evidence in ("", "F-NOTHERE", elsewhere, letter, gone.code):
        wish = services.Wish(Category.BY, "", clock.today(), None, evidence)
        with pytest.raises(Wrong) as refused, transaction():
            services.ask_class(worker, file, wish, "理由", key=key())
        assert refused.value.field == "evidence"


@pytest.mark.usefixtures("app")
def test_the_same_class_is_asked_for_only_to_renew_it() -> None:
    worker, second, today = a_worker_actor(), an_officer(), clock.today()
    file = a_household(category=Category.GX, class_until=today + timedelta(days=9))

    with pytest.raises(SameClass):
        asked_class(file, worker, until=today + timedelta(days=9))
    approve(second, asked_class(file, worker, until=today + timedelta(days=360)))

    assert reload(file).class_until == today + timedelta(days=360)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("state", [S for S in HouseholdState if S is not HouseholdState.ERASED])
def test_only_files_in_force_change_their_class(state: HouseholdState) -> None:
    worker, second = a_worker_actor(), an_officer()
    file = a_household()
    asked = asked_class(file, worker)
    with transaction():
        file.state = state
        db.session.add(file)

    if state in {HouseholdState.ACTIVE, HouseholdState.PAUSED}:
        approve(second, asked)
    else:
        with pytest.raises(NotInState):
            approve(second, asked)
        assert anew(asked).state is ApprovalState.ASKED


@pytest.mark.usefixtures("app")
def test_relatives_of_staff_wait_for_the_district() -> None:
    worker, second = a_worker_actor(), an_officer()
    file = a_household(is_kin=True)
    asked = asked_class(file, worker)

    with pytest.raises(KinVisitFirst):
        approve(second, asked)
    with transaction():
        services.confirm_district_visit(second, file, clock.today(), "甲", "乙", version=1)
    approve(second, asked)

    assert reload(file).category is Category.GX


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("role", "region"),
    [(Role.WORKER, RONGGUI), (Role.OFFICER, SHUNDE), (Role.VOLUNTEER, DALIANG)],
)
def test_only_who_works_there_asks(role: Role, region: str) -> None:
    file, worker, actor = a_household(), a_worker_actor(), a_user(role, region).actor
    wish = a_wish(file, worker)

    with pytest.raises(Forbidden):
        services.ask_class(actor, file, wish, "理由", key=key())


@pytest.mark.usefixtures("app")
def test_a_class_that_ends_is_told_thirty_days_before_and_the_day_after_once() -> None:
    worker, today = a_worker(), clock.today()
    a_household(category=Category.GX, class_until=today + timedelta(days=30), worker=worker)
    a_household(category=Category.GX, class_until=today - timedelta(days=1), worker=worker)
    a_household(category=Category.GX, class_until=today + timedelta(days=29), worker=worker)
    closed = HouseholdState.CLOSED
    a_household(class_until=today - timedelta(days=1), worker=worker, state=closed)
    a_household(state=HouseholdState.PAUSED, paused_until=today + timedelta(days=3), worker=worker)
    a_household(state=HouseholdState.PAUSED, paused_until=today - timedelta(days=1), worker=worker)

    for _ in range(2):
        remind_files(today)

    titles = sorted(db.session.scalars(select(Message.title)))
    assert [title[:12] for title in titles] == [
        "有一份暂停的档案 3 天",
        "有一份档案的救助类别 3",
        "有一份档案的救助类别已过",
        "有一份档案的暂停到期了，",
    ]


def form(evidence: str, **changes: str) -> dict[str, str]:
    today = clock.today()
    values = {
        "category": "GX", "subclass": "", "since": today.isoformat(), "evidence": evidence, "reason": "医药费太多",
        "until": (today + timedelta(days=300)).isoformat(), "idempotency_key": "one-key-for-a-class",
    }  # fmt: skip
    return values | changes


def test_the_page_asks_and_a_double_click_asks_once(client: FlaskClient) -> None:
    user, file = a_worker(), a_household()
    paper = a_paper(file, user.actor)
    sign_in(client, user)
    where = f"/households/{file.file_no}/class"
    assert "区民政" not in client.get(where).text
    assert paper.code in client.get(where).text

    answers = [client.post(where, data=form(paper.code)) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert "等待审批" in client.get(answers[0].location).text
    assert (
        client.post(where, data=form(paper.code, idempotency_key="another-key-0001")).status_code
        == 409
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": ""}, "要写有效期，最长 12 个月"),
        ({"until": "2999-01-01"}, "有效期最长 12 个月"),
        ({"since": "2999-01-01"}, "认定日期不能晚于今天"),
        ({"since": ""}, "请填日期"),
        ({"category": ""}, "请选类别"),
        ({"category": "XX"}, "类别"),
        ({"category": "DB"}, "没有有效期，请留空"),
        ({"subclass": "TK1"}, "没有这个细分"),
        ({"evidence": ""}, "请选一份认定依据"),
        ({"reason": ""}, "请写明为什么变更"),
    ],
)
def test_a_refused_request_keeps_what_was_typed(
    client: FlaskClient, changes: dict[str, str], words: str
) -> None:
    user, file = a_worker(), a_household()
    paper = a_paper(file, user.actor)
    sign_in(client, user)

    typed = form(paper.code) | {"reason": "医药费占了大半"} | changes
    answer = client.post(f"/households/{file.file_no}/class", data=typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "reason" in changes or "医药费占了大半" in answer.text
    assert queries.open_about(file.id) == []


def test_an_expired_class_is_seen_on_the_file_and_in_the_list(client: FlaskClient) -> None:
    user = a_worker()
    file = a_household(category=Category.GX, class_until=clock.today() - timedelta(days=2))
    a_household()
    sign_in(client, user)

    assert "已经过期" in client.get(f"/households/{file.file_no}").text
    listed = client.get("/households?expired=1").text
    assert file.file_no in listed
    assert listed.count("已过期") == 1
    assert "类别快到期或已过期" in client.get("/me").text


def test_the_class_is_no_longer_a_field_of_the_cover(client: FlaskClient) -> None:
    user, file = a_worker(), a_household()
    sign_in(client, user)
    typed = {"category": "TK", "tier": "weekly", "income": "0", "phone": "13800005678", "version": "1",
             "door": "文秀社区仕版38号496", "reason": "想改类别"}  # fmt: skip

    client.post(f"/households/{file.file_no}/edit", data=typed)

    assert (reload(file).category, file.tier) == (Category.DB, Tier.MONTHLY)
