"""Building the city (建城): everything in the caller's one transaction, in bounded memory."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from app.accounts.models import User
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden
from app.core.jobs import JobRun, RunState
from app.households.models import Household
from app.households.services import watching
from app.ledger.services import recount
from app.notices.models import Message
from app.notices.rules import MessageState
from app.portal.services.demo import doings, family, giving, looks, needs, people, staff
from app.portal.services.demo.chance import SEED, dice
from app.portal.services.demo.files import City, write_file
from app.portal.services.demo.gifts import plan_gifts
from app.portal.services.demo.life import live
from app.portal.services.demo.pictures import keep_photos
from app.portal.services.demo.plan import SMALL, Size, plan
from app.portal.services.demo.records import keep_records
from app.portal.services.demo.rows import Rows
from app.portal.services.figures import count_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.access import Actor

CHUNK = 1_000  # files between two writes: some ten thousand rows, some ten megabytes
NIGHTS = 14
MESSAGES = (
    ("worker", "visit.submitted", "有一份探访记录等你确认", "/visits", 0),
    ("worker", "need.published", "你提交的需求审核通过，已经发布", "/needs", 1),
    ("worker", "claim.made", "有街坊认领了：独居长者 · 上门看望", "/tasks", 1),
    ("worker", "visit.overdue", "你负责的家庭里有几户过了探访的日子", "/households?overdue=1", 0),
    ("supervisor", "need.submitted", "有需求等你审核", "/needs", 0),
    (
        "volunteer",
        "claim.remind",
        "你认领的探访快到时间了，办好了请记录，办不了请交回",
        "/me/tasks",
        0,
    ),
    ("volunteer", "visit.confirmed", "你的探访记录社工已经确认", "/visits", 2),
    ("donor", "resource.receive", "你捐的棉被已经收到，谢谢你", "/me/gifts", 3),
    ("donor", "resource.deliver", "你捐的棉被已经送到一户街坊手上", "/me/gifts", 1),
    ("keeper", "resource.pledge", "有人认捐了物资，收到后请登记", "/resources", 0),
    ("foundation", "programme.figures", "和乐颐年上月的送达明细可以查看了", "/programmes", 2),
)


class Built(NamedTuple):
    """What was built (建成)."""

    files: int
    persons: int
    visits: int
    linked_fen: int


def is_settled() -> bool:
    """Say whether somebody lives or works here already."""
    return any(
        db.session.scalar(select(func.count()).select_from(select(model.id).limit(1).subquery()))
        for model in (Household, User)
    )


def has_accounts() -> bool:
    """Say whether the demonstration accounts are here."""
    names = [account.username for account in staff.ACCOUNTS]
    found = db.session.scalar(
        select(func.count()).select_from(User).where(User.username.in_(names))
    )
    return found == len(names)


def build(
    actor: Actor,
    size: Size = SMALL,
    *,
    password_hash: str,
    seed: int = SEED,
    jobs: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Built:
    """Build an invented city in the caller's transaction: all of it or nothing; only the system itself may.

    The same seed on the same day gives the same people, numbers and figures; keys and nonces are new each time. `jobs`
    are the nightly jobs whose last runs are told of; `progress` hears how many more files are written.
    """
    if not actor.is_system:
        raise Forbidden
    today = clock.today()
    files = plan(size, today, people.communities(), seed)
    gifts = plan_gifts(size, files, today, seed)
    rows = Rows(db.session.connection())
    cast = staff.settle(rows, size, today, seed, password_hash)
    city = City(
        rows=rows, cast=cast, seed=seed, today=today, now=clock.now(), most_photos=size.photos
    )
    stock = giving.write_lines(city, gifts)
    persons = visits = 0
    for number, file in enumerate(files, start=1):
        home = write_file(city, file)
        doings.write_visits(city, home)
        needs.write_needs(city, home)
        giving.write_gifts(city, home, stock)
        persons += file.persons
        visits += len(file.visits)
        if number % CHUNK == 0 or number == len(files):
            rows.flush()
            if progress:
                progress((number - 1) % CHUNK + 1)
    _office(city, jobs)
    looks.write_looks(city)
    rows.finish()
    watching.watch(city.before(1))
    keep_photos(city.photos, seed)
    keep_records(city)
    live(city)
    recount()
    family.happen()
    count_figures(today)
    return Built(len(files), persons, visits, size.linked_fen)


def _office(city: City, jobs: Sequence[str]) -> None:
    """Write the messages that wait, the nights that went well, and that this city was built."""
    for username, kind, title, link, days in MESSAGES:
        at = city.at(city.before(days), 8, 5)
        city.rows.add(
            Message,
            user_id=city.cast.accounts[username],
            kind=kind,
            title=title,
            link=link,
            created_at=at,
            read_at=at if days > 1 else None,
            state=MessageState.SENT,
            tries=1,
            next_try_at=at,
        )
    chance = dice(city.seed, "nights")
    for back in range(NIGHTS, 0, -1):
        for name in jobs:
            started = _early(city.before(back)) + timedelta(seconds=chance.randrange(240))
            city.rows.add(
                JobRun,
                name=name,
                period=city.before(back).isoformat(),
                state=RunState.DONE,
                started_at=started,
                finished_at=started + timedelta(seconds=chance.randint(1, 9)),
                changed=chance.randrange(12),
            )
    city.rows.add(AuditRow, at=city.now, user_id=None, action="demo.build", subject="demo")


def _early(day: date) -> datetime:
    return clock.at(day, time(2, 30))
