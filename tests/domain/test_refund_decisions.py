"""Decisions about refunds: quoted at once, answered, ordered, withdrawn, sent and sent again."""

from datetime import date

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.calendar import WorkingCalendar
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract


def requested() -> Scenario:
    """A refund of 700 of 1000 fen, requested on Monday."""
    scenario = paid_contract()
    scenario.teach_many("c1", 3)
    scenario.do(c.RequestRefund, contract_id="c1")
    return scenario


def contested(offered_fen: int) -> Scenario:
    scenario = requested()
    scenario.do(c.AnswerRefund, agree=False, offered_fen=offered_fen, reason="books were used")
    return scenario


def test_a_request_is_quoted_at_once_with_its_clock() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 3)
    asked, quoted = scenario.do(c.RequestRefund, contract_id="c1")
    assert isinstance(asked, e.RefundRequested)
    assert isinstance(quoted, e.RefundQuoted)
    assert asked.answer_due_on == date(2025, 3, 10)
    assert (quoted.basis, quoted.amount_fen) == ("unconsumed", 700)
    [line] = quoted.lines
    assert line.refund_fen == line.paid_fen - line.drawn_fen - line.refunded_fen == 700


def test_a_contract_without_a_lesson_is_quoted_in_full() -> None:
    scenario = paid_contract()
    _, quoted = scenario.do(c.RequestRefund, contract_id="c1")
    assert isinstance(quoted, e.RefundQuoted)
    assert (quoted.basis, quoted.amount_fen, quoted.rules) == ("not_started", 1000, ("refund.before_start",))


def test_the_clock_knows_holidays_and_make_up_days() -> None:
    closed = frozenset({date(2025, 3, 4), date(2025, 3, 5)})
    calendar = WorkingCalendar(closed=closed, opened=frozenset({date(2025, 3, 8)}), years=frozenset({2025}))
    scenario = Scenario(calendar=calendar)
    scenario.sign("c1")
    scenario.pay("c1", 1)
    asked, _ = scenario.do(c.RequestRefund, contract_id="c1")
    assert isinstance(asked, e.RefundRequested)
    assert asked.answer_due_on == date(2025, 3, 11)


def test_one_refund_at_a_time_and_only_of_something() -> None:
    scenario = requested()
    scenario.refuses("refund_exists", c.RequestRefund, contract_id="c1")
    scenario.refuses("refund_open", c.RequestRefund, contract_id="c1", refund_id="refund-2")
    scenario.refuses("contract_not_found", c.RequestRefund, contract_id="c9", refund_id="refund-2")
    scenario.do(c.AnswerRefund)
    scenario.refuses("refund_open", c.RequestRefund, contract_id="c1", refund_id="refund-2")
    scenario.settle(scenario.pending()[0])
    scenario.refuses("refund_nothing_left", c.RequestRefund, contract_id="c1", refund_id="refund-2")
    scenario.refuses("refund_exists", c.RequestRefund, contract_id="c1")


def test_an_agreed_quote_is_owed_and_instructed_at_once() -> None:
    scenario = requested()
    agreed, instructed = scenario.do(c.AnswerRefund)
    assert isinstance(agreed, e.RefundAgreed)
    assert isinstance(instructed, e.RefundInstructed)
    assert (agreed.amount_fen, agreed.by, agreed.final) == (700, "institution", True)
    assert agreed.pay_due_on == date(2025, 3, 17)
    assert [(leg.route, leg.amount_fen) for leg in instructed.legs] == [("route-1", 700)]
    assert (scenario.account.buckets.prepaid, scenario.account.buckets.refund_payable) == (0, 700)


@pytest.mark.parametrize("offered_fen", [0, 1, 699])
def test_an_offer_below_the_quote_is_undisputed(offered_fen: int) -> None:
    scenario = contested(offered_fen)
    buckets = scenario.account.buckets
    assert (buckets.prepaid, buckets.refund_payable) == (700 - offered_fen, offered_fen)
    assert sum(i.amount_fen for i in scenario.account.instructions.values()) == offered_fen
    assert scenario.account.contracts["c1"].open_refund == "refund-1"


@pytest.mark.parametrize("offered_fen", [-1, 700, 701])
def test_an_offer_is_below_the_quote(offered_fen: int) -> None:
    scenario = requested()
    scenario.refuses("refund_offer_wrong", c.AnswerRefund, agree=False, offered_fen=offered_fen)


def test_a_refund_is_answered_once() -> None:
    for scenario in (contested(100), contested(0)):
        scenario.refuses("refund_not_waiting", c.AnswerRefund)
    scenario = requested()
    scenario.do(c.AnswerRefund)
    scenario.refuses("refund_not_waiting", c.AnswerRefund)


def test_an_unknown_refund_is_named() -> None:
    scenario = paid_contract()
    scenario.refuses("refund_not_found", c.AnswerRefund)
    scenario.refuses("refund_not_found", c.OrderRefund, amount_fen=1)
    scenario.refuses("refund_not_found", c.InstructRefund)
    scenario.refuses("refund_not_found", c.WithdrawRefund)


@pytest.mark.parametrize("amount_fen", [100, 101, 699, 700])
def test_an_order_says_the_whole_amount_what_was_agreed_included(amount_fen: int) -> None:
    scenario = contested(100)
    [agreed, *_] = scenario.do(c.OrderRefund, amount_fen=amount_fen)
    assert isinstance(agreed, e.RefundAgreed)
    assert (agreed.amount_fen, agreed.by, agreed.final) == (amount_fen - 100, "order", True)
    buckets = scenario.account.buckets
    assert (buckets.prepaid, buckets.refund_payable) == (700 - amount_fen, amount_fen)
    scenario.refuses("refund_not_waiting", c.OrderRefund, amount_fen=amount_fen)
    for leg in scenario.pending():
        scenario.settle(leg)
    assert scenario.account.refunds["refund-1"].state == "paid"
    assert scenario.account.contracts["c1"].open_refund is None


def test_an_order_takes_nothing_back_and_nothing_that_was_consumed() -> None:
    scenario = contested(100)
    scenario.refuses("refund_offer_wrong", c.OrderRefund, amount_fen=99)
    refusal = scenario.refuses("refund_above_unconsumed", c.OrderRefund, amount_fen=701)
    assert refusal.figures == {"amount_fen": 701, "unconsumed_fen": 700}


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_an_order_is_for_something(amount_fen: int) -> None:
    requested().refuses("amount_not_positive", c.OrderRefund, amount_fen=amount_fen)
    requested().do(c.OrderRefund, amount_fen=1)


def test_an_order_decides_a_request_that_nobody_answered() -> None:
    scenario = requested()
    scenario.do(c.OrderRefund, amount_fen=700)
    assert scenario.account.refunds["refund-1"].state == "agreed"


def test_a_withdrawn_request_leaves_the_money_where_it_was() -> None:
    scenario = requested()
    scenario.do(c.WithdrawRefund)
    assert scenario.account.buckets.prepaid == 700
    scenario.refuses("refund_not_waiting", c.WithdrawRefund)
    scenario.teach("lesson-4", "c1")
    scenario.do(c.RequestRefund, contract_id="c1", refund_id="refund-2")


def test_what_was_agreed_before_a_withdrawal_is_still_paid() -> None:
    scenario = contested(100)
    scenario.do(c.WithdrawRefund)
    scenario.refuses("contract_refund_open", c.DeliverLesson, lesson_id="lesson-4", contracts=("c1",))
    scenario.settle(scenario.pending()[0])
    assert (scenario.account.buckets.prepaid, scenario.account.buckets.cash) == (600, 900)
    scenario.teach("lesson-4", "c1")


def test_a_refund_that_is_agreed_in_full_is_not_withdrawn() -> None:
    scenario = requested()
    scenario.do(c.AnswerRefund)
    scenario.refuses("refund_not_waiting", c.WithdrawRefund)


def test_a_refund_without_cash_waits_for_it() -> None:
    scenario = requested()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=301)
    [agreed] = scenario.do(c.AnswerRefund)
    assert isinstance(agreed, e.RefundAgreed)
    refusal = scenario.refuses("cash_short", c.InstructRefund)
    assert refusal.figures == {"amount_fen": 700, "cash_fen": 699}
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    [instructed] = scenario.do(c.InstructRefund)
    assert isinstance(instructed, e.RefundInstructed)
    scenario.refuses("refund_not_waiting", c.InstructRefund)


def test_cash_on_its_way_out_is_promised_once() -> None:
    scenario = paid_contract(price_fen=100, lessons=1)
    scenario.sign("c2", package(1, 100, 1))
    scenario.pay("c2", 100)
    scenario.pay("", 100)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-3")
    for number, contract_id in enumerate(("c1", "c2"), 1):
        scenario.do(c.RequestRefund, contract_id=contract_id, refund_id=f"refund-{number}")
        scenario.do(c.AnswerRefund, refund_id=f"refund-{number}")
    promised = sum(scenario.account.instructions[i].amount_fen for i in scenario.pending())
    assert promised == scenario.account.buckets.cash == 200
    scenario.refuses("cash_short", c.InstructRefund, refund_id="refund-2")


def test_money_that_arrives_after_the_quote_stays_on_the_contract() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 100, 1), package(2, 100, 1))
    scenario.pay("c1", 60)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.pay("c1", 140)
    scenario.do(c.AnswerRefund)
    assert (scenario.account.buckets.prepaid, scenario.account.buckets.refund_payable) == (140, 60)


def test_a_refund_that_came_back_after_payment_does_not_stop_lessons() -> None:
    scenario = contested(100)
    [leg] = scenario.pending()
    scenario.settle(leg)
    scenario.do(c.WithdrawRefund)
    scenario.settle(leg, "returned")
    assert (scenario.account.buckets.refund_payable, scenario.account.buckets.cash) == (100, 1000)
    scenario.teach("lesson-4", "c1")
    scenario.do(c.InstructRefund)
    scenario.settle(scenario.pending()[0])
    assert (scenario.account.buckets.refund_payable, scenario.account.buckets.cash) == (0, 900)


def test_clocks_of_what_is_told_late_run_from_the_day_on_which_it_is_told() -> None:
    scenario = paid_contract()
    scenario.later(4)
    asked, _ = scenario.do(c.RequestRefund, contract_id="c1", effective_on=MONDAY)
    assert isinstance(asked, e.RefundRequested)
    assert (asked.effective_on, asked.answer_due_on) == (MONDAY, date(2025, 3, 14))
    agreed, _ = scenario.later(3).do(c.AnswerRefund, effective_on=MONDAY)
    assert isinstance(agreed, e.RefundAgreed)
    assert agreed.pay_due_on == date(2025, 3, 24)
