"""Who may do what with a gift: role by role, and the SQL twin says the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.rules import OrganisationKind
from app.core.access import Actor
from app.core.db import db
from app.programmes.models import Programme
from app.resources import policy, queries
from app.resources.models import ResourceLine
from tests.factories import DALIANG, WENXIU, a_household, a_programme, a_user, an_organisation
from tests.resources.gifts import a_gift_claim, delivered, money, pledged, received

pytestmark = pytest.mark.usefixtures("app")
ACTIONS = ("view", "receive", "deliver", "reverse", "papers")
# for quilts claimed for a household in 文秀: what each may do
GOODS = {
    ("worker", WENXIU): "view receive deliver reverse papers",
    ("worker", DALIANG): "view receive deliver reverse papers",
    ("worker", "440606101"): "",
    ("supervisor", "440606"): "view receive deliver reverse papers",
    ("keeper", DALIANG): "view receive deliver reverse papers",
    ("officer", "4406"): "view papers",
    ("officer", "440605"): "",
    ("auditor", "440606"): "view papers",
    ("liaison", DALIANG): "",
    ("volunteer", DALIANG): "",
    ("donor", DALIANG): "",
    ("admin", "4406"): "",
    ("worker", ""): "",
}
# for money given to a programme of the whole city
MONEY = {
    ("worker", DALIANG): "view deliver papers",
    ("keeper", DALIANG): "view deliver papers",
    ("officer", "440605"): "view papers",
    ("auditor", "4406"): "view papers",
    ("foundation", "own"): "view receive reverse papers",
    ("foundation", "charity"): "view receive reverse papers",
    ("foundation", "other"): "",
    ("donor", "own"): "view reverse",
    ("donor", DALIANG): "",
    ("admin", "4406"): "",
}


def allowed(actor: Actor, line: ResourceLine) -> str:
    answers = {
        "view": policy.can_view(actor, line),
        "receive": policy.can_receive(actor, line),
        "deliver": policy.can_reach_out(actor, line),
        "reverse": policy.can_reverse(actor, line),
        "papers": policy.can_see_papers(actor, line),
    }
    return " ".join(action for action in ACTIONS if answers[action])


def sees_in_sql(actor: Actor, line: ResourceLine) -> bool:
    rule = select(ResourceLine.id).where(ResourceLine.id == line.id, policy.visible_to(actor))
    return db.session.scalar(rule) is not None


def test_each_role_does_its_own_part_with_goods_for_a_household() -> None:
    line = pledged(claim=a_gift_claim())

    for (role, region), words in GOODS.items():
        actor = a_user(role, region).actor

        assert allowed(actor, line) == words, (role, region)
        assert sees_in_sql(actor, line) is ("view" in words), (role, region)


def test_each_role_does_its_own_part_with_money_for_a_programme() -> None:
    line = pledged(money())
    programme = line.programme
    assert programme is not None
    houses = {
        "own": programme.foundation,
        "charity": programme.charity,
        "other": an_organisation(OrganisationKind.FOUNDATION, "别家基金会"),
    }

    for (role, where), words in MONEY.items():
        if role == "foundation":
            actor = a_user(role, "", houses[where]).actor
        elif where == "own":
            actor = Actor(line.donor.user_id, a_user("donor").actor.scopes)
        else:
            actor = a_user(role, where).actor

        assert allowed(actor, line) == words, (role, where)
        assert sees_in_sql(actor, line) is ("view" in words), (role, where)


def test_a_programme_of_one_district_is_no_matter_of_another() -> None:
    line = pledged(programme=a_programme(region_code="440606"))

    for region, sees in (("4406", True), ("440606", True), (DALIANG, True), ("440605", False)):
        actor = a_user("keeper", region).actor

        assert policy.can_view(actor, line) is sees
        assert policy.can_receive(actor, line) is sees
        assert sees_in_sql(actor, line) is sees


def test_a_charity_pays_out_what_was_meant_for_a_household_and_chooses_none_itself() -> None:
    claim = a_gift_claim(household=(household := a_household()))
    line = pledged(claim=claim)
    free = pledged(money())
    officer = a_user("foundation", "", free.charity).actor

    assert policy.can_deliver(a_user("worker").actor, line, household)
    assert not policy.can_deliver(officer, line, household)
    assert not policy.can_deliver(officer, free, household)


def test_a_delivery_is_taken_back_by_the_staff_of_its_place() -> None:
    line = received(pledged(claim=a_gift_claim()))
    delivered(line, 1)
    db.session.rollback()
    delivery = queries.by_code(line.code).deliveries[0]

    assert policy.can_reverse_delivery(a_user("keeper").actor, delivery)
    for role, region in (("worker", "440606101"), ("officer", "4406"), ("donor", DALIANG)):
        assert not policy.can_reverse_delivery(a_user(role, region).actor, delivery)


@pytest.mark.parametrize(
    ("role", "gives"), [("donor", True), ("volunteer", True), ("worker", False), ("admin", False)]
)
def test_donors_and_volunteers_give_to_programmes(role: str, *, gives: bool) -> None:
    assert policy.can_pledge(a_user(role).actor, None) is gives
    assert db.session.scalars(select(Programme)).all() == []
