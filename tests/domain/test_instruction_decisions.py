"""Decisions about payouts and the bank's word on instructions."""

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.money import MAX_FEN
from tests.domain.scenario import Scenario, package, paid_contract


def payout_pending() -> Scenario:
    scenario = paid_contract()
    scenario.teach_many("c1", 3)
    scenario.do(c.RequestPayout, amount_fen=200)
    return scenario


def refund_pending() -> tuple[Scenario, str]:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.pending()
    return scenario, leg


def suspense_return_pending() -> Scenario:
    scenario = Scenario()
    scenario.pay("", 70)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-1")
    return scenario


def test_a_payout_takes_what_is_free_and_not_a_fen_more() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 3)
    refusal = scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=301)
    assert refusal.figures == {"amount_fen": 301, "free_fen": 300}
    scenario.refuses("amount_not_positive", c.RequestPayout, amount_fen=0)
    scenario.refuses("amount_too_large", c.RequestPayout, amount_fen=MAX_FEN + 1)
    scenario.do(c.RequestPayout, amount_fen=299)
    scenario.do(c.RequestPayout, amount_fen=1, instruction_id="payout-2")
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1, instruction_id="payout-3")
    assert scenario.account.buckets.payout_in_flight == 300


def test_an_instruction_never_takes_the_place_of_another() -> None:
    scenario = payout_pending()
    scenario.refuses("instruction_exists", c.RequestPayout, amount_fen=1)
    scenario.pay("", 70)
    said = {"suspense_id": "suspense-2", "instruction_id": "payout-1"}
    assert scenario.refuses("instruction_exists", c.ReturnSuspense, **said).figures == {"instruction_id": "payout-1"}
    scenario.settle("payout-1", "rejected")
    scenario.do(c.ReturnSuspense, **said)


def test_a_settled_payout_leaves_the_account() -> None:
    scenario = payout_pending()
    [event] = scenario.settle("payout-1")
    assert isinstance(event, e.PayoutSettled)
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.payout_in_flight, buckets.earned) == (800, 0, 100)
    scenario.refuses(
        "instruction_not_found", c.SettleInstruction, instruction_id="payout-1", outcome="settled", amount_fen=200
    )


def test_a_rejected_payout_is_earned_again() -> None:
    scenario = payout_pending()
    [event] = scenario.settle("payout-1", "rejected")
    assert isinstance(event, e.PayoutFailed)
    assert (scenario.account.buckets.cash, scenario.account.buckets.earned) == (1000, 300)


def test_a_rejected_payout_recoups_an_advance_that_arose_meanwhile() -> None:
    scenario = payout_pending()
    for lesson in ("lesson-1", "lesson-2"):
        scenario.do(c.CorrectLesson, lesson_id=lesson, contracts=("c1",))
    assert (scenario.account.buckets.advance, scenario.account.buckets.earned) == (100, 0)
    events = scenario.settle("payout-1", "rejected")
    assert [event.amount_fen for event in events if isinstance(event, e.AdvanceRecouped)] == [100]
    assert (scenario.account.buckets.advance, scenario.account.buckets.earned) == (0, 100)


def test_only_the_custodian_speaks_about_instructions_and_names_their_amount() -> None:
    scenario = payout_pending()
    said = {"instruction_id": "payout-1", "outcome": "settled"}
    scenario.refuses("bank_mismatch", c.SettleInstruction, bank="CCB", amount_fen=200, **said)
    for amount_fen in (199, 201):
        scenario.refuses("instruction_amount_differs", c.SettleInstruction, amount_fen=amount_fen, **said)
    scenario.refuses(
        "instruction_not_found", c.SettleInstruction, instruction_id="payout-9", outcome="settled", amount_fen=200
    )


def test_what_waits_cannot_have_come_back() -> None:
    for scenario, instruction_id, amount_fen in [
        (payout_pending(), "payout-1", 200),
        (*refund_pending(), 1000),
        (suspense_return_pending(), "back-1", 70),
    ]:
        refusal = scenario.refuses(
            "instruction_outcome_wrong",
            c.SettleInstruction,
            instruction_id=instruction_id,
            outcome="returned",
            amount_fen=amount_fen,
        )
        assert refusal.figures["state"] == "pending"


@pytest.mark.parametrize("outcome", ["settled", "rejected"])
def test_a_paid_refund_can_only_come_back(outcome: str) -> None:
    scenario, leg = refund_pending()
    scenario.settle(leg)
    said = {"instruction_id": leg, "amount_fen": 1000}
    scenario.refuses("instruction_outcome_wrong", c.SettleInstruction, outcome=outcome, **said)
    [event] = scenario.settle(leg, "returned")
    assert isinstance(event, e.RefundReturned)
    assert (event.bank_reference, event.refund_id, event.amount_fen) == ("settled-1", "refund-1", 1000)
    assert (scenario.account.buckets.cash, scenario.account.buckets.refund_payable) == (1000, 1000)
    scenario.refuses("instruction_not_found", c.SettleInstruction, outcome="returned", **said)


def test_a_refused_refund_stays_payable_and_its_route_is_open_again() -> None:
    scenario, leg = refund_pending()
    [event] = scenario.settle(leg, "rejected")
    assert isinstance(event, e.RefundRejected)
    assert scenario.account.buckets.refund_payable == 1000
    [again] = scenario.do(c.InstructRefund)
    assert isinstance(again, e.RefundInstructed)
    assert [part.amount_fen for part in again.legs] == [1000]
    assert again.legs[0].instruction_id != leg
    assert again.legs[0].end_to_end_id


def test_a_settlement_that_the_cash_cannot_have_paid_is_refused() -> None:
    scenario = payout_pending()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=801)
    refusal = scenario.refuses(
        "debit_above_cash", c.SettleInstruction, instruction_id="payout-1", outcome="settled", amount_fen=200
    )
    assert refusal.figures == {"cash_fen": 199, "amount_fen": 200}
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    scenario.settle("payout-1")
    assert scenario.account.buckets.cash == 0


def test_a_return_of_suspense_leaves_or_stays() -> None:
    scenario = suspense_return_pending()
    [failed] = scenario.settle("back-1", "rejected")
    assert isinstance(failed, e.SuspenseReturnFailed)
    assert (scenario.account.buckets.suspense, scenario.account.instructions) == (70, {})
    scenario.do(c.ReturnSuspense, suspense_id="suspense-1", instruction_id="back-2")
    [returned] = scenario.settle("back-2")
    assert isinstance(returned, e.SuspenseReturned)
    assert (scenario.account.buckets.cash, scenario.account.suspense) == (0, {})


def test_end_to_end_ids_fit_the_message_and_differ() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 300, 3))
    for _ in range(3):
        scenario.pay("c1", 100)
    scenario.do(c.RequestRefund, contract_id="c1")
    legs = [leg for event in scenario.do(c.AnswerRefund) if isinstance(event, e.RefundInstructed) for leg in event.legs]
    assert len({leg.end_to_end_id for leg in legs}) == len({leg.instruction_id for leg in legs}) == 3
    assert {len(leg.end_to_end_id) for leg in legs} == {32}
