"""Staff (工作人员): invited by an administrator, held to a scope, let go in one click."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.errors import InvitationGone
from app.accounts.models import Grant, Invitation, Organisation, User
from app.accounts.rules import INVITATION_LIFE, OrganisationKind, Role, UserState
from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import Forbidden
from tests.accounts.people import PASSWORD, a_person, is_in, log_in, signed_in
from tests.factories import (
    DALIANG,
    SHUNDE,
    a_household,
    a_user,
    an_organisation,
    keep,
    reload,
    sign_in,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

INVITE = {
    "name": "李社工",
    "role": "worker",
    "region_code": DALIANG,
    "organisation": "",
    "idempotency_key": "the-key-of-an-invitation",
}
JOIN = {"username": "lishegong", "password": "river-and-banyan", "pledge": "y"}
OTHERS = [role for role in Role if role is not Role.ADMIN]


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """An administrator's browser."""
    return signed_in(app, Role.ADMIN, "")[0]


def link_of(admin: FlaskClient, **changed: str) -> str:
    """Invite somebody and take the link from the page."""
    admin.post("/admin/invitations", data=INVITE | changed)
    found = re.search(
        r"http://localhost(/invitations/[0-9a-f]{64})", admin.get("/admin/invitations").text
    )
    assert found
    return found[1]


def test_an_invited_worker_opens_an_account_with_the_scope_that_was_meant(
    app: Flask, admin: FlaskClient
) -> None:
    link, browser = link_of(admin), app.test_client()

    page = browser.get(link).text
    answer = browser.post(link, data=JOIN)

    user = queries.by_username("lishegong")
    assert user is not None
    assert "李社工" in page
    assert "双百社工" in page
    assert answer.location == "/me"
    assert is_in(browser)
    assert user.name == "李社工"
    assert [(grant.role, grant.region_code) for grant in user.grants] == [(Role.WORKER, DALIANG)]


def test_the_link_is_shown_once(admin: FlaskClient) -> None:
    link = link_of(admin)

    assert link not in admin.get("/admin/invitations").text


def test_the_link_works_once(app: Flask, admin: FlaskClient) -> None:
    link = link_of(admin)
    app.test_client().post(link, data=JOIN)

    other = app.test_client().post(link, data=JOIN | {"username": "somebody-else"})

    assert other.status_code in {303, 410}
    assert queries.by_username("somebody-else") is None
    assert app.test_client().get(link).status_code == 410


def test_the_same_acceptance_sent_twice_gives_the_same_answer(
    app: Flask, admin: FlaskClient
) -> None:
    link, browser = link_of(admin), app.test_client()

    answers = [browser.post(link, data=JOIN).location for _ in range(2)]

    assert answers == ["/me", "/me"]
    assert db.session.scalar(select(func.count(User.id))) == 2


def test_the_same_invitation_sent_twice_makes_one_link(admin: FlaskClient) -> None:
    assert link_of(admin) == link_of(admin)
    assert db.session.scalar(select(func.count(Invitation.id))) == 1


def test_an_old_a_withdrawn_and_an_invented_link_sound_the_same(
    app: Flask, admin: FlaskClient
) -> None:
    old, withdrawn = link_of(admin), link_of(admin, idempotency_key="another-key-of-an-invitation")
    first, second = db.session.scalars(select(Invitation).order_by(Invitation.id)).all()
    first.expires_at = clock.now() - timedelta(seconds=1)
    keep(first)
    admin.post("/admin/invitations/withdraw", data={"invitation": second.id})

    pages = [app.test_client().get(one) for one in (old, withdrawn, "/invitations/" + "0" * 64)]

    assert {page.status_code for page in pages} == {410}
    assert all(InvitationGone.message in page.text for page in pages)


def test_an_invitation_lives_for_seven_days(app: Flask, admin: FlaskClient) -> None:
    link = link_of(admin)

    with clock.frozen(clock.now() + INVITATION_LIFE - timedelta(minutes=1)):
        assert app.test_client().get(link).status_code == 200
    with clock.frozen(clock.now() + INVITATION_LIFE + timedelta(minutes=1)):
        assert app.test_client().get(link).status_code == 410


@pytest.mark.parametrize(
    "changed",
    [
        {"region_code": ""},
        {"role": "foundation"},
        {"role": "volunteer"},
        {"role": "donor"},
        {"name": ""},
        {"region_code": "44"},
        {"organisation": "O-NOBODY"},
    ],
    ids=str,
)
def test_an_invitation_without_a_scope_or_for_a_helper_is_refused(
    admin: FlaskClient, changed: dict[str, str]
) -> None:
    page = admin.post("/admin/invitations", data=INVITE | changed)

    assert page.status_code == 422
    assert db.session.scalar(select(func.count(Invitation.id))) == 0


def test_a_foundation_officer_is_bound_to_the_foundation(app: Flask, admin: FlaskClient) -> None:
    foundation = an_organisation(OrganisationKind.FOUNDATION, "和的慈善基金会")
    link = link_of(admin, role="foundation", region_code="", organisation=foundation.code)

    app.test_client().post(link, data=JOIN)

    user = queries.by_username("lishegong")
    assert user is not None
    assert user.actor.organisations(Role.FOUNDATION) == (foundation.id,)


@pytest.mark.parametrize("role", OTHERS)
def test_only_administrators_see_people_and_organisations(app: Flask, role: Role) -> None:
    client, _ = signed_in(app, role)
    person = a_user(Role.WORKER)

    paths = ("/admin/users", f"/admin/users/{person.code}", "/admin/invitations", "/admin/organisations")  # fmt: skip
    assert {client.get(path).status_code for path in paths} == {403}
    assert client.post("/admin/invitations", data=INVITE).status_code == 403
    assert client.post(f"/admin/users/{person.code}/disable").status_code == 403
    assert is_in(sign_in(app.test_client(), person))


@pytest.mark.parametrize("role", OTHERS)
def test_the_services_refuse_everybody_else_too(app: Flask, role: Role) -> None:
    actor, person = a_user(role).actor, a_user(Role.WORKER)

    for verb in (services.disable, services.enable, services.sign_out_everywhere):
        with pytest.raises(Forbidden), transaction():
            verb(actor, person)


def test_an_administrator_sees_no_household(admin: FlaskClient) -> None:
    household = a_household()

    assert admin.get(f"/households/{household.file_no}").status_code in {403, 404}
    assert admin.get("/households").status_code in {403, 404}


def test_a_person_is_found_by_the_beginning_of_the_user_name(admin: FlaskClient) -> None:
    for name in ("wenxiu.li", "wenxiu.wang", "daliang.chen"):
        user = a_user(Role.WORKER)
        user.username = name
        keep(user)

    page = admin.get("/admin/users?q=WENXIU").text

    assert "wenxiu.li" in page
    assert "wenxiu.wang" in page
    assert "daliang.chen" not in page


def test_the_list_of_people_pages_without_losing_or_repeating_anybody(admin: FlaskClient) -> None:
    for _ in range(45):
        a_user(Role.VOLUNTEER)

    seen, url = [], "/admin/users?q=user"
    while url:
        page = admin.get(url).text
        seen += re.findall(r'/admin/users/U-\w+">(user\d+)<', page)
        onward = re.search(r'href="(/admin/users\?[^"]*page=[^"]+)"', page)
        url = onward[1].replace("&amp;", "&") if onward else ""

    assert len(seen) == len(set(seen)) == 46


def test_a_closed_account_is_out_at_once_and_comes_back_when_opened(
    app: Flask, admin: FlaskClient
) -> None:
    person, browser = a_person(Role.WORKER), app.test_client()
    log_in(browser, person.username)

    admin.post(f"/admin/users/{person.code}/disable")

    assert not is_in(browser)
    assert log_in(browser, person.username).status_code == 422
    assert reload(person).state is UserState.DISABLED
    admin.post(f"/admin/users/{person.code}/enable")
    assert log_in(browser, person.username).status_code == 303


def test_closing_a_closed_account_says_the_page_is_stale(admin: FlaskClient) -> None:
    person = a_person(Role.WORKER)

    answers = [admin.post(f"/admin/users/{person.code}/disable").status_code for _ in range(2)]

    assert answers == [303, 409]


def test_administrators_cannot_lock_themselves_out(app: Flask) -> None:
    client, user = signed_in(app, Role.ADMIN, "")

    closing = client.post(f"/admin/users/{user.code}/disable")
    ending = client.post(f"/admin/users/{user.code}/grants/end", data={"grant": user.grants[0].id})

    assert (closing.status_code, ending.status_code) == (409, 409)
    assert client.get("/admin/users").status_code == 200


def test_a_lost_phone_is_signed_out_by_the_administrator(app: Flask, admin: FlaskClient) -> None:
    person = a_user(Role.VOLUNTEER)
    phone = sign_in(app.test_client(), person)

    admin.post(f"/admin/users/{person.code}/sign-out")

    assert not is_in(phone)


def test_an_ended_grant_opens_nothing_from_the_next_click_on(
    app: Flask, admin: FlaskClient
) -> None:
    auditor = a_user(Role.AUDITOR, "4406")
    browser = sign_in(app.test_client(), auditor)
    assert browser.get("/audit").status_code == 200

    admin.post(f"/admin/users/{auditor.code}/grants/end", data={"grant": auditor.grants[0].id})

    assert browser.get("/audit").status_code == 403
    assert reload(auditor).grants == []


def test_a_grant_of_somebody_else_cannot_be_ended_through_this_page(admin: FlaskClient) -> None:
    person, other = a_user(Role.WORKER), a_user(Role.WORKER)

    answer = admin.post(
        f"/admin/users/{person.code}/grants/end", data={"grant": other.grants[0].id}
    )

    assert answer.status_code == 404
    assert db.session.scalars(select(Grant).where(Grant.ended_at.is_not(None))).all() == []


def test_one_more_role_is_given_once(admin: FlaskClient) -> None:
    person = a_user(Role.WORKER)
    form = {"role": "supervisor", "region_code": SHUNDE, "organisation": ""}

    answers = [admin.post(f"/admin/users/{person.code}/grants", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    roles = sorted(grant.role for grant in reload(person).grants)
    assert roles == [Role.SUPERVISOR, Role.WORKER]


def test_a_role_without_a_scope_is_refused_beside_the_field(admin: FlaskClient) -> None:
    person = a_user(Role.WORKER)

    page = admin.post(
        f"/admin/users/{person.code}/grants",
        data={"role": "officer", "region_code": "", "organisation": ""},
    )

    assert page.status_code == 422
    assert "要选好负责的地区" in page.text


def test_a_person_nobody_knows_is_not_here(admin: FlaskClient) -> None:
    assert admin.get("/admin/users/U-NOBODY").status_code == 404
    assert admin.post("/admin/users/U-NOBODY/disable").status_code == 404


def test_an_organisation_is_added_once(admin: FlaskClient) -> None:
    form = {
        "name": "大良街道社工站",
        "kind": "station",
        "region_code": DALIANG,
        "notice": "",
        "idempotency_key": "the-key-of-an-organisation",
    }

    answers = [admin.post("/admin/organisations", data=form).status_code for _ in range(2)]
    same = admin.post(
        "/admin/organisations", data=form | {"idempotency_key": "another-key-altogether"}
    )

    assert answers == [303, 303]
    assert same.status_code == 422
    assert db.session.scalars(select(Organisation.name)).all() == ["大良街道社工站"]
    assert "大良街道社工站" in admin.get("/admin/organisations").text


def test_a_first_administrator_is_made_at_the_command_line(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    create = ["users", "create", "root.wang", "--role", "admin", "--password"]

    weak = run(args=[*create, "short"])
    made = run(args=[*create, PASSWORD])
    again = run(args=[*create, PASSWORD])

    assert (weak.exit_code, made.exit_code, again.exit_code) == (1, 0, 1)
    assert "密码至少 10 位" in weak.output
    browser = app.test_client()
    log_in(browser, "root.wang")
    assert browser.get("/admin/users").status_code == 200


def test_a_forgotten_password_is_set_at_the_command_line(app: Flask) -> None:
    person, browser, run = a_person(), app.test_client(), app.test_cli_runner().invoke
    log_in(browser, person.username)
    fresh = "a-quite-different-phrase"

    weak = run(args=["users", "set-password", person.username, "--password", "short"])
    unknown = run(args=["users", "set-password", "nobody", "--password", fresh])
    done = run(args=["users", "set-password", person.username, "--password", fresh])

    assert (weak.exit_code, unknown.exit_code, done.exit_code) == (1, 1, 0)
    assert not is_in(browser)
    assert log_in(browser, person.username).status_code == 422
    assert log_in(browser, person.username, fresh).status_code == 303


def test_an_invitation_is_made_at_the_command_line(app: Flask) -> None:
    made = app.test_cli_runner().invoke(
        args=["users", "invite", "李社工", "--role", "worker", "--region", DALIANG]
    )

    link = made.output.strip().removeprefix("http://localhost")
    assert app.test_client().get(link).status_code == 200


def test_two_administrators_withdraw_once(app: Flask, admin: FlaskClient) -> None:
    link_of(admin)
    [invitation] = db.session.scalars(select(Invitation)).all()

    with transaction():
        services.withdraw_invitation(SYSTEM, invitation.id)

    assert (
        admin.post("/admin/invitations/withdraw", data={"invitation": invitation.id}).status_code
        == 409
    )
