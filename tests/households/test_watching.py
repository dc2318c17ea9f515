"""Watching over reading (查阅监督): the night's findings, who hears of them, and the brake."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.audit.models import AuditRow
from app.audit.services import record
from app.core import clock
from app.core.access import Actor
from app.core.db import db, transaction
from app.households import jobs, queries, services
from app.households.errors import Braked, LookedInto
from app.households.models import Household, ReadingAlert
from app.households.rules import watching as rules
from app.households.rules.watching import HANDOVER, ReadingRule
from app.households.services import watching
from app.notices.models import Message
from tests.factories import (
    CITY,
    DALIANG,
    SHUNDE,
    a_household,
    a_user,
    a_volunteer,
    a_worker,
    sign_in,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from app.accounts.models import User

LECONG = "440606102001"


def looked(
    user: User, household: Household, at: datetime, action: str = "household.unmask"
) -> None:
    """A look of a past moment, as the services write it."""
    with clock.frozen(at), transaction():
        record(
            user.actor,
            action,
            household.file_no,
            household_id=household.id,
            region_code=household.region_code,
            reason="核对档案资料",
        )


def noon(days_ago: int = 0) -> datetime:
    return clock.at(clock.today() - timedelta(days=days_ago), time(12))


def alerts() -> list[ReadingAlert]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(ReadingAlert).order_by(ReadingAlert.id)))


def fast_looks(worker: User, days_ago: int = 1, number: int = 10) -> list[Household]:
    """A worker who opens one file a minute."""
    files = [a_household() for _ in range(number)]
    for minute, household in enumerate(files):
        looked(worker, household, noon(days_ago) + timedelta(minutes=minute % 10))
    return files


def test_the_night_writes_down_what_was_unusual_once(app: Flask) -> None:
    worker = a_worker()
    supervisor, auditor = a_user(Role.SUPERVISOR, DALIANG), a_user(Role.AUDITOR, SHUNDE)
    elsewhere = a_user(Role.SUPERVISOR, "440604")
    fast_looks(worker)

    first = jobs.watch_readings(clock.today())
    second = jobs.watch_readings(clock.today())

    [alert] = alerts()
    told = set(db.session.scalars(select(Message.user_id)))
    assert (first, second) == (1, 0)
    assert (alert.rule, alert.user_id, alert.count) == (ReadingRule.FAST, worker.id, 10)
    assert (alert.day, alert.region_code) == (clock.today() - timedelta(days=1), DALIANG)
    assert told == {supervisor.id, auditor.id}
    assert elsewhere.id not in told
    assert len(queries.evidence(alert)) == 10


def test_a_day_that_goes_on_lets_a_finding_grow_until_it_was_looked_into(app: Flask) -> None:
    worker, supervisor = a_worker(), a_user(Role.SUPERVISOR, DALIANG)
    day = clock.today() - timedelta(days=1)
    fast_looks(worker)
    with transaction():
        watching.watch(day)
    fast_looks(worker, number=3)

    with transaction():
        watching.watch(day)
    [alert] = alerts()
    assert alert.count == 13
    with transaction():
        services.acknowledge(supervisor.actor, alert, "在核对低保名册，没有问题")
    fast_looks(worker, number=2)
    with transaction():
        watching.watch(day)

    assert [one.count for one in alerts()] == [13]


def test_reading_in_villages_one_never_works_in(app: Flask) -> None:
    worker = a_user(Role.WORKER, SHUNDE)
    looked(worker, a_household(), noon(20), "visit.confirm")
    strange = [a_household(region=LECONG) for _ in range(5)]
    for number, household in enumerate(strange):
        looked(worker, household, noon(1) + timedelta(hours=number))

    with transaction():
        watching.watch(clock.today() - timedelta(days=1))

    assert [(one.rule, one.count) for one in alerts()] == [(ReadingRule.ELSEWHERE, 5)]


def test_reading_a_file_after_it_was_handed_over(app: Flask) -> None:
    before, after, supervisor = a_worker(), a_worker(), a_user(Role.SUPERVISOR)
    household = a_household(worker=after)
    with clock.frozen(noon(3)), transaction():
        record(
            supervisor.actor,
            HANDOVER,
            household.file_no,
            household_id=household.id,
            region_code=household.region_code,
            detail={"giver": before.id},
        )
    looked(before, household, noon(4))
    looked(after, household, noon(1))
    for day in (4, 1):
        with transaction():
            watching.watch(clock.today() - timedelta(days=day))
    assert alerts() == []

    looked(before, household, noon(1) + timedelta(minutes=5))
    with transaction():
        watching.watch(clock.today() - timedelta(days=1))

    assert [(one.rule, one.user_id) for one in alerts()] == [(ReadingRule.HANDED_OVER, before.id)]


def test_a_helper_who_reads_at_night_is_told_of_where_they_read(app: Flask) -> None:
    volunteer = a_volunteer()
    for minute in range(3):
        at = clock.at(clock.today() - timedelta(days=1), time(23, minute))
        looked(volunteer, a_household(), at, "claim.read_household")

    with transaction():
        watching.watch(clock.today() - timedelta(days=1))

    assert [(one.rule, one.region_code) for one in alerts()] == [(ReadingRule.NIGHT, DALIANG)]


@pytest.fixture
def short_brake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BRAKE_AN_HOUR", 3)


def opens(actor: Actor, household: Household) -> None:
    with transaction():
        services.unmask(actor, household, "核对档案资料")


@pytest.mark.usefixtures("short_brake")
def test_whoever_opens_file_after_file_is_stopped_until_the_supervisor_says_so(
    client: FlaskClient,
) -> None:
    worker, supervisor = a_worker(), a_user(Role.SUPERVISOR, DALIANG)
    files = [a_household() for _ in range(4)]
    for household in [*files[:3], files[0]]:
        opens(worker.actor, household)

    with pytest.raises(Braked):
        opens(worker.actor, files[3])
    opens(worker.actor, files[1])
    sign_in(client, worker)
    page = client.post(f"/households/{files[3].file_no}/unmask", data={"why": "check"})
    [alert] = alerts()

    assert page.status_code == 409
    assert "先停一停" in page.text
    assert "霍凤志" not in page.text
    assert (alert.rule, alert.user_id) == (ReadingRule.BRAKE, worker.id)
    assert db.session.scalars(select(Message.user_id)).all() == [supervisor.id]
    with transaction():
        services.acknowledge(supervisor.actor, alert, "在做年审，可以继续")
    opens(worker.actor, files[3])
    assert worker.id in set(db.session.scalars(select(Message.user_id)))


@pytest.mark.usefixtures("short_brake")
def test_the_brake_forgets_after_an_hour(app: Flask) -> None:
    worker = a_worker()
    files = [a_household() for _ in range(4)]
    for household in files[:3]:
        looked(worker, household, clock.now() - timedelta(minutes=61))

    opens(worker.actor, files[3])

    assert alerts() == []


def test_the_brake_is_above_what_a_busy_hour_takes() -> None:
    assert rules.LIMITS.many_a_day <= rules.BRAKE_AN_HOUR


def test_the_pages_show_what_waits_and_keep_what_came_of_it(client: FlaskClient) -> None:
    worker = a_worker()
    fast_looks(worker)
    jobs.watch_readings(clock.today())
    [alert] = alerts()
    sign_in(client, a_user(Role.SUPERVISOR, DALIANG))
    url = f"/audit/alerts/{alert.code}"

    listed, shown = client.get("/audit/alerts").text, client.get(url).text
    refused = client.post(url, data={"note": " "})
    done = client.post(url, data={"note": "年审核对，问过本人"})
    again = client.post(url, data={"note": "再写一句"})

    assert worker.name in listed
    assert "短时间连着看" in listed
    assert shown.count("核对档案资料") == 10
    assert (refused.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert LookedInto.message in again.text
    assert "没有要看的" in client.get("/audit/alerts").text
    assert "已核查" in client.get("/audit/alerts?all=1").text
    assert "年审核对，问过本人" in client.get(url).text
    written = select(func.count()).where(AuditRow.action == "reading_alert.acknowledge")
    assert db.session.scalar(written) == 1


def test_nobody_looks_into_their_own_reading_nor_into_another_place(client: FlaskClient) -> None:
    supervisor = a_user(Role.SUPERVISOR, DALIANG)
    fast_looks(supervisor)
    jobs.watch_readings(clock.today())
    [alert] = alerts()

    for user, status in (
        (supervisor, 404),
        (a_user(Role.SUPERVISOR, "440604"), 404),
        (a_user(Role.AUDITOR, "440604"), 404),
        (a_user(Role.AUDITOR, SHUNDE), 200),
        (a_user(Role.SUPERVISOR, CITY), 200),
        (a_worker(), 403),
    ):
        sign_in(client, user)
        assert client.get(f"/audit/alerts/{alert.code}").status_code == status
        inside = client.get("/audit/alerts")
        assert (alert.code in inside.text) is (status == 200)


def test_a_note_about_people_is_sealed(app: Flask) -> None:
    supervisor = a_user(Role.SUPERVISOR, DALIANG)
    fast_looks(a_worker())
    jobs.watch_readings(clock.today())
    [alert] = alerts()

    with transaction():
        services.acknowledge(supervisor.actor, alert, "问过梁慧敏")

    raw = db.session.connection().exec_driver_sql("select note from reading_alert").scalar()
    assert "梁慧敏".encode() not in bytes(raw or b"")
    assert alerts()[0].note == "问过梁慧敏"
