"""Builders (造数): each gives a valid row and names only what matters to the test."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from app.accounts.models import Grant, Organisation, SignIn, User
from app.accounts.queries import token_hash
from app.accounts.rules import PLEDGE_VERSION, OrganisationKind, Role
from app.core import clock, codes
from app.core.crypto import ring
from app.core.db import db, transaction
from app.households.models import Consent, Household, Member, Span
from app.households.rules import Category, HouseholdState, Purpose, Recipient, Tier
from app.needs.models import Need
from app.needs.rules import NeedKind, NeedState, Urgency
from app.programmes.models import Donor, Programme
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskKind, TaskSource

if TYPE_CHECKING:
    from flask.testing import FlaskClient

WENXIU = "440606005002"  # 大良街道文秀社区
DALIANG = "440606005"
SHUNDE = "440606"
CITY = "4406"

T = TypeVar("T")

_count = itertools.count(1)


def keep(row: T) -> T:
    """Commit one row and give it back."""
    with transaction():
        db.session.add(row)
    return row


def reload(row: T) -> T:
    """Give a row as the database has it now."""
    db.session.rollback()
    db.session.refresh(row)
    return row


def a_user(
    role: Role | str | None = None, region: str = DALIANG, organisation: Organisation | None = None
) -> User:
    """A user with one role."""
    number = next(_count)
    user = User(
        code=codes.new("U"),
        username=f"user{number}",
        name=f"测试{number}",
        password_hash="none",
        created_at=clock.now(),
        home_region=region,
        pledge_version=PLEDGE_VERSION,
        pledged_at=clock.now(),
    )
    with transaction():
        db.session.add(user)
        db.session.flush()
        if role is not None:
            db.session.add(
                Grant(
                    user_id=user.id,
                    role=Role(role),
                    region_code=region,
                    organisation_id=organisation.id if organisation else None,
                    granted_at=clock.now(),
                )
            )
    db.session.refresh(user, ["grants"])
    return user


def a_volunteer() -> User:
    """A volunteer of 大良."""
    return a_user(Role.VOLUNTEER)


def a_worker(region: str = DALIANG) -> User:
    """A social worker of 大良."""
    return a_user(Role.WORKER, region)


def sign_in(client: FlaskClient, user: User) -> FlaskClient:
    """Give a client this user's session, without a password."""
    token = secrets.token_urlsafe(18)
    now = clock.now()
    keep(SignIn(token_hash=token_hash(token), user_id=user.id, created_at=now, seen_at=now))
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client


def an_organisation(
    kind: OrganisationKind = OrganisationKind.CHARITY, name: str = "顺德慈善会"
) -> Organisation:
    """An organisation."""
    return keep(
        Organisation(
            code=codes.new("O"),
            name=name,
            kind=kind,
            region_code=SHUNDE,
            account_notice="对公账户 测试",
        )
    )


def a_programme(**facts: Any) -> Programme:
    """An open programme."""
    values = {
        "code": codes.new("P"),
        "name": "和乐颐年",
        "purpose": "探访和照顾独居长者",
        "starts_on": date(2026, 1, 1),
        "created_at": clock.now(),
    } | facts
    if "foundation_id" not in values:
        values["foundation_id"] = an_organisation(OrganisationKind.FOUNDATION, "和的慈善基金会").id
    if "charity_id" not in values:
        values["charity_id"] = an_organisation().id
    return keep(Programme(**values))


def a_donor(user: User | None = None, **facts: Any) -> Donor:
    """A donor."""
    values = {
        "code": codes.new("D"),
        "name": "热心街坊",
        "created_at": clock.now(),
        "user_id": user.id if user else None,
    }
    return keep(Donor(**(values | facts)))


def a_household(
    *,
    region: str = WENXIU,
    name: str = "霍凤志",
    id_number: str | None = None,
    phone: str = "13800005678",
    door: str = "文秀社区仕版38号496",
    consents: tuple[Purpose, ...] = tuple(Purpose),
    worker: User | None = None,
    **facts: Any,
) -> Household:
    """An active file with one member, and a householder's consent for everything."""
    number = next(_count)
    file_no = f"{region[:6]}DB2026{number:06d}"
    data_key, box = ring().new_box(file_no)
    values = {
        "file_no": file_no,
        "region_code": region,
        "town_code": region[:9],
        "district_code": region[:6],
        "category": Category.DB,
        "tier": Tier.MONTHLY,
        "member_count": 1,
        "traits": "elder_alone",
        "filed_on": date(2026, 1, 5),
        "data_key": data_key,
        "head": box.seal_json(
            {"name": name, "phone": phone, "door": door}, f"household.head:{file_no}"
        ),
        "papers": box.seal_json({}, f"household.papers:{file_no}"),
        "state": HouseholdState.ACTIVE,
        "worker_id": worker.id if worker else None,
        "created_at": clock.now(),
        "updated_at": clock.now(),
        "next_visit_on": clock.today() + timedelta(days=30),
    } | facts
    member_code = codes.new()
    person = {"name": name, "id_number": id_number, "phone": phone, "birth": "1949-08-15"}
    with transaction():
        household = Household(**values)
        db.session.add(household)
        db.session.flush()
        db.session.add(
            Member(
                code=member_code,
                household_id=household.id,
                position=0,
                relationship_code="0",
                sex="2",
                id_index=ring().index("id", id_number) if id_number else None,
                person=box.seal_json(person, f"member.person:{member_code}"),
            )
        )
        standing = ("region_code", "town_code", "district_code", "category", "tier", "state")
        amounts = ("member_count", "income_fen", "aid_fen")
        db.session.add(
            Span(
                household_id=household.id,
                from_on=clock.day_of(household.created_at),
                **{name: getattr(household, name) for name in (*standing, *amounts)},
            )
        )
        for purpose in consents:
            db.session.add(
                Consent(
                    household_id=household.id,
                    purpose=purpose,
                    recipient=Recipient.HELPERS,
                    wording="2026-1",
                    signatory="self",
                    given_on=clock.today(),
                    expires_on=clock.today() + timedelta(days=700),
                )
            )
    return household


def a_need(household: Household | None = None, **facts: Any) -> Need:
    """A need for a visit, waiting for its review."""
    household = household or a_household()
    code = codes.new("N")
    box = ring().box(household.data_key or b"", household.file_no)
    values = {
        "code": code,
        "household_id": household.id,
        "region_code": household.region_code,
        "town_code": household.town_code,
        "district_code": household.district_code,
        "kind": NeedKind.HEART,
        "subkind": "陪伴",
        "urgency": Urgency.NORMAL,
        "title": "上门陪伴",
        "wording": "老人想找人说说话",
        "story": box.seal_json({"text": "老伴去年走了"}, f"need.story:{code}"),
        "seats": 1,
        "deadline_on": clock.today() + timedelta(days=20),
        "state": NeedState.UNDER_REVIEW,
        "posted_at": clock.now(),
    } | facts
    return keep(Need(**values))


def a_task(household: Household | None = None, **facts: Any) -> Task:
    """An open visit with one seat, shown to everybody."""
    household = household or a_household()
    values = {
        "code": codes.new("T"),
        "kind": TaskKind.VISIT,
        "source": TaskSource.NEED,
        "household_id": household.id,
        "region_code": household.region_code,
        "town_code": household.town_code,
        "district_code": household.district_code,
        "who": "独居长者",
        "title": "上门陪伴",
        "wording": "老人想找人说说话",
        "capacity": 1,
        "due_on": clock.today() + timedelta(days=3),
        "is_public": True,
        "created_at": clock.now(),
    } | facts
    return keep(Task(**values))


def a_claim(task: Task, user: User, **facts: Any) -> Claim:
    """A held claim of one unit; the task's count is raised with it."""
    values = {
        "code": codes.new("C"),
        "task_id": task.id,
        "user_id": user.id,
        "units": 1,
        "state": ClaimState.HELD,
        "pledged_at": clock.now(),
        "unrelated": True,
        "claimed_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=14),
        "idempotency_key": secrets.token_urlsafe(18),
    } | facts
    with transaction():
        claim = Claim(**values)
        db.session.add(claim)
        task.taken += claim.units
        db.session.add(task)
    return claim
