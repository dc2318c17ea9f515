"""How long what is kept, and what the night proposes when it is over (保存期限与到期清除)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.households.errors import PeriodTooShort
from app.households.jobs import retention
from app.households.models import Household, Span, SubjectRequest
from app.households.queries import records
from app.households.rules import HouseholdState
from app.households.rules.requests import Asker
from app.households.rules.retention import Kept, Period, months_after, months_on
from app.households.services import requests
from app.media.models import Media
from app.notices.models import Message
from tests.factories import CITY, SHUNDE, a_household, a_user, a_worker, keep, reload
from tests.households.test_erasure import a_full_file, approve, ask

pytestmark = pytest.mark.usefixtures("app")


def a_closed_file(closed_on: date) -> Household:
    """A file that was active for a year and is closed since a day."""
    household = a_household(state=HouseholdState.CLOSED, next_visit_on=None)
    standing = {
        "household_id": household.id,
        "region_code": household.region_code,
        "town_code": household.town_code,
        "district_code": household.district_code,
        "category": household.category,
        "tier": household.tier,
        "member_count": 1,
        "income_fen": 0,
        "aid_fen": 0,
    }
    keep(
        Span(
            from_on=closed_on - timedelta(days=365),
            until_on=closed_on,
            state=HouseholdState.ACTIVE,
            **standing,
        )
    )
    keep(Span(from_on=closed_on, state=HouseholdState.CLOSED, **standing))
    return household


def test_the_night_proposes_closed_files_whose_period_is_over_once() -> None:
    day = clock.today()
    officer = a_user(Role.OFFICER, SHUNDE)
    due = a_closed_file(months_after(day, -60))
    a_closed_file(months_after(day, -60) + timedelta(days=1))
    a_household()

    assert [retention(day) for _ in range(2)] == [1, 0]
    assert retention(day + timedelta(days=1)) == 1

    [first, _] = db.session.scalars(select(SubjectRequest).order_by(SubjectRequest.id))
    assert (first.household_id, first.asker) == (due.id, Asker.RETENTION)
    assert records.keep_until(due) == day
    assert db.session.scalars(select(Message.user_id)).first() == officer.id


def test_what_the_office_keeps_is_asked_about_again_in_a_year() -> None:
    day, worker = clock.today(), a_worker()
    a_closed_file(months_after(day, -60))
    retention(day)
    [request] = db.session.scalars(select(SubjectRequest))
    with transaction():
        requests.refuse(worker.actor, request, duties=["dispute"], answer="有案件没有了结")

    assert retention(day + timedelta(days=200)) == 0
    assert retention(day + timedelta(days=400)) == 1


def test_old_photos_go_and_the_file_stays() -> None:
    household = a_full_file()
    day = clock.today()
    with transaction():
        db.session.execute(
            update(Media).values(kind="visit", stored_at=clock.at(months_after(day, -40)))
        )

    assert [retention(day) for _ in range(2)] == [1, 0]
    [request] = db.session.scalars(select(SubjectRequest))
    assert request.what == "photos"
    approve(ask(request))

    [page] = db.session.scalars(select(Media))
    assert page.gone_at is not None
    assert reload(household).data_key is not None


def test_a_period_holds_from_its_day_and_never_falls_below_the_law() -> None:
    officer, town_officer = a_user(Role.OFFICER, CITY), a_user(Role.OFFICER, SHUNDE)
    today = clock.today()
    said: dict[str, Any] = {"months": 24, "valid_from": today, "basis": "市局通知"}
    with transaction():
        requests.set_period(officer.actor, Kept.CLOSED_FILE, **said)

    with pytest.raises(Forbidden), transaction():
        requests.set_period(town_officer.actor, Kept.CLOSED_FILE, **said)
    with pytest.raises(PeriodTooShort, match="36"), transaction():
        requests.set_period(officer.actor, Kept.ASSESSMENT, **(said | {"months": 12}))

    periods = records.periods()
    assert months_on(Kept.CLOSED_FILE, periods, today) == 24
    assert months_on(Kept.CLOSED_FILE, periods, today - timedelta(days=1)) == 60


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 15), -3, date(2025, 12, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_the_newest_period_that_has_begun_holds() -> None:
    periods = [
        Period(Kept.PHOTO, 12, date(2026, 1, 1)),
        Period(Kept.PHOTO, 6, date(2027, 1, 1)),
    ]

    assert months_on(Kept.PHOTO, periods, date(2025, 12, 31)) == 36
    assert months_on(Kept.PHOTO, periods, date(2026, 12, 31)) == 12
    assert months_on(Kept.PHOTO, periods, date(2027, 1, 1)) == 6
