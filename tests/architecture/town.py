"""A small town in which every thing exists once (造一座小城), and everybody who may come to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.rules import OrganisationKind, Role
from app.core import clock
from app.core.db import db, transaction
from app.exports import services as exports
from app.exports.queries.lists import LISTS
from app.exports.rules import For, Form
from app.households import queries as households
from app.households import services as files
from app.households.models import Member, ReadingAlert, Twins
from app.households.rules import Purpose, Recipient
from app.households.rules.approvals import ApprovalState
from app.households.rules.families import Choices
from app.households.rules.requests import Asker, Ground, RequestKind
from app.households.rules.tags import Tag
from app.households.rules.twins import TwinRule
from app.households.services import approvals, batches, families, requests, twins, watching
from app.households.services.twins import Sign
from app.notices.models import Message
from app.notices.services import queue
from app.portal.services import handover
from app.programmes.rules import ProgrammeState
from app.tasks.rules import ClaimState
from app.visits.models import FollowUp, Visit
from app.visits.rules import Promise, VisitState
from tests.factories import (
    DALIANG,
    SHUNDE,
    a_claim,
    a_household,
    a_need,
    a_programme,
    a_task,
    a_user,
    a_volunteer,
    an_organisation,
    sign_in,
)
from tests.households.ledgers import a_row, a_workbook
from tests.households.life import a_paper, asked_class
from tests.portal.things import a_visit
from tests.resources.gifts import a_gift_claim, delivered, key, money, pledged, quilts, received
from tests.visits.stories import a_photo, facts, hand_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from app.accounts.models import User

NAME, PHONE, DOOR = "冼妙嫦", "13926039174", "凤翔里七巷四十九号之二"
ID_NUMBER = "440623193808154327"
ELSEWHERE_TOWN, ELSEWHERE = "440604010", "440604"  # 禅城区祖庙街道
REGION = {Role.OFFICER: SHUNDE, Role.AUDITOR: SHUNDE}
REGION_ELSEWHERE = {Role.OFFICER: ELSEWHERE, Role.AUDITOR: ELSEWHERE}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes: of this town (or to whom the things belong), or of another one."""

    role: Role | None
    client: FlaskClient
    is_inside: bool = False

    @property
    def words(self) -> str:
        """How a failing test calls them."""
        if self.role is None:
            return "a stranger"
        return f"the {self.role.value} {'here' if self.is_inside else 'of elsewhere'}"


@dataclass(frozen=True, slots=True)
class Town:
    """The codes of all things, and the people."""

    codes: dict[str, str]
    people: list[Person]


def build(app: Flask) -> Town:
    """Build the town through the services, so that everything in it is as it would be."""
    foundation = an_organisation(OrganisationKind.FOUNDATION, "和的慈善基金会")
    other = an_organisation(OrganisationKind.FOUNDATION, "远方基金会")
    here = {role: _somebody(role, foundation, is_inside=True) for role in Role}
    there = {role: _somebody(role, other, is_inside=False) for role in Role}
    who: dict[str, Any] = {"name": NAME, "phone": PHONE, "door": DOOR, "id_number": ID_NUMBER}
    household = a_household(worker=here[Role.WORKER], **who)
    programme = a_programme(foundation_id=foundation.id)
    closed = a_programme(
        foundation_id=foundation.id, state=ProgrammeState.CLOSED, region_code=DALIANG, name="旧项目"
    )
    head = db.session.scalars(select(Member.code).where(Member.household_id == household.id)).one()
    codes = {
        "file_no": household.file_no,
        "member": head,
        "programme": programme.code,
        "closed": closed.code,
    }
    codes |= _visits(household, here) | _needs(household, here)
    codes |= _gifts(household, here, programme) | _tasks(household, here)
    codes |= _papers(here) | _signed_page(household, here) | _records(household, here)
    codes |= _life(household, here) | _families(household, here)
    codes |= _papers(here) | _exports(here, household)
    db.session.rollback()
    people = [Person(None, app.test_client())]
    for is_inside, group in ((True, here), (False, there)):
        people += [
            Person(r, sign_in(app.test_client(), u), is_inside=is_inside) for r, u in group.items()
        ]
    return Town(codes, people)


def _somebody(role: Role, organisation: Any, *, is_inside: bool) -> User:
    if role is Role.FOUNDATION:
        return a_user(role, "", organisation)
    if role is Role.ADMIN:
        return a_user(role, "")
    if is_inside:
        return a_user(role, REGION.get(role, DALIANG))
    return a_user(role, REGION_ELSEWHERE.get(role, ELSEWHERE_TOWN))


def _visits(household: Any, here: dict[Role, User]) -> dict[str, str]:
    helper = here[Role.VOLUNTEER]
    going = a_claim(a_task(household, contact_id=here[Role.WORKER].id), helper)
    promise = Promise("带老花镜", clock.today())
    handed = hand_in(
        a_claim(a_task(household, contact_id=here[Role.WORKER].id), helper),
        facts(promises=(promise,), asked_for_photos=True),
        key=key(),
        photos=[a_photo()],
    )
    done = a_visit(household, a_volunteer(), state=VisitState.CONFIRMED)
    follow_up = db.session.scalars(select(FollowUp).where(FollowUp.visit_id == handed.id)).one()
    return {
        "claim": going.code,
        "visit": handed.code,
        "done": done.code,
        "follow_up": follow_up.code,
        "visit_version": str(db.session.get_one(Visit, handed.id).version),
    }


def _needs(household: Any, here: dict[Role, User]) -> dict[str, str]:
    worker = here[Role.WORKER]
    draft = a_need(household, state="draft", posted_by_id=worker.id)
    waiting = a_need(household, posted_by_id=worker.id)
    return {"draft": draft.code, "need": waiting.code}


def _tasks(household: Any, here: dict[Role, User]) -> dict[str, str]:
    full = a_task(household, capacity=2)
    a_claim(full, a_volunteer())
    line = a_claim(full, here[Role.VOLUNTEER], state=ClaimState.WAITING, expires_at=None)
    with transaction():
        full.taken -= 1  # the factory counts a place for it, and a line takes none
        db.session.add(full)
    return {
        "task": a_task(household).code,
        "hidden": a_task(household, is_public=False).code,
        "waiting": line.code,
    }


def _gifts(household: Any, here: dict[Role, User], programme: Any) -> dict[str, str]:
    donor = here[Role.DONOR]
    gift = a_gift_claim(household=household, user=donor, programme=programme)
    promised = pledged(claim=a_gift_claim(household=household, user=donor, programme=programme))
    cash = pledged(money(), donor=donor, programme=programme)
    came = received(
        pledged(quilts(4), claim=a_gift_claim(household=household, user=donor, programme=programme))
    )
    part = delivered(came, 1)
    return {
        "gift_claim": gift.code,
        "promised": promised.code,
        "cash": cash.code,
        "line": came.code,
        "delivery": part.code,
    }


def _signed_page(household: Any, here: dict[Role, User]) -> dict[str, str]:
    today = clock.today()
    with transaction():
        files.record_consent(
            here[Role.WORKER].actor,
            household,
            [Purpose.PHOTO],
            Recipient.CHARITY,
            signatory="self",
            given_on=today,
            expires_on=today + timedelta(days=400),
            scan=a_photo(),
        )
    return {"scanned": str(len(households.consents(household.id)))}


def _records(household: Any, here: dict[Role, User]) -> dict[str, str]:
    """A request, an impact assessment, and a handover of another file."""
    worker, officer, today = here[Role.WORKER], here[Role.OFFICER], clock.today()
    leaving = a_user(Role.WORKER)
    file = a_household(worker=leaving)
    with transaction():
        asked = requests.receive(
            worker.actor,
            household,
            kind=RequestKind.ERASE,
            asker=Asker.SUBJECT,
            ground=Ground.SERVED,
            words=f"{NAME}本人来站里提的，电话 {PHONE}",
            received_on=today,
            key=key(),
        )
        assessed = requests.assess(
            officer.actor,
            region_code=SHUNDE,
            title="把探访名单提供给志愿者",
            purpose="探访",
            risk="泄露",
            measures="加密",
            conclusion="go",
            assessors="陈科",
            assessed_on=today,
            key=key(),
        )
        [handed] = handover.hand_over(
            here[Role.SUPERVISOR].actor,
            leaving,
            {file.region_code: worker},
            "老楼没电梯，晚上别打电话",
            key=key(),
        )
    member = households.members(household)[0]
    return {
        "request": asked.code,
        "assessment": assessed.code,
        "handover": handed.code,
        "holder": worker.code,
        "member": member.code,
    }


def _life(household: Any, here: dict[Role, User]) -> dict[str, str]:
    worker = here[Role.WORKER].actor
    member = households.members(household)[0].code
    with transaction():
        files.add_tag(worker, household, member, Tag.YB, clock.today(), version=household.version)
    paper = a_paper(household, worker)
    asked = asked_class(household, worker, evidence=paper.code)
    db.session.refresh(household)
    return {
        "document": paper.code,
        "approval": asked.code,
        "member": member,
        "file_version": str(household.version),
    }


def _families(household: Any, here: dict[Role, User]) -> dict[str, str]:
    """A file that may be the same household's, and one that came into another by mistake."""
    again, survivor, merged = a_household(), a_household(), a_household()
    pair = Sign(TwinRule.SOUNDS_ALIKE, again.id, "", "", "")
    with transaction():
        twins.note(here[Role.WORKER].actor, household, [pair])
        families.merge(
            here[Role.SUPERVISOR].actor,
            survivor,
            merged,
            Choices(),
            reason="看着像同一家",
            version=survivor.version,
            other_version=merged.version,
        )
    return {
        "member": households.members(household)[0].code,
        "again": again.file_no,
        "merged": merged.file_no,
        "twins": db.session.scalars(select(Twins.code)).one(),
    }


def _exports(here: dict[Role, User], household: Any) -> dict[str, str]:
    """A list that was taken out, a request for one in clear, and a look that was out of the ordinary."""
    worker = here[Role.WORKER]
    needs = LISTS["needs"]
    with transaction():
        planned = exports.plan(worker.actor, needs, {})
        export = exports.start(worker.actor, planned, Form.XLSX, key())
        files = exports.plan_clear(worker.actor, {}, For.OFFICE)
        request = exports.ask_for_clear(worker.actor, files, "核对低保名册，用完删除", key())
    exports.advance(export.code, transaction)
    with transaction():
        approvals.decide(here[Role.SUPERVISOR].actor, request, ApprovalState.APPROVED, "可以", {})
        watching.note_urgent(worker.actor, household)
    alert = db.session.scalars(select(ReadingAlert)).one()
    return {"export": export.code, "clear_request": request.code, "alert": alert.code}


def _papers(here: dict[Role, User]) -> dict[str, str]:
    worker, addressee, target = here[Role.WORKER], a_volunteer(), here[Role.LIAISON]
    with transaction():
        batch = batches.receive(worker.actor, a_workbook(a_row(救助类别="不知道")), ".xlsx", key())
        token = accounts.invite(
            here[Role.ADMIN].actor, role=Role.WORKER, name="新同事", region_code=DALIANG, key=key()
        )
        queue(addressee.id, "need.returned", "一条消息", "/needs")
    batches.advance(batch.code, transaction)
    message = db.session.scalars(select(Message).where(Message.user_id == addressee.id)).one()
    return {
        "batch": batch.code,
        "token": token,
        "message": str(message.id),
        "user": target.code,
        "grant": str(target.grants[0].id),
    }
