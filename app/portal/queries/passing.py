"""Who received a household's data, and under which consent (对外提供): derived from the log, which nobody changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import false, or_, select

from app.audit.models import AuditRow
from app.core import clock, paging
from app.core.db import db
from app.households.models import Consent, Household
from app.households.policy import READERS
from app.households.rules import Purpose, Recipient
from app.regions.rules import scope_bounds
from app.tasks.models import Claim, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from app.core.access import Actor
    from app.core.paging import Page

PASSING = "claim.read_household"  # name, phone and door opened to the holder of a claim
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Passed:
    """One time that data went to somebody outside (一次提供)."""

    at: datetime
    user_id: int | None
    purpose: Purpose
    claim: str
    file_no: str = ""

    def under(self, consents: Iterable[Consent]) -> Consent | None:
        """Return the consent that covered it then: the newest one for the purpose that had begun."""
        day = clock.day_of(self.at)
        return next(
            (
                one
                for one in consents
                if one.purpose == self.purpose
                and one.recipient == Recipient.HELPERS
                and one.given_on <= day <= one.expires_on
                and (one.withdrawn_at is None or one.withdrawn_at >= self.at)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """What was signed on one page (一份同意书): one class of recipients, one period, several purposes."""

    position: int
    first: Consent
    consents: list[Consent]
    passed: list[Passed]


def papers(consents: Sequence[Consent], passed: Sequence[Passed], today: date) -> list[Paper]:
    """Return the living consents of a household as the pages they were signed on, with what was passed on under each.

    `consents` is the whole list, newest first: a page's position in it is its address.
    """
    found: dict[tuple[object, ...], Paper] = {}
    for place, one in enumerate(consents):
        if one.withdrawn_at is not None or not one.given_on <= today <= one.expires_on:
            continue
        page = (one.recipient, one.recipient_name, one.given_on, one.expires_on, one.scan_id)
        paper = found.setdefault(page, Paper(len(consents) - place, one, [], []))
        paper.consents.append(one)
        paper.passed.extend(each for each in passed if each.under([one]))
    return list(found.values())


def passed_on(household_id: int, limit: int = SHOWN) -> list[Passed]:
    """Return when a household's name, phone and door were opened to helpers, newest first."""
    rows = db.session.execute(
        select(AuditRow.at, AuditRow.user_id, AuditRow.subject, Task.kind)
        .join(Claim, Claim.code == AuditRow.subject)
        .join(Task, Task.id == Claim.task_id)
        .where(AuditRow.household_id == household_id, AuditRow.action == PASSING)
        .order_by(AuditRow.id.desc())
        .limit(limit)
    )
    return [Passed(at, user_id, Purpose(kind.value), code) for at, user_id, code, kind in rows]


def provisions(actor: Actor, cursor: str | None) -> Page[tuple[Passed, Consent | None]]:
    """Return what was provided to third parties in a person's region (第三方提供记录), newest first, page by page."""
    statement = select(AuditRow).where(AuditRow.action == PASSING, _in_reach(actor))
    page = paging.fetch(
        db.session, statement, [(AuditRow.id, True)], cursor, key=lambda row: [row.id]
    )
    kinds = _kinds_of({row.subject for row in page.rows})
    numbers = {row.household_id for row in page.rows if row.household_id is not None}
    files, given = _files_of(numbers), _consents_of(numbers)
    found: list[tuple[Passed, Consent | None]] = []
    for row in page.rows:
        number = row.household_id or 0
        if row.subject not in kinds:
            continue
        passed = Passed(row.at, row.user_id, kinds[row.subject], row.subject, files.get(number, ""))
        found.append((passed, passed.under(given.get(number, ()))))
    return paging.Page(found, page.next)


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    rules = []
    for prefix in actor.regions(*READERS):
        low, high = scope_bounds(prefix)
        rules.append(AuditRow.region_code.between(low, high))
    return or_(*rules) if rules else false()


def _kinds_of(codes: Iterable[str]) -> dict[str, Purpose]:
    rows = db.session.execute(
        select(Claim.code, Task.kind).join(Claim.task).where(Claim.code.in_(codes))
    )
    return {code: Purpose(kind.value) for code, kind in rows}


def _files_of(numbers: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Household.id, Household.file_no).where(Household.id.in_(numbers))
    )
    return {number: file_no for number, file_no in rows}  # noqa: C416 - rows are no pairs to dict()


def _consents_of(household_ids: Iterable[int]) -> dict[int, Sequence[Consent]]:
    found: dict[int, list[Consent]] = {}
    rows = db.session.scalars(
        select(Consent).where(Consent.household_id.in_(household_ids)).order_by(Consent.id.desc())
    )
    for one in rows:
        found.setdefault(one.household_id, []).append(one)
    return dict(found)
