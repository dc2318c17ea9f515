"""Pages of tasks and needs: what a stranger reads, what a holder reads, and what each refusal looks like."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select

from app.accounts.models import User
from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.households.models import Consent
from app.needs.models import Need
from app.needs.rules import NeedState
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskKind, TaskState, persona
from tests.factories import (
    SHUNDE,
    WENXIU,
    a_claim,
    a_household,
    a_need,
    a_programme,
    a_task,
    a_user,
    a_volunteer,
    a_worker,
    keep,
    reload,
    sign_in,
)

ID = "440623195603151820"


def browse(app: Flask, user: User) -> FlaskClient:
    """A browser in which somebody is signed in."""
    return sign_in(app.test_client(), user)


def promise(**changed: str) -> dict[str, str]:
    """What the claim form sends."""
    return {
        "pledge": "y",
        "unrelated": "y",
        "idempotency_key": secrets.token_urlsafe(18),
    } | changed


def written(**changed: str) -> dict[str, str]:
    """What the need form sends."""
    return {
        "what": "07·陪伴",
        "urgency": "normal",
        "story": "老伴去年走了",
        "title": "上门陪伴",
        "wording": "老人想找人说说话",
        "seats": "1",
        "programme": "",
        "deadline_on": (clock.today() + timedelta(days=20)).isoformat(),
        "idempotency_key": secrets.token_urlsafe(18),
    } | changed


class TestCards:
    """What strangers read."""

    def test_no_card_says_who(self, app: Flask) -> None:
        client = browse(app, a_volunteer())

        @settings(
            max_examples=8, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
        )
        @given(
            st.text(alphabet="龘燚犇骉淼焱垚㘵滘氹", min_size=2, max_size=4),
            st.integers(13_000_000_000, 19_999_999_999),
            st.integers(100, 999),
        )
        def nobody_is_named(name: str, phone: int, number: int) -> None:
            household = a_household(
                name=name, phone=str(phone), door=f"仕版{number}号", id_number=None
            )
            task = a_task(household)
            pages = [client.get("/tasks"), client.get(f"/tasks/{task.code}")]
            for page in pages:
                html = page.get_data(as_text=True)
                assert page.status_code == 200
                assert task.who in html
                for secret in (name, str(phone), f"仕版{number}号", household.file_no):
                    assert secret not in html
            with transaction():
                db.session.execute(delete(Task))

        nobody_is_named()

    def test_the_nearest_come_first_and_each_says_why(self, app: Flask) -> None:
        ming = a_volunteer()
        ming.home_region = WENXIU
        keep(ming)
        soon, late = clock.today() + timedelta(days=1), clock.today() + timedelta(days=9)
        regions = ["440604010001", "440606102001", "440606005004", WENXIU]
        far, district, town, own = [
            a_task(a_household(region=region), due_on=soon if index < 3 else late).code
            for index, region in enumerate(regions)
        ]

        html = browse(app, ming).get("/tasks").get_data(as_text=True)

        places = [html.index(f"/tasks/{code}") for code in (own, town, district, far)]
        assert places == sorted(places)
        assert "就在你的社区" in html
        assert "就在大良街道" in html

    def test_pages_follow_each_other_through_all_rings(self, app: Flask) -> None:
        ming = a_volunteer()
        for region in (WENXIU, "440606005004", "440606102001"):
            household = a_household(region=region)
            for day in range(15):
                a_task(household, due_on=clock.today() + timedelta(days=day % 4))
        client, seen, url = browse(app, ming), [], "/tasks"
        while url:
            html = client.get(url).get_data(as_text=True)
            seen += [code for (code,) in db.session.execute(select(Task.code)) if code in html]
            rest = html.split("下一页")[0].rpartition('href="')[2] if "下一页" in html else ""
            url = rest.split('"')[0].replace("&amp;", "&")

        assert len(seen) == len(set(seen)) == 45

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("kind=goods", {"goods"}),
            ("kind=visit", {"visit", "later"}),
            ("town=440606102", {"goods"}),
            ("skill=会讲粤语", {"visit"}),
            ("when=week", {"visit", "goods"}),
            ("on=2999-01-01", set()),
            ("kind=nonsense&when=nonsense&town=9&on=x&page=x", {"visit", "goods", "later"}),
        ],
    )
    def test_filters(self, app: Flask, query: str, found: set[str]) -> None:
        today = clock.today()
        codes = {
            "visit": a_task(due_on=today, skill="会讲粤语").code,
            "goods": a_task(
                a_household(region="440606102001"), due_on=today, kind=TaskKind.GOODS, unit="床"
            ).code,
            "later": a_task(due_on=today + timedelta(days=30)).code,
        }

        html = browse(app, a_volunteer()).get(f"/tasks?{query}").get_data(as_text=True)

        assert {name for name, code in codes.items() if code in html} == found

    def test_a_donor_is_not_shown_visits(self, app: Flask) -> None:
        visit, goods = a_task(), a_task(kind=TaskKind.GOODS, unit="床")

        html = browse(app, a_user(Role.DONOR)).get("/tasks").get_data(as_text=True)

        assert goods.code in html
        assert visit.code not in html

    def test_without_an_account_one_signs_in_first(self, client: FlaskClient) -> None:
        task = a_task()

        for path in ("/tasks", f"/tasks/{task.code}", "/me/tasks"):
            assert "/login" in client.get(path).location

    def test_a_hidden_task_is_not_there(self, app: Flask) -> None:
        task = a_task(is_public=False)

        assert browse(app, a_volunteer()).get(f"/tasks/{task.code}").status_code == 404
        assert browse(app, a_worker()).get(f"/tasks/{task.code}").status_code == 200

    @pytest.mark.parametrize(
        ("traits", "count", "who"),
        [
            ("elder_alone", 1, "独居长者"),
            ("elders", 2, "长者之家"),
            ("disabled", 2, "行动不便的街坊"),
            ("ill", 3, "三口之家"),
            ("family", 2, "两口之家"),
            ("with_child orphan", 2, "两口之家"),
            ("", 1, "独自生活的街坊"),
            ("", 12, "一大家子"),
        ],
    )
    def test_for_whom_is_said_without_saying_who(self, traits: str, count: int, who: str) -> None:
        assert persona(traits, count) == who


class TestClaiming:
    """The form, and every answer to it."""

    def test_a_claim_leads_to_its_page_and_opens_the_door(self, app: Flask) -> None:
        task = a_task(a_household(name="霍凤志", door="仕版38号", id_number=ID))
        client = browse(app, a_volunteer())

        answer = client.post(f"/tasks/{task.code}/claim", data=promise())
        html = client.get(answer.location).get_data(as_text=True)

        assert answer.status_code == 303
        assert "霍凤志" in html
        assert "仕版38号" in html
        assert "/visits/new?claim=" in html
        assert ID not in html
        actions = db.session.scalars(select(AuditRow.action)).all()
        assert actions == ["claim.make", "claim.read_household"]

    def test_a_double_click_is_one_claim(self, app: Flask) -> None:
        task, client, data = a_task(capacity=3), browse(app, a_volunteer()), promise()

        first, second = [client.post(f"/tasks/{task.code}/claim", data=data) for _ in range(2)]

        assert first.location == second.location
        assert db.session.scalar(select(func.count()).select_from(Claim)) == 1

    def test_without_the_pledge_the_form_comes_back(self, app: Flask) -> None:
        task = a_task(kind=TaskKind.GOODS, capacity=4, unit="床")
        client = browse(app, a_volunteer())

        answer = client.post(f"/tasks/{task.code}/claim", data={"units": "3"})

        html = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "请先勾选保密承诺" in html
        assert 'value="3"' in html

    @pytest.mark.parametrize("units", ["", "0", "-1", "5", "两", "1.5", "9" * 30])
    def test_a_wrong_number_is_said_beside_its_field(self, app: Flask, units: str) -> None:
        task = a_task(kind=TaskKind.GOODS, capacity=4, unit="床")

        answer = browse(app, a_volunteer()).post(
            f"/tasks/{task.code}/claim", data=promise(units=units)
        )

        assert answer.status_code == 422
        assert reload(task).taken == 0

    def test_money_is_claimed_in_yuan_for_a_programme(self, app: Flask) -> None:
        task = a_task(
            kind=TaskKind.MONEY,
            capacity=200_000,
            unit="分",
            title="支持“和乐颐年” · 学费",
            programme_id=a_programme().id,
        )
        client = browse(app, a_user(Role.DONOR))

        answer = client.post(f"/tasks/{task.code}/claim", data=promise(units="1,206.50"))
        html = client.get(answer.location).get_data(as_text=True)

        assert reload(task).taken == 120_650
        assert "¥1,206.50" in html
        assert "/resources/pledge?claim=" in html
        assert "霍凤志" not in html

    def test_who_is_late_is_told_kindly_and_can_stand_in_line(self, app: Flask) -> None:
        task = a_task(state=TaskState.FULL)
        a_claim(task, a_volunteer())
        others = [a_task() for _ in range(4)]
        client = browse(app, a_volunteer())

        answer = client.post(f"/tasks/{task.code}/claim", data=promise())
        html = answer.get_data(as_text=True)

        assert answer.status_code == 409
        assert "手慢了一步" in html
        assert f"/tasks/{task.code}/wait" in html
        assert sum(f'id="{other.code}"' in html for other in others) == 3
        assert client.post(f"/tasks/{task.code}/wait", data=promise()).status_code == 303

    def test_staff_do_not_claim(self, app: Flask) -> None:
        task = a_task()

        answer = browse(app, a_worker()).post(f"/tasks/{task.code}/claim", data=promise())

        assert answer.status_code == 403

    def test_giving_back_asks_for_a_reason(self, app: Flask) -> None:
        ming = a_volunteer()
        claim = a_claim(a_task(), ming)
        client = browse(app, ming)

        refused = client.post(f"/claims/{claim.code}/release")
        done = client.post(f"/claims/{claim.code}/release", data={"reason": "time"})

        assert refused.status_code == 422
        assert "请选一个原因" in refused.get_data(as_text=True)
        assert (done.status_code, done.location) == (303, "/me/tasks")
        assert reload(claim).state is ClaimState.RELEASED

    @pytest.mark.parametrize("state", list(ClaimState))
    def test_every_state_of_a_claim_has_its_page(self, app: Flask, state: ClaimState) -> None:
        ming = a_volunteer()
        claim = a_claim(a_task(capacity=2), ming, state=state, ended_at=clock.now())
        client = browse(app, ming)

        page, mine = client.get(f"/claims/{claim.code}"), client.get("/me/tasks")

        assert (page.status_code, mine.status_code) == (200, 200)
        is_open = state in {ClaimState.HELD, ClaimState.HANDED_IN}
        assert ("霍凤志" in page.get_data(as_text=True)) is is_open
        assert claim.code in mine.get_data(as_text=True)

    def test_somebody_elses_claim_is_not_there(self, app: Flask) -> None:
        claim = a_claim(a_task(), a_volunteer())

        for path in ("", "/release", "/leave"):
            client = browse(app, a_volunteer())
            url = f"/claims/{claim.code}{path}"
            answer = client.post(url, data={"reason": "time"}) if path else client.get(url)
            assert answer.status_code == 404

    def test_the_worker_sees_who_holds_and_who_looked_but_not_through_the_claim(
        self, app: Flask
    ) -> None:
        need = a_need(state=NeedState.PUBLISHED)
        task, ming = a_task(need.household, need_id=need.id), a_volunteer()
        claim = a_claim(task, ming)
        browse(app, ming).get(f"/claims/{claim.code}")
        client = browse(app, a_worker())

        html = client.get(f"/needs/{need.code}").get_data(as_text=True)

        assert html.count(ming.name) == 2
        assert "霍凤志" not in client.get(f"/claims/{claim.code}").get_data(as_text=True)

    def test_withdrawn_consent_closes_the_door_with_a_kind_word(self, app: Flask) -> None:
        ming = a_volunteer()
        claim = a_claim(a_task(), ming)
        for consent in db.session.scalars(select(Consent)).all():
            consent.withdrawn_at = clock.now()
            keep(consent)

        html = browse(app, ming).get(f"/claims/{claim.code}").get_data(as_text=True)

        assert "霍凤志" not in html
        assert "暂时不想继续" in html


class TestNeeds:
    """A need on its pages, from the form to the card."""

    def test_written_submitted_reviewed_and_shown(self, app: Flask) -> None:
        household, worker, supervisor = a_household(), a_worker(), a_user(Role.SUPERVISOR)
        writing, reading = browse(app, worker), browse(app, supervisor)

        kept = writing.post(
            f"/households/{household.file_no}/needs/new", data=written(then="submit")
        )
        review = reading.get(kept.location + "?story=1").get_data(as_text=True)
        published = reading.post(f"{kept.location}/publish")

        assert kept.status_code == 303
        assert "老伴去年走了" in review
        assert published.status_code == 303
        [task] = db.session.scalars(select(Task)).all()
        assert (task.title, task.contact_id) == ("上门陪伴", worker.id)
        assert task.code in browse(app, a_volunteer()).get("/tasks").get_data(as_text=True)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"title": "陪霍婆婆说话"}, "霍婆婆"),
            ({"wording": "住三十八号，电话一三八零零零零五六七八"}, "一三八零零零零五六七八"),
            ({"seats": "", "story": "x"}, "请至少填一样"),
            ({"seats": "三"}, "请填一个整数"),
            ({"amount": "很多"}, "金额请只填数字"),
            ({"amount": "100"}, "请选一个项目"),
            ({"deadline_on": "明天"}, "日期请这样填"),
            ({"deadline_on": "2020-01-01"}, "已经过去了"),
            ({"visit_from": "后天"}, "时间请这样填"),
            ({"title": ""}, "请用几个字"),
        ],
    )
    def test_a_refused_form_keeps_what_was_typed(
        self, app: Flask, changed: dict[str, str], said: str
    ) -> None:
        household = a_household(name="霍凤志")

        answer = browse(app, a_worker()).post(
            f"/households/{household.file_no}/needs/new",
            data=written(skill="会讲粤语", **changed),
        )

        html = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert said in html
        assert "会讲粤语" in html
        assert db.session.scalars(select(Need)).all() == []

    def test_a_duplicate_is_shown_and_must_be_ticked(self, app: Flask) -> None:
        household = a_household()
        before = a_need(household, state=NeedState.MET, settled_at=clock.now())
        client, url = browse(app, a_worker()), f"/households/{household.file_no}/needs/new"

        refused = client.post(url, data=written())

        assert refused.status_code == 422
        assert before.code in refused.get_data(as_text=True)
        assert client.post(url, data=written(seen_before="y")).status_code == 303

    def test_without_consent_the_page_leads_to_recording_it(self, app: Flask) -> None:
        household = a_household(consents=())

        answer = browse(app, a_worker()).post(
            f"/households/{household.file_no}/needs/new", data=written(then="submit")
        )

        assert answer.status_code == 409
        assert f"/households/{household.file_no}/consents/new" in answer.get_data(as_text=True)
        assert db.session.scalars(select(Need.state)).all() == [NeedState.DRAFT]

    def test_the_same_form_sent_twice_is_one_need(self, app: Flask) -> None:
        household, client, data = a_household(), browse(app, a_worker()), written(then="submit")
        url = f"/households/{household.file_no}/needs/new"

        first, second = client.post(url, data=data), client.post(url, data=data)

        assert first.location == second.location
        assert db.session.scalar(select(func.count()).select_from(Need)) == 1

    @pytest.mark.parametrize("state", list(NeedState))
    def test_every_state_of_a_need_has_its_page(self, app: Flask, state: NeedState) -> None:
        need = a_need(state=state, return_reason="写清楚一点")
        client = browse(app, a_user(Role.SUPERVISOR))

        assert client.get(f"/needs/{need.code}").status_code == 200
        assert need.code in client.get(f"/needs?state={state}").get_data(as_text=True)

    def test_returning_and_withdrawing_need_a_reason(self, app: Flask) -> None:
        need, client = a_need(), browse(app, a_user(Role.SUPERVISOR))

        assert client.post(f"/needs/{need.code}/return").status_code == 422
        assert client.post(f"/needs/{need.code}/withdraw").status_code == 422
        assert reload(need).state is NeedState.UNDER_REVIEW
        answer = client.post(f"/needs/{need.code}/return", data={"reason": "写清楚要几点"})
        assert answer.status_code == 303
        assert reload(need).return_reason == "写清楚要几点"

    def test_a_second_thumb_on_publish_finds_it_published(self, app: Flask) -> None:
        need, client = a_need(), browse(app, a_user(Role.SUPERVISOR))

        answers = [client.post(f"/needs/{need.code}/publish").status_code for _ in range(2)]

        assert answers == [303, 409]
        assert db.session.scalar(select(func.count()).select_from(Task)) == 1

    @pytest.mark.parametrize(
        ("role", "region", "status"),
        [
            (Role.WORKER, "440606005", 200),
            (Role.OFFICER, SHUNDE, 200),
            (Role.WORKER, "440606102", 403),
            (Role.VOLUNTEER, SHUNDE, 403),
            (Role.ADMIN, "4406", 403),
        ],
    )
    def test_who_opens_a_need(self, app: Flask, role: Role, region: str, status: int) -> None:
        need = a_need()

        assert browse(app, a_user(role, region)).get(f"/needs/{need.code}").status_code == status

    def test_the_list_of_needs_costs_the_same_for_one_and_for_many(self, app: Flask) -> None:
        client, household = browse(app, a_worker()), a_household()
        sizes: list[Any] = []
        for extra in (1, 30):
            for _ in range(extra):
                a_need(household)
            sizes.append(_cost(client, "/needs"))

        assert sizes[0] == sizes[1] <= 5


def _cost(client: FlaskClient, url: str) -> int:
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    event.listen(db.engine, "before_cursor_execute", count)
    client.get(url)
    event.remove(db.engine, "before_cursor_execute", count)
    return sum(not text.startswith("BEGIN") for text in seen)
