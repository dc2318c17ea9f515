"""The log's page (审计日志): for auditors alone, within their region, in plain words."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.audit import policy, queries, services
from app.audit.models import AuditRow
from app.audit.rules import is_reading, words
from app.core import clock
from app.core.access import SYSTEM, Actor, Scope
from app.core.db import db, transaction
from tests.accounts.people import signed_in
from tests.factories import DALIANG, SHUNDE, WENXIU, a_household, a_user

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)
REGIONS = {
    "city": "4406",
    "district": SHUNDE,
    "town": DALIANG,
    "community": WENXIU,
    "nowhere": "",
    "elsewhere": "440604012001",
}


def note(action: str, subject: str = "X-1", *, actor: Actor = SYSTEM, **facts: object) -> None:
    with transaction():
        services.record(actor, action, subject, **facts)  # type: ignore[arg-type]  # a test names what matters


def subjects(actor: Actor, **asked: object) -> list[str]:
    filters = queries.Filters(**asked)  # type: ignore[arg-type]  # a test names what matters
    return [row.subject for row in queries.log(actor, filters).rows]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_only_auditors_read_the_log(app: Flask, role: Role) -> None:
    client, _ = signed_in(app, role)

    assert client.get("/audit").status_code == 403


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    assert app.test_client().get("/audit").location == "/login?next=/audit"


def test_the_page_says_who_did_what_in_words(app: Flask) -> None:
    client, _ = signed_in(app, Role.AUDITOR, "4406")
    worker = a_user(Role.WORKER)
    note("household.unmask", "DL-000482", actor=worker.actor, region_code=WENXIU, reason="电话约访")

    page = client.get("/audit").text

    for said in (worker.name, "查看档案明文", "DL-000482", "电话约访", "个人信息"):
        assert said in page


@pytest.mark.parametrize(
    ("prefixes", "seen"),
    [
        (["4406"], {"city", "district", "town", "community", "nowhere", "elsewhere"}),
        ([SHUNDE], {"district", "town", "community"}),
        ([DALIANG], {"town", "community"}),
        ([WENXIU], {"community"}),
        ([DALIANG, "440604"], {"town", "community", "elsewhere"}),
        ([], set()),
    ],
    ids=range(6),
)
def test_an_auditor_sees_their_region_and_nothing_beyond(
    app: Flask, prefixes: list[str], seen: set[str]
) -> None:
    for name, region in REGIONS.items():
        note("need.post", name, region_code=region)
    actor = Actor(1, tuple(Scope("auditor", prefix) for prefix in prefixes))

    found = set(subjects(actor))
    rows = db.session.scalars(select(AuditRow)).all()

    assert found == seen
    assert {row.subject for row in rows if policy.can_read(actor, row)} == found


def test_a_role_of_another_name_opens_nothing_whatever_its_region(app: Flask) -> None:
    note("need.post", region_code=DALIANG)

    assert subjects(a_user(Role.SUPERVISOR, "4406").actor) == []


def test_the_log_is_looked_through_by_action_person_file_and_day(app: Flask) -> None:
    auditor, worker = a_user(Role.AUDITOR, "4406"), a_user(Role.WORKER)
    household = a_household()
    with clock.frozen(NOON - timedelta(days=1)):
        note("household.create", household.file_no, household_id=household.id)
    with clock.frozen(NOON):
        note("visit.confirm", "V-1", actor=worker.actor, household_id=household.id)
        note("need.post", "N-1", actor=worker.actor)

    actor = auditor.actor
    assert subjects(actor, action="need.post") == ["N-1"]
    assert subjects(actor, user_id=worker.id) == ["N-1", "V-1"]
    assert subjects(actor, subject=household.file_no) == ["V-1", household.file_no]
    assert subjects(actor, subject="V-1") == ["V-1"]
    assert subjects(actor, day=clock.day_of(NOON)) == ["N-1", "V-1"]
    assert subjects(actor, day=clock.day_of(NOON), action="household.create") == []


@pytest.mark.parametrize("query", ["person=nobody", "action=x", "file=nothing", "day=2020-01-01"])
def test_a_search_that_finds_nothing_says_what_to_do(app: Flask, query: str) -> None:
    client, _ = signed_in(app, Role.AUDITOR, "4406")
    note("need.post")

    assert "换一天，或者清除条件看看" in client.get(f"/audit?{query}").text


@pytest.mark.parametrize("query", ["day=nonsense", "page=nonsense", "page=WyJhIiwiYiJd", "day=0"])
def test_a_mangled_address_is_no_error(app: Flask, query: str) -> None:
    client, _ = signed_in(app, Role.AUDITOR, "4406")

    assert client.get(f"/audit?{query}").status_code == 200


def test_every_row_is_met_once_while_paging(app: Flask) -> None:
    client, _ = signed_in(app, Role.AUDITOR, "4406")
    with transaction():
        for number in range(120):
            services.record(SYSTEM, "need.post", f"N-{number:03}")

    seen, url = [], "/audit?action=need.post"
    while url:
        page = client.get(url).text
        seen += re.findall(r"N-\d{3}", page)
        onward = re.search(r'href="(/audit\?[^"]*page=[^"]+)"', page)
        url = onward[1].replace("&amp;", "&") if onward else ""

    assert sorted(seen) == [f"N-{number:03}" for number in range(120)]


def test_readings_of_a_household_are_those_that_opened_its_data(app: Flask) -> None:
    household, other, worker = a_household(), a_household(), a_user(Role.WORKER)
    for action in ("household.unmask", "visit.confirm", "claim.read_household", "household.edit"):
        note(action, household_id=household.id, actor=worker.actor, reason="电话约访")
    note("household.unmask", household_id=other.id)

    found = queries.readings(household.id)

    assert [row.action for row in found] == ["claim.read_household", "household.unmask"]
    assert all(row.user_id == worker.id and row.reason == "电话约访" for row in found)


def test_every_action_the_program_writes_has_words() -> None:
    written = {
        node.args[1].value
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "record"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }

    assert len(written) > 20
    assert [action for action in sorted(written) if words(action) == action] == []


@pytest.mark.parametrize(
    ("action", "reading"),
    [("household.unmask", True), ("claim.read_household", True), ("household.edit", False), ("x", False)],
)  # fmt: skip
def test_a_reading_is_known_by_its_verb(action: str, *, reading: bool) -> None:
    assert is_reading(action) is reading
