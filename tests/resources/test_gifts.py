"""A gift on its way: promised, received, handed over, taken back; and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from app.accounts.rules import OrganisationKind
from app.audit.models import AuditRow
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Forbidden, Refusal, StalePage
from app.households.models import Consent
from app.households.rules import Purpose
from app.ledger import queries as ledger
from app.ledger.models import Entry
from app.ledger.rules import Account, Dimension, Measure
from app.notices.models import Message
from app.programmes import queries as programmes
from app.programmes.errors import ProgrammeClosed
from app.programmes.rules import ProgrammeState
from app.resources import errors, queries, services
from app.resources.models import Delivery, ResourceLine
from app.resources.rules import LineState, Proof, Receipt, ValueBasis
from app.tasks.models import Claim, Task
from app.tasks.rules import ClaimState, TaskKind, TaskState
from tests.factories import (
    DALIANG,
    WENXIU,
    a_household,
    a_programme,
    a_user,
    an_organisation,
    reload,
)
from tests.resources.gifts import (
    a_gift_claim,
    a_keeper_for,
    a_picture,
    delivered,
    handover,
    key,
    money,
    pledged,
    quilts,
    receipt,
    received,
    time,
)

if TYPE_CHECKING:
    from app.core.access import Actor

pytestmark = pytest.mark.usefixtures("app")
M, A = Measure, Account


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def all_is_proved() -> bool:
    db.session.rollback()
    return [*ledger.verify(), *queries.verify()] == []


def test_the_same_fen_stands_on_household_programme_donor_and_town() -> None:
    programme, household = a_programme(), a_household()
    claim = a_gift_claim(TaskKind.MONEY, 50_000, household, programme=programme)
    line = received(pledged(money(50_000), claim=claim))

    delivered(line, 50_000, actor=a_user("worker").actor)

    donor = programmes.donor_of(claim.user)
    assert donor is not None
    for dimension, subject in (
        (Dimension.HOUSEHOLD, household.id),
        (Dimension.PROGRAMME, programme.id),
        (Dimension.DONOR, donor.id),
        (Dimension.TOWN, DALIANG),
    ):
        assert ledger.totals(dimension, subject) == {
            M.MONEY: 50_000,
            M.GOODS: 0,
            M.HOURS: 0,
            M.UNVALUED: 0,
        }
    assert all_is_proved()


def test_what_was_received_replaces_what_was_promised() -> None:
    line = pledged(quilts(4, worth_fen=80_000))
    promised = ledger.balances(Dimension.DONOR, line.donor_id)

    line = received(line, quantity=3, value_fen=45_000)

    now = ledger.balances(Dimension.DONOR, line.donor_id)
    assert promised[A.PLEDGED][M.GOODS] == 80_000
    assert (now[A.PLEDGED][M.GOODS], now[A.HELD][M.GOODS]) == (0, 45_000)
    assert (line.pledged_quantity, line.quantity, line.value_fen) == (4, 3, 45_000)
    assert all_is_proved()


def test_goods_that_nobody_can_value_count_as_pieces_and_zero_fen() -> None:
    line = received(pledged(quilts(4, worth_fen=80_000)), basis=ValueBasis.UNVALUED)

    delivered(line, 3, household := a_household())

    totals = ledger.totals(Dimension.HOUSEHOLD, household.id)
    assert (totals[M.GOODS], totals[M.UNVALUED]) == (0, 3)
    assert all_is_proved()


def test_service_counts_minutes_and_never_money() -> None:
    line = received(pledged(time(90)))

    delivered(line, 60, household := a_household())

    totals = ledger.totals(Dimension.HOUSEHOLD, household.id)
    assert (totals[M.HOURS], totals[M.MONEY], totals[M.GOODS]) == (60, 0, 0)
    assert all_is_proved()


def test_deliveries_in_parts_add_up_to_the_value_and_the_last_takes_the_odd_fen() -> None:
    line = received(pledged(quilts(3)), value_fen=10_000)
    parts = []
    for _ in range(3):
        parts.append(delivered(line, 1).value_fen)
        line = queries.by_code(line.code)

    assert parts == [3_333, 3_333, 3_334]
    assert line.state is LineState.DELIVERED
    assert all_is_proved()


def test_a_part_worth_less_than_a_fen_moves_nothing_and_the_last_brings_it() -> None:
    line = received(pledged(quilts(3)), value_fen=1)
    household = a_household()

    first = delivered(line, 1, household)
    for _ in range(2):
        line = queries.by_code(line.code)
        delivered(line, 1, household)

    assert (first.value_fen, first.entry_id) == (0, None)
    assert ledger.totals(Dimension.HOUSEHOLD, household.id)[M.GOODS] == 1
    assert all_is_proved()


def test_when_all_claimed_units_have_arrived_the_claim_is_confirmed_and_the_task_done() -> None:
    claim = a_gift_claim(units=4)
    line = received(pledged(quilts(4), claim=claim))
    assert reload(claim).state is ClaimState.HANDED_IN

    delivered(line, 3)
    assert reload(claim).state is ClaimState.HANDED_IN
    delivered(queries.by_code(line.code), 1)

    assert reload(claim).state is ClaimState.CONFIRMED
    assert db.session.get(Task, claim.task_id).state is TaskState.DONE  # type: ignore[union-attr]


def test_a_claim_promised_in_part_stays_with_its_holder() -> None:
    claim = a_gift_claim(units=4)

    pledged(quilts(1), claim=claim)

    assert reload(claim).state is ClaimState.HELD
    pledged(quilts(3), claim=claim)
    assert reload(claim).state is ClaimState.HANDED_IN


def test_a_donor_may_take_a_promise_back_and_holds_the_claim_again() -> None:
    claim = a_gift_claim()
    line = pledged(claim=claim)

    with transaction():
        services.reverse(claim.user.actor, line, "家里有变动")

    assert line.state is LineState.REVERSED
    assert reload(claim).state is ClaimState.HELD
    assert ledger.balances(Dimension.DONOR, line.donor_id)[A.PLEDGED][M.UNVALUED] == 0
    assert all_is_proved()


def test_a_donor_cannot_take_back_what_was_received() -> None:
    claim = a_gift_claim()
    line = received(pledged(claim=claim))

    with pytest.raises(errors.AskTheCharity), transaction():
        services.reverse(claim.user.actor, line, "反悔")


def test_a_reversed_delivery_can_be_delivered_again() -> None:
    line = received(pledged(quilts(2)), value_fen=10_001)
    household = a_household()
    first = delivered(line, 2, household)
    worker = a_user("worker").actor

    with transaction():
        services.reverse_delivery(worker, first, "送错了楼")

    assert ledger.totals(Dimension.HOUSEHOLD, household.id)[M.GOODS] == 0
    line = queries.by_code(line.code)
    assert (line.state, line.delivered_quantity, line.delivered_fen) == (LineState.RECEIVED, 0, 0)
    delivered(line, 2, household)
    assert ledger.totals(Dimension.HOUSEHOLD, household.id)[M.GOODS] == 10_001
    assert all_is_proved()


def test_reversing_a_whole_gift_leaves_nothing_counted_and_everything_written() -> None:
    line = received(pledged(quilts(2)))
    delivered(line, 1)
    line = queries.by_code(line.code)
    before = count(Entry)

    keeper = a_keeper_for(line)
    with transaction():
        services.reverse(keeper, line, "重复登记")

    assert count(Entry) == before + 3
    assert all(
        value == 0
        for parts in ledger.balances(Dimension.DONOR, line.donor_id).values()
        for value in parts.values()
    )
    assert line.deliveries[0].reversed_at is not None
    assert all_is_proved()
    with pytest.raises(errors.AlreadyReversed), transaction():
        services.reverse(keeper, line, "再冲一次")


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_taken_back_without_a_reason(reason: str) -> None:
    line = received()
    delivery = delivered(line)

    keeper, worker = a_keeper_for(line), a_user("worker").actor
    with pytest.raises(errors.ReasonMissing), transaction():
        services.reverse(keeper, line, reason)
    with pytest.raises(errors.ReasonMissing), transaction():
        services.reverse_delivery(worker, delivery, reason)


def test_a_delivery_is_reversed_once() -> None:
    delivery = delivered(received())
    worker = a_user("worker").actor
    with transaction():
        services.reverse_delivery(worker, delivery, "送错了")

    with pytest.raises(errors.AlreadyReversed), transaction():
        services.reverse_delivery(worker, delivery, "又来一次")


def test_the_same_submission_twice_makes_one_gift() -> None:
    donor, programme, same = a_user("donor"), a_programme(), key()
    codes = set()
    for _ in range(2):
        with transaction():
            codes.add(services.pledge(donor.actor, quilts(), programme=programme, key=same).code)

    assert len(codes) == 1
    assert (count(ResourceLine), count(Entry)) == (1, 1)


def test_the_same_delivery_twice_is_one_delivery() -> None:
    line, household, same = received(pledged(quilts(4))), a_household(), key()
    worker = a_user("worker").actor
    codes = set()
    for _ in range(2):
        with transaction():
            codes.add(
                services.deliver(worker, line, household, handover(1), a_picture(), key=same).code
            )

    assert len(codes) == 1
    assert queries.by_code(line.code).delivered_quantity == 1


def test_the_same_receipt_twice_is_one_receipt_and_another_one_is_refused() -> None:
    line = pledged()
    keeper = a_keeper_for(line)
    for _ in range(2):
        with transaction():
            services.receive(keeper, line, receipt(line), a_picture())

    assert count(Entry) == 2
    with pytest.raises(errors.AlreadyReceived), transaction():
        services.receive(keeper, line, receipt(line, quantity=2), a_picture())
    with pytest.raises(errors.AlreadyReceived), transaction():
        services.receive(keeper, line, receipt(line, value_fen=40_002), a_picture())
    assert reload(line).value_fen == 40_001


def test_two_pages_of_one_gift_cannot_hand_over_the_same_pieces() -> None:
    line = received(pledged(quilts(4)))
    with transaction():
        db.session.execute(
            update(ResourceLine)
            .where(ResourceLine.id == line.id)
            .values(version=ResourceLine.version + 1)
            .execution_options(synchronize_session=False)
        )

    with pytest.raises(StalePage):
        delivered(line, 4)


def test_money_needs_a_programme_with_a_charity() -> None:
    claim = a_gift_claim(TaskKind.MONEY, 50_000)

    with pytest.raises(errors.NoCharity):
        pledged(money(50_000), claim=claim)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"no_strings": False}, errors.StringsAttached),
        ({"unrelated": False}, errors.RelatedParty),
        ({"item": "八月低保金"}, errors.GovernmentMoney),
    ],
)
def test_a_gift_has_no_strings_no_relatives_and_is_no_government_benefit(
    facts: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        pledged(quilts(4, **facts), claim=a_gift_claim())

    assert count(ResourceLine) == 0


def test_a_claim_whose_holder_did_not_declare_himself_unrelated_gives_nothing() -> None:
    with pytest.raises(errors.RelatedParty):
        pledged(claim=a_gift_claim(unrelated=False))


def test_no_more_is_promised_than_was_claimed() -> None:
    claim = a_gift_claim(units=4)
    pledged(quilts(3), claim=claim)

    with pytest.raises(errors.MoreThanClaimed):
        pledged(quilts(2), claim=claim)


def test_a_claim_that_is_over_and_a_visit_take_no_gift() -> None:
    with pytest.raises(errors.ClaimNotHeld):
        pledged(claim=a_gift_claim(state=ClaimState.RELEASED))
    with pytest.raises(errors.NothingToGive):
        pledged(claim=a_gift_claim(TaskKind.VISIT, 1))
    with pytest.raises(errors.NothingToGive):
        pledged(money(), claim=a_gift_claim())


def test_a_closed_programme_takes_no_gift() -> None:
    with pytest.raises(ProgrammeClosed):
        pledged(programme=a_programme(state=ProgrammeState.CLOSED))


def test_money_is_received_against_a_receipt() -> None:
    line = pledged(money())
    officer = a_keeper_for(line)

    with pytest.raises(errors.ReceiptMissing), transaction():
        services.receive(officer, line, Receipt(50_000, clock.today(), receipt_code="44060125"))


@pytest.mark.parametrize(
    ("basis", "value_fen", "has_photo", "refusal"),
    [
        (None, 100, True, errors.BasisMissing),
        (ValueBasis.INVOICE, 0, True, errors.BasisMissing),
        (ValueBasis.INVOICE, 100, False, errors.EvidenceMissing),
        (ValueBasis.DONOR, 100, False, errors.EvidenceMissing),
        (ValueBasis.STANDARD, 100, False, None),
        (ValueBasis.UNVALUED, 0, False, None),
    ],
)
def test_goods_have_a_value_that_can_be_shown_or_none(
    basis: ValueBasis | None, value_fen: int, *, has_photo: bool, refusal: type[Refusal] | None
) -> None:
    line = pledged()
    what = Receipt(4, clock.today(), value_fen, basis)
    evidence = a_picture() if has_photo else None
    keeper = a_keeper_for(line)

    if refusal is None:
        with transaction():
            services.receive(keeper, line, what, evidence)
        assert line.state is LineState.RECEIVED
    else:
        with pytest.raises(refusal), transaction():
            services.receive(keeper, line, what, evidence)
        assert reload(line).state is LineState.PLEDGED


@pytest.mark.parametrize("days", [-1, 1])
def test_nothing_comes_in_before_it_was_promised_or_tomorrow(days: int) -> None:
    line = pledged(quilts())
    day = clock.today() + timedelta(days=days)

    keeper = a_keeper_for(line)
    with pytest.raises(errors.WrongDay), transaction():
        services.receive(keeper, line, Receipt(4, day, 0, ValueBasis.UNVALUED), None)


def deliver_with(line: ResourceLine, actor: Actor | None = None, **facts: Any) -> None:
    household = facts.pop("household", None) or a_household()
    proof = facts.pop("photo", a_picture())
    worker = actor or a_user("worker").actor
    with transaction():
        services.deliver(worker, line, household, handover(**facts), proof, key=key())


def test_what_has_not_come_in_cannot_go_out() -> None:
    with pytest.raises(errors.NotReceived):
        deliver_with(pledged())


def test_a_gift_for_one_household_goes_to_no_other() -> None:
    line = received(pledged(claim=a_gift_claim()))

    with pytest.raises(errors.WrongHousehold):
        deliver_with(line, household=a_household())


@pytest.mark.parametrize("quantity", [0, 5])
def test_no_more_and_no_less_than_there_is_goes_out(quantity: int) -> None:
    with pytest.raises(errors.MoreThanLeft):
        deliver_with(received(), quantity=quantity)


def test_nothing_is_delivered_without_a_signature_or_photo() -> None:
    with pytest.raises(errors.ProofMissing):
        deliver_with(received(), photo=None)


def test_nothing_is_delivered_tomorrow() -> None:
    with pytest.raises(errors.WrongDay):
        deliver_with(received(), on=clock.today() + timedelta(days=1))


def test_a_household_that_agreed_to_visits_only_receives_no_goods() -> None:
    household = a_household(consents=(Purpose.VISIT, Purpose.MONEY))

    with pytest.raises(errors.NoConsent):
        deliver_with(received(), household=household)


def test_a_consent_withdrawn_since_works_at_once() -> None:
    claim = a_gift_claim(household=(household := a_household()))
    line = received(pledged(claim=claim))
    with transaction():
        db.session.execute(
            update(Consent)
            .where(Consent.household_id == household.id, Consent.purpose == Purpose.GOODS)
            .values(withdrawn_at=clock.now())
        )

    with pytest.raises(errors.NoConsent):
        deliver_with(line, household=household)


def test_a_photo_needs_a_consent_of_its_own() -> None:
    household = a_household(consents=(Purpose.GOODS,))
    line = received()

    with pytest.raises(errors.NoPhotoConsent):
        deliver_with(line, household=household, proof=Proof.PHOTO)
    deliver_with(line, household=household, proof=Proof.SIGNATURE)

    assert count(Delivery) == 1


def test_a_worker_of_another_town_hands_nothing_over_here() -> None:
    with pytest.raises(Forbidden):
        deliver_with(received(), actor=a_user("worker", "440606102").actor)


def test_a_stranger_cannot_give_on_somebody_elses_claim() -> None:
    claim = a_gift_claim()

    with pytest.raises(Forbidden):
        pledged(claim=claim, donor=a_user("donor"))


def test_each_step_leaves_an_audit_row_and_tells_the_donor_without_naming_anybody() -> None:
    household = a_household(name="霍凤志")
    claim = a_gift_claim(household=household)
    line = received(pledged(claim=claim))
    delivered(line, 4)

    actions = db.session.scalars(
        select(AuditRow.action).where(AuditRow.subject == line.code).order_by(AuditRow.id)
    ).all()
    told = db.session.scalars(
        select(Message.title).where(Message.user_id == claim.user_id).order_by(Message.id)
    ).all()

    assert actions == ["resource.pledge", "resource.receive", "resource.deliver"]
    assert "已经收到" in told[0]
    assert "文秀" in told[1]
    assert not any("霍" in title or household.file_no in title for title in told)


def test_evidence_opens_for_the_keeper_and_leaves_a_row() -> None:
    line = received()
    keeper = a_keeper_for(line)

    with transaction():
        picture = services.open_evidence(keeper, line)

    assert picture.startswith(b"\xff\xd8")
    assert "resource.evidence" in db.session.scalars(select(AuditRow.action)).all()
    donor = a_user("donor").actor
    with pytest.raises(Forbidden), transaction():
        services.open_evidence(donor, line)


def test_a_proof_opens_for_the_staff_of_the_place_alone() -> None:
    line = received()
    delivered(line, 1)
    delivery = queries.by_code(line.code).deliveries[-1]
    foundation = a_user("foundation", region="", organisation=line.programme.foundation)  # type: ignore[union-attr]

    worker = a_user("worker").actor
    with transaction():
        assert services.open_proof(worker, delivery).startswith(b"\xff\xd8")
    for other in (foundation, a_user("worker", "440606102"), a_user("donor")):
        with pytest.raises(Forbidden), transaction():
            services.open_proof(other.actor, delivery)


def test_a_household_page_lists_its_deliveries_and_what_is_on_its_way() -> None:
    household = a_household()
    line = received(pledged(claim=a_gift_claim(household=household)))
    delivered(line, 1)

    assert [d.line.item for d in queries.for_household(household.id)] == ["棉被"]
    assert [each.code for each in queries.pledged_for(household.id)] == [line.code]


def test_a_worklist_names_what_waits_to_be_received_here_and_nowhere_else() -> None:
    line = pledged(claim=a_gift_claim())
    pledged(claim=a_gift_claim(household=a_household(region="440606102003")))

    assert [each.code for each in queries.to_receive(a_user("worker", WENXIU).actor)] == [line.code]
    assert len(queries.to_receive(a_user("officer", "440606").actor)) == 2
    assert queries.to_receive(a_user("admin", "").actor) == []


def test_the_charity_of_a_programme_receives_its_money_and_no_other_charity_does() -> None:
    line = pledged(money())
    stranger = an_organisation(OrganisationKind.CHARITY, "南海慈善会")

    with pytest.raises(Forbidden):
        received(line, actor=a_user("foundation", region="", organisation=stranger).actor)
    with pytest.raises(Forbidden):
        received(line, actor=a_user("worker").actor)
    assert received(line).state is LineState.RECEIVED


def test_a_charity_that_pays_out_what_was_claimed_confirms_the_claim() -> None:
    claim = a_gift_claim(TaskKind.MONEY, 30_000, programme=(programme := a_programme()))
    line = received(pledged(money(30_000), claim=claim))
    charity = a_user("foundation", region="", organisation=programme.charity)

    delivered(line, 30_000, actor=charity.actor)

    assert db.session.scalars(select(Claim.state)).all() == [ClaimState.CONFIRMED]
