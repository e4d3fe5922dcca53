"""Cost advances: what counts, how much may be outstanding, what is never lent, and how lessons pay it back."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.cost_advance import CostAdvance, cost_advance
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.reconciliation.findings import Difference
from tests.domain.scenario import MONDAY, POLICIES, Scenario, package, switch, under

SHARE: dict[str, Any] = {"advance_share_bp": 2_000}


def lending(price_fen: int = 1_000, **terms: Any) -> Scenario:
    """One family's fees, paid for 10 lessons, under a policy that advances 20 %."""
    scenario = under(**(SHARE | terms))
    scenario.sign("c1", package(1, price_fen, 10))
    scenario.pay("c1", price_fen)
    return scenario


def terms(scenario: Scenario) -> CostAdvance:
    """What may be advanced today."""
    policy = scenario.policies.of("own", scenario.today)
    return cost_advance(scenario.account, policy, scenario.today)


def lent(amount_fen: int = 200, **said: Any) -> Scenario:
    """An advance that the bank has paid."""
    scenario = lending(**said)
    scenario.do(c.RequestAdvance, amount_fen=amount_fen)
    scenario.settle("advance-1")
    return scenario


def buckets(scenario: Scenario, *names: str) -> list[int]:
    return [getattr(scenario.account.buckets, name) for name in names]


@pytest.mark.parametrize(("amount_fen", "is_refused"), [(199, False), (200, False), (201, True)])
def test_up_to_a_share_of_unconsumed_fees(amount_fen: int, is_refused: bool) -> None:
    scenario = lending()
    if is_refused:
        refusal = scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=amount_fen)
        assert refusal.figures == {"amount_fen": 201, "outstanding_fen": 0, "limit_fen": 200}
        return
    approved, instructed = scenario.do(c.RequestAdvance, amount_fen=amount_fen)
    assert isinstance(approved, e.AdvanceApproved)
    assert isinstance(instructed, e.AdvanceInstructed)
    assert (approved.eligible_fen, approved.share_bp, approved.limit_fen, approved.outstanding_fen) == (
        1_000,
        2_000,
        200,
        0,
    )
    assert (approved.rules, instructed.rules) == (("advance.share",), ("advance.share",))
    assert instructed.amount_fen == amount_fen


@pytest.mark.parametrize(("cap_fen", "limit_fen"), [(0, 200), (199, 199), (200, 200), (201, 200)])
def test_and_at_most_the_cap(cap_fen: int, limit_fen: int) -> None:
    scenario = lending(advance_cap_fen=cap_fen)
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=limit_fen + 1)
    scenario.do(c.RequestAdvance, amount_fen=limit_fen)


def test_the_share_is_rounded_down() -> None:
    assert terms(lending(1_004)).limit_fen == 200
    assert terms(lending(1_005)).limit_fen == 201


def test_the_limit_is_for_all_that_is_outstanding() -> None:
    scenario = lent(150)
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=51, instruction_id="advance-2")
    scenario.do(c.RequestAdvance, amount_fen=50, instruction_id="advance-2")
    assert terms(scenario).available_fen == 0


def test_an_advance_counts_as_exposure_from_its_instruction_on_and_leaves_the_cash_when_paid() -> None:
    scenario = lending()
    scenario.do(c.RequestAdvance, amount_fen=200)
    assert buckets(scenario, "cash", "advance", "payout_in_flight") == [1_000, 200, 200]
    assert scenario.account.buckets.exposure_fen == 200
    paid = scenario.settle("advance-1")
    assert isinstance(paid[0], e.AdvancePaid)
    assert buckets(scenario, "cash", "advance", "payout_in_flight") == [800, 200, 0]
    assert scenario.account.buckets.loss_if_closed_today_fen == 200
    scenario.refuses(
        "instruction_not_found", c.SettleInstruction, instruction_id="advance-1", amount_fen=200, outcome="settled"
    )


def test_an_advance_that_the_bank_refuses_is_no_advance() -> None:
    scenario = lending()
    scenario.do(c.RequestAdvance, amount_fen=200)
    [failed] = scenario.settle("advance-1", "rejected")
    assert isinstance(failed, e.AdvanceFailed)
    assert failed.recouped_fen == 0
    assert buckets(scenario, "cash", "advance", "payout_in_flight", "earned") == [1_000, 0, 0, 0]
    assert terms(scenario).available_fen == 200


def test_what_lessons_recouped_of_a_refused_advance_is_earned_again() -> None:
    scenario = lending()
    scenario.do(c.RequestAdvance, amount_fen=200)
    scenario.teach("lesson-1", "c1")
    assert buckets(scenario, "advance", "earned") == [100, 0]
    [failed] = scenario.settle("advance-1", "rejected")
    assert isinstance(failed, e.AdvanceFailed)
    assert failed.recouped_fen == 100
    assert buckets(scenario, "cash", "advance", "payout_in_flight", "earned") == [1_000, 0, 0, 100]


def test_lessons_recoup_the_advance_before_anything_is_paid_out() -> None:
    scenario = lent()
    scenario.teach_many("c1", 2)
    assert buckets(scenario, "advance", "earned") == [0, 0]
    assert free_for_payout(scenario.account, scenario.today).free_fen == 0
    scenario.teach("lesson-3", "c1")
    assert free_for_payout(scenario.account, scenario.today).free_fen == 100
    scenario.do(c.RequestPayout, amount_fen=100)


def test_lessons_earned_and_not_paid_out_recoup_an_advance_at_once() -> None:
    scenario = lending(holding_days=5)
    scenario.teach("lesson-1", "c1")
    events = scenario.do(c.RequestAdvance, amount_fen=180)
    assert isinstance(events[-1], e.AdvanceRecouped)
    assert buckets(scenario, "advance", "earned") == [80, 0]
    [failed] = scenario.settle("advance-1", "rejected")
    assert isinstance(failed, e.AdvanceFailed)
    assert buckets(scenario, "advance", "earned") == [0, 100]


def test_fees_of_a_contract_that_does_not_run_do_not_count() -> None:
    scenario = under(**SHARE)
    days = timedelta(days=1)
    for contract_id, starts_on, ends_on in (
        ("over", MONDAY - 9 * days, MONDAY - days),
        ("ends-today", MONDAY - 9 * days, MONDAY),
        ("begins-today", MONDAY, MONDAY + 9 * days),
        ("tomorrow", MONDAY + days, MONDAY + 9 * days),
    ):
        scenario.sign(contract_id, starts_on=starts_on, ends_on=ends_on)
        scenario.pay(contract_id, 1_000)
    assert terms(scenario).eligible_fen == 2_000


def test_fees_of_a_contract_with_an_open_refund_do_not_count() -> None:
    scenario = lending()
    scenario.do(c.RequestRefund, contract_id="c1")
    assert terms(scenario).eligible_fen == 0
    scenario.do(c.WithdrawRefund)
    assert terms(scenario).eligible_fen == 1_000


def test_a_disputed_lesson_does_not_count_and_the_rest_does() -> None:
    scenario = lending(confirmation="confirmed")
    scenario.teach("lesson-1", "c1")
    assert terms(scenario).eligible_fen == 1_000
    scenario.do(c.DisputeLesson, lesson_id="lesson-1", contract_id="c1", reason="not taught")
    assert terms(scenario).eligible_fen == 900


def test_unpaid_and_consumed_fees_do_not_count() -> None:
    scenario = lending()
    scenario.sign("c2", package(1, 1_000, 10))
    scenario.pay("c2", 300)
    scenario.teach("lesson-1", "c1")
    assert terms(scenario).eligible_fen == 900 + 300


@pytest.mark.parametrize("minimum_fen", [800, 801])
def test_an_advance_never_leaves_less_than_the_minimum_balance(minimum_fen: int) -> None:
    scenario = lending()
    scenario.do(c.SetMinimumBalance, amount_fen=minimum_fen)
    safe_fen = 1_000 - minimum_fen
    scenario.do(c.RequestAdvance, amount_fen=safe_fen)
    if safe_fen < 200:
        scenario.refuses("advance_not_safe", c.RequestAdvance, amount_fen=1, instruction_id="advance-2")


def test_agreed_refunds_and_receipts_of_unknown_owners_are_never_lent() -> None:
    scenario = lending(advance_share_bp=10_000)
    scenario.sign("c2", package(1, 600, 6))
    scenario.pay("c2", 600)
    scenario.do(c.RequestRefund, contract_id="c2")
    scenario.do(c.AnswerRefund)
    scenario.pay("", 50)
    scenario.do(c.RequestAdvance, amount_fen=1_000)
    assert terms(scenario).safe_fen == 0
    scenario.settle("advance-1")
    scenario.settle(scenario.pending()[0])
    assert scenario.account.buckets.cash == 50


def test_nothing_is_lent_while_families_money_is_short() -> None:
    scenario = lending()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    refusal = scenario.refuses("advance_not_safe", c.RequestAdvance, amount_fen=1)
    assert refusal.figures == {"amount_fen": 1, "safe_fen": 0}
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    scenario.do(c.RequestAdvance, amount_fen=1)


def test_money_that_left_is_missing_to_the_institution_and_not_to_families() -> None:
    """Of the 100 that lessons earned 99 are there: as an advance, which earnings recoup at once, no more may go."""
    scenario = lending()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    assert free_for_payout(scenario.account, scenario.today).free_fen == 99
    refusal = scenario.refuses("advance_not_safe", c.RequestAdvance, amount_fen=100)
    assert refusal.figures == {"amount_fen": 100, "safe_fen": 99}
    scenario.do(c.RequestAdvance, amount_fen=99)
    b = scenario.account.buckets
    assert (b.cash - b.payout_in_flight, b.prepaid, b.earned, b.advance) == (900, 900, 1, 0)


def test_what_the_bank_does_not_have_is_not_lent() -> None:
    scenario = lending()
    gone = Difference(kind="seizure", subject="X1", since_on=MONDAY, difference_fen=-1, bank_fen=-1, short_fen=1)
    scenario.do(c.ReconcileAccount, seen_version=scenario.account.version, differences=(gone,))
    refusal = scenario.refuses("advance_not_safe", c.RequestAdvance, amount_fen=1)
    assert refusal.figures == {"amount_fen": 1, "safe_fen": 0}
    scenario.do(c.ReconcileAccount, seen_version=scenario.account.version, differences=())
    scenario.do(c.RequestAdvance, amount_fen=1)


def test_no_advance_while_a_top_up_is_missing() -> None:
    scenario = lending()
    scenario.do(c.SetMinimumBalance, amount_fen=1_001)
    scenario.refuses("advance_not_safe", c.RequestAdvance, amount_fen=1)


def test_what_else_stops_an_advance() -> None:
    scenario = lending()
    scenario.refuses("amount_not_positive", c.RequestAdvance, amount_fen=0)
    scenario.do(c.FreezeAccount, scope="payouts")
    scenario.refuses("account_frozen", c.RequestAdvance, amount_fen=1)
    scenario.do(c.UnfreezeAccount, scope="payouts")
    scenario.do(c.SuspendAccount)
    scenario.refuses("account_suspended", c.RequestAdvance, amount_fen=1)
    scenario.do(c.ResumeAccount)
    scenario.do(c.HoldFunds, amount_fen=1)
    scenario.refuses("advance_funds_held", c.RequestAdvance, amount_fen=1)
    scenario.do(c.ReleaseHold)
    scenario.do(c.ListInstitution, listing="black")
    scenario.refuses("advance_blacklisted", c.RequestAdvance, amount_fen=1)
    scenario.do(c.ListInstitution, listing="watch")
    yesterday = MONDAY - timedelta(days=1)
    scenario.refuses("payout_backdated", c.RequestAdvance, amount_fen=1, effective_on=yesterday)
    scenario.do(c.RequestAdvance, amount_fen=1)
    scenario.refuses("instruction_exists", c.RequestAdvance, amount_fen=1)
    switch(scenario)
    scenario.refuses("advance_not_allowed", c.RequestAdvance, amount_fen=1, instruction_id="advance-2")
    assert not POLICIES["default"].advance_share_bp


def test_nothing_more_is_lent_once_the_institution_says_that_it_closes() -> None:
    scenario = lending()
    scenario.do(c.RequestAdvance, amount_fen=1)
    scenario.do(c.NotifyClosure, closes_on=MONDAY + timedelta(days=60))
    refusal = scenario.refuses("advance_closing", c.RequestAdvance, amount_fen=1, instruction_id="advance-2")
    assert refusal.figures == {"closes_on": "2025-05-02"}
    assert terms(scenario).available_fen == 0


def test_a_lower_share_later_asks_nothing_back() -> None:
    scenario = lent()
    switch(scenario, advance_share_bp=1_000)
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=1, instruction_id="advance-2")
    assert terms(scenario).available_fen == 0
    scenario.teach_many("c1", 2)
    scenario.do(c.RequestAdvance, amount_fen=80, instruction_id="advance-2")
