"""The demonstration city (演示数据): exact, whole, the same each time, and nobody in it to be found in the file."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from app.accounts.models import User
from app.accounts.rules import Role
from app.core import clock
from app.core.access import SYSTEM, Actor
from app.core.crypto import ring
from app.core.db import db, transaction
from app.core.errors import Forbidden
from app.core.passwords import hash_password, matches
from app.households import queries as households
from app.households.models import Consent, Household, Member
from app.households.rules import HouseholdState, Purpose, Recipient, is_valid
from app.ledger import queries as ledger
from app.ledger.models import Posting
from app.ledger.rules import Account, Measure
from app.media import services as media
from app.needs.models import Need
from app.needs.rules import NeedState
from app.portal.queries.worklist import worklist
from app.portal.services import demo
from app.portal.services.demo.chance import SEED
from app.portal.services.demo.gifts import plan_gifts
from app.portal.services.demo.people import communities
from app.portal.services.demo.plan import plan
from app.programmes.models import Programme
from app.resources import queries as resources
from app.resources.models import Delivery, ResourceLine
from app.tasks import queries as tasks
from app.tasks.models import Claim, Task
from app.tasks.rules import LIVE, ClaimState, TaskState, need_after
from app.visits import services as visits
from app.visits.models import FollowUp, Visit, VisitPhoto
from app.visits.rules import VisitState
from tests.factories import a_household, a_user

if TYPE_CHECKING:
    from flask import Flask

TINY = demo.SMALL._replace(
    files=96, persons=214, visits=118, visited=66, money_fen=2_600_000, goods_fen=1_204_550, here=30
)
TODAY = date(2026, 3, 3)
TAKES_A_PLACE = (*LIVE, ClaimState.CONFIRMED)


def build(size: demo.Size = TINY, **more: Any) -> demo.Built:
    with transaction():
        return demo.build(SYSTEM, size, password_hash=hash_password(demo.PASSWORD), **more)


def count(model: Any, *rules: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*rules)) or 0


def user(username: str) -> User:
    return db.session.scalars(select(User).where(User.username == username)).one()


@pytest.fixture
def city(app: Flask) -> Flask:
    """The small city, as `make run` builds it."""
    build(demo.SMALL, jobs=["roll-up"])
    return app


@pytest.fixture
def town(app: Flask) -> Flask:
    """A city of a few streets, where its size says nothing."""
    build()
    return app


@pytest.mark.parametrize("day", [date(2024, 2, 29), TODAY, date(2027, 12, 31)])
def test_the_full_city_has_the_figures_of_the_report_to_the_fen_on_any_day(day: date) -> None:
    files = plan(demo.FULL, day, communities(), SEED)
    gifts = plan_gifts(demo.FULL, files, day, SEED)

    records = [visit for file in files for visit in file.visits]
    assert len(files) == 76_511
    assert sum(file.persons for file in files) == 171_000
    assert len(records) == 44_089
    assert {visit.state for visit in records} == {VisitState.CONFIRMED}
    assert sum(not file.visits for file in files) >= 32_422
    value = {"money": 0, "goods": 0}
    for line in gifts:
        value[line.kind] += line.delivered_fen
    assert value == {"money": demo.FULL.money_fen, "goods": demo.FULL.goods_fen}
    assert sum(value.values()) == demo.FULL.linked_fen == 2_123_600_000


def test_the_plan_keeps_the_calendar() -> None:
    files = plan(demo.SMALL, TODAY, communities(), SEED)
    gifts = plan_gifts(demo.SMALL, files, TODAY, SEED)

    for file in files:
        days = [visit.on for visit in file.visits]
        assert days == sorted(days)
        assert file.filed_on <= TODAY
        assert all(file.filed_on < day <= TODAY for day in days)
    for line in gifts:
        assert line.delivered_quantity <= line.quantity
        assert line.delivered_fen <= line.value_fen
        for part in line.deliveries:
            assert line.received_on <= part.on <= TODAY
            assert files[part.file].signed_on < part.on


def test_the_small_city_lives_in_every_town_and_has_its_sums(city: Flask) -> None:
    assert count(Household) == 600
    there = Member.left_on.is_(None)  # who married stands in one household, and in the other's past
    assert (
        count(Member, there) == 1_341 == db.session.scalar(select(func.sum(Household.member_count)))
    )
    assert count(Visit) == 742
    assert db.session.scalar(select(func.count(Household.town_code.distinct()))) == 32
    for measure, expected in (
        (Measure.MONEY, demo.SMALL.money_fen),
        (Measure.GOODS, demo.SMALL.goods_fen),
    ):
        delivered = select(func.sum(Posting.amount)).where(
            Posting.account == Account.DELIVERED, Posting.measure == measure
        )
        assert db.session.scalar(delivered) == expected
    towns = ledger.town_totals()
    assert sum(town[Measure.MONEY] for town in towns.values()) == demo.SMALL.money_fen
    assert sum(town[Measure.HOURS] for town in towns.values()) > 0
    assert sum(town[Measure.UNVALUED] for town in towns.values()) > 0
    assert {programme.name for programme in db.session.scalars(select(Programme))} == {
        "和乐颐年",
        "圆梦助学",
    }


def test_its_books_balance_and_its_kept_figures_are_those_of_its_records(town: Flask) -> None:
    assert ledger.verify() == []
    assert resources.verify() == []
    assert visits.mend(clock.today()) == (0, None)
    parts = db.session.execute(
        select(
            ResourceLine.delivered_quantity,
            ResourceLine.delivered_fen,
            func.coalesce(func.sum(Delivery.quantity), 0),
            func.coalesce(func.sum(Delivery.value_fen), 0),
        )
        .outerjoin(Delivery, Delivery.line_id == ResourceLine.id)
        .group_by(ResourceLine.id)
    ).all()
    assert all((row[0], row[1]) == (row[2], row[3]) for row in parts)


def test_its_tasks_count_their_claims_and_its_needs_their_tasks(city: Flask) -> None:
    taken = dict(
        db.session.execute(
            select(Claim.task_id, func.sum(Claim.units))
            .where(Claim.state.in_(TAKES_A_PLACE))
            .group_by(Claim.task_id)
        ).all()
    )
    by_need: dict[int, list[Task]] = {}
    for task in db.session.scalars(select(Task)):
        assert task.taken == taken.get(task.id, 0)
        if task.state in {TaskState.OPEN, TaskState.FULL}:
            assert (task.state is TaskState.FULL) == (task.taken == task.capacity)
        if task.need_id:
            by_need.setdefault(task.need_id, []).append(task)
    said = {NeedState.PUBLISHED, NeedState.IN_PROGRESS, NeedState.MET}
    for need in db.session.scalars(select(Need).where(Need.state.in_(said))):
        own = by_need[need.id]
        claims = [c.state for c in tasks.claims_of([task.id for task in own])]
        wanted = need_after(
            [task.state for task in own],
            any_confirmed=ClaimState.CONFIRMED in claims,
            any_live=bool(LIVE.intersection(claims)),
        )
        assert need.state is wanted
    assert {need.state for need in db.session.scalars(select(Need))} >= said | {
        NeedState.UNDER_REVIEW,
        NeedState.RETURNED,
        NeedState.DRAFT,
    }


def test_nobody_is_shown_visited_or_given_anything_without_consent(city: Flask) -> None:
    today = clock.today()
    running = Task.state.in_((TaskState.OPEN, TaskState.FULL))

    assert count(Task, running, Task.is_public) > 40
    assert count(Task, running, Task.is_public, ~tasks.agreed(today)) == 0
    for claim, task in db.session.execute(select(Claim, Task).join(Task, Task.id == Claim.task_id)):
        on = clock.day_of(claim.claimed_at)
        assert households.has_consent(task.household_id, Purpose(task.kind.value), on=on)
    for delivery in db.session.scalars(select(Delivery)):
        kind = Purpose(delivery.line.kind.value)
        assert households.has_consent(
            delivery.household_id, kind, Recipient.CHARITY, on=delivery.delivered_on
        )
    assert count(Consent, Consent.withdrawn_at.is_not(None)) > 0
    assert count(Consent, Consent.expires_on < today) > 0


def test_a_night_finds_everything_done(town: Flask) -> None:
    today = clock.today()

    assert visits.open_due(today) == (0, None)
    with transaction():
        visits.mark_overdue(today)
    assert count(Task, Task.overdue_at.is_(None), Task.due_on < today, Task.source == "rhythm",
                 Task.state.in_((TaskState.OPEN, TaskState.FULL))) == 0  # fmt: skip
    assert tasks.lapsed(clock.at(today), 50) == []


def test_nobody_holds_more_than_the_rules_allow_and_no_instant_lies_ahead(town: Flask) -> None:
    held = Counter(
        db.session.scalars(select(Claim.user_id).where(Claim.state.in_((*LIVE, "waiting"))))
    )
    now = clock.now()

    assert max(held.values()) <= 8
    for column in (Visit.created_at, Claim.claimed_at, Task.created_at, Need.posted_at):
        last = db.session.scalar(select(func.max(column)))
        assert last is not None
        assert last <= now


def test_the_workers_day_is_full_of_real_things(city: Flask) -> None:
    worker = user("worker")
    today = clock.today()
    parts = ("overdue", "soon", "never", "confirm", "follow", "deliver")

    found = worklist(worker.actor, today, parts)

    assert dict.fromkeys(parts, True) == {part: found.counts[part] > 0 for part in parts}
    late = db.session.scalars(
        select(Household.next_visit_on).where(
            Household.worker_id == worker.id, Household.next_visit_on < today
        )
    ).all()
    assert len(set(late)) > 4
    mine = count(FollowUp, FollowUp.person_id == worker.id, FollowUp.done_at.is_(None))
    assert 0 < mine < 40


def test_recent_visits_have_photos_where_the_household_agreed(city: Flask) -> None:
    photos = db.session.scalars(select(VisitPhoto)).all()

    assert len(photos) == demo.SMALL.photos
    for photo in photos:
        household = photo.visit.household
        assert households.has_consent(household.id, Purpose.PHOTO, on=photo.visit.visited_on)
        assert media.open_image(photo.media, households.box(household), thumb=True)


def test_the_other_accounts_find_work_too(city: Flask) -> None:
    today = clock.today()

    assert worklist(user("supervisor").actor, today, ("review",)).counts["review"] > 0
    assert worklist(user("keeper").actor, today, ("receive",)).counts["receive"] > 0
    states = {claim.state for claim in tasks.live_claims(user("volunteer").id)}
    assert states == {ClaimState.HELD, ClaimState.HANDED_IN}
    assert count(Visit, Visit.visitor_id == user("volunteer").id, Visit.counts_hours) > 3
    assert count(Claim, Claim.user_id == user("donor").id) > 0


def test_every_role_has_an_account_that_opens_with_the_printed_password(town: Flask) -> None:
    assert {account.role for account in demo.ACCOUNTS} == set(Role)
    for account in demo.ACCOUNTS:
        found = user(account.username)
        assert found.roles == {account.role}
        assert matches(found.password_hash, demo.PASSWORD)


def test_a_household_is_found_by_name_initials_number_and_phone(town: Flask) -> None:
    worker = user("worker")
    household = db.session.scalars(
        select(Household)
        .where(Household.worker_id == worker.id, Household.state == HouseholdState.ACTIVE)
        .limit(1)
    ).one()
    head = households.head(household)
    person = households.person(households.box(household), households.members(household)[0])

    assert person["name"] == head.name
    for words in (head.name, head.phone, person["id_number"]):
        page = households.listing(worker.actor, households.Wanted(text=words), None)
        assert household.id in {line.household.id for line in page.rows}


def test_numbers_are_right_and_nobodys(town: Flask) -> None:
    seen: set[str] = set()
    for household in db.session.scalars(select(Household)):
        box = households.box(household)
        for member in households.members(household):
            person = households.person(box, member)
            number = person.get("id_number")
            if number:
                assert is_valid(number)
                assert number[6:14] == person["birth"].replace("-", "")
                assert member.left_on or member.id_index == ring().index("id", number)
                # never issued under this code, or born after the county was gone
                assert number[:4] == "4406"
                assert (
                    number[4:6] in {"00", "01", "20", "29", "80", "89"} or int(number[6:10]) > 2003
                )
                seen.add(number)
            phone = person.get("phone", "")
            assert not phone or phone.startswith("169")
    assert len(seen) > 150


class Undone(Exception):  # noqa: N818 - not an error
    """Takes a build back."""


def build_and_undo() -> tuple[list[str], list[Any]]:
    """Build a city, read its codes and covers, and leave nothing of it."""
    found: tuple[list[str], list[Any]] = ([], [])
    with suppress(Undone), transaction():
        demo.build(SYSTEM, TINY, password_hash="none")
        found[0].extend(db.session.scalars(select(Visit.code).order_by(Visit.id)))
        for file in db.session.scalars(select(Household).order_by(Household.file_no)):
            found[1].append((file.file_no, file.next_visit_on, households.head(file)))
        raise Undone
    db.session.expunge_all()
    return found


def test_the_same_seed_on_the_same_day_gives_the_same_city(app: Flask) -> None:
    first, second = build_and_undo(), build_and_undo()

    assert first == second
    assert len(first[0]) == TINY.visits
    assert len(first[1]) == TINY.files


@pytest.mark.parametrize("hour", [0, 23])
def test_a_city_stands_at_any_hour_of_any_day(app: Flask, hour: int) -> None:
    with clock.frozen(clock.at(date(2028, 2, 29), time(hour, 10))):
        build()

        assert ledger.verify() == []
        assert visits.mend(clock.today()) == (0, None)
        assert visits.open_due(clock.today()) == (0, None)
        early = Visit.submitted_at < Claim.claimed_at
        assert count(Visit, Visit.claim_id == Claim.id, early) == 0


def test_a_cut_leaves_nothing_behind(app: Flask) -> None:
    def cut(files: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(progress=cut)

    assert not demo.is_settled()
    assert build().files == 96


def test_only_the_system_builds_a_city(app: Flask) -> None:
    with pytest.raises(Forbidden), transaction():
        demo.build(Actor(user_id=1), TINY, password_hash="none")


def test_life_goes_on_after_the_last_number(app: Flask) -> None:
    build()

    assert a_household().id == 97
    assert a_user(Role.WORKER).id > 10


def test_the_database_file_shows_nobody(town: Flask) -> None:
    """A stolen copy of the file and its log holds no name, number, phone or door of anybody."""
    secrets = _everything_personal()
    raw = _raw(town).decode(errors="ignore")
    # of what lies there only runs of characters or digits can be a name, a door or a number
    readable = "\n".join(re.findall(r"[\u3400-\u9fff\dX]{2,}", raw))

    assert len(raw) > 300_000
    assert len(secrets) > 500
    assert "上门看望" in readable
    assert [secret for secret in secrets if secret in readable] == []


def _raw(app: Flask) -> bytes:
    """Everything that lies on the disk; of PostgreSQL every row of every table as it would be dumped."""
    if db.engine.dialect.name == "sqlite":
        folder = app.config["SHANLIN"].instance
        return b"".join(path.read_bytes() for path in sorted(folder.glob("test.sqlite3*")))
    found = []
    for table in db.metadata.tables:
        for row in db.session.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own names
            found += [each if isinstance(each, bytes) else str(each).encode() for each in row]
    return b"\n".join(found)


def _everything_personal() -> set[str]:
    found: set[str] = set()
    for household in db.session.scalars(select(Household)):
        head = households.head(household)
        found |= {head.name, head.phone, head.door}
        box = households.box(household)
        for member in households.members(household):
            person = households.person(box, member)
            found |= {person["name"], person.get("id_number", ""), person.get("phone", "")}
    found |= set(db.session.scalars(select(User.name)))
    return found - {""}


def test_the_command_builds_once_and_then_only_names_the_accounts(app: Flask) -> None:
    run = app.test_cli_runner()

    first = run.invoke(args=["demo"])
    second = run.invoke(args=["demo", "--full"])

    assert first.exit_code == second.exit_code == 0, first.output
    assert "600 户 1,341 人" in first.output
    for account in demo.ACCOUNTS:
        assert f"  {account.username} " in second.output
    assert "户 " not in second.output
    db.session.rollback()
    assert count(Household) == 600


def test_a_real_installation_is_left_alone(app: Flask) -> None:
    a_user(Role.WORKER)

    result = app.test_cli_runner().invoke(args=["demo"])

    assert result.exit_code == 0
    assert "没有改动" in result.output
    assert demo.PASSWORD not in result.output
    db.session.rollback()
    assert count(Household) == 0


def test_production_refuses(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.config["SHANLIN"], production=True)
    monkeypatch.setitem(app.config, "SHANLIN", settings)

    result = app.test_cli_runner().invoke(args=["demo"])

    assert result.exit_code == 1
    assert "production" in result.output
    assert count(User) == 0


def test_visits_of_the_last_days_wait_to_be_confirmed(city: Flask) -> None:
    waiting = db.session.scalars(select(Visit).where(Visit.state == VisitState.SUBMITTED)).all()

    assert waiting
    assert all(clock.today() - visit.visited_on <= timedelta(days=2) for visit in waiting)
    assert all(visit.claim and visit.claim.state is ClaimState.HANDED_IN for visit in waiting)
