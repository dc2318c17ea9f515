"""Two thumbs at once: on two connections, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.core.db import db, transaction
from app.core.errors import Refusal
from app.notices.models import Message
from app.visits import queries, services
from app.visits.models import Visit
from tests.factories import a_worker, reload
from tests.visits.stories import KEY, a_held_claim, errand, facts, hand_in, hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


def together(app: Flask, act: Callable[[], str], times: int = 4) -> list[str]:
    """Run the same act on several connections at the same moment."""
    start = Barrier(times)

    def one() -> str:
        with app.app_context():
            try:
                start.wait()
                with transaction():
                    return act()
            except Refusal as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()

    db.session.remove()  # this thread must not look at the city as it was before

    def alone(_: int) -> Any:
        return copy_context().run(one)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(alone, range(times)))


def test_a_form_sent_four_times_at_once_is_one_record_and_all_hear_the_same(app: Flask) -> None:
    claim = a_held_claim()
    actor, code = claim.user.actor, claim.code

    def act() -> str:
        return services.submit(actor, queries.errand_for_claim(code), facts(), key=KEY).code

    answers = together(app, act)

    assert len(set(answers)) == 1
    assert answers[0].startswith("V-")
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_draft_handed_in_four_times_at_once_is_one_record(app: Flask) -> None:
    claim = a_held_claim()
    actor, code = claim.user.actor, claim.code
    with transaction():
        services.save_draft(actor, errand(claim), facts(), key=KEY + "d")

    def act() -> str:
        return services.submit(actor, queries.errand_for_claim(code), facts(), key=KEY).code

    answers = together(app, act)

    assert len(set(answers)) == 1
    assert answers[0].startswith("V-")
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_a_record_confirmed_four_times_at_once_counts_once(app: Flask) -> None:
    visit = hand_in(a_held_claim())
    actor, code, version = a_worker().actor, visit.code, visit.version
    household_id = visit.household_id

    def act() -> str:
        return services.confirm(actor, queries.by_code(code), version=version).code

    answers = together(app, act)

    assert sorted(answers) == ["StalePage"] * 3 + [code]
    assert hours(household_id) == 50
    assert reload(queries.by_code(code).household).visit_count == 1


def test_visits_of_one_household_confirmed_at_once_are_all_counted(app: Flask) -> None:
    first = hand_in(a_held_claim())
    codes = [first.code] + [
        hand_in(a_held_claim(household=first.household), key=f"{KEY}{number}").code
        for number in range(3)
    ]
    actor = a_worker().actor
    waiting = iter(codes)

    def act() -> str:
        return services.confirm(actor, queries.by_code(next(waiting)), version=1).code

    answers = together(app, act)

    assert sorted(answers) == sorted(codes)
    assert reload(queries.by_code(codes[0]).household).visit_count == 4
    assert hours(first.household_id) == 200
