"""Receipts for a contract: too early, out of a loan, in the wrong unit, beyond a cap. None is ever lost."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.events import ChargeFinding, DepositHeldInSuspense, Event, FeePaid, SuspenseMatched
from ledger.domain.policy import Enforcement
from tests.domain.scenario import MONDAY, Scenario, package, switch, under

EARLY: dict[str, Any] = {"fee_earliest_months": 1, "fee_earliest_lessons": 20}


def held(events: list[Event], reason: str, amount_fen: int) -> tuple[ChargeFinding, ...]:
    """What was found of a receipt that waits in suspense as a whole."""
    [event] = events
    assert isinstance(event, DepositHeldInSuspense)
    assert (event.reason, event.amount_fen) == (reason, amount_fen)
    assert event.rules == tuple(finding.rule for finding in event.findings)
    return event.findings


def paid(events: list[Event]) -> FeePaid:
    [event] = events
    assert isinstance(event, FeePaid)
    return event


@pytest.mark.parametrize(("days", "early"), [(-1, True), (0, False), (1, False)])
def test_a_charge_may_be_taken_from_a_month_before_the_first_day(days: int, early: bool) -> None:
    scenario = under(**EARLY)
    scenario.today = date(2025, 4, 15) + timedelta(days=days)
    scenario.sign("c1", starts_on=date(2025, 5, 15), ends_on=date(2025, 7, 1))
    if early:
        [finding] = held(scenario.pay("c1", 1_000), "too_early", 1_000)
        assert finding == ChargeFinding(rule="fee.too_early", value="2025-04-14", limit="2025-04-15")
        assert scenario.account.buckets.suspense == 1_000
    else:
        assert paid(scenario.pay("c1", 1_000)).findings == ()


@pytest.mark.parametrize(("left", "early"), [(19, False), (20, False), (21, True)])
def test_the_next_charge_may_be_taken_when_few_lessons_of_the_running_one_are_left(left: int, early: bool) -> None:
    scenario = under(**EARLY)
    scenario.sign("c1", package(1, 3_000, 30), ends_on=MONDAY + timedelta(days=40))
    scenario.pay("c1", 3_000)
    scenario.later(35)
    scenario.teach_many("c1", 30 - left)
    scenario.sign("c2", starts_on=MONDAY + timedelta(days=41), ends_on=MONDAY + timedelta(days=90))
    events = scenario.pay("c2", 1_000)
    if early:
        assert held(events, "too_early", 1_000) == (ChargeFinding(rule="fee.too_early", value=21, limit=20),)
    else:
        assert paid(events).contract_id == "c2"


def test_parts_of_one_charge_do_not_wait_for_each_other() -> None:
    scenario = under(**EARLY)
    scenario.sign("c1", package(1, 3_000, 30), ends_on=MONDAY)
    scenario.sign("c2", package(1, 3_000, 30), starts_on=MONDAY + timedelta(days=1))
    paid(scenario.pay("c1", 3_000))
    paid(scenario.pay("c2", 3_000))


def test_what_came_too_early_is_matched_when_its_time_has_come() -> None:
    scenario = under(**EARLY)
    scenario.sign("c1", starts_on=date(2025, 5, 15), ends_on=date(2025, 7, 1))
    scenario.pay("c1", 1_000)
    match = {"suspense_id": "suspense-1", "contract_id": "c1", "amount_fen": 1_000}
    figures = scenario.refuses("fee_too_early", c.MatchSuspense, **match).figures
    assert figures == {"taken_on": "2025-03-03", "earliest_on": "2025-04-15"}
    scenario.today = date(2025, 4, 15)
    scenario.one(SuspenseMatched, c.MatchSuspense, **match)
    assert scenario.account.contracts["c1"].prepaid_fen == 1_000


def test_lessons_left_bar_a_match_too() -> None:
    scenario = under(**EARLY)
    scenario.sign("c1", package(1, 3_000, 30), ends_on=MONDAY + timedelta(days=40))
    scenario.pay("c1", 3_000)
    scenario.later(35)
    scenario.sign("c2", starts_on=MONDAY + timedelta(days=41), ends_on=MONDAY + timedelta(days=90))
    scenario.pay("c2", 1_000)
    match = {"suspense_id": "suspense-2", "contract_id": "c2", "amount_fen": 1_000}
    assert scenario.refuses("fee_lessons_left", c.MatchSuspense, **match).figures == {"lessons": 30, "limit": 20}


def test_a_training_loan_pays_no_contract_and_its_money_is_not_lost() -> None:
    scenario = under(fee_loans_refused=True)
    scenario.sign("c1")
    [finding] = held(scenario.pay("c1", 1_000, payment_source="loan"), "training_loan", 1_000)
    assert finding.rule == "fee.training_loan"
    match = {"suspense_id": "suspense-1", "contract_id": "c1", "amount_fen": 1_000}
    scenario.refuses("fee_from_loan", c.MatchSuspense, **match)
    scenario.do(c.ReturnSuspense, suspense_id="suspense-1")
    scenario.settle("back-1")
    assert scenario.account.buckets.cash == 0
    for source in ("", "account", "cash"):
        paid(scenario.pay("c1", 1, payment_source=source))


def test_where_the_pack_says_alert_a_loan_pays_and_the_event_says_so() -> None:
    scenario = under(fee_loans_refused=True, enforcement={"fee.training_loan": "alert"})
    scenario.sign("c1")
    event = paid(scenario.pay("c1", 1_000, payment_source="loan"))
    assert (event.payment_source, event.rules) == ("loan", ("fee.training_loan",))
    assert [finding.rule for finding in event.findings] == ["fee.training_loan"]
    assert event.policy == "own@1"


def test_without_the_rule_a_loan_is_a_payment_like_any_other() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    event = paid(scenario.pay("c1", 1_000, payment_source="loan"))
    assert (event.findings, event.rules) == ((), ())


@pytest.mark.parametrize("enforcement", ["alert", "refuse"])
@pytest.mark.parametrize(
    ("amount_fen", "slip"), [(9, False), (10, True), (11, False), (99_999, False), (100_000, True), (100_001, False)]
)
def test_exactly_a_hundred_times_or_a_hundredth_of_what_is_due_is_a_slip(
    amount_fen: int, slip: bool, enforcement: Enforcement
) -> None:
    scenario = under(fee_unit_slip=100, enforcement={"fee.unit_slip": enforcement})
    scenario.sign("c1", package(1, 1_000, 10))
    events = scenario.pay("c1", amount_fen)
    finding = ChargeFinding(rule="fee.unit_slip", value=amount_fen, limit=1_000)
    if slip and enforcement == "refuse":
        assert held(events, "unit_slip", amount_fen) == (finding,)
    else:
        assert isinstance(events[0], FeePaid)
        assert events[0].findings == ((finding,) if slip else ())
    assert scenario.account.buckets.cash == amount_fen


def test_what_is_due_exactly_is_no_slip_of_anything_else() -> None:
    scenario = under(fee_unit_slip=100)
    scenario.sign("c1", package(1, 10, 1), package(2, 1_000, 10))
    paid(scenario.pay("c1", 1_000))
    paid(scenario.pay("c1", 10))


def test_a_person_may_match_an_amount_that_looked_like_a_slip() -> None:
    scenario = under(fee_unit_slip=100)
    scenario.sign("c1", package(1, 1_000, 10))
    held(scenario.pay("c1", 10), "unit_slip", 10)
    scenario.do(c.MatchSuspense, suspense_id="suspense-1", contract_id="c1", amount_fen=10)
    assert scenario.account.contracts["c1"].prepaid_fen == 10


@pytest.mark.parametrize(
    ("law", "reason", "rule"),
    [
        ({"fee_cap_lessons": 9}, "above_cap", "fee.cap_lessons"),
        ({"fee_cap_amount_fen": 999}, "above_cap", "fee.cap_amount"),
        ({"fee_cap_months": 4}, "above_cap", "fee.cap_months"),
        ({"fee_notice": True}, "above_notice", "fee.notice"),
        ({"fee_guide_price_fen": 99}, "above_guide_price", "fee.guide_price"),
    ],
)
def test_terms_of_an_earlier_law_are_judged_by_the_law_of_the_day_on_which_the_money_came(
    law: dict[str, Any], reason: str, rule: str
) -> None:
    scenario = under()
    scenario.sign("c1", package(1, 1_000, 10), category="academic" if "guide" in rule else "arts")
    switch(scenario, **law)
    [finding] = held(scenario.pay("c1", 1_000), reason, 1_000)
    assert finding.rule == rule
    assert scenario.account.buckets.suspense == scenario.account.buckets.cash == 1_000
    switch(scenario, **law, enforcement={rule: "alert"})
    assert paid(scenario.pay("c1", 1_000)).findings == (finding,)


def test_a_price_published_when_the_contract_was_signed_or_since_covers_a_receipt() -> None:
    scenario = under(fee_notice=True)
    notice = {"valid_from": MONDAY, "valid_until": MONDAY + timedelta(days=3)}
    scenario.do(c.PublishFeeNotice, **notice)
    scenario.sign("c1", package(1, 1_000, 10))
    scenario.later(5)
    paid(scenario.pay("c1", 500))
    scenario.do(c.PublishFeeNotice, unit_price_fen=50, valid_from=scenario.today)
    paid(scenario.pay("c1", 500))
    unnoticed = under()
    unnoticed.sign("c1", package(1, 1_000, 10))
    switch(unnoticed, fee_notice=True)
    unnoticed.later(1).do(c.PublishFeeNotice, valid_from=unnoticed.today)
    paid(unnoticed.pay("c1", 1_000))


def test_a_fee_that_the_institution_has_already_is_recorded_with_what_it_breaks() -> None:
    scenario = under(custody="risk_deposit")
    scenario.sign("c1", package(1, 1_000, 10))
    switch(scenario, custody="risk_deposit", fee_cap_lessons=9, fee_notice=True, enforcement={"fee.notice": "off"})
    [event] = scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=1_000)
    assert event.rules == ("custody.mode", "fee.cap_lessons")
    assert scenario.account.contracts["c1"].prepaid_fen == 1_000
