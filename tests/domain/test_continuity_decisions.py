"""Families go on elsewhere: by their own act, with their money and its routes, in both accounts or in none."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.moving import LEAVE, OTHER_ID, Moving
from tests.domain.scenario import ACCOUNT_ID, BANK, MONDAY, package, under
from tests.domain.test_fee_amendments import carrying, terms
from tests.domain.winding_down import distribute, families, paid, seize, settle_all, wind_down, work_through


def closing(*paid_fen: int) -> Moving:
    """The old institution gave notice."""
    moving = Moving(*paid_fen)
    moving.old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    return moving


def test_another_banks_entry_of_the_same_reference_is_another_payment() -> None:
    """The father paid the old contract, the mother pays more for the new one: each gets back along an own route."""
    moving = Moving(old=families())
    moving.old.sign("c1", package(1, 1000, 10), family_id="family-1")
    moving.old.pay("c1", 1000, payer_route="father", bank_reference="20260901-1")
    moving.old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.accept()
    moved = moving.new.account.contracts[moving.move().contract_id]
    more = carrying(1, 1000, price_fen=1500, source=1)
    moving.new.do(c.ProposeAmendment, contract_id=moved.contract_id, terms=terms(more))
    moving.new.do(c.AcceptAmendment, contract_id=moved.contract_id)
    moving.new.pay("c2", 500, payer_route="mother", bank_reference="20260901-1")
    payments = moving.new.account.contracts["c2"].payments.values()
    assert [(payment.route, payment.amount_fen) for payment in payments] == [("father", 1000), ("mother", 500)]


def test_an_institution_that_stays_offers_to_go_on_for_families_of_another() -> None:
    moving = Moving(1000)
    new = moving.new
    offer = {"offer_id": "offer-2"}
    new.refuses("continuity_offered", c.OfferContinuity)
    new.refuses("continuity_self", c.OfferContinuity, from_account_id=str(OTHER_ID), **offer)
    for wrong in ({"until_on": MONDAY - timedelta(days=1)}, {"ends_on": MONDAY + timedelta(days=59)}):
        new.refuses("continuity_dates_wrong", c.OfferContinuity, **offer, **wrong)
    new.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    new.refuses("account_closing", c.OfferContinuity, **offer)
    new.do(c.ListInstitution, listing="black")
    new.refuses("account_blacklisted", c.OfferContinuity, **offer)
    new.do(c.FreezeAccount, scope="contracts")
    new.refuses("account_frozen", c.OfferContinuity, **offer)


def test_a_family_chooses_when_its_institution_closes_and_may_change_its_mind() -> None:
    moving = Moving(1000)
    to = {"to_account_id": str(OTHER_ID)}
    moving.old.refuses("continuity_not_open", c.AcceptContinuity, **to)
    moving.old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.old.refuses("contract_not_found", c.AcceptContinuity, contract_id="c9", **to)
    moving.old.refuses("continuity_not_accepted", c.RevokeContinuity)
    moving.accept()
    moving.old.one(e.ContinuityRevoked, c.RevokeContinuity)
    with pytest.raises(LedgerError, match="not chosen"):
        moving.plan()
    moving.accept()
    moving.move()
    moving.old.refuses("continuity_too_late", c.AcceptContinuity, **to)


def test_a_contracts_value_moves_in_both_accounts_with_lessons_and_routes() -> None:
    moving = Moving(old=families())
    old = moving.old
    old.sign("c1", package(1, 1000, 10, gifts=2), package(2, 500, 5), family_id="family-1")
    old.pay("c1", 600, payer_route="mother")
    old.pay("c1", 900, payer_route="father")
    old.teach_many("c1", 3)
    old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.accept()
    before_fen = moving.money_fen
    received = moving.move()
    assert moving.money_fen == before_fen
    assert received.amount_fen == 1250
    contract = moving.new.account.contracts[received.contract_id]
    assert (contract.family_id, contract.course_id, contract.lesson_minutes) == ("family-1", "course-9", 60)
    assert [(p.price_fen, p.paid_fen, p.paid_lessons, p.gift_lessons) for p in contract.packages] == [
        (750, 750, 7, 2),
        (500, 500, 5, 0),
    ]
    assert [(p.route, p.amount_fen) for p in contract.payments.values()] == [("mother", 350), ("father", 900)]
    # By their bank too, since another bank may give its entries the same references.
    assert list(contract.payments) == [f"{BANK}/{reference}" for reference in old.account.contracts["c1"].payments]
    assert (old.account.buckets.prepaid, old.account.buckets.payout_in_flight) == (0, 1250)
    assert (moving.new.account.buckets.in_transit, moving.new.account.buckets.prepaid) == (1250, 1250)
    assert moving.new.account.buckets.cash == 0


def test_a_refund_at_the_new_institution_goes_back_to_who_paid_the_old_one() -> None:
    moving = closing(1000)
    moving.accept()
    received = moving.move()
    moving.bank_sends()
    moving.bank_receives(received.transfer_id, 1000)
    moving.new.do(c.RequestRefund, contract_id=received.contract_id)
    moving.new.do(c.AnswerRefund)
    [instructed] = [ev for ev in moving.new.history if isinstance(ev, e.RefundInstructed)]
    assert [(leg.route, leg.amount_fen) for leg in instructed.legs] == [("route-1", 1000)]


def test_money_in_transit_is_no_cash_and_pays_no_institution() -> None:
    moving = closing(1000)
    new = moving.new
    new.sign("own")
    new.pay("own", 1000)
    new.teach("l1", "own")
    assert free_for_payout(new.account, MONDAY).free_fen == 100
    moving.accept()
    received = moving.move()
    assert free_for_payout(new.account, MONDAY).free_fen == 0
    moving.bank_sends()
    [arrived] = moving.bank_receives(received.transfer_id, 1000)
    assert isinstance(arrived, e.ContinuityArrived)
    assert (new.account.buckets.in_transit, new.account.buckets.cash) == (0, 2000)
    assert free_for_payout(new.account, MONDAY).free_fen == 100


def test_a_receipt_of_another_amount_or_a_second_one_is_no_transfers_money() -> None:
    moving = closing(1000)
    moving.accept()
    received = moving.move()
    [held] = moving.bank_receives(received.transfer_id, 999)
    assert isinstance(held, e.DepositHeldInSuspense)
    [arrived] = moving.bank_receives(received.contract_id, 1000)
    assert isinstance(arrived, e.ContinuityArrived)
    [again] = moving.bank_receives(received.transfer_id, 1000)
    assert isinstance(again, e.DepositHeldInSuspense)


def test_a_transfer_that_bounces_is_still_owed_and_sent_again_once_by_the_clock() -> None:
    moving = closing(1000)
    moving.accept()
    received = moving.move()
    ids = moving.old.pending()
    [failed] = moving.bank_sends("rejected")
    assert isinstance(failed, e.TransferFailed)
    assert moving.old.account.buckets.payout_in_flight == 1000
    [again] = [ev for ev in moving.old.do(c.CloseDay) if isinstance(ev, e.TransferInstructed)]
    assert again.instruction_id not in ids
    moving.old.refuses("transfer_under_way", c.InstructTransfer, transfer_id=received.transfer_id)
    moving.bank_sends("rejected")
    assert moving.old.do(c.CloseDay) == []
    moving.old.do(c.InstructTransfer, transfer_id=received.transfer_id)
    moving.bank_sends()
    assert (moving.old.account.buckets.cash, moving.old.account.buckets.payout_in_flight) == (0, 0)
    moving.old.refuses("transfer_not_found", c.InstructTransfer, transfer_id=received.transfer_id)


def test_money_that_was_sent_and_came_back_is_still_owed_and_sent_again_once_by_the_clock() -> None:
    moving = closing(1000)
    moving.accept()
    received = moving.move()
    [first] = moving.old.pending()
    moving.bank_sends()
    before_fen = moving.money_fen
    [returned] = moving.old.settle(first, "returned", bank_reference="back-1")
    assert isinstance(returned, e.TransferReturned)
    assert (returned.transfer_id, returned.amount_fen, returned.reason) == (received.transfer_id, 1000, "by the bank")
    old = moving.old.account
    assert (old.buckets.cash, old.buckets.payout_in_flight, old.transfers_sent) == (1000, 1000, {})
    assert moving.money_fen == before_fen
    again: dict[str, Any] = {"instruction_id": first, "amount_fen": 1000, "bank_reference": "back-2"}
    moving.old.refuses("instruction_not_found", c.SettleInstruction, outcome="returned", **again)
    [instructed] = [ev for ev in moving.old.do(c.CloseDay) if isinstance(ev, e.TransferInstructed)]
    assert (instructed.amount_fen, instructed.instruction_id != first) == (1000, True)
    moving.bank_sends()
    moving.old.settle(instructed.instruction_id, "returned", bank_reference="back-3")
    assert moving.old.do(c.CloseDay) == [], "now people have to act"
    moving.old.do(c.InstructTransfer, transfer_id=received.transfer_id)
    moving.bank_sends()
    [arrived] = moving.bank_receives(received.transfer_id, 1000)
    assert isinstance(arrived, e.ContinuityArrived)
    assert (moving.old.account.buckets.cash, moving.new.account.buckets.cash) == (0, 1000)


def test_a_wind_down_does_not_end_while_a_transfer_that_came_back_is_owed() -> None:
    moving = Moving(1000)
    wind_down(moving.old)
    moving.accept()
    distribute(moving.old)
    moving.move()
    [first] = moving.old.pending()
    moving.bank_sends()
    moving.old.settle(first, "returned", bank_reference="back-1")
    moving.old.refuses("wind_down_unfinished", c.CloseWindDown)
    moving.old.do(c.CloseDay)
    moving.bank_sends()
    report = moving.old.one(e.WindDownClosed, c.CloseWindDown)
    assert (report.transferred_fen, report.lost_fen, report.institution_fen) == (1000, 0, 0)


def test_no_half_of_a_transfer_is_recorded_alone() -> None:
    moving = closing(1000)
    moving.accept()
    planned = moving.plan()
    moving.old.teach("l1", "c1")
    leave = msgspec.structs.asdict(planned.leave)
    moving.old.refuses("continuity_changed", c.TransferContinuity, **leave)
    moving.old.do(c.RevokeContinuity)
    moving.old.refuses("continuity_not_accepted", c.TransferContinuity, **leave)


def test_the_new_institution_takes_over_only_whom_it_offered_to() -> None:
    moving = closing(1000)
    moving.accept()
    take_over = msgspec.structs.asdict(moving.plan().take_over)
    new = moving.new
    new.refuses("continuity_not_offered", c.ReceiveContinuity, **(take_over | {"from_account_id": str(OTHER_ID)}))
    new.refuses("continuity_not_offered", c.ReceiveContinuity, **(take_over | {"offer_id": "offer-9"}))
    new.later(61)
    new.refuses("continuity_not_offered", c.ReceiveContinuity, **(take_over | {"effective_on": new.today}))
    new.do(c.StartWindDown)
    new.refuses("account_winding_down", c.ReceiveContinuity, **take_over)


def test_before_a_wind_down_nothing_moves_while_families_money_is_short() -> None:
    moving = closing(1000, 1000)
    seize(moving.old, 1)
    moving.accept()
    refusal = moving.old.refuses("continuity_not_covered", c.TransferContinuity, **LEAVE)
    assert refusal.figures == {"missing_fen": 1}
    moving.old.do(c.RestoreUnexplainedDebit, amount_fen=1)
    assert moving.move().amount_fen == 1000


def test_in_a_wind_down_a_family_takes_along_what_it_was_given_and_is_refunded_what_comes_later() -> None:
    moving = Moving(1000, 3000)
    seize(moving.old, 1000)
    wind_down(moving.old)
    moving.accept()
    moving.old.refuses("continuity_nothing", c.TransferContinuity, **LEAVE)
    distribute(moving.old)
    assert [moving.old.account.instructions[i].amount_fen for i in moving.old.pending()] == [2250]
    received = moving.move()
    assert received.amount_fen == 750
    contract = moving.new.account.contracts[received.contract_id]
    assert [(p.price_fen, p.paid_lessons) for p in contract.packages] == [(750, 10)]
    settle_all(moving.old)
    moving.old.do(c.RestoreUnexplainedDebit, amount_fen=1000)
    distribute(moving.old)
    settle_all(moving.old)
    assert paid(moving.old) == {"c1": 250, "c2": 3000}
    report = moving.old.one(e.WindDownClosed, c.CloseWindDown)
    assert (report.claims_fen, report.paid_fen, report.transferred_fen, report.lost_fen) == (4000, 3250, 750, 0)
    assert moving.old.account.buckets.cash == 0


def test_a_choice_before_the_claims_holds_the_refund_back_until_it_is_revoked() -> None:
    moving = closing(1000)
    moving.accept()
    wind_down(moving.old)
    distribute(moving.old)
    assert moving.old.pending() == []
    moving.old.refuses("wind_down_unfinished", c.CloseWindDown)
    moving.old.do(c.RevokeContinuity)
    work_through(moving.old)
    settle_all(moving.old)
    assert paid(moving.old) == {"c1": 1000}


def test_what_the_bank_has_already_cannot_move() -> None:
    moving = Moving(1000)
    wind_down(moving.old)
    distribute(moving.old)
    moving.old.refuses("continuity_too_late", c.AcceptContinuity, to_account_id=str(OTHER_ID))
    moving.old.settle(moving.old.pending()[0], "rejected")
    moving.accept()
    assert moving.move().amount_fen == 1000


def test_pending_lessons_and_open_refunds_are_decided_before_a_contract_moves() -> None:
    moving = Moving(old=under(confirmation="confirmed"))
    old = moving.old
    old.sign("c1")
    old.pay("c1", 1000)
    old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.accept()
    old.teach("l1", "c1")
    old.refuses("contract_lessons_open", c.TransferContinuity, **LEAVE)
    old.do(c.ConfirmLesson, lesson_id="l1", how="app")
    old.do(c.RequestRefund, contract_id="c1")
    old.refuses("contract_refund_open", c.TransferContinuity, **LEAVE)


def test_fees_that_the_old_institution_kept_are_none_of_the_new_ones() -> None:
    old = under(custody="risk_deposit")
    old.sign("c1")
    old.do(c.ReportKeptFee, contract_id="c1", amount_fen=1000, payer_route="route-1")
    old.do(
        c.PostDeposit, amount_fen=1000, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    moving = Moving(old=old)
    wind_down(old)
    moving.accept()
    distribute(old)
    received = moving.move()
    assert [(p.amount_fen, p.kept_fen) for p in received.payments] == [(1000, 0)]
    assert moving.new.account.buckets.held_by_institution == 0


def test_a_time_card_and_a_package_without_paid_lessons_left_keep_a_lesson_to_teach() -> None:
    moving = Moving(old=families())
    old = moving.old
    old.sign(
        "c1", e.Package(number=1, price_fen=900, paid_lessons=1, gift_lessons=2, list_price_fen=900, time_card=True)
    )
    old.pay("c1", 900)
    old.teach("l1", "c1")
    old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.accept()
    received = moving.move()
    [terms] = moving.new.account.contracts[received.contract_id].packages
    assert (terms.price_fen, terms.paid_lessons, terms.gift_lessons, terms.time_card) == (600, 2, 0, True)


def test_the_offer_and_the_account_are_named_in_both_halves() -> None:
    moving = closing(1000)
    moving.accept()
    leave, take_over = moving.plan()
    assert (leave.account_id, str(take_over.account_id)) == (ACCOUNT_ID, leave.to_account_id)
    assert take_over.from_account_id == str(ACCOUNT_ID)
    assert decide(moving.new.account, take_over, moving.new.context())[1].topic == "account.continuity_received"


def test_a_dual_controlled_transfer_waits_for_a_second_person() -> None:
    moving = Moving(old=under(payment_dual_control="all"))
    moving.old.sign("c1")
    moving.old.pay("c1", 1000)
    moving.old.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=30))
    moving.accept()
    moving.move()
    [event] = [ev for ev in moving.old.history if isinstance(ev, e.ContinuityTransferred)]
    assert (event.needs_approval, event.rules) == (True, ("closure.notice", "payment.dual_control"))
