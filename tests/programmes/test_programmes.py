"""Programmes: who sees which, who keeps them, and what a gift to one is restricted to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts.rules import OrganisationKind
from app.audit.models import AuditRow
from app.core.access import NOBODY, SYSTEM
from app.core.db import db, transaction
from app.core.errors import Forbidden, NotHere, StalePage
from app.programmes import policy, queries, services
from app.programmes.errors import EndsBeforeItStarts, NotQualified
from app.programmes.models import Donor, Programme
from app.programmes.rules import ProgrammeState, touches
from tests.factories import (
    DALIANG,
    a_programme,
    a_user,
    an_organisation,
    keep,
    reload,
    sign_in,
)

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.accounts.models import Organisation, User

pytestmark = pytest.mark.usefixtures("app")


def a_foundation() -> Organisation:
    return an_organisation(OrganisationKind.FOUNDATION, "和的慈善基金会")


def an_officer(foundation: Organisation) -> User:
    return a_user("foundation", "", foundation)


def facts(charity: Organisation, **changed: object) -> services.Facts:
    values: dict[str, object] = {
        "name": "和乐颐年",
        "purpose": "探访独居长者",
        "region_code": "",
        "charity_id": charity.id,
        "starts_on": date(2026, 1, 1),
        "ends_on": None,
    }
    return services.Facts(**(values | changed))  # type: ignore[arg-type]


def form(foundation: Organisation, charity: Organisation, **changed: str) -> dict[str, str]:
    return {
        "name": "和乐颐年",
        "purpose": "探访独居长者",
        "foundation": str(foundation.id),
        "charity": str(charity.id),
        "region": "440606",
        "starts_on": "2026-01-01",
        "state": "open",
        "idempotency_key": "a-key-of-this-form",
    } | changed


def test_an_officer_starts_a_programme_of_their_own_foundation() -> None:
    foundation, charity = a_foundation(), an_organisation()
    officer = an_officer(foundation).actor

    with transaction():
        made = services.create(officer, foundation.id, facts(charity), "key-1")
    with transaction():
        again = services.create(officer, foundation.id, facts(charity), "key-1")

    assert (made.foundation_id, made.charity_id) == (foundation.id, charity.id)
    assert again.id == made.id
    assert db.session.scalars(select(AuditRow.action)).all() == ["programme.create"]


def test_nobody_starts_a_programme_for_another_foundation() -> None:
    foundation, charity = a_foundation(), an_organisation()
    other = an_officer(an_organisation(OrganisationKind.FOUNDATION, "别家")).actor
    worker = a_user("worker").actor

    for actor in (other, worker, NOBODY):
        with pytest.raises(Forbidden), transaction():
            services.create(actor, foundation.id, facts(charity), "key-2")


@pytest.mark.parametrize(
    "kind", [OrganisationKind.COMPANY, OrganisationKind.CIVIL_AFFAIRS, OrganisationKind.STATION]
)
def test_money_goes_to_a_qualified_charity_only(kind: OrganisationKind) -> None:
    foundation = a_foundation()
    officer, other = an_officer(foundation).actor, an_organisation(kind, "某单位")

    with pytest.raises(NotQualified), transaction():
        services.create(officer, foundation.id, facts(other), "key-3")


def test_a_programme_does_not_end_before_it_begins() -> None:
    foundation, charity = a_foundation(), an_organisation()
    officer = an_officer(foundation).actor

    with pytest.raises(EndsBeforeItStarts), transaction():
        services.create(officer, foundation.id, facts(charity, ends_on=date(2025, 12, 31)), "key-4")


def test_a_stale_page_changes_nothing() -> None:
    foundation = a_foundation()
    programme = a_programme(foundation_id=foundation.id)
    officer = an_officer(foundation).actor
    with transaction():
        services.edit(officer, programme, facts(programme.charity), ProgrammeState.OPEN, 1)

    with pytest.raises(StalePage), transaction():
        services.edit(
            officer, programme, facts(programme.charity, name="旧页"), ProgrammeState.CLOSED, 1
        )

    assert reload(programme).name == "和乐颐年"
    assert programme.state is ProgrammeState.OPEN


ROLES = [
    ("foundation", "own", True, True),
    ("foundation", "charity", True, True),
    ("foundation", "other", False, False),
    ("officer", "4406", True, True),
    ("officer", "440606", True, True),
    ("officer", DALIANG, True, True),
    ("officer", "440605", False, False),
    ("auditor", "440606", True, True),
    ("worker", DALIANG, False, False),
    ("donor", DALIANG, False, False),
    ("admin", "4406", False, False),
]


@pytest.mark.parametrize(("role", "where", "accounts", "sees_closed"), ROLES)
@pytest.mark.parametrize("state", ProgrammeState)
def test_open_programmes_are_seen_by_all_and_accounted_for_by_few_and_sql_agrees(
    role: str, where: str, accounts: object, sees_closed: object, state: ProgrammeState
) -> None:
    programme = a_programme(region_code="440606", state=state)
    houses = {
        "own": programme.foundation,
        "charity": programme.charity,
        "other": an_organisation(OrganisationKind.FOUNDATION, "别家"),
    }
    house = houses.get(where)
    actor = a_user(role, "" if house else where, house).actor

    sees = state is ProgrammeState.OPEN or bool(sees_closed)
    assert policy.can_account(actor, programme) is bool(accounts)
    assert policy.can_view(actor, programme) is sees
    assert [p.id for p in queries.visible_to(actor).rows] == ([programme.id] if sees else [])
    own = select(Programme.id).where(policy.accountable_to(actor))
    assert (db.session.scalar(own) is not None) is bool(accounts)


def test_visitors_see_no_programme_and_the_system_sees_all() -> None:
    a_programme()

    assert queries.visible_to(NOBODY).rows == []
    assert len(queries.visible_to(SYSTEM).rows) == 1


@pytest.mark.parametrize(
    ("region", "prefix", "answer"),
    [
        ("", "440606", True),
        ("440606", "4406", True),
        ("440606", "440606005", True),
        ("440606005", "440606", True),
        ("440606005", "440606101", False),
        ("440606", "", False),
    ],
)
def test_a_programme_reaches_into_a_scope_above_or_below_its_own(
    region: str, prefix: str, answer: object
) -> None:
    assert touches(region, prefix) is answer


def test_a_person_becomes_a_donor_once_and_stays_anonymous() -> None:
    user = a_user("donor")
    with transaction():
        first = services.ensure_donor(user.actor, user)
    with transaction():
        second = services.ensure_donor(user.actor, user)

    assert first.id == second.id
    assert first.is_anonymous
    assert db.session.scalar(select(func.count()).select_from(Donor)) == 1
    assert queries.donor_of(a_user("donor")) is None


def test_an_officer_makes_and_changes_a_programme_in_the_browser(client: FlaskClient) -> None:
    foundation, charity = a_foundation(), an_organisation()
    sign_in(client, an_officer(foundation))

    shown = client.get("/programmes/new")
    made = [client.post("/programmes", data=form(foundation, charity)) for _ in range(2)]
    page = client.get(made[0].location)
    edited = client.post(
        f"{made[0].location}/edit",
        data=form(foundation, charity, name="和乐颐年二期", state="closed", version="1"),
    )
    stale = client.post(
        f"{made[0].location}/edit", data=form(foundation, charity, name="旧页", version="1")
    )

    assert "和的慈善基金会" in shown.text
    assert made[0].location == made[1].location
    assert "善邻不经手钱款" in page.text
    assert "对公账户 测试" in page.text
    assert edited.status_code == 303
    assert "和乐颐年二期" in client.get(edited.location).text
    assert stale.status_code == 409


def test_a_refused_form_keeps_what_was_typed(client: FlaskClient) -> None:
    foundation, charity = a_foundation(), an_organisation()
    sign_in(client, an_officer(foundation))

    answer = client.post(
        "/programmes", data=form(foundation, charity, purpose="", ends_on="2025-01-01")
    )

    assert answer.status_code == 422
    assert 'value="和乐颐年"' in answer.text
    assert "请写明用途" in answer.text
    assert "结束日期早于开始日期" in answer.text
    assert db.session.scalars(select(Programme)).all() == []


def test_who_keeps_no_programme_can_neither_make_nor_change_one(client: FlaskClient) -> None:
    programme = a_programme()
    away = client.post("/programmes")
    sign_in(client, a_user("worker"))

    assert away.status_code == 303
    assert client.get(f"/programmes/{programme.code}").status_code == 200
    assert client.get("/programmes/new").status_code == 403
    assert client.post("/programmes").status_code == 403
    assert client.post(f"/programmes/{programme.code}/edit").status_code == 403


def test_another_foundation_cannot_change_it_and_nobody_finds_what_is_not_there(
    client: FlaskClient,
) -> None:
    programme = a_programme()
    sign_in(client, an_officer(an_organisation(OrganisationKind.FOUNDATION, "别家")))

    assert client.get(f"/programmes/{programme.code}/edit").status_code == 403
    assert client.post("/programmes/P-NOTHERE/edit").status_code == 404
    with pytest.raises(NotHere):
        queries.by_code("P-NOTHERE")


def test_a_donor_sees_the_figures_and_not_the_list_behind_them(client: FlaskClient) -> None:
    programme = a_programme()
    sign_in(client, a_user("donor"))

    page = client.get(f"/programmes/{programme.code}?figure=received").text

    assert "已收到" in page
    assert "我要捐赠" in page
    assert "明细" not in page
    assert "合计" not in page.split("资金和物资")[1].replace("资金和实物合计", "")


def test_a_closed_programme_is_gone_for_donors(client: FlaskClient) -> None:
    programme = keep(a_programme(state=ProgrammeState.CLOSED))
    sign_in(client, a_user("donor"))

    assert client.get(f"/programmes/{programme.code}").status_code == 404
    assert "还没有慈善项目" in client.get("/programmes").text
