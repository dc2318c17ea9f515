"""Builders of what home pages gather (造数): visits, gifts, entries, promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core import clock, codes
from app.core.crypto import ring
from app.ledger.models import Entry, Posting
from app.ledger.rules import Account, EntryKind, Measure
from app.resources.models import ResourceLine
from app.resources.rules import LineKind
from app.visits.models import Visit
from app.visits.rules import Manner, Result, VisitState
from tests.factories import a_donor, keep

if TYPE_CHECKING:
    from datetime import date

    from app.accounts.models import User
    from app.households.models import Household


def a_visit(household: Household, visitor: User, **facts: object) -> Visit:
    """A submitted visit to a household by somebody."""
    values: dict[str, object] = {
        "code": codes.new("V"),
        "household_id": household.id,
        "visitor_id": visitor.id,
        "recorded_by_id": visitor.id,
        "region_code": household.region_code,
        "town_code": household.town_code,
        "district_code": household.district_code,
        "visited_on": clock.today(),
        "minutes": 50,
        "manner": Manner.HOME,
        "result": Result.MET,
        "notes": b"",
        "state": VisitState.SUBMITTED,
        "submitted_at": clock.now(),
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    visit: Visit = keep(Visit(**(values | facts)))
    return visit


def a_gift(household: Household, donor_user: User | None = None, **facts: object) -> ResourceLine:
    """Two quilts pledged for a household."""
    values: dict[str, object] = {
        "code": codes.new("R"),
        "kind": LineKind.GOODS,
        "donor_id": a_donor(donor_user).id,
        "household_id": household.id,
        "town_code": household.town_code,
        "item": "棉被",
        "quantity": 2,
        "unit": "床",
        "pledged_quantity": 2,
        "pledged_fen": 39_800,
        "pledged_at": clock.now(),
    }
    line: ResourceLine = keep(ResourceLine(**(values | facts)))
    return line


def delivered(household: Household, measure: Measure, amount: int, on: date | None = None) -> Entry:
    """An entry by which something reached a household."""
    entry = Entry(
        code=codes.new("E"),
        kind=EntryKind.DELIVER,
        happened_on=on or clock.today(),
        recorded_at=clock.now(),
        subject="R-TEST",
        postings=[
            Posting(
                account=account,
                measure=measure,
                amount=sign * amount,
                household_id=household.id,
                town_code=household.town_code,
            )
            for account, sign in ((Account.HELD, -1), (Account.DELIVERED, 1))
        ],
    )
    kept: Entry = keep(entry)
    return kept


def sealed_promise(household: Household) -> tuple[str, bytes]:
    """A follow-up's code, and what was promised, sealed for it."""
    code = codes.new("F")
    box = ring().box(household.data_key or b"", household.file_no)
    return code, box.seal_json({"text": "带降压药过去"}, f"follow_up.what:{code}")
