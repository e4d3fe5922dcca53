"""Decisions about money that stays: minimum balance, top-ups, holds."""

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.money import MAX_FEN
from tests.domain.scenario import MONDAY, Scenario, paid_contract


def test_a_minimum_above_the_cash_demands_what_is_missing_today() -> None:
    scenario = paid_contract()
    held, demanded = scenario.do(c.SetMinimumBalance, amount_fen=1001)
    assert isinstance(held, e.MinimumBalanceHeld)
    assert isinstance(demanded, e.TopUpDemanded)
    assert (held.formula, held.inputs, held.rules) == ("fixed", {"fixed_fen": 1001}, ("minimum.fixed",))
    assert (demanded.amount_fen, demanded.due_on) == (1, MONDAY)


@pytest.mark.parametrize("amount_fen", [999, 1000])
def test_a_minimum_that_the_cash_covers_demands_nothing(amount_fen: int) -> None:
    scenario = paid_contract()
    scenario.one(e.MinimumBalanceHeld, c.SetMinimumBalance, amount_fen=amount_fen)
    assert scenario.account.top_up_due_fen == 0


def test_a_lower_minimum_ends_the_demand() -> None:
    scenario = paid_contract()
    scenario.do(c.SetMinimumBalance, amount_fen=1500)
    _, lower = scenario.do(c.SetMinimumBalance, amount_fen=1200)
    assert isinstance(lower, e.TopUpDemanded)
    assert lower.amount_fen == 200
    _, met = scenario.do(c.SetMinimumBalance, amount_fen=1000)
    assert isinstance(met, e.TopUpMet)
    assert met.cash_fen == 1000


def test_the_minimum_is_zero_or_more_and_the_same_one_changes_nothing() -> None:
    scenario = Scenario()
    assert scenario.do(c.SetMinimumBalance, amount_fen=0) == []
    scenario.refuses("amount_not_positive", c.SetMinimumBalance, amount_fen=-1)
    scenario.refuses("amount_too_large", c.SetMinimumBalance, amount_fen=MAX_FEN + 1)
    scenario.do(c.SetMinimumBalance, amount_fen=MAX_FEN)
    assert scenario.do(c.SetMinimumBalance, amount_fen=MAX_FEN) == []
    assert scenario.account.minimum_balance_fen == MAX_FEN


def test_no_payout_goes_below_the_minimum() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 10)
    scenario.do(c.SetMinimumBalance, amount_fen=400)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=601)
    scenario.do(c.RequestPayout, amount_fen=600)


def test_a_hold_keeps_earned_money_until_it_is_released() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 3)
    scenario.refuses("amount_not_positive", c.HoldFunds, amount_fen=0)
    scenario.refuses("amount_too_large", c.HoldFunds, amount_fen=MAX_FEN + 1)
    scenario.do(c.HoldFunds, amount_fen=120)
    scenario.refuses("hold_exists", c.HoldFunds, amount_fen=1)
    scenario.do(c.HoldFunds, amount_fen=30, hold_id="hold-2")
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=151)
    scenario.refuses("hold_not_found", c.ReleaseHold, hold_id="hold-3")
    released = scenario.one(e.HoldReleased, c.ReleaseHold)
    assert released.amount_fen == 120
    scenario.refuses("hold_not_found", c.ReleaseHold)
    scenario.do(c.RequestPayout, amount_fen=270)


def test_a_hold_may_exceed_what_is_earned_and_holds_the_next_lessons() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.HoldFunds, amount_fen=150)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.refuses("total_too_large", c.HoldFunds, amount_fen=MAX_FEN - 149, hold_id="hold-2")
    scenario.teach("lesson-2", "c1")
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=51)
    scenario.do(c.RequestPayout, amount_fen=50)
