"""The daily close: silence, lapse of time, and the same date twice."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.storage.mapper import decode_account, encode_account
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract


def close(scenario: Scenario, **said: date) -> list[e.Event]:
    """The close's events; a second close of the same date adds none."""
    events = scenario.do(c.CloseDay, **said)
    assert scenario.do(c.CloseDay, **said) == []
    return events


def names(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_quiet_day_has_no_events() -> None:
    assert close(paid_contract()) == []


def test_silence_agrees_on_the_day_after_the_last() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    due_on = scenario.account.refunds["refund-1"].answer_due_on
    assert due_on == date(2025, 3, 10)
    for days in (6, 1):
        scenario.later(days)
        assert close(scenario) == []
    agreed, instructed = close(scenario.later(1))
    assert isinstance(agreed, e.RefundAgreed)
    assert isinstance(instructed, e.RefundInstructed)
    assert (agreed.by, agreed.amount_fen, agreed.final, agreed.cause) == ("silence", 1000, True, "close_day")


def test_an_unpaid_refund_is_marked_once_on_the_day_after_its_last() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    assert close(scenario.later(14)) == []
    [overdue] = close(scenario.later(1))
    assert isinstance(overdue, e.RefundOverdue)
    assert (overdue.step, overdue.due_on) == ("payment", date(2025, 3, 17))
    assert close(scenario.later(1)) == []


def test_a_bounced_refund_is_instructed_again_once() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.settle(scenario.pending()[0], "rejected")
    assert names(close(scenario)) == ["RefundInstructed"]
    scenario.settle(scenario.pending()[0])
    scenario.settle(next(iter(scenario.account.instructions)), "returned")
    assert close(scenario) == []
    scenario.do(c.InstructRefund)
    assert len(scenario.pending()) == 1


def test_refunds_without_cash_are_sent_when_it_comes_oldest_first() -> None:
    scenario = Scenario()
    for number in (1, 2):
        scenario.sign(f"c{number}", package(1, 100, 1))
        scenario.pay(f"c{number}", 100)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=150)
    for number in (1, 2):
        scenario.do(c.RequestRefund, contract_id=f"c{number}", refund_id=f"refund-{number}")
        assert names(scenario.do(c.AnswerRefund, refund_id=f"refund-{number}")) == ["RefundAgreed"]
    assert close(scenario) == []
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=50)
    [instructed] = close(scenario)
    assert isinstance(instructed, e.RefundInstructed)
    assert instructed.refund_id == "refund-1"


def test_an_account_read_from_its_snapshot_closes_alike() -> None:
    scenario = Scenario()
    for number in (3, 1, 2):
        scenario.sign(f"c{number}", package(1, 100, 1), ends_on=MONDAY)
        scenario.pay(f"c{number}", 100)
    for number in (3, 1, 2):
        scenario.do(c.RequestRefund, contract_id=f"c{number}", refund_id=f"refund-{number}")
    scenario.do(c.RecordUnexplainedDebit, amount_fen=150)
    scenario.later(40)
    other = Scenario()
    other.account, other.today = decode_account(encode_account(scenario.account)), scenario.today
    assert scenario.do(c.CloseDay) == other.do(c.CloseDay)


def test_the_close_demands_a_top_up_and_ends_the_demand() -> None:
    scenario = paid_contract()
    scenario.do(c.SetMinimumBalance, amount_fen=900)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=100)
    assert close(scenario) == []
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    [demanded] = close(scenario)
    assert isinstance(demanded, e.TopUpDemanded)
    assert demanded.amount_fen == 1
    scenario.pay("", 1, purpose="reserve")
    assert names(close(scenario)) == ["TopUpMet"]


def test_an_empty_contract_ends_thirty_days_after_its_last_day() -> None:
    scenario = Scenario()
    scenario.sign("c1", ends_on=MONDAY)
    assert close(scenario.later(30)) == []
    [ended] = close(scenario.later(1))
    assert isinstance(ended, e.ContractEnded)
    assert scenario.account.contracts == {}


def test_an_empty_contract_ends_thirty_days_after_its_last_movement() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 100, 1), ends_on=MONDAY)
    scenario.pay("c1", 100)
    scenario.later(10).teach("lesson-1", "c1", effective_on=MONDAY)
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.teach("lesson-2", "c1", effective_on=MONDAY)
    assert close(scenario.later(30)) == []
    assert names(close(scenario.later(1))) == ["ContractEnded"]


def test_a_contract_with_money_or_an_open_refund_is_kept() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 2, 2), ends_on=MONDAY)
    scenario.sign("c2", package(1, 2, 2), ends_on=MONDAY)
    for contract_id in ("c1", "c2"):
        scenario.pay(contract_id, 2)
    scenario.do(c.RequestRefund, contract_id="c2")
    scenario.do(c.AnswerRefund)
    scenario.later(60)
    assert names(close(scenario)) == ["RefundOverdue"]
    scenario.settle(scenario.pending()[0])
    assert close(scenario.later(30)) == []
    assert names(close(scenario.later(1))) == ["ContractEnded"]
    assert list(scenario.account.contracts) == ["c1"]


def test_each_of_two_routes_that_bounce_is_sent_again_once() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 200, 2))
    for route in ("mother", "father"):
        scenario.pay("c1", 100, payer_route=route)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    for instruction_id in scenario.pending():
        scenario.settle(instruction_id, "rejected")
    [again] = close(scenario)
    assert isinstance(again, e.RefundInstructed)
    assert [leg.route for leg in again.legs] == ["father", "mother"]


@given(days=st.lists(st.integers(0, 9), min_size=1, max_size=12), answer=st.sampled_from(["none", "agree", "contest"]))
def test_any_series_of_closes_is_quiet_when_repeated(days: list[int], answer: str) -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    if answer != "none":
        scenario.do(c.AnswerRefund, agree=answer == "agree", offered_fen=400)
    for passed in days:
        close(scenario.later(passed))
        close(scenario, effective_on=scenario.today - timedelta(days=1))
