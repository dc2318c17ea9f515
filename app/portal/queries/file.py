"""What the file page shows (档案页): covered values only; the clear ones are another page, with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Select, bindparam, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Grant, User
from app.accounts.rules import STAFF
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.core.errors import NotHere
from app.households import queries as households
from app.households.models import Household, Member
from app.households.rules.codes import (
    DisabilityKind,
    DisabilityLevel,
    Education,
    Employment,
    Health,
    LabourAbility,
    Relationship,
    SelfCare,
    Sex,
)
from app.households.rules.identity import IdKind
from app.households.rules.masking import (
    mask_bank_account,
    mask_id,
    mask_name,
    mask_phone,
    mask_surname,
)
from app.households.rules.minors import is_minor
from app.households.rules.person import ABILITIES, ID_KIND_WORDS, LEFT_WHY_WORDS, NO_ID_WORDS
from app.ledger.models import Entry, Posting
from app.ledger.rules import Account, Measure
from app.needs.models import Need
from app.resources.models import Delivery, ResourceLine
from app.visits.models import Visit, VisitPhoto

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from app.core.access import Actor
    from app.households.rules.codes import Labelled

SHOWN = 20
YEAR = timedelta(days=365)
WRITTEN = "已写，查看明文后可见"
OTHER_PAPERS = frozenset(IdKind) - {IdKind.RESIDENT, IdKind.NONE}
READINGS = (
    "household.unmask",
    "household.export",
    "household.export_subject",
    "claim.read_household",
    "consent.read_scan",
    "need.read",
    "visit.read",
    "visit.photo",
    "case.read",
    "document.read",
)
CODES: dict[str, type[Labelled]] = {
    "health": Health,
    "self_care": SelfCare,
    "labour": LabourAbility,
    "employment": Employment,
    "schooling": Education,
}


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member as the page shows them (家庭成员): covered, or clear after a reason was given."""

    code: str
    name: str
    relationship: str
    sex: str
    age: int | None
    id_number: str
    phone: str
    clear: bool = False
    left_on: date | None = None
    left_why: str = ""
    more: tuple[tuple[str, str], ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on the timeline (时间线)."""

    day: date
    kind: str
    thing: Any


@dataclass(frozen=True, slots=True)
class Handed:
    """One posting behind a figure of what a household received, and the line it belongs to, if any."""

    posting: Posting
    line: ResourceLine | None


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at clear data, or one change (查看与变更)."""

    at: Any
    action: str
    reason: str
    user_id: int | None


def cover(actor: Actor, file_no: str) -> Household:
    """Return a file this person may see; one outside their scope does not exist for them (NotHere)."""
    if len(file_no) > 20 or not file_no.isascii() or not file_no.isalnum():  # noqa: PLR2004 - the column's length
        raise NotHere
    return households.seen_by(actor, file_no)


def member_lines(
    household: Household,
    members: Sequence[Member],
    today: date,
    *,
    clear: bool = False,
    minors: bool = False,
) -> list[MemberLine]:
    """Return the members as lines; names, numbers and phones covered unless `clear` (its caller wrote the audit row).

    Children stay covered all the same, unless `minors` are open (未成年人网络保护条例 §36).
    """
    if household.data_key is None:
        return []
    box, found = households.box(household), []
    for one in members:
        facts = households.person(box, one)
        is_open = clear and (minors or not is_minor(facts, today))
        found.append(_member(facts, one, today, clear=is_open))
    return found


def _member(facts: dict[str, Any], member: Member, today: date, *, clear: bool) -> MemberLine:
    name, number, phone = (str(facts.get(key) or "") for key in ("name", "id_number", "phone"))
    return MemberLine(
        code=member.code,
        name=name if clear else mask_name(name),
        relationship=label_of(Relationship, member.relationship_code),
        sex=label_of(Sex, member.sex),
        age=_age(facts.get("birth"), today),
        id_number=number if clear else mask_id(number),
        phone=phone if clear else mask_phone(phone) if phone else "",
        clear=clear,
        left_on=member.left_on,
        left_why=LEFT_WHY_WORDS.get(facts.get("left_why", ""), ""),
        more=tuple(_more(facts, clear=clear)),
        facts={key: label_of(kind, facts[key]) for key, kind in CODES.items() if facts.get(key)}
        | disability_of(facts),
    )


def label_of(kind: type[Labelled], value: Any) -> str:
    """Return a code's label; what an old workbook wrote in words stays as it was written."""
    text = str(value or "")
    return kind(text).label if text in set(kind) else text


def _more(facts: dict[str, Any], *, clear: bool) -> Iterator[tuple[str, str]]:
    """Say what is seldom said of a person; free text only where the file is open in clear."""
    kind, why = facts.get("id_kind", ""), facts.get("id_why", "")
    if kind in OTHER_PAPERS:
        yield "证件类型", ID_KIND_WORDS[IdKind(kind)]
    if why in NO_ID_WORDS and not facts.get("id_number"):
        yield "没有证件", NO_ID_WORDS[why]
    if phones := facts.get("phones"):
        yield "其他电话", "、".join(one if clear else mask_phone(one) for one in phones)
    if cannot := facts.get("cannot"):
        yield "自己做不了", "、".join(ABILITIES.get(one, one) for one in cannot)
    if account := facts.get("account"):
        yield "银行账号", f"{facts.get('bank', '')} {mask_bank_account(account)}".strip()
    for key, label in (("illness", "患病病种"), ("note", "备注")):
        if words := facts.get(key):
            yield label, words if clear else WRITTEN


def disability_of(facts: dict[str, Any]) -> dict[str, str]:
    """Return a person's disability in words, kind and level; empty when there is none."""
    said = label_of(DisabilityKind, facts.get("disability_kind"))
    said += label_of(DisabilityLevel, facts.get("disability_level"))
    return {"disability": said} if said else {}


def _age(birth: Any, today: date) -> int | None:
    try:
        born = date.fromisoformat(str(birth))
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def visits_of(household_id: int, limit: int = SHOWN) -> Sequence[Visit]:
    """Return a household's visits, newest first, each with who went and how many photos: one statement."""
    found = []
    for visit, count in db.session.execute(_visits(limit), {"its_id": household_id}):
        visit.photo_count = count
        found.append(visit)
    return found


def needs_of(household_id: int, limit: int = SHOWN) -> Sequence[Need]:
    """Return a household's needs, newest first."""
    return db.session.scalars(_needs(limit), {"its_id": household_id}).all()


def deliveries_of(household_id: int, limit: int = SHOWN) -> Sequence[Delivery]:
    """Return what was handed to a household, newest first, with its line and programme."""
    return db.session.scalars(_deliveries(limit), {"its_id": household_id}).all()


# The statements of the page that everybody opens all day are put together once.


@cache
def _visits(limit: int) -> Select[Any, int]:
    photos = (
        select(func.count())
        .select_from(VisitPhoto)
        .where(VisitPhoto.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
    )
    return (
        select(Visit, photos)
        .join(Visit.visitor)
        .options(contains_eager(Visit.visitor))
        .where(
            Visit.household_id.in_(households.and_merged(bindparam("its_id"))),
            Visit.state != "draft",
        )
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(limit)
    )


@cache
def _needs(limit: int) -> Select[Need]:
    return (
        select(Need)
        .options(joinedload(Need.programme))
        .where(Need.household_id.in_(households.and_merged(bindparam("its_id"))))
        .order_by(Need.id.desc())
        .limit(limit)
    )


@cache
def _deliveries(limit: int) -> Select[Delivery]:
    return (
        select(Delivery)
        .join(Delivery.line)
        .options(contains_eager(Delivery.line).joinedload(ResourceLine.programme))
        .where(Delivery.household_id.in_(households.and_merged(bindparam("its_id"))))
        .order_by(Delivery.id.desc())
        .limit(limit)
    )


def timeline(household: Household) -> list[Happening]:
    """Return what happened to a household, newest first: three statements."""
    found = [Happening(one.visited_on, "visit", one) for one in visits_of(household.id)]
    found += [Happening(clock.day_of(one.posted_at), "need", one) for one in needs_of(household.id)]
    found += [Happening(one.delivered_on, "delivery", one) for one in deliveries_of(household.id)]
    found.sort(key=lambda one: one.day, reverse=True)
    return found[:SHOWN]


def year_received(household_id: int, today: date) -> dict[Measure, int]:
    """Return what reached a household within a year, by measure: the same postings that its list shows."""
    found = dict.fromkeys(Measure, 0)
    given = {"its_id": household_id, "since": today - YEAR}
    for measure, amount in db.session.execute(_received(), given):
        found[measure] = int(amount)
    return found


@cache
def _received() -> Select[Measure, Any]:
    return (
        select(Posting.measure, func.sum(Posting.amount))
        .join(Posting.entry)
        .where(*_within_a_year(bindparam("its_id"), bindparam("since", type_=Date)))
        .group_by(Posting.measure)
    )


def handed_over(household_id: int, today: date, measure: Measure | None = None) -> list[Handed]:
    """Return the postings behind `year_received`, newest first, two hundred at most."""
    statement = (
        select(Posting, ResourceLine)
        .join(Posting.entry)
        .outerjoin(ResourceLine, ResourceLine.code == Entry.subject)
        .options(
            contains_eager(Posting.entry),
            joinedload(ResourceLine.programme),
        )
        .where(*_within_a_year(household_id, today - YEAR))
        .order_by(Entry.happened_on.desc(), Posting.id.desc())
        .limit(200)
    )
    if measure is not None:
        statement = statement.where(Posting.measure == measure)
    return [Handed(posting, line) for posting, line in db.session.execute(statement)]


def _within_a_year(household_id: Any, since: Any) -> tuple[Any, ...]:
    return (
        Posting.household_id.in_(households.and_merged(household_id)),
        Posting.account == Account.DELIVERED,
        Entry.happened_on > since,
    )


def people_looking(household_id: int, limit: int = 50) -> list[Looked]:
    """Return who looked at clear data, newest first (个人信息保护法 §45: one may know who knows).

    The files are asked for first: of numbers PostgreSQL knows that they are few, of a subselect it does not.
    """
    files = db.session.scalars(households.and_merged(household_id)).all()
    rows = db.session.scalars(
        select(AuditRow)
        .where(
            AuditRow.household_id.in_(files),
            AuditRow.action.in_(READINGS),
        )
        .order_by(AuditRow.id.desc())
        .limit(limit)
    )
    return [Looked(row.at, row.action, row.reason or "", row.user_id) for row in rows]


def names_of(user_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return how people are called on other people's pages: staff by name, helpers by surname; nobody is the system."""
    wanted: Collection[int] = {one for one in user_ids if one is not None}
    found: dict[int | None, str] = {None: "系统"}
    if wanted:
        staff = exists().where(
            Grant.user_id == User.id, Grant.role.in_(sorted(STAFF)), Grant.ended_at.is_(None)
        )
        rows = db.session.execute(select(User.id, User.name, staff).where(User.id.in_(wanted)))
        found |= {key: name if of_staff else mask_surname(name) for key, name, of_staff in rows}
    return found
