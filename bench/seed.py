"""The seed (种子): a city of invented files, written once through the models; the same each time but for its keys."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from math import isqrt
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import insert

from app.accounts.models import Grant, User
from app.accounts.rules import PLEDGE_VERSION, Role
from app.audit.models import AuditRow
from app.core import clock
from app.core.crypto import Box, ensure_secrets, ring
from app.core.db import db, transaction
from app.households.models import Consent, Household, Member, SearchToken
from app.households.rules import Category, HouseholdState, Purpose, Recipient, Tier
from app.households.rules.identity import check_digit
from app.households.rules.search import door_tokens, person_tokens
from app.needs.models import Need
from app.needs.rules import NeedKind, NeedState, Urgency
from app.notices.models import Message
from app.regions import services as regions
from app.regions.queries import index as divisions
from app.regions.rules import Level
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskKind, TaskSource, TaskState
from app.visits.models import Visit
from app.visits.rules import Manner, Result, VisitState
from bench.city import DAY, NOON, STAFF, TOWN, WORKER, Say, Target, app_on, folder, remove

TOKEN_STEP = 1_000_000_007  # moves a copy's ID number and phone away from the seed's
SURNAMES = "陈李黄梁何麦霍关谭欧冯冼"
GIVEN = "凤志英兰明华丽珍强国银妹"
SKILL = "理发"  # asked for by every twentieth task
TOWNS, NAMESAKES = (
    32,
    32,
)  # so many of a town share a given name: it finds a whole page in a small city too
CHUNK = 20_000


def seed(files: int, say: Say) -> Path:
    """Return a city of `files` files written through the models; the same each time but for its keys."""
    path = folder() / f"seed-{files}.sqlite3"
    if not path.exists():
        begun = time.monotonic()
        half = path.with_suffix(".new")
        remove(half)
        app = app_on(half)
        with app.app_context(), clock.frozen(NOON):
            db.create_all()
            with transaction():
                ensure_secrets()
                regions.load()
            _fill(files)
            db.session.remove()
            db.engine.dispose()
        with sqlite.connect(half) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        half.rename(path)
        say(f"seed of {files:,} files built in {time.monotonic() - begun:.0f} s")
    return path


def _fill(files: int) -> None:
    chance = random.Random(files)
    _people(files)
    unique: set[int] = set()
    order = [Household, Member, SearchToken, Consent, Need, Task, Claim, Visit, AuditRow, Message]
    for start in range(1, files + 1, CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in range(start, min(start + CHUNK, files + 1)):
            _file(number, files, chance, rows, unique)
        with transaction():
            for model in sorted(rows, key=order.index):
                db.session.execute(insert(model.__table__), rows[model])
    with transaction():
        connection = db.session.connection()
        connection.exec_driver_sql(
            "CREATE TABLE bench_token (token INTEGER, region_code TEXT, household_id INTEGER, step INTEGER, "
            "PRIMARY KEY (token, region_code, household_id)) WITHOUT ROWID"
        )
        connection.exec_driver_sql("CREATE TEMP TABLE alone (token INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO alone VALUES (?)", [(token,) for token in unique]
        )
        connection.exec_driver_sql(
            "INSERT INTO bench_token SELECT token, region_code, household_id, "
            f"CASE WHEN token IN (SELECT token FROM alone) THEN {TOKEN_STEP} ELSE 0 END FROM search_token"
        )


def _people(files: int) -> None:
    towns = [division.code for division in divisions() if division.level == Level.TOWN]
    staff = [
        (Role.OFFICER, "4406"),
        (Role.OFFICER, TOWN[:6]),
        (Role.WORKER, TOWN),
        (Role.SUPERVISOR, TOWN),
    ]
    helpers = [(Role.VOLUNTEER, towns[index % len(towns)]) for index in range(helpers_of(files))]
    users, grants = [], []
    for number, (role, region) in enumerate([*staff, *helpers], 1):
        users.append(
            {
                "id": number,
                "code": f"U-{number:010d}",
                "username": f"user{number}",
                "name": SURNAMES[number % len(SURNAMES)] + "小明",
                "password_hash": "none",
                "home_region": region,
                "pledge_version": PLEDGE_VERSION,
                "pledged_at": NOON,
                "created_at": NOON,
            }
        )
        grants.append(
            {"user_id": number, "role": role, "region_code": region, "granted_at": NOON},
        )
    with transaction():
        db.session.execute(insert(User), users)
        db.session.execute(insert(Grant), grants)


def helpers_of(files: int) -> int:
    """Return how many volunteers a seed has: one for every forty files."""
    return max(files // 40, 40)


def _file(
    number: int,
    files: int,
    chance: random.Random,
    rows: dict[Any, list[dict[str, Any]]],
    unique: set[int],
) -> None:
    communities = _communities()
    region = communities[chance.randrange(len(communities))]
    place = {"region_code": region, "town_code": region[:9], "district_code": region[:6]}
    category = chance.choice(list(Category))
    file_no = f"{region[:6]}{category.value}{number:010d}"
    target = _person(number, files, chance, file_no)
    key, box = ring().new_box(file_no)
    cover = {"name": target.name, "phone": target.phone, "door": f"仕版街{number % 300}号"}
    visited = DAY - timedelta(days=chance.randrange(1, 200)) if number % 2 else None
    rows.setdefault(Household, []).append(
        {
            "id": number,
            "file_no": file_no,
            **place,
            "category": category,
            "tier": chance.choice(list(Tier)),
            "member_count": 1 + number % 2,
            "income_fen": chance.randrange(150_000),
            "aid_fen": chance.randrange(120_000),
            "traits": "elder_alone",
            "filed_on": DAY - timedelta(days=200),
            "data_key": key,
            "head": box.seal_json(cover, f"household.head:{file_no}"),
            "papers": b"",
            "state": HouseholdState.ACTIVE,
            "source": "demo",
            "worker_id": WORKER if region[:9] == TOWN else None,
            "created_at": NOON,
            "updated_at": NOON,
            "visit_count": number % 2,
            "last_visit_on": visited,
            "next_visit_on": DAY + timedelta(days=chance.randrange(-60, 90)),
        }
    )
    _members(number, target, box, rows)
    words = person_tokens(target.name, target.id_number, [target.phone])
    for word in (*words, *door_tokens(cover["door"])):
        token = ring().token(word)
        if word[:2] in {"i:", "t:"}:
            unique.add(token)
        rows.setdefault(SearchToken, []).append(
            {"token": token, "region_code": region, "household_id": number}
        )
    helper = STAFF + 1 + chance.randrange(helpers_of(files))
    if number % 10 == 0:
        _task(number, place, helper, chance, rows)
    if visited:
        _visit(number, place, helper, visited, rows)


def _person(number: int, files: int, chance: random.Random, file_no: str) -> Target:
    given = GIVEN[: max(2, isqrt(files // TOWNS // NAMESAKES))]
    name = chance.choice(SURNAMES) + chance.choice(given) + chance.choice(given)
    born = date(1935, 1, 1) + timedelta(days=chance.randrange(20_000))
    first = f"440623{born:%Y%m%d}{number % 1000:03d}"
    initials = next(word for word in reversed(person_tokens(name)) if word.startswith("p:"))[2:]
    return Target(
        file_no, name, initials, first + check_digit(first), f"1{3_000_000_000 + number:010d}"
    )


def _members(number: int, target: Target, box: Box, rows: dict[Any, list[dict[str, Any]]]) -> None:
    for position in range(1 + number % 2):
        code = f"{number:08d}{position}"
        person = {"name": target.name, "birth": target.id_number[6:14], "relationship": "本人"}
        if position == 0:
            person |= {"id_number": target.id_number, "phone": target.phone}
        rows.setdefault(Member, []).append(
            {
                "code": code,
                "household_id": number,
                "position": position,
                "relationship_code": "0" if position == 0 else "2",
                "sex": "2",
                "id_index": ring().index("id", f"{target.id_number}{number}")
                if position == 0
                else None,
                "person": box.seal_json(person, f"member.person:{code}"),
            }
        )


def _task(
    number: int,
    place: dict[str, str],
    helper: int,
    chance: random.Random,
    rows: dict[Any, list[dict[str, Any]]],
) -> None:
    kind = (TaskKind.VISIT, TaskKind.VISIT, TaskKind.GOODS, TaskKind.SERVICE)[number // 10 % 4]
    task_id = number // 10
    due = DAY + timedelta(days=chance.randrange(0, 45))
    words = {"title": "上门陪伴", "wording": "老人想找人说说话", "urgency": Urgency.NORMAL}
    if number % 20 == 0:
        state = (NeedState.UNDER_REVIEW, NeedState.RETURNED, *[NeedState.PUBLISHED] * 18)
        rows.setdefault(Need, []).append(
            {
                "id": number // 20,
                "code": f"N-{number // 20:010d}",
                "household_id": number,
                **place,
                **words,
                "kind": NeedKind.HEART,
                "subkind": "陪伴",
                "story": b"",
                "deadline_on": due,
                "state": chance.choice(state),
                "posted_at": NOON,
            }
        )
    rows.setdefault(Consent, []).append(
        {
            "household_id": number,
            "purpose": Purpose(kind.value),
            "recipient": Recipient.HELPERS,
            "wording": "2026-1",
            "signatory": "self",
            "given_on": DAY,
            "expires_on": DAY + timedelta(days=730),
        }
    )
    is_held = number % 30 == 0
    rows.setdefault(Task, []).append(
        {
            "id": task_id,
            "code": f"T-{task_id:010d}",
            "kind": kind,
            "source": TaskSource.NEED,
            "household_id": number,
            "need_id": number // 20 if number % 20 == 0 else None,
            **place,
            **words,
            "who": "独居长者",
            "skill": SKILL if number % 200 == 0 else "",
            "capacity": 1,
            "taken": int(is_held),
            "due_on": due,
            "is_public": True,
            "state": TaskState.FULL if is_held else TaskState.OPEN,
            "contact_id": WORKER,
            "created_at": NOON,
        }
    )
    if is_held:
        rows.setdefault(Claim, []).append(
            {
                "id": number // 30,
                "code": f"C-{number // 30:010d}",
                "task_id": task_id,
                "user_id": helper,
                "units": 1,
                "state": ClaimState.HANDED_IN,
                "pledged_at": NOON,
                "unrelated": True,
                "claimed_at": NOON,
                "expires_at": NOON + timedelta(days=14),
                "idempotency_key": f"bench-{number:020d}",
            }
        )
        rows.setdefault(AuditRow, []).append(
            {
                "at": NOON,
                "user_id": helper,
                "action": "claim.make",
                "subject": f"C-{number // 30:010d}",
                "household_id": number,
                "region_code": place["region_code"],
                "detail": {},
            }
        )
        rows.setdefault(Message, []).append(
            {
                "user_id": helper,
                "kind": "claim.made",
                "title": "有街坊认领了",
                "link": "/me",
                "created_at": NOON,
                "read_at": NOON,
                "next_try_at": NOON,
            }
        )


def _visit(
    number: int,
    place: dict[str, str],
    helper: int,
    day: date,
    rows: dict[Any, list[dict[str, Any]]],
) -> None:
    rows.setdefault(Visit, []).append(
        {
            "id": number // 2 + 1,
            "code": f"V-{number // 2 + 1:010d}",
            "household_id": number,
            "visitor_id": helper,
            "recorded_by_id": helper,
            **place,
            "visited_on": day,
            "minutes": 60,
            "manner": Manner.HOME,
            "result": Result.MET,
            "needs_found": [],
            "notes": b"",
            "state": VisitState.SUBMITTED if number % 101 == 0 else VisitState.CONFIRMED,
            "counts_hours": True,
            "created_at": NOON,
            "updated_at": NOON,
        }
    )


_found: list[str] = []


def _communities() -> list[str]:
    if not _found:
        _found.extend(d.code for d in divisions() if d.level == Level.COMMUNITY)
    return _found
