"""Pay after learning (先学后付): nothing is prepaid, lessons are billed, their payment is the institution's at once."""

from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.events import (
    AdvanceRecouped,
    DepositHeldInSuspense,
    DrawReversed,
    FeePaid,
    LessonDrawn,
    SuspenseMatched,
)
from tests.domain.scenario import MONDAY, Scenario, package, switch, under


def billed(**law: Any) -> Scenario:
    """Contract `c1`: 3 lessons for 1000 fen, paid after each."""
    scenario = under(**law)
    scenario.sign("c1", package(1, 1_000, 3), billing="after_lesson")
    return scenario


def due_fen(scenario: Scenario) -> int:
    return scenario.account.contracts["c1"].due_fen


def test_a_lesson_is_billed_and_moves_no_money() -> None:
    scenario = billed()
    assert due_fen(scenario) == 0
    events = scenario.teach("lesson-1", "c1")
    [drawn] = [event for event in events if isinstance(event, LessonDrawn)]
    assert [(line.amount_fen, line.billed_fen) for line in drawn.lines] == [(0, 333)]
    scenario.teach("lesson-2", "c1")
    scenario.teach("lesson-3", "c1")
    assert due_fen(scenario) == 1_000
    assert scenario.account.buckets.assets_fen == 0
    scenario.refuses("lesson_none_left", c.DeliverLesson, lesson_id="lesson-4", contracts=("c1",))


@pytest.mark.parametrize("amount_fen", [332, 333])
def test_a_payment_up_to_the_bill_is_earned_at_once(amount_fen: int) -> None:
    scenario = billed()
    scenario.teach("lesson-1", "c1")
    [event] = scenario.pay("c1", amount_fen)
    assert isinstance(event, FeePaid)
    assert event.pays_bill
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.earned, buckets.prepaid) == (amount_fen, amount_fen, 0)
    assert due_fen(scenario) == 333 - amount_fen


def test_more_than_the_bill_waits_in_suspense() -> None:
    scenario = billed()
    [early] = scenario.pay("c1", 100)
    assert isinstance(early, DepositHeldInSuspense)
    assert early.reason == "overpayment"
    scenario.teach("lesson-1", "c1")
    paid, rest = scenario.pay("c1", 334)
    assert isinstance(paid, FeePaid)
    assert isinstance(rest, DepositHeldInSuspense)
    assert (paid.amount_fen, rest.amount_fen) == (333, 1)
    assert scenario.account.buckets.prepaid == 0


def test_a_receipt_in_suspense_may_be_matched_with_a_bill() -> None:
    scenario = billed()
    scenario.pay("c1", 500)
    match = {"suspense_id": "suspense-1", "contract_id": "c1"}
    scenario.refuses("contract_overpaid", c.MatchSuspense, **match, amount_fen=1)
    scenario.teach("lesson-1", "c1")
    matched = scenario.one(SuspenseMatched, c.MatchSuspense, **match, amount_fen=333)
    assert matched.pays_bill
    assert (scenario.account.buckets.earned, scenario.account.buckets.suspense) == (333, 167)


def test_a_waiting_lesson_is_billed_when_it_is_confirmed() -> None:
    scenario = billed(confirmation="confirmed")
    scenario.teach("lesson-1", "c1")
    assert due_fen(scenario) == 0
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    assert due_fen(scenario) == 333
    scenario.teach("lesson-2", "c1")
    scenario.do(c.DisputeLesson, lesson_id="lesson-2")
    scenario.do(c.ResolveDispute, lesson_id="lesson-2", outcome="dropped")
    assert due_fen(scenario) == 333
    scenario.later(1).teach("lesson-3", "c1")
    scenario.later(30).do(c.CloseDay)
    assert due_fen(scenario) == 666


def test_a_bill_of_a_lesson_taken_back_is_no_longer_due() -> None:
    scenario = billed()
    scenario.teach_many("c1", 2)
    reversed_ = scenario.one(DrawReversed, c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert [(line.amount_fen, line.billed_fen) for line in reversed_.lines] == [(0, 333)]
    assert due_fen(scenario) == 333
    scenario.teach("lesson-3", "c1")
    assert due_fen(scenario) == 666


def test_a_paid_bill_of_a_lesson_taken_back_is_owed_to_the_family() -> None:
    scenario = billed()
    scenario.teach_many("c1", 2)
    scenario.pay("c1", 500)
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    contract = scenario.account.contracts["c1"]
    assert (due_fen(scenario), contract.prepaid_fen) == (0, 167)
    assert scenario.account.buckets.earned == 333
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    assert scenario.account.refunds["refund-1"].agreed_fen == 167
    assert contract.prepaid_fen == 0


def test_what_a_family_is_owed_pays_its_next_lesson_first() -> None:
    scenario = billed()
    scenario.teach("lesson-1", "c1")
    scenario.pay("c1", 333)
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    events = scenario.teach("lesson-2", "c1")
    [drawn] = [event for event in events if isinstance(event, LessonDrawn)]
    assert [(line.amount_fen, line.billed_fen) for line in drawn.lines] == [(333, 0)]
    assert (due_fen(scenario), scenario.account.buckets.earned) == (0, 333)


def test_a_paid_bill_pays_back_what_the_institution_owes_first() -> None:
    scenario = billed(advance_share_bp=10_000)
    scenario.sign("c2", package(1, 1_000, 10), billing="prepaid")
    scenario.pay("c2", 1_000)
    scenario.do(c.RequestAdvance, amount_fen=500)
    scenario.settle("advance-1")
    scenario.teach("lesson-1", "c1")
    _, recouped = scenario.pay("c1", 333)
    assert isinstance(recouped, AdvanceRecouped)
    assert (scenario.account.buckets.advance, scenario.account.buckets.earned) == (167, 0)


def test_no_cap_applies_and_a_loan_does_not_pay() -> None:
    scenario = billed(fee_cap_lessons=2, fee_cap_months=1, fee_cap_amount_fen=1, fee_earliest_months=1)
    scenario.teach("lesson-1", "c1")
    scenario.pay("c1", 333)
    assert due_fen(scenario) == 0
    switch(scenario, fee_loans_refused=True)
    scenario.teach("lesson-2", "c1")
    [event] = scenario.pay("c1", 333, payment_source="loan")
    assert isinstance(event, DepositHeldInSuspense)


def test_such_a_contract_ends_when_its_bills_are_paid() -> None:
    scenario = billed()
    scenario.teach("lesson-1", "c1")
    assert scenario.refuses("contract_bills_open", c.EndContract, contract_id="c1").figures["billed_fen"] == 333
    scenario.later(200).do(c.CloseDay)
    assert "c1" in scenario.account.contracts
    scenario.pay("c1", 333)
    scenario.later(31).do(c.CloseDay)
    assert scenario.account.contracts == {}


def test_the_institution_keeps_no_fee_of_it() -> None:
    scenario = billed(custody="risk_deposit")
    scenario.teach("lesson-1", "c1", effective_on=MONDAY)
    scenario.refuses("contract_paid_after", c.ReportKeptFee, contract_id="c1", amount_fen=333)
