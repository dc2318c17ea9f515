"""Files in clear, as an approved export gives them (明文名册); whoever calls this writes a row for each household."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, exists, func, select

from app.core import clock
from app.core.db import db
from app.core.sheets import Column, Kind
from app.exports.queries.steps import Line, walked
from app.exports.rules import MOST, For
from app.households import queries as households
from app.households.models import Consent, Household, Member
from app.households.rules import STATE_WORDS, Purpose, Recipient
from app.households.rules.codes import Relationship, Sex
from app.regions.queries import place_short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.core.access import Actor
    from app.core.crypto import Box

TO = "to"  # beside the filters: who will read it
FAMILY_COLUMNS = (
    Column("档案号", width=22), Column("户主"), Column("联系电话", width=16), Column("区"),
    Column("镇街"), Column("村居", width=20), Column("住址", width=36), Column("类别", width=18),
    Column("风险档"), Column("状态"), Column("人口", Kind.NUMBER),
    Column("月人均收入（元）", Kind.MONEY, 18), Column("最近一次探访", Kind.DAY, 16),
)  # fmt: skip
PERSON_COLUMNS = (
    Column("档案号", width=22), Column("姓名"), Column("与户主关系"), Column("性别"),
    Column("出生日期"), Column("证件号", width=22), Column("电话", width=16), Column("开户银行"),
    Column("银行账号", width=24),
)  # fmt: skip


@dataclass(slots=True)
class Clear:
    """Families and persons in clear, and whose they are: (file number, household, region)."""

    families: list[Line] = field(default_factory=list)
    persons: list[Line] = field(default_factory=list)
    whose: list[tuple[str, int, str]] = field(default_factory=list)


def chosen(actor: Actor, asked: Mapping[str, str]) -> Select[Household]:
    """Select the files that a list is narrowed to and that may go out in clear: those that were not erased.

    To a charity go only those whose consent to it lives today; withdrawing it works at once (个人信息保护法 §15, 23).
    """
    found = households.chosen(actor, households.wanted_from(asked))
    found = found.where(Household.data_key.is_not(None))
    if asked.get(TO) != For.CHARITY:
        return found
    today = clock.today()
    agreed = exists().where(
        Consent.household_id == Household.id,
        Consent.recipient == Recipient.CHARITY,
        Consent.purpose != Purpose.PHOTO,
        Consent.withdrawn_at.is_(None),
        Consent.given_on <= today,
        Consent.expires_on >= today,
    )
    return found.where(agreed)


def count(actor: Actor, asked: Mapping[str, str]) -> int:
    """Return how many files those are."""
    keys = chosen(actor, asked).with_only_columns(Household.id).limit(MOST + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(keys)) or 0


def gather(actor: Actor, asked: Mapping[str, str]) -> Clear:
    """Open those files; children stay covered."""
    found = Clear()
    for rows in walked(chosen(actor, asked), Household.id):
        people = _people([one.id for one in rows])
        for one in rows:
            _add(found, one, people.get(one.id, ()))
    return found


def _people(ids: Sequence[int]) -> dict[int, list[Member]]:
    found: dict[int, list[Member]] = {}
    statement = select(Member).where(Member.household_id.in_(ids), Member.left_on.is_(None))
    for one in db.session.scalars(statement.order_by(Member.household_id, Member.position)):
        found.setdefault(one.household_id, []).append(one)
    return found


def _add(found: Clear, household: Household, people: Sequence[Member]) -> None:
    its_box = households.box(household)
    head = households.clear_head(household, minors=False)
    found.whose.append((household.file_no, household.id, household.region_code))
    found.families.append(
        (
            household.file_no, head.name, head.phone, place_short(household.district_code),
            place_short(household.town_code), place_short(household.region_code), head.door,
            household.category.label, household.tier.label, STATE_WORDS[household.state],
            household.member_count, household.income_fen, household.last_visit_on,
        )
    )  # fmt: skip
    found.persons += [_person(household.file_no, its_box, one) for one in people]


def _person(file_no: str, its_box: Box, member: Member) -> Line:
    facts: dict[str, Any] = households.clear_person(
        households.person(its_box, member), minors=False
    )
    relation, sex = member.relationship_code, member.sex
    return (
        file_no,
        facts.get("name") or "",
        Relationship(relation).label if relation in set(Relationship) else relation,
        Sex(sex).label if sex in set(Sex) else "",
        facts.get("birth") or "",
        facts.get("id_number") or "",
        facts.get("phone") or "",
        facts.get("bank") or "",
        facts.get("account") or "",
    )
