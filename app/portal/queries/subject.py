"""Everything held about one person (个人信息副本, 个人信息保护法 §45): said in words, for paper or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db
from app.core.errors import NotHere
from app.households import queries as households
from app.households.models import Member
from app.households.queries import records
from app.households.rules import (
    PURPOSE_WORDS,
    RECIPIENT_WORDS,
)
from app.households.rules.requests import REQUEST_STATES, REQUEST_WORDS
from app.households.rules.traits import age_on, birth_of
from app.households.rules.wording import (
    PERSON,
    REGION,
    cover_facts,
    place_words,
    said,
    section_facts,
)
from app.portal.queries.file import (
    READINGS,
    deliveries_of,
    names_of,
    needs_of,
    visits_of,
)
from app.portal.queries.passing import passed_on
from app.portal.rules import READING
from app.regions.queries import place
from app.visits.rules import MANNER_WORDS, RESULT_WORDS

if TYPE_CHECKING:
    from app.households.models import Household
    from app.households.rules.document import Document

MANY = 500
ADULT = 18
OURS = frozenset({"position", "relationship"})  # of use to the program only, or said by its code


def members_of(household: Household) -> list[tuple[str, str]]:
    """Return whom one may ask about, by code, in clear: the page masks the names."""
    its_box = households.box(household)
    found = []
    for member in households.members(household):
        name = str(households.person(its_box, member).get("name") or "没有姓名")
        found.append((member.code, name))
    return found


def is_minor(household: Household, code: str) -> bool:
    """Say whether somebody is a child by what is on file; a child's copy is the supervisor's matter."""
    member = _member(household, code)
    birth = households.person(households.box(household), member).get("birth")
    age = age_on(birth_of(birth), clock.today())
    return age is not None and age < ADULT


def held_about(household: Household, code: str) -> dict[str, Any]:
    """Return what is held about one member, in clear; whoever calls this writes the audit row first."""
    _member(household, code)
    document = households.document(household)
    until = records.keep_until(household)
    return {
        "档案号": household.file_no,
        "导出时间": clock.now().astimezone(clock.FOSHAN).isoformat(timespec="minutes"),
        "本人": _person(code, document.get("members", {}).get(code, {})),
        "家庭": _cover(document),
        "档案内容": _sections(document),
        "同意书": _consents(household, code),
        "提过的请求": [
            {
                "什么": REQUEST_WORDS[one.kind],
                "哪天": one.received_on.isoformat(),
                "怎么样": REQUEST_STATES[one.state],
            }
            for one in records.requests_about(household.id, code)
        ],
        "给过谁": _passed(household),
        "谁看过": _looked(household),
        "探访": [
            {
                "哪天": one.visited_on.isoformat(),
                "方式": MANNER_WORDS[one.manner],
                "结果": RESULT_WORDS[one.result],
            }
            for one in visits_of(household.id, MANY)
        ],
        "需求": [
            {"哪天": clock.day_of(one.posted_at).isoformat(), "什么": one.title}
            for one in needs_of(household.id, MANY)
        ],
        "收到的": [
            {"哪天": one.delivered_on.isoformat(), "什么": one.line.item}
            for one in deliveries_of(household.id, MANY)
        ],
        "保存到": until.isoformat() if until else "在档期间保存；结案后按期限清除",
    }


def _member(household: Household, code: str) -> Member:
    found = db.session.scalars(
        select(Member).where(Member.household_id == household.id, Member.code == code)
    ).one_or_none()
    if found is None:
        raise NotHere
    return found


def _person(code: str, facts: dict[str, Any]) -> dict[str, str]:
    """Say everything that stands of one person, in the words of the history."""
    return {
        place_words(path): str(said(path, value, clear=True))
        for name, value in facts.items()
        for path in [f"members/{code}/{name}"]
        if name not in OURS
    }


def _cover(document: Document) -> dict[str, str]:
    found = {}
    for fact in cover_facts(document, clear=True):
        if fact.kind != PERSON:  # who works on the file is no fact about its people
            found[fact.words] = place(fact.said) if fact.kind == REGION else str(fact.said)
    return found


def _sections(document: Document) -> list[str]:
    return [
        f"{title}：" + "；".join(f"{fact.words} {fact.said}" for fact in facts)
        for title, facts in section_facts(document, clear=True)
    ]


def _consents(household: Household, code: str) -> list[dict[str, str]]:
    found = []
    for one in households.consents(household.id):
        terms = households.terms(household, one)
        ended = {"withdrawn": "已撤回", "replaced": "换了新的"}.get(
            one.ended, "已撤回" if one.withdrawn_at else ""
        )
        found.append(
            {
                "做什么": PURPOSE_WORDS[one.purpose],
                "给谁": one.recipient_name or RECIPIENT_WORDS[one.recipient],
                "谁签的": "监护人" if one.signatory == "guardian" else "户主本人",
                "替本人签的": "是" if code in terms.children else "",
                "从": one.given_on.isoformat(),
                "到": one.expires_on.isoformat(),
                "结束": ended,
            }
        )
    return found


def _passed(household: Household) -> list[dict[str, str]]:
    passed = passed_on(household.id, MANY)
    names = names_of(one.user_id for one in passed)
    return [
        {
            "什么时候": one.at.astimezone(clock.FOSHAN).strftime("%Y-%m-%d %H:%M"),
            "谁": names.get(one.user_id, "已离开的街坊"),
            "什么": "户主的称呼、电话、住址",
            "为了": PURPOSE_WORDS[one.purpose],
        }
        for one in passed
    ]


def _looked(household: Household) -> list[dict[str, str]]:
    rows = db.session.scalars(
        select(AuditRow)
        .where(
            AuditRow.household_id == household.id,
            AuditRow.action.in_(READINGS),
        )
        .order_by(AuditRow.id.desc())
        .limit(MANY)
    ).all()
    names = names_of(one.user_id for one in rows)
    return [
        {
            "什么时候": one.at.astimezone(clock.FOSHAN).strftime("%Y-%m-%d %H:%M"),
            "谁": names.get(one.user_id, "已离开的同事"),
            "做了什么": READING[one.action],
            "为了": one.reason or "",
        }
        for one in rows
    ]
