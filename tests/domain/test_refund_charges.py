"""What a refund charges for what was used: at the discounted or list price, by lessons or by days; and older quotes."""

import json
from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.evolution import evolve
from ledger.domain.policy import FixedPolicies, Policy
from ledger.storage.mapper import decode_event
from tests.domain.refund_requests import ask, bought
from tests.domain.scenario import MONDAY, POLICIES, Scenario, package

# list price


@pytest.mark.parametrize(
    ("pack", "lessons", "expected"), [("default", 3, 700), ("list-price", 3, 550), ("list-price", 7, 0)]
)
def test_the_list_price_is_charged_only_where_the_policy_does_not_keep_the_discount(
    pack: str, lessons: int, expected: int
) -> None:
    scenario = bought(pack, package(1, 1000, 10, list_price_fen=1500))
    scenario.teach_many("c1", lessons)
    if not expected:
        scenario.refuses("refund_nothing_left", c.RequestRefund, contract_id="c1")
        return
    quoted = ask(scenario)
    assert (quoted.amount_fen, quoted.rules) == (expected, ("refund.after_start", "refund.discount"))


def test_what_the_list_price_takes_is_earned_when_the_quote_is_agreed() -> None:
    scenario = bought("list-price", package(1, 1000, 10, list_price_fen=1500))
    scenario.teach_many("c1", 3)
    ask(scenario)
    scenario.do(c.AnswerRefund)
    buckets = scenario.account.buckets
    assert (buckets.earned, buckets.refund_payable, buckets.prepaid) == (450, 550, 0)


@pytest.mark.parametrize(("ordered_fen", "earned_fen"), [(549, 300), (550, 450), (551, 449), (700, 300)])
def test_an_order_below_the_quote_charges_nothing_and_one_above_it_charges_what_is_left(
    ordered_fen: int, earned_fen: int
) -> None:
    scenario = bought("list-price", package(1, 1000, 10, list_price_fen=1500))
    scenario.teach_many("c1", 3)
    ask(scenario)
    scenario.do(c.OrderRefund, amount_fen=ordered_fen, case_id="case-1")
    buckets = scenario.account.buckets
    assert (buckets.refund_payable, buckets.earned) == (ordered_fen, earned_fen)
    assert buckets.prepaid == 1000 - ordered_fen - earned_fen


@pytest.mark.parametrize("ground", ["relocation", "closure"])
def test_an_institution_that_moves_or_closes_charges_no_list_price(ground: str) -> None:
    scenario = bought("list-price", package(1, 1000, 10, list_price_fen=1500))
    scenario.teach_many("c1", 3)
    quoted = ask(scenario, ground=ground)
    assert (quoted.basis, quoted.amount_fen) == (ground, 700)


def test_each_package_has_its_own_best_basis() -> None:
    scenario = Scenario()
    scenario.policies = FixedPolicies(POLICIES | {"both": Policy(cooling_off_days=7, discount_kept=False)})
    scenario.do(c.AssignPolicy, pack="both")
    scenario.sign("c1", package(1, 1000, 10, list_price_fen=1500), package(2, 1000, 10))
    scenario.pay("c1", 1000)
    scenario.later(8)
    scenario.pay("c1", 1000)
    scenario.teach_many("c1", 2)
    quoted = ask(scenario, ground="relocation")
    assert [(line.basis, line.refund_fen) for line in quoted.lines] == [("relocation", 800), ("unconsumed", 1000)]
    scenario.do(c.AnswerRefund)
    [agreed] = [event for event in scenario.history if isinstance(event, e.RefundAgreed)]
    assert [(line.package, line.amount_fen) for line in agreed.lines] == [(1, 800), (2, 1000)]


# cards for a time


def carded(pack: str, *, price_fen: int = 900) -> Scenario:
    """A card of 900 fen for 90 days that begin on Monday."""
    card = e.Package(number=1, price_fen=price_fen, paid_lessons=30, list_price_fen=price_fen, time_card=True)
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack=pack)
    scenario.sign("c1", card, starts_on=MONDAY, ends_on=MONDAY + timedelta(days=89))
    scenario.pay("c1", price_fen)
    return scenario


@pytest.mark.parametrize(("days", "expected"), [(0, 900), (1, 890), (30, 600), (89, 10)])
def test_a_card_for_a_time_comes_back_by_the_days_left_whether_it_was_used_or_not(days: int, expected: int) -> None:
    scenario = carded("by-time").later(days)
    quoted = ask(scenario)
    [line] = quoted.lines
    assert (quoted.amount_fen, line.days, line.days_used) == (expected, 90, days)
    assert "refund.unlimited_card" in quoted.rules
    scenario.do(c.AnswerRefund)
    assert (scenario.account.buckets.earned, scenario.account.buckets.prepaid) == (900 - expected, 0)


def test_a_card_that_ran_out_unused_gives_nothing_back() -> None:
    scenario = carded("by-time").later(90)
    scenario.refuses("refund_nothing_left", c.RequestRefund, contract_id="c1")
    assert ask(scenario, ground="closure").amount_fen == 900


def test_a_card_for_a_time_goes_by_lessons_where_the_policy_has_no_such_rule() -> None:
    scenario = carded("default").later(30)
    scenario.teach("lesson-1", "c1")
    assert ask(scenario).amount_fen == 870


def test_a_card_used_more_often_than_its_days_gives_lessons_back() -> None:
    scenario = carded("by-time")
    scenario.teach_many("c1", 20)
    scenario.later(31)
    quoted = ask(scenario)
    assert quoted.amount_fen == 590
    scenario.do(c.AnswerRefund)
    buckets = scenario.account.buckets
    assert (buckets.earned, buckets.refund_payable, buckets.prepaid) == (310, 590, 0)


# older events


def _stored(topic: str, **fields: object) -> e.Event:
    """An event as it was written before bases, grounds and terms were recorded."""
    envelope = {
        "recorded_at": "2025-03-03T12:00:00Z",
        "effective_on": "2025-03-03",
        "actor": "parent:p",
        "cause": "request_refund",
    }
    return decode_event(topic, json.dumps(envelope | {"refund_id": "refund-1"} | fields))


def test_a_refund_that_was_quoted_before_bases_were_recorded_goes_on() -> None:
    scenario = bought()
    scenario.teach_many("c1", 3)
    line = {
        "package": 1,
        "price_fen": 1000,
        "lessons": 10,
        "paid_fen": 1000,
        "drawn_lessons": 3,
        "drawn_fen": 300,
        "refunded_fen": 0,
        "refund_fen": 700,
    }
    for event in (
        _stored("account.refund_requested", contract_id="c1", reason="moved", answer_due_on="2025-03-10"),
        _stored("account.refund_quoted", basis="unconsumed", amount_fen=700, lines=[line]),
    ):
        evolve(scenario.account, event)
    scenario.later(1).do(c.SuspendAccount)
    scenario.later(3).do(c.ResumeAccount)
    assert scenario.account.refunds["refund-1"].answer_due_on == date(2025, 3, 13)
    scenario.do(c.AnswerRefund)
    buckets = scenario.account.buckets
    assert (buckets.refund_payable, buckets.earned, buckets.prepaid) == (700, 300, 0)
