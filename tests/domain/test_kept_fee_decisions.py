"""Risk-deposit mode (风险保证金): the institution keeps the fees, its deposit at the bank secures them."""

from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.scenario import Scenario, package, switch, under

DEPOSIT: dict[str, Any] = {"custody": "risk_deposit", "minimum_formula": "one_cycle"}


def names(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def keeping(fee_fen: int = 1_000, deposit_fen: int = 1_000) -> Scenario:
    """One family's fees with the institution, for 10 lessons, and a deposit."""
    scenario = under(**DEPOSIT)
    scenario.sign("c1", package(1, 1_000, 10))
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=fee_fen)
    if deposit_fen:
        scenario.pay("", deposit_fen, purpose="reserve")
    return scenario


def refunding(lessons: int = 0) -> Scenario:
    """The same after some lessons, with an agreed refund of the rest."""
    scenario = keeping()
    scenario.teach_many("c1", lessons)
    scenario.do(c.RequestRefund, contract_id="c1")
    assert names(scenario.do(c.AnswerRefund)) == ["RefundAgreed"]
    return scenario


def buckets(scenario: Scenario, *wanted: str) -> list[int]:
    return [getattr(scenario.account.buckets, name) for name in wanted]


def test_a_kept_fee_is_the_familys_and_lies_with_the_institution() -> None:
    scenario = under(**DEPOSIT)
    scenario.sign("c1", package(1, 1_000, 10), package(2, 500, 5))
    kept = scenario.one(e.FeeKeptByInstitution, c.ReportKeptFee, contract_id="c1", amount_fen=1_200)
    assert [(line.package, line.amount_fen) for line in kept.lines] == [(1, 1_000), (2, 200)]
    assert (kept.payment_reference, kept.rules) == ("kept/receipt-1", ("custody.mode",))
    assert buckets(scenario, "cash", "held_by_institution", "prepaid") == [0, 1_200, 1_200]
    assert scenario.account.buckets.exposure_fen == 1_200
    assert scenario.account.fees_received == {"2025-03": 1_200}


def test_a_kept_fee_that_cannot_be() -> None:
    scenario = keeping(400)
    scenario.refuses("kept_fee_exists", c.ReportKeptFee, contract_id="c1", amount_fen=1)
    scenario.refuses("contract_overpaid", c.ReportKeptFee, contract_id="c1", amount_fen=601, receipt_no="2")
    scenario.refuses("contract_not_found", c.ReportKeptFee, contract_id="c2", amount_fen=1, receipt_no="2")
    scenario.refuses("amount_not_positive", c.ReportKeptFee, contract_id="c1", amount_fen=0, receipt_no="2")
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=600, receipt_no="2")
    scenario.do(c.ListInstitution, listing="black")
    scenario.refuses("account_blacklisted", c.ReportKeptFee, contract_id="c1", amount_fen=1, receipt_no="3")
    switch(scenario)
    scenario.refuses("fee_not_kept", c.ReportKeptFee, contract_id="c1", amount_fen=1, receipt_no="3")


def test_lessons_are_paid_by_what_the_institution_has() -> None:
    scenario = keeping()
    events = scenario.teach("lesson-1", "c1")
    assert names(events) == ["LessonDelivered", "LessonDrawn", "KeptFeesConsumed"]
    assert buckets(scenario, "held_by_institution", "prepaid", "earned") == [900, 900, 0]
    assert free_for_payout(scenario.account, scenario.today).free_fen == 0


def test_a_corrected_lesson_is_owed_again_and_the_next_one_settles_it() -> None:
    scenario = keeping()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert buckets(scenario, "held_by_institution", "advance", "prepaid") == [900, 100, 1_000]
    scenario.teach_many("c1", 10)
    assert buckets(scenario, "held_by_institution", "advance", "prepaid", "earned") == [0, 0, 0, 0]


@pytest.mark.parametrize(("deposit_fen", "missing_fen"), [(999, 1), (1_000, 0), (1_001, 0)])
def test_the_deposit_is_at_least_one_charging_cycle(deposit_fen: int, missing_fen: int) -> None:
    scenario = keeping(deposit_fen=deposit_fen)
    events = scenario.do(c.CloseDay)
    held = events[0]
    assert isinstance(held, e.MinimumBalanceHeld)
    assert (held.amount_fen, held.rules) == (1_000, ("reserve.one_cycle",))
    demanded = [event.amount_fen for event in events if isinstance(event, e.TopUpDemanded)]
    assert demanded == ([missing_fen] if missing_fen else [])


def test_families_money_at_the_bank_is_no_deposit() -> None:
    scenario = keeping(deposit_fen=0)
    scenario.sign("c2", package(1, 5_000, 10))
    scenario.pay("c2", 5_000)
    demanded = scenario.do(c.CloseDay)[-1]
    assert isinstance(demanded, e.TopUpDemanded)
    assert demanded.amount_fen == 6_000


def test_the_institution_pays_the_refund_itself() -> None:
    scenario = refunding(lessons=4)
    assert scenario.pending() == []
    paid = scenario.one(e.RefundPaidByInstitution, c.RecordInstitutionRefund, amount_fen=200)
    assert [(line.payment_reference, line.amount_fen) for line in paid.lines] == [("kept/receipt-1", 200)]
    assert (paid.from_held_fen, paid.from_advance_fen, paid.to_earned_fen) == (200, 0, 0)
    assert buckets(scenario, "held_by_institution", "refund_payable", "cash") == [400, 400, 1_000]
    refusal = scenario.refuses("refund_not_with_institution", c.RecordInstitutionRefund, amount_fen=401)
    assert refusal.figures == {"refund_id": "refund-1", "amount_fen": 401, "kept_fen": 400}
    scenario.do(c.RecordInstitutionRefund, amount_fen=400)
    assert scenario.account.refunds["refund-1"].state == "paid"
    assert scenario.account.unpaid_refunds == {}
    assert buckets(scenario, "held_by_institution", "refund_payable", "prepaid") == [0, 0, 0]
    scenario.refuses("refund_not_found", c.RecordInstitutionRefund, amount_fen=1, refund_id="refund-2")


def test_the_regulator_has_the_deposit_pay_it() -> None:
    scenario = refunding(lessons=4)
    drawn, instructed = scenario.do(c.DrawReserve, amount_fen=600)
    assert isinstance(drawn, e.ReserveDrawn)
    assert isinstance(instructed, e.RefundInstructed)
    assert buckets(scenario, "held_by_institution", "reserve", "refund_payable") == [0, 400, 600]
    scenario.settle(scenario.pending()[0])
    assert buckets(scenario, "cash", "reserve", "refund_payable") == [400, 400, 0]
    assert scenario.account.refunds["refund-1"].state == "paid"
    demanded = scenario.do(c.CloseDay)[-1]
    assert isinstance(demanded, e.TopUpDemanded)
    assert demanded.amount_fen == 600


def test_part_from_each() -> None:
    scenario = refunding()
    scenario.do(c.RecordInstitutionRefund, amount_fen=300)
    scenario.do(c.DrawReserve, amount_fen=200)
    refusal = scenario.refuses("refund_not_with_institution", c.DrawReserve, amount_fen=501)
    assert refusal.figures["kept_fen"] == 500
    scenario.settle(scenario.pending()[0])
    scenario.do(c.RecordInstitutionRefund, amount_fen=500)
    assert scenario.account.refunds["refund-1"].state == "paid"
    assert buckets(scenario, "held_by_institution", "reserve", "cash") == [0, 800, 800]


def test_a_leg_out_of_the_deposit_that_bounces_is_sent_again() -> None:
    scenario = refunding()
    scenario.do(c.DrawReserve, amount_fen=400)
    scenario.settle(scenario.pending()[0], "rejected")
    again = [event for event in scenario.do(c.CloseDay) if isinstance(event, e.RefundInstructed)]
    assert [leg.amount_fen for event in again for leg in event.legs] == [400]


def test_the_deposit_pays_no_more_than_it_has() -> None:
    scenario = refunding()
    scenario.do(c.ReleaseReserve, amount_fen=500)
    scenario.refuses("reserve_too_small", c.DrawReserve, amount_fen=501)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=501)
    scenario.refuses("cash_short", c.DrawReserve, amount_fen=500)
    scenario.refuses("amount_not_positive", c.DrawReserve, amount_fen=0)


def test_a_refund_of_two_payments_goes_back_where_each_lies_newest_first() -> None:
    scenario = under(**DEPOSIT)
    scenario.sign("c1", package(1, 1_000, 10))
    scenario.pay("c1", 500)
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=500)
    scenario.teach_many("c1", 4)
    scenario.do(c.RequestRefund, contract_id="c1")
    instructed = scenario.do(c.AnswerRefund)[-1]
    assert isinstance(instructed, e.RefundInstructed)
    assert [leg.amount_fen for leg in instructed.legs] == [100]
    scenario.refuses("refund_not_with_institution", c.RecordInstitutionRefund, amount_fen=501)
    paid = scenario.one(e.RefundPaidByInstitution, c.RecordInstitutionRefund, amount_fen=500)
    assert (paid.from_held_fen, paid.to_earned_fen) == (100, 400)


def test_a_released_deposit_is_payable_only_beyond_what_families_are_owed() -> None:
    scenario = keeping(deposit_fen=1_500)
    scenario.do(c.CloseDay)
    scenario.do(c.ReleaseReserve, amount_fen=500)
    assert buckets(scenario, "held_by_institution", "reserve", "earned") == [1_000, 1_000, 500]
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=501)
    scenario.do(c.RequestPayout, amount_fen=500)


def test_a_deposit_below_one_cycle_stops_payouts() -> None:
    scenario = keeping(deposit_fen=1_500)
    scenario.do(c.CloseDay)
    scenario.sign("c2", package(1, 600, 6))
    scenario.pay("c2", 600)
    scenario.do(c.CloseDay)
    scenario.do(c.ReleaseReserve, amount_fen=1_500)
    assert free_for_payout(scenario.account, scenario.today).free_fen == 500
    refusal = scenario.refuses("top_up_missing", c.RequestPayout, amount_fen=1)
    assert refusal.figures == {"missing_fen": 1_600}


def test_no_advance_out_of_fees_that_the_institution_has() -> None:
    scenario = keeping(deposit_fen=5_000)
    switch(scenario, **DEPOSIT, advance_share_bp=10_000)
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=1)


def test_back_to_bank_custody_kept_fees_run_off_and_new_ones_lie_at_the_bank() -> None:
    scenario = keeping(deposit_fen=0)
    scenario.sign("c2", package(1, 1_000, 10))
    scenario.teach("lesson-1", "c1")
    switch(scenario)
    scenario.pay("c2", 1_000)
    assert buckets(scenario, "cash", "held_by_institution", "prepaid") == [1_000, 900, 1_900]
    scenario.teach("lesson-2", "c1", "c2")
    assert buckets(scenario, "cash", "held_by_institution", "prepaid", "earned") == [1_000, 700, 1_700, 0]
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    for number in range(3, 11):
        scenario.teach(f"lesson-{number}", "c1", "c2")
    scenario.teach("last", "c2")
    assert buckets(scenario, "cash", "held_by_institution", "prepaid", "earned") == [1_000, 0, 0, 1_000]
    scenario.do(c.RequestPayout, amount_fen=1_000)


def test_into_risk_deposit_mode_fees_at_the_bank_stay_there() -> None:
    scenario = under()
    scenario.sign("c1", package(1, 1_000, 10))
    scenario.pay("c1", 600)
    switch(scenario, **DEPOSIT)
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=400)
    scenario.do(c.RequestRefund, contract_id="c1")
    instructed = scenario.do(c.AnswerRefund)[-1]
    assert isinstance(instructed, e.RefundInstructed)
    assert [leg.amount_fen for leg in instructed.legs] == [600]
