"""Top-ups: what is missing is demanded, is late after its day, and is met when it came."""

from datetime import date
from typing import Any

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.policy import Period
from tests.domain.scenario import MONDAY, Scenario, package, switch, under


def close(scenario: Scenario, **said: date) -> list[e.Event]:
    """The close's events; a second close of the same date adds none."""
    events = scenario.do(c.CloseDay, **said)
    assert scenario.do(c.CloseDay, **said) == []
    return events


def names(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def earning(**terms: Any) -> Scenario:
    """1000 fen paid for 10 lessons, 4 of them taught."""
    scenario = under(**terms)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.teach_many("c1", 4)
    return scenario


def test_a_top_up_is_due_by_the_policys_time() -> None:
    scenario = earning(top_up=Period(2))
    _, demanded = scenario.do(c.SetMinimumBalance, amount_fen=1_100)
    assert isinstance(demanded, e.TopUpDemanded)
    assert (demanded.amount_fen, demanded.due_on, demanded.rules) == (100, date(2025, 3, 5), ("shortfall.top_up",))
    assert (demanded.minimum_fen, demanded.cover_fen) == (100, 0)
    assert demanded.term == e.Term(starts_on=MONDAY, count=2, provisional=True)


def test_a_top_up_is_late_once_from_the_day_after_its_last() -> None:
    scenario = earning()
    scenario.do(c.SetMinimumBalance, amount_fen=1_100)
    assert close(scenario) == []
    [late] = close(scenario.later(1))
    assert isinstance(late, e.TopUpOverdue)
    assert (late.amount_fen, late.due_on, late.rules) == (100, MONDAY, ("shortfall.top_up",))
    assert close(scenario.later(1)) == []
    scenario.pay("", 100, purpose="reserve")
    assert names(close(scenario)) == ["TopUpMet"]
    account = scenario.account
    assert (account.top_up_due_fen, account.top_up_due_on, account.top_up_overdue) == (0, None, False)
    scenario.do(c.SetMinimumBalance, amount_fen=1_200)
    assert names(close(scenario.later(1))) == ["TopUpOverdue"]


def test_a_top_up_that_came_in_time_is_never_late() -> None:
    scenario = earning()
    scenario.do(c.SetMinimumBalance, amount_fen=1_100)
    scenario.pay("", 100, purpose="reserve")
    assert names(close(scenario.later(1))) == ["TopUpMet"]


def test_an_open_demand_keeps_its_day_when_its_amount_changes() -> None:
    scenario = earning(top_up=Period(2, "days"))
    scenario.do(c.SetMinimumBalance, amount_fen=1_100)
    scenario.later(2)
    _, demanded = scenario.do(c.SetMinimumBalance, amount_fen=1_300)
    assert isinstance(demanded, e.TopUpDemanded)
    assert (demanded.amount_fen, demanded.due_on) == (300, date(2025, 3, 5))
    assert close(scenario) == []
    scenario.pay("", 1, purpose="reserve")
    assert names(close(scenario.later(1))) == ["TopUpDemanded", "TopUpOverdue"]
    late = scenario.history[-1]
    assert isinstance(late, e.TopUpOverdue)
    assert (late.amount_fen, late.due_on) == (299, date(2025, 3, 5))


def test_no_top_up_is_late_while_the_clocks_stand_still() -> None:
    scenario = earning()
    scenario.do(c.SetMinimumBalance, amount_fen=1_100)
    scenario.later(1).do(c.SuspendAccount)
    assert close(scenario) == []


def test_what_left_without_an_instruction_is_demanded_as_far_as_families_are_short() -> None:
    scenario = earning(top_up_cover=True)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=400)
    assert close(scenario) == []
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1, bank_reference="debit-2")
    [demanded] = close(scenario)
    assert isinstance(demanded, e.TopUpDemanded)
    assert (demanded.amount_fen, demanded.minimum_fen, demanded.cover_fen) == (1, 0, 1)
    assert free_for_payout(scenario.account, scenario.today).free_fen == 0
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    assert names(close(scenario)) == ["TopUpMet"]


def test_money_promised_to_the_institution_covers_no_family() -> None:
    scenario = earning(top_up_cover=True)
    scenario.do(c.RequestPayout, amount_fen=400)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    [demanded] = close(scenario)
    assert isinstance(demanded, e.TopUpDemanded)
    assert demanded.cover_fen == 1


def test_the_greater_of_the_two_is_demanded() -> None:
    scenario = earning(top_up_cover=True)
    scenario.do(c.RecordUnexplainedDebit, amount_fen=500)
    scenario.do(c.SetMinimumBalance, amount_fen=550)
    demanded = scenario.history[-1]
    assert isinstance(demanded, e.TopUpDemanded)
    assert (demanded.amount_fen, demanded.minimum_fen, demanded.cover_fen) == (100, 50, 100)


def test_cover_is_not_demanded_where_the_policy_does_not_ask_for_it() -> None:
    scenario = earning()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=500)
    assert close(scenario) == []


def test_payouts_stop_as_long_as_money_is_missing() -> None:
    scenario = earning()
    scenario.do(c.SetMinimumBalance, amount_fen=1_001)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.pay("", 1, purpose="reserve")
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.pay("", 1, purpose="reserve", bank_reference="more")
    scenario.do(c.RequestPayout, amount_fen=1)


def test_a_higher_minimum_by_policy_is_demanded_at_the_close() -> None:
    scenario = earning()
    switch(scenario, minimum_formula="rolling_share", minimum_share_bp=20_000)
    assert names(close(scenario)) == ["MinimumBalanceHeld", "TopUpDemanded"]
