"""The ledger: whole entries, one way back, kept totals, and proofs that find damage."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from app.core.access import SYSTEM
from app.core.db import APPEND_ONLY, db, transaction
from app.core.jobs import JobRun, RunState, run_once
from app.ledger import queries, rules, services
from app.ledger.errors import AlreadyReversed, LedgerIll, NotBalanced, ReasonMissing
from app.ledger.jobs import JOBS
from app.ledger.models import Entry, Posting, Tally
from app.ledger.rules import Account, Dimension, EntryKind, Figure, Leg, Measure, move
from tests.factories import DALIANG, a_donor, a_household, a_programme

if TYPE_CHECKING:
    from flask import Flask

DAY = date(2026, 9, 3)
A, M, K = Account, Measure, EntryKind


def a_gift(fen: int = 10_000, *, delivered: int = 0) -> tuple[int, int, int]:
    """Post a receipt, and a delivery of part of it; return programme, donor and household."""
    programme, donor, household = a_programme(), a_donor(), a_household()
    source = Leg(A.DONOR, M.MONEY, fen, programme.id, donor.id)
    with transaction():
        services.post(SYSTEM, K.RECEIVE, DAY, "R-1", move(source, A.HELD))
        if delivered:
            held = source._replace(account=A.HELD, amount=delivered)
            legs = move(held, A.DELIVERED, household_id=household.id, town_code=DALIANG)
            services.post(SYSTEM, K.DELIVER, DAY, "R-1", legs)
    return programme.id, donor.id, household.id


def an_hour() -> None:
    """Post an hour of somebody's service: an entry that no resource line stands behind."""
    source = Leg(A.DONOR, M.HOURS, 60, donor_id=a_donor().id)
    with transaction():
        services.post(SYSTEM, K.SERVE, DAY, "V-1", move(source, A.DELIVERED, town_code=DALIANG))


def drop_triggers() -> None:
    """Take the database's own guard away, as somebody with its password could."""
    for dialect, statement in APPEND_ONLY:
        if dialect != db.engine.dialect.name or "TRIGGER" not in statement.split("(")[0]:
            continue
        if "CREATE TRIGGER" in statement:
            name, table = statement.split()[2], statement.split(" ON ")[1].split()[0]
            where = f" ON {table}" if dialect == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER IF EXISTS {name}{where}"))


def damage(statement: object) -> None:
    """Change the books behind the application's back, then let the guard be gone for this test's database only."""
    with transaction():
        db.session.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def unguarded(app: Flask) -> object:
    """A database whose triggers somebody dropped; put back afterwards for the tests that follow."""
    with transaction():
        drop_triggers()
    yield app
    db.session.rollback()
    with transaction():
        drop_triggers()
        for dialect, statement in APPEND_ONLY:
            if dialect == db.engine.dialect.name:
                db.session.execute(text(statement.replace(":", r"\:")))


@pytest.mark.usefixtures("app")
def test_one_gift_shows_the_same_fen_on_programme_donor_household_and_town() -> None:
    programme, donor, household = a_gift(10_000, delivered=6_001)

    assert queries.totals(Dimension.PROGRAMME, programme)[M.MONEY] == 6_001
    assert queries.totals(Dimension.DONOR, donor)[M.MONEY] == 6_001
    assert queries.totals(Dimension.HOUSEHOLD, household)[M.MONEY] == 6_001
    assert queries.totals(Dimension.TOWN, DALIANG)[M.MONEY] == 6_001
    assert queries.town_totals("440606") == {
        DALIANG: {M.MONEY: 6_001, M.GOODS: 0, M.HOURS: 0, M.UNVALUED: 0}
    }
    assert queries.town_totals("440605") == {}
    assert queries.balances(Dimension.PROGRAMME, programme)[A.HELD][M.MONEY] == 3_999
    assert queries.verify() == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "legs",
    [
        [],
        [Leg(A.DONOR, M.MONEY, -5), Leg(A.HELD, M.MONEY, 4)],
        [Leg(A.DONOR, M.MONEY, -5), Leg(A.HELD, M.GOODS, 5)],
        [Leg(A.DONOR, M.MONEY, 0), Leg(A.HELD, M.MONEY, 0)],
    ],
)
def test_an_entry_that_is_empty_or_does_not_sum_to_zero_is_refused(
    legs: list[Leg],
) -> None:
    with pytest.raises(NotBalanced), transaction():
        services.post(SYSTEM, K.RECEIVE, DAY, "R-1", legs)

    assert db.session.scalars(select(Entry)).all() == []


@pytest.mark.usefixtures("app")
def test_a_reversal_takes_everything_back_and_keeps_both_entries() -> None:
    programme, _, household = a_gift(10_000, delivered=6_001)
    delivery = queries.standing("R-1")[0]

    with transaction():
        undo = services.reverse(SYSTEM, delivery, "送错了人家")

    assert undo.memo == "送错了人家"
    assert queries.totals(Dimension.HOUSEHOLD, household)[M.MONEY] == 0
    assert queries.balances(Dimension.PROGRAMME, programme)[A.HELD][M.MONEY] == 10_000
    assert [entry.kind for entry in queries.for_subject("R-1")] == [
        K.RECEIVE,
        K.DELIVER,
        K.REVERSAL,
    ]
    assert [entry.kind for entry in queries.standing("R-1")] == [K.RECEIVE]
    assert queries.verify() == []


@pytest.mark.usefixtures("app")
def test_an_entry_is_reversed_once_with_a_reason_and_a_reversal_never() -> None:
    a_gift()
    entry = queries.standing("R-1")[0]
    with pytest.raises(ReasonMissing), transaction():
        services.reverse(SYSTEM, entry, "  ")
    with transaction():
        undo = services.reverse(SYSTEM, entry, "登记错了")

    with pytest.raises(AlreadyReversed), transaction():
        services.reverse(SYSTEM, entry, "再来一次")
    with pytest.raises(AlreadyReversed), transaction():
        services.reverse(SYSTEM, undo, "反悔")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM entry",
        "UPDATE entry SET id = id + 1000",
        "DELETE FROM posting",
        "UPDATE posting SET amount = amount + 1",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_what_was_posted(
    sql: str,
) -> None:
    a_gift()

    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text(sql))


@pytest.mark.usefixtures("app")
def test_recounting_gives_the_same_totals_and_repairs_wrong_ones() -> None:
    programme, _, _ = a_gift(10_000, delivered=6_001)
    right = {(t.dimension, t.subject, t.account, t.measure): t.amount for t in _tallies()}
    with transaction():
        db.session.execute(update(Tally).values(amount=Tally.amount + 1))
        db.session.execute(delete(Tally).where(Tally.dimension == Dimension.TOWN))

    with transaction():
        count = services.recount()

    assert count == len(right)
    assert {(t.dimension, t.subject, t.account, t.measure): t.amount for t in _tallies()} == right
    assert queries.totals(Dimension.PROGRAMME, programme)[M.MONEY] == 6_001


def _tallies() -> list[Tally]:
    db.session.rollback()
    return list(db.session.scalars(select(Tally).execution_options(populate_existing=True)))


@pytest.mark.usefixtures("unguarded")
def test_verify_finds_a_changed_amount() -> None:
    a_gift()
    damage(update(Posting).where(Posting.account == A.HELD).values(amount=Posting.amount + 1))

    ills = queries.verify()

    assert any("out of balance by 1 in money" in ill for ill in ills)
    assert any("total of programme" in ill for ill in ills)


@pytest.mark.usefixtures("unguarded")
def test_verify_finds_a_deleted_posting() -> None:
    a_gift()
    damage(delete(Posting).where(Posting.account == A.HELD))

    assert any("out of balance by -10000" in ill for ill in queries.verify())


@pytest.mark.usefixtures("unguarded")
def test_verify_finds_an_entry_whose_postings_are_all_gone() -> None:
    a_gift()
    damage(delete(Posting))

    assert any("has no postings" in ill for ill in queries.verify())


@pytest.mark.usefixtures("unguarded")
def test_verify_finds_value_moved_from_one_household_to_another() -> None:
    a_gift(delivered=500)
    other = a_household()
    damage(update(Posting).where(Posting.account == A.DELIVERED).values(household_id=other.id))

    ills = queries.verify()

    assert len([ill for ill in ills if "total of household" in ill]) == 2


@pytest.mark.usefixtures("app")
def test_verify_finds_a_total_that_nobody_posted_and_one_that_is_missing() -> None:
    a_gift()
    damage(
        insert(Tally).values(
            dimension=Dimension.TOWN,
            subject=DALIANG,
            account=A.DELIVERED,
            measure=M.MONEY,
            amount=9,
        )
    )
    damage(delete(Tally).where(Tally.dimension == Dimension.DONOR))

    ills = queries.verify()

    assert f"total of town {DALIANG} on delivered differs from its postings by -9 in money" in ills
    assert any("total of donor" in ill for ill in ills)


@pytest.mark.usefixtures("unguarded")
def test_verify_finds_a_reversal_that_does_not_mirror_its_entry() -> None:
    a_gift()
    entry = queries.standing("R-1")[0]
    with transaction():
        services.reverse(SYSTEM, entry, "登记错了")
    damage(
        update(Posting)
        .where(Posting.entry_id == entry.id, Posting.account == A.HELD)
        .values(account=A.PLEDGED)
    )

    assert f"entry {entry.code} was not reversed exactly" in queries.verify()


def test_the_command_exits_1_with_a_line_per_ill_and_0_when_all_is_well(app: Flask) -> None:
    an_hour()
    runner = app.test_cli_runner()
    well = runner.invoke(args=["ledger", "verify"])
    damage(update(Tally).where(Tally.dimension == Dimension.DONOR).values(amount=Tally.amount + 7))

    ill = runner.invoke(args=["ledger", "verify"])

    assert (well.exit_code, well.output) == (0, "the ledger reconciles\n")
    assert ill.exit_code == 1
    assert all(line.startswith("ILL total of donor") for line in ill.output.splitlines())
    assert len(ill.output.splitlines()) == 2


def test_the_night_proves_the_ledger_and_shows_as_failed_when_it_is_ill(app: Flask) -> None:
    an_hour()
    assert run_once(app, JOBS[0], DAY) == 0
    damage(update(Tally).values(amount=Tally.amount + 7))

    with pytest.raises(LedgerIll):
        run_once(app, JOBS[0], DAY, again=True)

    db.session.rollback()
    assert db.session.scalars(select(JobRun.state)).all() == [RunState.FAILED]


@pytest.mark.usefixtures("app")
def test_the_list_behind_a_figure_adds_up_to_it_over_all_its_pages() -> None:
    programme, donor = a_programme(), a_donor()
    source = Leg(A.DONOR, M.MONEY, 100, programme.id, donor.id)
    with transaction():
        for number in range(7):
            services.post(SYSTEM, K.RECEIVE, DAY, f"R-{number}", move(source, A.HELD))
        served = source._replace(amount=30)
        services.post(SYSTEM, K.SERVE, DAY, "V-1", move(served, A.DELIVERED, town_code=DALIANG))
        services.reverse(SYSTEM, queries.standing("R-3")[0], "重复登记")
        services.post(
            SYSTEM, K.DELIVER, DAY, "R-1", move(source._replace(account=A.HELD), A.DELIVERED)
        )
    shown = rules.figures(queries.balances(Dimension.PROGRAMME, programme.id))

    for figure in Figure:
        amounts, cursor = [], None
        while True:
            page = queries.behind(
                figure, Dimension.PROGRAMME, programme.id, M.MONEY, cursor, size=3
            )
            amounts += [posting.amount for posting in page.rows]
            cursor = page.next
            if cursor is None:
                break

        assert sum(amounts) == shown[figure][M.MONEY]
        assert queries.sum_behind(figure, Dimension.PROGRAMME, programme.id, M.MONEY) == sum(
            amounts
        )
    assert shown[Figure.RECEIVED][M.MONEY] == 630
    assert shown[Figure.REMAINING][M.MONEY] == 500


@pytest.mark.usefixtures("app")
def test_entries_of_a_thing_come_newest_first_and_can_be_narrowed() -> None:
    programme, _, _ = a_gift(10_000, delivered=6_001)

    every = queries.entries_for(Dimension.PROGRAMME, programme)
    held = queries.entries_for(
        Dimension.PROGRAMME, programme, account=A.HELD, measure=M.MONEY, size=1
    )

    assert [p.amount for p in every.rows] == [6_001, -6_001, 10_000, -10_000]
    assert [p.amount for p in held.rows] == [-6_001]
    assert held.next is not None
    after = queries.entries_for(Dimension.PROGRAMME, programme, held.next, account=A.HELD)
    assert [p.amount for p in after.rows] == [10_000]


AMOUNTS = st.integers(-(10**9), 10**9).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(M), AMOUNTS), min_size=1, max_size=8))
def test_any_legs_with_their_mirror_images_are_balanced_and_without_one_are_not(
    parts: list[tuple[Measure, int]],
) -> None:
    legs = [Leg(A.HELD, measure, amount) for measure, amount in parts]

    assert rules.is_balanced([*legs, *rules.reversed_legs(legs)])
    assert not rules.is_balanced([*legs, *rules.reversed_legs(legs[:-1])])


@given(
    st.lists(
        st.tuples(st.sampled_from(M), AMOUNTS, st.integers(1, 3), st.integers(1, 3)),
        min_size=1,
        max_size=8,
    )
)
def test_totals_over_a_dimension_are_the_sums_of_the_legs_that_name_it(
    parts: list[tuple[Measure, int, int, int]],
) -> None:
    legs = [
        Leg(A.DELIVERED, m, amount, programme_id=p, household_id=h) for m, amount, p, h in parts
    ]

    changes = rules.tally_changes(legs)

    for measure in M:
        whole = sum(amount for m, amount, _, _ in parts if m is measure)
        for dimension in ("programme", "household"):
            kept = sum(v for k, v in changes.items() if k[0] == dimension and k[3] == measure)
            assert kept == whole
    assert list(changes) == sorted(changes)
    assert 0 not in changes.values()


@pytest.mark.usefixtures("app")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([A.PLEDGED, A.HELD, A.DELIVERED]),
            st.sampled_from(M),
            st.integers(1, 10**10),
            st.sampled_from(["", DALIANG, "440606105"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_after_any_history_of_posting_and_reversing_totals_equal_postings(
    history: list[tuple[Account, Measure, int, str, bool]],
) -> None:
    for target, measure, amount, town, undone in history:
        with transaction():
            legs = move(Leg(A.DONOR, measure, amount), target, town_code=town)
            entry = services.post(SYSTEM, K.RECEIVE, DAY, "R-H", legs)
            if undone:
                services.reverse(SYSTEM, entry, "试一次")

    assert queries.verify() == []
