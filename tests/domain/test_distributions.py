"""Distributions: what there is, shared among claims, sent, bounced, sent again, and reported to the fen."""

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.decisions.claims import PAGE
from tests.domain.scenario import under
from tests.domain.winding_down import (
    allocated,
    claims,
    distribute,
    families,
    paid,
    seize,
    settle_all,
    wind_down,
    work_through,
)


def test_short_cash_is_shared_pro_rata_and_more_money_later_again() -> None:
    scenario = families(1000, 2000, 3000)
    seize(scenario, 2000)
    wind_down(scenario)
    opened, *_ = distribute(scenario)
    assert isinstance(opened, e.DistributionOpened)
    assert (opened.number, opened.amount_fen, opened.claims_fen, opened.claims) == (1, 4000, 6000, 3)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 667, "c2": 1333, "c3": 2000}
    refusal = scenario.refuses("distribution_nothing", c.DistributeClaims)
    assert refusal.figures == {"available_fen": 0, "uncovered_fen": 2000}
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=700)
    scenario.do(
        c.PostDeposit, amount_fen=300, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    assert sum(allocated(distribute(scenario)).values()) == 1000
    settle_all(scenario)
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1300)
    distribute(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000, "c2": 2000, "c3": 3000}
    assert scenario.account.buckets.cash == 300


def test_what_the_institution_owns_in_the_account_stands_in_for_families() -> None:
    scenario = families(1000, 1000)
    scenario.teach("l1", "c1", "c2")
    scenario.do(
        c.PostDeposit, amount_fen=500, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    seize(scenario, 600)
    wind_down(scenario)
    distribute(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 900, "c2": 900}
    report = scenario.one(e.WindDownClosed, c.CloseWindDown)
    assert (report.claims_fen, report.paid_fen, report.lost_fen, report.institution_fen) == (1800, 1800, 0, 100)
    scenario.refuses("wind_down_closed", c.CloseWindDown)
    scenario.do(c.ReleaseReserve, amount_fen=500)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=101)
    scenario.do(c.RequestPayout, amount_fen=100)
    scenario.settle("payout-1")
    assert scenario.account.buckets.cash == 0


def test_fees_that_the_institution_kept_are_paid_out_of_the_deposit() -> None:
    scenario = under(custody="risk_deposit")
    scenario.sign("c1")
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=1000, payer_route="route-1")
    scenario.do(
        c.PostDeposit, amount_fen=600, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    wind_down(scenario)
    [page] = [ev for ev in distribute(scenario) if isinstance(ev, e.ClaimAllocated)]
    assert (page.from_reserve_fen, [part.amount_fen for part in page.lines[0].kept]) == (600, [600])
    settle_all(scenario)
    assert paid(scenario) == {"c1": 600}
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.reserve, buckets.held_by_institution, buckets.refund_payable) == (0, 0, 400, 400)
    scenario.do(c.RecordInstitutionRefund, refund_id="c1.wind-down", amount_fen=400)
    assert scenario.one(e.WindDownClosed, c.CloseWindDown).lost_fen == 0


def test_the_institution_may_pay_in_the_middle_of_a_distribution_and_nobody_gets_more_than_all() -> None:
    scenario = under(custody="risk_deposit")
    scenario.sign("c1")
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=1000, payer_route="route-1")
    scenario.do(
        c.PostDeposit, amount_fen=900, purpose="reserve", contract_reference="", bank_reference="r", suspense_id="s"
    )
    wind_down(scenario)
    scenario.do(c.DistributeClaims)
    scenario.do(c.RecordInstitutionRefund, refund_id="c1.wind-down", amount_fen=400)
    assert allocated(work_through(scenario)) == {"c1": 600}
    settle_all(scenario)
    assert scenario.account.refunds["c1.wind-down"].paid_fen == 1000


def test_a_payment_after_the_start_goes_to_suspense_and_back() -> None:
    scenario = families(1000)
    scenario.sign("c2")
    scenario.do(c.StartWindDown)
    held, back = scenario.pay("c2", 500, payer_route="late-route")
    assert isinstance(held, e.DepositHeldInSuspense)
    assert isinstance(back, e.SuspenseReturnInstructed)
    assert (held.reason, back.route, back.amount_fen) == ("wind_down", "late-route", 500)
    scenario.refuses(
        "suspense_return_pending", c.MatchSuspense, suspense_id=held.suspense_id, contract_id="c2", amount_fen=500
    )
    scenario.settle(back.instruction_id, "rejected")
    scenario.refuses(
        "account_winding_down", c.MatchSuspense, suspense_id=held.suspense_id, contract_id="c2", amount_fen=500
    )
    scenario.do(c.ReturnSuspense, suspense_id=held.suspense_id, instruction_id="again")
    scenario.settle("again")
    assert scenario.account.suspense == {}
    refused = {"bank_reference": "e-2", "suspense_id": "twice", "amount_fen": 5, "contract_reference": "c2"}
    scenario.do(c.PostDeposit, **refused)
    scenario.refuses("suspense_exists", c.PostDeposit, **(refused | {"bank_reference": "e-3"}))


def test_a_payment_whose_payer_is_unknown_waits_in_suspense() -> None:
    scenario = families(1000)
    scenario.do(c.StartWindDown)
    [held] = scenario.pay("c1", 500, payer_route="")
    assert isinstance(held, e.DepositHeldInSuspense)


def test_a_receipt_from_before_that_turns_out_to_be_a_familys_is_claimed_too() -> None:
    scenario = families(1000)
    scenario.sign("c2")
    scenario.pay("nobody", 600, payer_route="route-2")
    wind_down(scenario)
    distribute(scenario)
    [suspense_id] = scenario.account.suspense
    scenario.do(c.MatchSuspense, suspense_id=suspense_id, contract_id="c2", amount_fen=600)
    assert claims(work_through(scenario)) == {"c2": 600}
    distribute(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000, "c2": 600}


def test_a_bounced_refund_is_instructed_again_once_with_a_new_end_to_end_id() -> None:
    scenario = families(1000)
    wind_down(scenario)
    distribute(scenario)
    ids: list[str] = []
    for _ in range(2):
        [instruction_id] = scenario.pending()
        ids.append(instruction_id)
        scenario.settle(instruction_id, "rejected")
        work_through(scenario)
    assert scenario.pending() == []
    legs = [leg for ev in scenario.history if isinstance(ev, e.RefundInstructed) for leg in ev.legs]
    assert [leg.instruction_id for leg in legs] == ids
    assert len({leg.end_to_end_id for leg in legs}) == 2
    refusal = scenario.refuses("wind_down_unfinished", c.CloseWindDown)
    assert refusal.figures["waiting_fen"] == 1000
    report = scenario.one(e.WindDownClosed, c.CloseWindDown, reason="the payer's account is closed")
    assert (report.claims_fen, report.paid_fen, report.held_fen, report.lost_fen) == (1000, 0, 1000, 0)
    assert report.institution_fen == 0
    scenario.do(c.InstructRefund, refund_id="c1.wind-down")
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000}


def test_a_refund_that_comes_back_after_the_money_was_shared_costs_nobody_else() -> None:
    scenario = families(1000, 1000)
    seize(scenario, 1000)
    wind_down(scenario)
    distribute(scenario)
    first, second = scenario.pending()
    scenario.settle(first, bank_reference="paid-1")
    scenario.settle(first, "returned", bank_reference="back-1")
    scenario.settle(second, bank_reference="paid-2")
    work_through(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 500, "c2": 500}


def test_a_refund_paid_before_the_start_that_comes_back_is_claimed_and_sent_again() -> None:
    scenario = families(1000, 1000)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    [leg] = scenario.pending()
    scenario.settle(leg, bank_reference="paid-1")
    seize(scenario, 500)
    wind_down(scenario)
    distribute(scenario)
    scenario.settle(leg, "returned", bank_reference="back-1")
    assert claims(work_through(scenario)) == {"c1": 1000}
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000, "c2": 500}
    assert scenario.one(e.WindDownClosed, c.CloseWindDown).lost_fen == 500


def test_money_at_the_bank_for_the_institution_is_not_shared_before_the_bank_speaks() -> None:
    scenario = families(1000)
    scenario.teach("l1", "c1")
    scenario.do(c.RequestPayout, amount_fen=100)
    seize(scenario, 100)
    wind_down(scenario)
    assert allocated(distribute(scenario)) == {"c1": 800}
    settle_ids = scenario.pending()
    scenario.settle("payout-1", "rejected")
    assert allocated(distribute(scenario)) == {"c1": 100}
    assert "payout-1" in settle_ids


def test_a_large_family_set_is_worked_on_page_by_page() -> None:
    count = PAGE + 1
    scenario = families(*[100] * count)
    seize(scenario, 50 * count)
    scenario.do(c.StartWindDown)
    for size in (PAGE, 1):
        events = scenario.do(c.ContinueWindDown)
        assert [len(ev.claims) for ev in events if isinstance(ev, e.ClaimRecorded)] == [size]
        if size == PAGE:
            scenario.refuses("wind_down_unsettled", c.DistributeClaims)
            scenario.refuses("wind_down_unsettled", c.CloseWindDown)
    scenario.do(c.DistributeClaims)
    scenario.refuses("wind_down_unsettled", c.DistributeClaims)
    for size in (PAGE, 1):
        events = scenario.do(c.ContinueWindDown)
        assert [len(ev.lines) for ev in events if isinstance(ev, e.ClaimAllocated)] == [size]
    assert scenario.do(c.ContinueWindDown) == []
    settle_all(scenario)
    assert set(paid(scenario).values()) == {50}


def test_the_daily_close_leaves_a_wind_down_its_own_pace_and_lets_nothing_lapse() -> None:
    scenario = families(1000, 1000)
    seize(scenario, 500)
    scenario.do(c.StartWindDown)
    assert scenario.do(c.CloseDay) == []
    assert claims(scenario.do(c.ContinueWindDown)) == {"c1": 1000, "c2": 1000}
    assert scenario.do(c.CloseDay) == []
    distribute(scenario)
    settle_all(scenario)
    later = scenario.later(60).do(c.CloseDay)
    assert [type(ev).__name__ for ev in later] == []


def test_what_a_seizure_takes_after_the_money_was_given_is_sent_when_it_is_back() -> None:
    scenario = families(1000)
    wind_down(scenario)
    distribute(scenario)
    scenario.settle(scenario.pending()[0], "rejected")
    seize(scenario, 400)
    assert work_through(scenario) == []
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=400)
    work_through(scenario)
    settle_all(scenario)
    assert paid(scenario) == {"c1": 1000}


def test_money_that_comes_after_the_report_opens_the_wind_down_again() -> None:
    scenario = families(1000)
    seize(scenario, 400)
    wind_down(scenario)
    distribute(scenario)
    settle_all(scenario)
    assert scenario.one(e.WindDownClosed, c.CloseWindDown).lost_fen == 400
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=400)
    distribute(scenario)
    scenario.refuses("wind_down_unfinished", c.CloseWindDown)
    settle_all(scenario)
    report = scenario.one(e.WindDownClosed, c.CloseWindDown)
    assert (report.paid_fen, report.lost_fen, report.distributions) == (1000, 0, 2)


@pytest.mark.parametrize("seized_fen", [0, 1, 2999, 3000])
def test_claims_are_paid_or_lost_to_the_fen(seized_fen: int) -> None:
    scenario = families(1000, 2000)
    if seized_fen:
        seize(scenario, seized_fen)
    wind_down(scenario)
    if seized_fen < 3000:
        distribute(scenario)
        settle_all(scenario)
    report = scenario.one(e.WindDownClosed, c.CloseWindDown)
    assert (report.claims_fen, report.paid_fen, report.lost_fen) == (3000, 3000 - seized_fen, seized_fen)
