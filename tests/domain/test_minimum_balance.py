"""The minimum balance: one test for each formula, factor and way of rounding, and when it is assessed."""

from datetime import date
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.evolution.account import KEPT_FEE_MONTHS
from ledger.domain.minimum_balance import fees_received_fen
from ledger.domain.money import MAX_FEN, share_down, share_up
from tests.domain.scenario import Scenario, package, switch, under


def close(scenario: Scenario, **said: date) -> list[e.Event]:
    """The close's events; a second close of the same date adds none."""
    events = scenario.do(c.CloseDay, **said)
    assert scenario.do(c.CloseDay, **said) == []
    return events


def held(events: list[e.Event]) -> e.MinimumBalanceHeld:
    """The minimum that was recorded, once."""
    [found] = [event for event in events if isinstance(event, e.MinimumBalanceHeld)]
    return found


def paid(amount_fen: int, **terms: Any) -> Scenario:
    """An account under a policy, into which a family paid on Monday, 3 March 2025."""
    scenario = under(**terms)
    scenario.sign("c1", package(1, 10_000_000, 100))
    scenario.pay("c1", amount_fen)
    return scenario


def test_the_regulators_figure_is_the_fixed_minimum() -> None:
    scenario = under()
    minimum = held(scenario.do(c.SetMinimumBalance, amount_fen=700))
    assert (minimum.amount_fen, minimum.formula, minimum.rules) == (700, "fixed", ("minimum.fixed",))
    assert minimum.inputs == {"fixed_fen": 700}
    assert [type(event).__name__ for event in close(scenario)] == []


def test_a_share_of_the_fees_of_three_calendar_months() -> None:
    scenario = paid(100_000, minimum_formula="rolling_share", minimum_share_bp=2_000, minimum_months=3)
    minimum = held(close(scenario))
    assert (minimum.amount_fen, minimum.rules) == (20_000, ("minimum.rolling_share",))
    assert minimum.inputs == {"fees_fen": 100_000, "months": 3, "share_bp": 2_000}
    scenario.today = date(2025, 4, 1)
    scenario.pay("c1", 50_000)
    assert held(close(scenario)).amount_fen == 30_000
    scenario.today = date(2025, 5, 31)
    assert close(scenario) == []
    scenario.today = date(2025, 6, 1)
    assert held(close(scenario)).inputs["fees_fen"] == 50_000
    scenario.today = date(2025, 7, 1)
    assert held(close(scenario)).amount_fen == 0


def test_all_fees_of_one_charging_cycle() -> None:
    scenario = paid(90_000, minimum_formula="one_cycle")
    minimum = held(close(scenario))
    assert (minimum.amount_fen, minimum.formula, minimum.rules) == (90_000, "one_cycle", ("reserve.one_cycle",))
    assert minimum.inputs == {"fees_fen": 90_000, "months": 3}


def test_a_fee_found_in_suspense_counts_and_one_that_stays_there_does_not() -> None:
    scenario = paid(1_000, minimum_formula="one_cycle")
    scenario.pay("", 500, suspense_id="stray")
    assert held(close(scenario)).amount_fen == 1_000
    scenario.do(c.MatchSuspense, suspense_id="stray", contract_id="c1", amount_fen=200)
    assert held(close(scenario)).amount_fen == 1_200


def test_refunds_are_not_taken_off_the_fees_received() -> None:
    scenario = paid(1_000, minimum_formula="one_cycle")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.settle(scenario.pending()[0])
    assert held(close(scenario)).amount_fen == 1_000


@pytest.mark.parametrize(("months", "fees_fen"), [(1, 4), (2, 6), (3, 7), (12, 7)])
def test_months_count_back_over_the_turn_of_the_year(months: int, fees_fen: int) -> None:
    scenario = under()
    scenario.sign("c1", package(1, 1_000, 10))
    for on, amount_fen in ((date(2025, 11, 30), 1), (date(2025, 12, 1), 2), (date(2026, 1, 31), 4)):
        scenario.today = on
        scenario.pay("c1", amount_fen)
    assert fees_received_fen(scenario.account, months, date(2026, 1, 31)) == fees_fen


def test_only_the_latest_months_are_kept() -> None:
    scenario = under()
    scenario.sign("c1", package(1, 100_000, 10))
    for month in range(KEPT_FEE_MONTHS + 3):
        scenario.today = date(2025 + month // 12, month % 12 + 1, 15)
        scenario.pay("c1", 1, bank_reference=f"month-{month}")
        assert len(scenario.account.fees_received) == min(month + 1, KEPT_FEE_MONTHS)
    assert fees_received_fen(scenario.account, KEPT_FEE_MONTHS, scenario.today) == KEPT_FEE_MONTHS


FACTORS: dict[str, Any] = {"minimum_rating_bp": {"A": 8_000, "D": 15_000}, "minimum_listing_bp": {"watch": 12_000}}


@pytest.mark.parametrize(("rating", "amount_fen"), [("A", 800), ("B", 1_000), ("D", 1_500)])
def test_the_rating_changes_the_minimum_at_the_next_close(rating: str, amount_fen: int) -> None:
    scenario = under(**FACTORS)
    scenario.do(c.SetMinimumBalance, amount_fen=1_000)
    scenario.one(e.RatingChanged, c.RateInstitution, rating=rating)
    assert scenario.account.minimum_balance_fen == 1_000
    close(scenario)
    assert scenario.account.minimum_balance_fen == amount_fen


def test_the_listing_changes_it_too_and_the_factors_multiply() -> None:
    scenario = under(**FACTORS)
    scenario.do(c.SetMinimumBalance, amount_fen=1_000)
    scenario.do(c.ListInstitution, listing="watch")
    assert held(close(scenario)).inputs == {"fixed_fen": 1_000, "listing_bp": 12_000}
    scenario.do(c.RateInstitution, rating="D")
    minimum = held(close(scenario))
    assert (minimum.amount_fen, minimum.inputs) == (
        1_800,
        {"fixed_fen": 1_000, "rating_bp": 15_000, "listing_bp": 12_000},
    )
    scenario.do(c.ListInstitution, listing="normal")
    scenario.do(c.RateInstitution, rating="B")
    assert held(close(scenario)).amount_fen == 1_000


def test_a_new_figure_of_the_regulator_takes_the_factors_at_once() -> None:
    scenario = under(**FACTORS)
    scenario.do(c.RateInstitution, rating="A")
    assert held(scenario.do(c.SetMinimumBalance, amount_fen=1_000)).amount_fen == 800
    assert scenario.do(c.SetMinimumBalance, amount_fen=1_000) == []


def test_another_policy_changes_it_at_the_next_close_and_the_fixed_figure_is_kept() -> None:
    scenario = paid(100_000)
    scenario.do(c.SetMinimumBalance, amount_fen=500)
    switch(scenario, minimum_formula="rolling_share", minimum_share_bp=2_000)
    assert held(close(scenario)).amount_fen == 20_000
    scenario.refuses("minimum_not_fixed", c.SetMinimumBalance, amount_fen=600)
    switch(scenario)
    assert held(close(scenario)).amount_fen == 500


def test_a_close_of_an_earlier_day_leaves_the_minimum() -> None:
    scenario = paid(100_000, minimum_formula="one_cycle", minimum_months=1)
    scenario.today = date(2025, 4, 1)
    scenario.pay("c1", 7)
    assert held(close(scenario)).amount_fen == 7
    assert close(scenario, effective_on=date(2025, 3, 31)) == []


@pytest.mark.parametrize(("fees_fen", "up_fen", "down_fen"), [(4, 1, 0), (5, 1, 1), (6, 2, 1), (9, 2, 1), (10, 2, 2)])
def test_a_minimum_is_rounded_up_and_an_advance_down(fees_fen: int, up_fen: int, down_fen: int) -> None:
    assert share_up(fees_fen, 2_000) == up_fen
    assert share_down(fees_fen, 2_000) == down_fen
    scenario = paid(fees_fen, minimum_formula="rolling_share", minimum_share_bp=2_000)
    assert held(close(scenario)).amount_fen == up_fen


def test_rounding_is_done_once_after_all_factors() -> None:
    assert share_up(1, 2_000, 15_000, 12_000) == 1
    assert share_up(10, 3_333, 3_000) == 1  # 0.9999; step by step it would be 4, then 2
    assert share_up(10_000) == share_down(10_000) == 10_000


def test_the_minimum_stays_exact_for_every_reader() -> None:
    scenario = under(minimum_rating_bp={"D": 20_000})
    scenario.do(c.RateInstitution, rating="D")
    assert held(scenario.do(c.SetMinimumBalance, amount_fen=MAX_FEN)).amount_fen == MAX_FEN


def test_the_day_of_an_open_account_without_fees_is_quiet() -> None:
    assert close(under(minimum_formula="rolling_share", minimum_share_bp=2_000)) == []
    assert close(under(minimum_formula="one_cycle")) == []
