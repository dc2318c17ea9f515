"""Random histories of pledge, receive, deliver and reverse: no fen is lost, every total is its postings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.core import clock
from app.core.access import SYSTEM
from app.core.db import db, transaction
from app.core.errors import Refusal
from app.ledger import queries as ledger
from app.ledger.rules import Account, Dimension, Figure, Measure, figures
from app.resources import queries, rules, services
from app.resources.rules import LineKind, LineState, Receipt, ValueBasis
from tests.factories import a_household, a_programme, a_user
from tests.resources.gifts import GIFTS, a_picture, handover, key

if TYPE_CHECKING:
    from flask import Flask

FEN = st.integers(1, 10**9)
KINDS = st.sampled_from([LineKind.GOODS, LineKind.GOODS, LineKind.MONEY, LineKind.SERVICE])


class Gifts(RuleBasedStateMachine):
    """What may happen to gifts, beside a book kept in plain numbers."""

    lines = Bundle("lines")

    @initialize(target=lines, pieces=st.integers(3, 7), value=FEN)
    def begin(self, pieces: int, value: int) -> str:
        """Start with one programme, one donor, two households of different towns, and quilts that came in."""
        self.programme = a_programme()
        self.user = a_user("donor")
        self.homes = [a_household(), a_household(region="440604010001")]
        self.book: dict[str, dict[str, Any]] = {}
        code = self.pledge(LineKind.GOODS, pieces, value)
        self.receive(code, pieces, value, ValueBasis.INVOICE)
        return str(code)

    @rule(target=lines, kind=KINDS, quantity=st.integers(1, 7), worth=FEN)
    def pledge(self, kind: LineKind, quantity: int, worth: int) -> str:
        """Somebody promises something."""
        number = quantity if kind is LineKind.GOODS else worth % 50_000 + 1
        gift = (
            GIFTS[kind](number, worth if quantity % 2 else 0)
            if kind is LineKind.GOODS
            else GIFTS[kind](number)
        )
        with transaction():
            line = services.pledge(self.user.actor, gift, programme=self.programme, key=key())
        self.book[line.code] = {"in": (Measure.MONEY, 0), "out": {}, "parts": {}}
        return line.code

    @rule(code=lines, quantity=st.integers(2, 7), value=FEN, basis=st.sampled_from(ValueBasis))
    def receive(self, code: str, quantity: int, value: int, basis: ValueBasis) -> None:
        """It comes in, as much as is counted, worth what is shown."""
        line = self.fresh(code)
        receipt = Receipt(quantity, clock.today(), value, basis, "44060125", "123")
        if not self.tried(lambda: services.receive(SYSTEM, line, receipt, PICTURE)):
            return
        goods_basis = basis if line.kind is LineKind.GOODS else None
        self.book[code]["in"] = rules.received_as(line.kind, goods_basis, quantity, value)

    @rule(code=lines, part=st.integers(1, 3), home=st.integers(0, 1))
    def deliver(self, code: str, part: int, home: int) -> None:
        """A part of it is handed over."""
        line, household = self.fresh(code), self.homes[home]
        made: list[Any] = []
        if self.tried(
            lambda: made.append(
                services.deliver(SYSTEM, line, household, handover(part), PICTURE, key=key())
            )
        ):
            amount = rules.received_as(line.kind, line.value_basis, part, made[0].value_fen)[1]
            self.book[code]["parts"][made[0].code] = (household.id, amount)

    @rule(code=lines)
    def deliver_all_that_is_left(self, code: str) -> None:
        """The last delivery brings the rest."""
        line = self.fresh(code)
        if line.state is LineState.RECEIVED:
            self.deliver(code, line.quantity - line.delivered_quantity, 0)
            measure, amount = self.book[code]["in"]
            whole = sum(amount for _, amount in self.book[code]["parts"].values())
            assert whole == amount, measure

    @rule(code=lines, pick=st.integers(0, 5))
    def reverse_a_delivery(self, code: str, pick: int) -> None:
        """One delivery did not happen so."""
        line = self.fresh(code)
        if not line.deliveries:
            return
        delivery = line.deliveries[pick % len(line.deliveries)]
        if self.tried(lambda: services.reverse_delivery(SYSTEM, delivery, "送错了")):
            del self.book[code]["parts"][delivery.code]

    @rule(code=lines)
    @precondition(lambda self: len(self.book) > 1)
    def reverse(self, code: str) -> None:
        """The whole gift is taken back."""
        line = self.fresh(code)
        if self.tried(lambda: services.reverse(SYSTEM, line, "重复登记")):
            self.book[code] |= {"in": (Measure.MONEY, 0), "parts": {}}

    @invariant()
    def the_books_agree(self) -> None:
        """Totals, postings, lines, deliveries and the plain book say the same; nothing is negative."""
        if not hasattr(self, "book"):
            return
        db.session.rollback()
        assert ledger.verify() == []
        assert queries.verify() == []
        shown = figures(ledger.balances(Dimension.PROGRAMME, self.programme.id))
        for measure in Measure:
            came = sum(a for m, a in (e["in"] for e in self.book.values()) if m is measure)
            went = sum(
                amount
                for each in self.book.values()
                if each["in"][0] is measure
                for _, amount in each["parts"].values()
            )
            assert shown[Figure.RECEIVED][measure] == came
            assert shown[Figure.DELIVERED][measure] == went
            assert shown[Figure.REMAINING][measure] == came - went >= 0
            assert shown[Figure.PLEDGED][measure] >= 0
        for home in self.homes:
            got = sum(
                amount
                for each in self.book.values()
                for number, amount in each["parts"].values()
                if number == home.id
            )
            totals = ledger.balances(Dimension.HOUSEHOLD, home.id)[Account.DELIVERED]
            assert sum(totals.values()) == got

    def fresh(self, code: str) -> Any:
        """Return the gift as the database has it now."""
        db.session.rollback()
        return queries.by_code(code)

    def tried(self, verb: Any) -> bool:
        """Do it if it is allowed; a refusal must change nothing, which the invariant then proves."""
        try:
            with transaction():
                verb()
        except Refusal:
            return False
        return True


PICTURE = a_picture()


def test_over_any_history_no_fen_is_lost_and_every_total_is_its_postings(app: Flask) -> None:
    postgres = db.engine.dialect.name == "postgresql"

    run_state_machine_as_test(
        Gifts,
        settings=settings(
            max_examples=4 if postgres else 8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_shares_of_any_order_add_up_to_the_value(pieces: int) -> None:
    for value in (0, 1, 2, 99, 100, 10_001):
        done_pieces = done_fen = 0
        while done_pieces < pieces:
            fen = rules.share(value, pieces, (done_pieces, done_fen), 1)
            assert fen >= 0
            done_pieces, done_fen = done_pieces + 1, done_fen + fen

        assert done_fen == value
