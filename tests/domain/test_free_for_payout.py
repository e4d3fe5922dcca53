"""How much the institution may take out: each term of the formula, and why it is there."""

from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.scenario import Scenario, package, paid_contract


def free(scenario: Scenario) -> int:
    """The formula's answer, which is exactly what a payout may ask for."""
    answer = free_for_payout(scenario.account, scenario.today).free_fen
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=answer + 1, instruction_id="above")
    return answer


def taught(lessons: int = 4) -> Scenario:
    """1000 fen paid for 10 lessons, some of them taught."""
    scenario = paid_contract()
    scenario.teach_many("c1", lessons)
    return scenario


def test_earned_lessons_are_free() -> None:
    assert free(taught(0)) == 0
    assert free(taught(4)) == 400


def test_unreleased_since_a_fresh_draw_may_still_be_disputed() -> None:
    scenario = taught(4)
    scenario.do(c.AssignPolicy, pack="held")
    scenario.teach("lesson-5", "c1")
    assert free(scenario) == 400
    assert free(scenario.later(7)) == 500


def test_held_since_an_order_says_so() -> None:
    scenario = taught(4)
    scenario.do(c.HoldFunds, amount_fen=150)
    assert free(scenario) == 250


def test_payout_in_flight_since_the_bank_will_take_it_from_the_same_cash() -> None:
    scenario = taught(4)
    scenario.do(c.SetMinimumBalance, amount_fen=700)
    assert free(scenario) == 300
    scenario.do(c.RequestPayout, amount_fen=250)
    assert free(scenario) == 50
    scenario.settle("payout-1")
    assert free(scenario) == 50


def test_prepaid_since_it_belongs_to_families() -> None:
    scenario = taught(4)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    assert free(scenario) == 300
    scenario.do(c.RecordUnexplainedDebit, amount_fen=300, bank_reference="debit-2")
    assert free(scenario) == 0


def test_refunds_payable_since_agreed_money_is_still_the_familys() -> None:
    scenario = taught(4)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    assert free(scenario) == 300
    scenario.settle(scenario.pending()[0])
    assert free(scenario) == 300


def test_suspense_since_receipts_of_unknown_owners_are_not_the_institutions() -> None:
    scenario = taught(4)
    scenario.pay("", 50)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    assert free(scenario) == 300


def test_advance_since_what_was_lent_already_is_not_in_the_cash_to_be_kept() -> None:
    scenario = taught(2)
    scenario.do(c.RequestPayout, amount_fen=200)
    scenario.settle("payout-1")
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    answer = free_for_payout(scenario.account, scenario.today)
    assert scenario.account.buckets.advance == 100
    assert answer.kept_for_families_fen == 800 == answer.cash_fen
    assert free(scenario) == 0
    scenario.teach("again", "c1")
    assert free(scenario) == 0
    scenario.teach("lesson-3", "c1")
    assert free(scenario) == 100


def test_the_minimum_balance_since_the_regulator_fixed_it() -> None:
    scenario = taught(4)
    scenario.do(c.SetMinimumBalance, amount_fen=600)
    assert free(scenario) == 400
    scenario.do(c.SetMinimumBalance, amount_fen=601)
    assert free(scenario) == 399
    scenario.do(c.SetMinimumBalance, amount_fen=1001)
    assert free(scenario) == 0


def test_the_greater_of_families_money_and_minimum_is_kept_not_their_sum() -> None:
    scenario = taught(9)
    scenario.do(c.SetMinimumBalance, amount_fen=300)
    assert free(scenario) == 700


def test_the_reserve_is_not_payable_until_it_is_released() -> None:
    scenario = taught(1)
    scenario.pay("", 500, purpose="reserve")
    assert free(scenario) == 100
    scenario.do(c.ReleaseReserve, amount_fen=200)
    assert free(scenario) == 300


def test_the_reserve_stands_in_for_what_a_seizure_took() -> None:
    scenario = taught(4)
    scenario.pay("", 100, purpose="reserve")
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    assert free(scenario) == 400


def test_one_familys_money_never_pays_for_anothers_lessons() -> None:
    scenario = taught(10)
    scenario.sign("c2", package(1, 500, 5))
    scenario.pay("c2", 500)
    assert free(scenario) == 1000
    scenario.do(c.RequestPayout, amount_fen=1000)
    scenario.settle("payout-1")
    assert scenario.account.buckets.cash == 500
    assert free(scenario) == 0


def test_nothing_is_free_when_nothing_is_left() -> None:
    scenario = taught(4)
    scenario.do(c.HoldFunds, amount_fen=500)
    assert free(scenario) == 0


def test_a_payout_is_asked_for_on_the_day_itself() -> None:
    scenario = taught(4)
    scenario.later(7)
    yesterday = scenario.today - timedelta(days=1)
    refusal = scenario.refuses("payout_backdated", c.RequestPayout, amount_fen=1, effective_on=yesterday)
    assert refusal.figures == {"date": "2025-03-09", "today": "2025-03-10"}
    scenario.refuses("date_in_future", c.RequestPayout, amount_fen=1, effective_on=scenario.today + timedelta(days=1))


def test_the_quote_of_an_earlier_day_finds_no_more_than_todays() -> None:
    scenario = taught(4)
    scenario.do(c.AssignPolicy, pack="held")
    scenario.teach("lesson-5", "c1")
    scenario.later(7)
    assert free_for_payout(scenario.account, scenario.today - timedelta(days=1)).free_fen == 400
    assert free_for_payout(scenario.account, scenario.today).free_fen == 500
