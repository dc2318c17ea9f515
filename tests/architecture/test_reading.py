"""Whoever reads leaves a trace (查看留痕): every answer with clear text in it has written who read, whose, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.models import AuditRow
from app.audit.rules import is_reading
from app.core.db import db
from app.households.models import Household
from tests.architecture.test_matrix import GETS, POSTS, Line, said
from tests.architecture.town import DOOR, ID_NUMBER, NAME, PHONE, Person, Town, build

if TYPE_CHECKING:
    from flask import Flask

# what was promised after a visit stands on the list of whoever is to do it, and is none of these
CONFIDED = "老伴去年走了"
SECRETS = (NAME, PHONE, DOOR, ID_NUMBER, CONFIDED)
# who looks through whose hands: the sentence comes back to whoever typed it, and to nobody else
ECHOES = {"households.search"}


def readings(file_no: str) -> int:
    """How many readings of the household's data the log holds."""
    db.session.rollback()
    rows = db.session.scalars(
        select(AuditRow.action).where(
            AuditRow.household_id
            == select(Household.id).where(Household.file_no == file_no).scalar_subquery()
        )
    )
    return sum(is_reading(action) for action in rows)


def insiders(town: Town) -> list[Person]:
    return [person for person in town.people if person.role is not None and person.is_inside]


def opened(town: Town, line: Line, method: str, person: Person) -> tuple[list[str], int]:
    """Ask for an address; returns which secrets came back, and how many readings were written meanwhile."""
    before = readings(town.codes["file_no"])
    url = line.url.format(**town.codes)
    data = {name: value.format(**town.codes) for name, value in line.data.items()}
    client = person.client
    answer = client.get(url) if method == "GET" else client.post(url, data=data)
    text = said(answer)
    found = [secret for secret in SECRETS if secret in text]
    return found, readings(town.codes["file_no"]) - before


def test_every_page_that_shows_clear_text_writes_down_who_read_it(app: Flask) -> None:
    town, wrong, seen = build(app), [], set()
    for endpoint, lines in GETS.items():
        for line in lines:
            for person in insiders(town):
                found, written = opened(town, line, "GET", person)
                if found:
                    seen.add(endpoint)
                if found and not written:
                    wrong.append(f"{endpoint} for {person.words} tells {found} and leaves no trace")

    assert not wrong, "\n".join(wrong)
    assert {"households.edit_form", "tasks.claim_page", "needs.edit"} <= seen


def test_every_form_that_answers_in_clear_writes_down_who_read_it(app: Flask) -> None:
    town, wrong, seen = build(app), [], set()
    last = ("tasks.release", "tasks.withdraw", "households.withdraw", "households.state")
    order = sorted(set(POSTS) - ECHOES, key=lambda one: (one in last, one != "portal.unmask", one))
    for endpoint in order:
        for line in POSTS[endpoint]:
            for person in insiders(town):
                found, written = opened(town, line, "POST", person)
                if found:
                    seen.add(endpoint)
                if found and not written:
                    wrong.append(f"{endpoint} for {person.words} tells {found} and leaves no trace")

    assert not wrong, "\n".join(wrong)
    assert "portal.unmask" in seen
