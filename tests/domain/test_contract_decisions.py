"""Decisions about contracts: what may be signed, and when a contract ends."""

from datetime import timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.events import Package
from ledger.domain.money import MAX_FEN
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract


def refuses_packages(code: str, *packages: Package, scenario: Scenario | None = None) -> None:
    (scenario or Scenario()).refuses(code, c.SignContract, contract_id="c1", contract_no="no-c1", packages=packages)


def test_signing_records_terms_and_the_policy_that_values_gifts() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="gifts-last")
    event = scenario.one(
        e.ContractSigned, c.SignContract, contract_id="c1", contract_no="2025-1", packages=(package(1, 1000, 10),)
    )
    assert (event.gift_valuation, event.policy, event.rules) == ("last", "gifts-last@1", ("refund.gift",))
    assert scenario.account.contracts["c1"].due_fen == 1000
    assert scenario.account.contract_nos == {"2025-1": "c1"}


def test_ids_and_numbers_of_contracts_are_used_once() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    terms = {"packages": (package(1, 1000, 10),)}
    scenario.refuses("contract_exists", c.SignContract, contract_id="c1", contract_no="other", **terms)
    scenario.refuses("contract_no_taken", c.SignContract, contract_id="c2", contract_no="no-c1", **terms)
    scenario.sign("c2")


def test_a_contract_may_last_one_day_and_not_less() -> None:
    scenario = Scenario()
    scenario.sign("c1", starts_on=MONDAY, ends_on=MONDAY)
    scenario.sign("c2", starts_on=MONDAY, ends_on=MONDAY + timedelta(days=1))
    scenario.refuses(
        "contract_dates_reversed",
        c.SignContract,
        contract_id="c3",
        contract_no="no-c3",
        packages=(package(1, 1, 1),),
        starts_on=MONDAY,
        ends_on=MONDAY - timedelta(days=1),
    )


def test_a_blacklisted_institution_signs_nothing_and_a_watched_one_does() -> None:
    scenario = Scenario()
    scenario.do(c.ListInstitution, listing="watch")
    scenario.sign("c1")
    scenario.do(c.ListInstitution, listing="black")
    refuses_packages("account_blacklisted", package(1, 1000, 10), scenario=scenario)


def test_packages_are_numbered_from_one_in_order() -> None:
    refuses_packages("contract_without_packages")
    for wrong in [(0,), (2,), (1, 1), (1, 3), (2, 1)]:
        refuses_packages("package_numbers_wrong", *(package(number, 100, 1) for number in wrong))


def test_the_number_of_packages_is_limited() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="tight")
    scenario.sign("below", package(1, 100, 1))
    scenario.sign("at", package(1, 100, 1), package(2, 100, 1))
    refuses_packages("contract_packages_many", *(package(n, 100, 1) for n in (1, 2, 3)), scenario=scenario)


def test_lessons_of_a_package_are_limited_gifts_included() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="tight")
    scenario.sign("one", package(1, 100, 1))
    scenario.sign("below", package(1, 100, 9))
    scenario.sign("at", package(1, 100, 10))
    scenario.sign("at with gifts", package(1, 100, 8, gifts=2))
    for lessons, gifts in [(0, 0), (0, 5), (-1, 0), (11, 0), (8, 3), (5, -1)]:
        refuses_packages("package_lessons_wrong", package(1, 100, lessons, gifts=gifts), scenario=scenario)


def test_a_package_costs_at_least_a_fen_and_at_most_its_list_price() -> None:
    scenario = Scenario()
    scenario.sign("least", package(1, 1, 10))
    scenario.sign("discount", package(1, 999, 10, list_price_fen=1000))
    scenario.sign("list price", package(1, 1000, 10, list_price_fen=1000))
    scenario.sign("most", package(1, MAX_FEN, 10))
    refuses_packages("package_price_wrong", package(1, 1001, 10, list_price_fen=1000))
    refuses_packages("amount_not_positive", package(1, 0, 10))
    refuses_packages("amount_not_positive", package(1, 1, 10, list_price_fen=0))
    refuses_packages("amount_too_large", package(1, MAX_FEN + 1, 10))


def test_an_empty_contract_ends_and_leaves_the_working_state() -> None:
    scenario = paid_contract(price_fen=100, lessons=1)
    scenario.teach("lesson-1", "c1")
    scenario.later(31).do(c.EndContract, contract_id="c1")
    assert scenario.account.contracts == {}
    assert scenario.account.contract_nos == {}
    scenario.refuses("contract_not_found", c.EndContract, contract_id="c1")


def test_a_contract_with_money_does_not_end() -> None:
    scenario = paid_contract(price_fen=3, lessons=3)
    for lesson in ("lesson-1", "lesson-2"):
        scenario.teach(lesson, "c1")
    refusal = scenario.refuses("contract_has_balance", c.EndContract, contract_id="c1")
    assert refusal.figures["balance_fen"] == 1
    scenario.teach("lesson-3", "c1")
    scenario.later(31).do(c.EndContract, contract_id="c1")


def test_a_contract_with_a_refund_on_its_way_does_not_end() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.refuses("contract_refund_open", c.EndContract, contract_id="c1")
    [leg] = scenario.pending()
    scenario.settle(leg)
    scenario.later(31).do(c.EndContract, contract_id="c1")
    assert scenario.account.refunds == {}
    assert scenario.account.instructions == {}


def test_a_contract_on_which_nothing_moved_ends_at_once() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.do(c.EndContract, contract_id="c1")


def test_a_contract_is_kept_for_thirty_days_after_it_moved() -> None:
    scenario = paid_contract(price_fen=100, lessons=1)
    scenario.later(3).teach("lesson-1", "c1")
    refusal = scenario.later(30).refuses("contract_moved_lately", c.EndContract, contract_id="c1")
    assert refusal.figures == {"contract_id": "c1", "last_moved_on": "2025-03-06", "until": "2025-04-05"}
    scenario.later(1).do(c.EndContract, contract_id="c1")


def test_every_movement_keeps_a_contract() -> None:
    scenario = paid_contract(price_fen=100, lessons=1)

    def moved() -> None:
        assert scenario.account.contracts["c1"].last_moved_on == scenario.today
        scenario.later(1)

    moved()
    scenario.teach("lesson-1", "c1")
    moved()
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    moved()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    moved()
    [leg] = scenario.pending()
    scenario.settle(leg)
    moved()
    scenario.settle(leg, "returned")
    moved()
    scenario.sign("c2", package(1, 100, 1))
    scenario.pay("", 100)
    scenario.do(c.MatchSuspense, suspense_id="suspense-2", contract_id="c2", amount_fen=100)
    scenario.teach("lesson-2", "c2", effective_on=MONDAY)
    assert scenario.account.contracts["c2"].last_moved_on == scenario.today


@pytest.mark.parametrize("contract_id", ["", "c2", "no-c1"])
def test_an_unknown_contract_is_named(contract_id: str) -> None:
    scenario = paid_contract()
    refusal = scenario.refuses("contract_not_found", c.EndContract, contract_id=contract_id)
    assert refusal.figures == {"contract_id": contract_id}


def test_the_number_of_an_ended_contract_may_be_used_again() -> None:
    scenario = Scenario()
    scenario.sign("c1", contract_no="2025-1")
    scenario.do(c.EndContract, contract_id="c1")
    scenario.sign("c2", contract_no="2025-1")
    scenario.pay("2025-1", 5)
    assert scenario.account.contracts["c2"].prepaid_fen == 5
