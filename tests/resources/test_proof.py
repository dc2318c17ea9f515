"""`ledger verify` finds what was changed on gifts and deliveries behind the application's back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.ledger import queries as ledger
from app.ledger import services as posting
from app.ledger.rules import Account, EntryKind, Leg, Measure, move
from app.resources import queries
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineState, ValueBasis
from tests.factories import a_household, a_programme
from tests.resources.gifts import delivered, pledged, received

pytestmark = pytest.mark.usefixtures("app")


def a_half_delivered_gift() -> ResourceLine:
    line = received(pledged())
    delivered(line, 2)
    return line


def damage(statement: Any) -> list[str]:
    with transaction():
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.rollback()
    assert ledger.verify() == []
    return queries.verify()


def test_an_untouched_gift_is_proved() -> None:
    a_half_delivered_gift()

    assert queries.verify() == []


@pytest.mark.parametrize(
    "values",
    [
        {"value_fen": 50_000},
        {"delivered_fen": 1},
        {"delivered_quantity": 1},
        {"state": LineState.PLEDGED},
        {"state": LineState.REVERSED},
        {"value_basis": ValueBasis.UNVALUED},
        {"quantity": 100, "value_basis": ValueBasis.UNVALUED},
    ],
)
def test_a_changed_gift_is_found(values: dict[str, Any]) -> None:
    line = a_half_delivered_gift()

    ills = damage(update(ResourceLine).where(ResourceLine.id == line.id).values(**values))

    assert any(line.code in ill for ill in ills)


def test_a_gift_given_to_another_programme_is_found() -> None:
    line, other = a_half_delivered_gift(), a_programme()

    ills = damage(
        update(ResourceLine).where(ResourceLine.id == line.id).values(programme_id=other.id)
    )

    assert ills == [f"postings of line {line.code} name another donor or programme"]


@pytest.mark.parametrize(
    "values", [{"value_fen": 1}, {"quantity": 1}, {"reversed_at": clock.now()}]
)
def test_a_changed_delivery_is_found(values: dict[str, Any]) -> None:
    line = a_half_delivered_gift()

    ills = damage(update(Delivery).values(**values))

    assert f"line {line.code} does not say what its deliveries add up to" in ills


def test_a_delivery_said_to_have_reached_another_household_is_found() -> None:
    line, other = a_half_delivered_gift(), a_household()

    ills = damage(update(Delivery).values(household_id=other.id))

    assert len([ill for ill in ills if f"deliveries of line {line.code}" in ill]) == 2


def test_a_deleted_delivery_is_found() -> None:
    line = a_half_delivered_gift()

    assert any(line.code in ill for ill in damage(delete(Delivery)))


def test_a_promise_that_was_raised_afterwards_is_found() -> None:
    line = pledged()

    ills = damage(update(ResourceLine).values(pledged_quantity=400))

    assert ills == [f"line {line.code} says 400 on pledged, its postings 4"]


def test_an_entry_for_a_gift_that_is_not_there_is_found() -> None:
    with transaction():
        entry = posting.post(
            SYSTEM,
            EntryKind.RECEIVE,
            clock.today(),
            "R-NOBODY",
            move(Leg(Account.DONOR, Measure.MONEY, 100), Account.HELD),
        )

    assert queries.verify() == [f"entry {entry.code} belongs to no line"]
