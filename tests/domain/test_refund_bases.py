"""The lawful bases of a refund: what each gives back, which one wins, and what it does to lessons already drawn."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.account import Contract
from ledger.domain.policy import FixedPolicies, Policy
from ledger.domain.refund_solver import had_service_before
from ledger.domain.refund_solver import quote as solve
from tests.domain.refund_requests import ask, bought, named
from tests.domain.scenario import MONDAY, POLICIES, Scenario, package

# cooling-off


@pytest.mark.parametrize(("days", "expected"), [(6, 1000), (7, 1000), (8, 700)])
def test_cooling_off_gives_the_principal_back_until_its_last_day(days: int, expected: int) -> None:
    scenario = bought("cooling")
    scenario.teach_many("c1", 3)
    quoted = ask(scenario.later(days))
    assert quoted.amount_fen == expected
    assert quoted.basis == ("cooling_off" if expected == 1000 else "unconsumed")
    assert quoted.rules == (("refund.cooling_off",) if expected == 1000 else ("refund.after_start",))


def test_every_basis_is_recorded_and_the_best_wins() -> None:
    scenario = bought("cooling")
    scenario.teach_many("c1", 3)
    quoted = ask(scenario, ground="closure")
    assert named(quoted) == [(1, "unconsumed", 700), (1, "cooling_off", 1000), (1, "closure", 700)]
    assert [line.rules for line in quoted.bases] == [
        ("refund.after_start",),
        ("refund.cooling_off",),
        ("closure.notice",),
    ]
    assert [line.basis for line in quoted.lines] == ["cooling_off"]


def test_a_policy_without_cooling_off_gives_none() -> None:
    scenario = bought()
    scenario.teach_many("c1", 3)
    assert named(ask(scenario)) == [(1, "unconsumed", 700)]


def test_lessons_given_back_come_out_of_what_is_earned_and_then_out_of_an_advance() -> None:
    scenario = bought("cooling")
    scenario.teach_many("c1", 3)
    scenario.do(c.RequestPayout, amount_fen=150)
    scenario.settle("payout-1")
    scenario.sign("c2")
    scenario.pay("c2", 1000)
    ask(scenario)
    events = scenario.do(c.AnswerRefund)
    reversals = [event for event in events if isinstance(event, e.DrawReversed)]
    assert [(event.lesson_id, event.from_earned_fen, event.from_advance_fen) for event in reversals] == [
        ("lesson-3", 100, 0),
        ("lesson-2", 50, 50),
        ("lesson-1", 0, 100),
    ]
    buckets = scenario.account.buckets
    assert (buckets.earned, buckets.advance, buckets.refund_payable, buckets.prepaid) == (0, 150, 1000, 1000)
    for leg in scenario.pending():
        scenario.settle(leg)
    assert (buckets.cash, buckets.refund_payable) == (850, 0)
    assert scenario.account.contracts["c1"].prepaid_fen == 0
    scenario.teach("lesson-9", "c2")
    assert (buckets.advance, buckets.earned) == (50, 0)


def test_an_undisputed_offer_gives_back_only_the_lessons_that_it_needs() -> None:
    scenario = bought("cooling")
    scenario.teach_many("c1", 3)
    ask(scenario)
    events = scenario.do(c.AnswerRefund, agree=False, offered_fen=750)
    assert [event.lesson_id for event in events if isinstance(event, e.DrawReversed)] == ["lesson-3"]
    assert scenario.account.contracts["c1"].prepaid_fen == 50
    scenario.refuses("refund_above_unconsumed", c.OrderRefund, amount_fen=1001)
    scenario.do(c.OrderRefund, amount_fen=1000)
    assert scenario.account.contracts["c1"].prepaid_fen == 0
    assert scenario.account.buckets.earned == 0


def test_a_contract_that_is_drawn_to_the_last_lesson_still_has_its_cooling_off() -> None:
    scenario = bought("cooling")
    scenario.teach_many("c1", 10)
    assert ask(scenario).amount_fen == 1000
    scenario.later(20).do(c.CloseDay)
    assert scenario.account.buckets.refund_payable == 1000


def test_older_money_is_used_first() -> None:
    scenario = bought("cooling", paid_fen=500)
    scenario.later(8)
    scenario.pay("c1", 500)
    scenario.teach_many("c1", 6)
    quoted = ask(scenario)
    [line] = quoted.lines
    assert (line.basis, line.used_fen, line.refund_fen) == ("cooling_off", 500, 500)
    events = scenario.do(c.AnswerRefund)
    assert [event.lesson_id for event in events if isinstance(event, e.DrawReversed)] == ["lesson-6"]
    assert (scenario.account.buckets.earned, scenario.account.contracts["c1"].prepaid_fen) == (500, 0)


def test_a_lesson_paid_by_older_and_recent_money_is_charged_for_the_older_part() -> None:
    scenario = bought("cooling", paid_fen=250)
    scenario.later(8)
    scenario.pay("c1", 750)
    scenario.teach_many("c1", 4)
    quoted = ask(scenario)
    assert quoted.amount_fen == 750
    events = scenario.do(c.AnswerRefund)
    [agreed] = [event for event in events if isinstance(event, e.RefundAgreed)]
    assert agreed.charged == (e.PackageAmount(package=1, amount_fen=50),)
    assert (scenario.account.buckets.earned, scenario.account.contracts["c1"].prepaid_fen) == (250, 0)


def test_a_payment_after_the_first_lesson_has_no_cooling_off() -> None:
    scenario = bought("cooling", package(1, 1000, 10), package(2, 1000, 10))
    scenario.teach("lesson-1", "c1")
    scenario.later(8)
    scenario.pay("c1", 1000)
    assert named(ask(scenario)) == [(1, "unconsumed", 900), (2, "unconsumed", 1000)]


@pytest.mark.parametrize(
    ("said", "had"),
    [
        ({}, True),
        ({"course_id": "course-2"}, True),
        ({"subject": "violin"}, True),
        ({"course_id": "course-2", "subject": "violin"}, False),
        ({"student_id": "student-2"}, False),
    ],
)
def test_the_same_service_before_leaves_no_cooling_off(said: dict[str, str], had: bool) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="cooling")
    scenario.sign("old", **said)
    scenario.pay("old", 1000)
    scenario.teach("lesson-0", "old")
    scenario.later(30)
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.teach("lesson-1", "c1")
    quoted = ask(scenario)
    assert (quoted.same_service_before, quoted.amount_fen) == (had, 900 if had else 1000)


def test_a_contract_that_was_only_signed_or_whose_lessons_were_wrong_is_no_service_before() -> None:
    scenario = Scenario()
    scenario.sign("old")
    scenario.pay("old", 1000)
    scenario.teach("lesson-0", "old")
    scenario.later(1).sign("c1")
    scenario.pay("c1", 1000)
    contract = scenario.account.contracts["c1"]
    assert had_service_before(scenario.account, contract)
    scenario.do(c.CorrectLesson, lesson_id="lesson-0", contracts=("old",))
    assert not had_service_before(scenario.account, contract)


def test_a_contract_that_ended_is_told_with_the_request() -> None:
    scenario = bought("cooling")
    scenario.teach("lesson-1", "c1")
    assert ask(scenario, same_service_before=True).amount_fen == 900


# dry, deterministic


def test_a_dry_quote_is_the_quote_of_the_request() -> None:
    scenario = bought("cooling", package(1, 1000, 10), package(2, 500, 5))
    scenario.teach_many("c1", 3)
    contract = scenario.account.contracts["c1"]
    dry = solve(contract, POLICIES["cooling"], on=MONDAY, ground="own", had_before=False)
    quoted = ask(scenario)
    assert (dry.basis, dry.amount_fen, dry.lines, dry.bases) == (
        quoted.basis,
        quoted.amount_fen,
        quoted.lines,
        quoted.bases,
    )


def _solved(contract: Contract, policy: Policy, ground: e.RefundGround, on: date) -> dict[int, int]:
    quoted = solve(contract, policy, on=on, ground=ground, had_before=False)
    return {line.package: line.refund_fen for line in quoted.lines}


@given(
    prices=st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 8), st.integers(0, 10**6)), min_size=1, max_size=3),
    payments=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 100), st.integers(0, 4)), min_size=1, max_size=4),
    cooling_off_days=st.sampled_from([0, 7]),
    discount_kept=st.booleans(),
    ground=st.sampled_from(["own", "relocation", "closure"]),
    offered_percent=st.integers(0, 100),
)
def test_a_quote_is_between_the_unconsumed_share_and_what_was_paid_and_adds_up(
    prices: list[tuple[int, int, int]],
    payments: list[tuple[int, int, int]],
    cooling_off_days: int,
    discount_kept: bool,
    ground: e.RefundGround,
    offered_percent: int,
) -> None:
    policy = Policy(pack="drawn", cooling_off_days=cooling_off_days, discount_kept=discount_kept)
    scenario = Scenario()
    scenario.policies = FixedPolicies(POLICIES | {"drawn": policy})
    scenario.do(c.AssignPolicy, pack="drawn")
    terms = [package(n, price, count, list_price_fen=price + more) for n, (price, count, more) in enumerate(prices, 1)]
    scenario.sign("c1", *terms)
    contract = scenario.account.contracts["c1"]
    lesson = 0
    for days, percent, lessons in payments:
        scenario.later(days)
        due_fen = contract.due_fen
        if due_fen:
            scenario.pay("c1", max(1, due_fen * percent // 100))
        for _ in range(lessons):
            lesson += 1
            package_state = next((p for p in contract.packages if p.upcoming_lesson()), None)
            upcoming = package_state and package_state.upcoming_lesson()
            if not package_state or not upcoming:
                break
            if package_state.lesson_value_fen(upcoming, "ratio") > package_state.prepaid_fen:
                break
            scenario.teach(f"lesson-{lesson}", "c1")
    solved = _solved(contract, policy, ground, scenario.today)
    contract.packages.reverse()
    assert _solved(contract, policy, ground, scenario.today) == solved
    contract.packages.reverse()
    paid_fen = sum(p.paid_fen for p in contract.packages)
    for state in contract.packages:
        assert 0 <= solved[state.number] <= state.paid_fen
        if discount_kept or ground != "own":
            assert solved[state.number] >= state.prepaid_fen
        if not cooling_off_days:
            assert solved[state.number] <= state.prepaid_fen
    if not sum(solved.values()):
        return
    quoted = ask(scenario, ground=ground)
    assert quoted.amount_fen == sum(solved.values())
    offered_fen = quoted.amount_fen * offered_percent // 100
    if offered_fen < quoted.amount_fen:
        scenario.do(c.AnswerRefund, agree=False, offered_fen=offered_fen)
        scenario.do(c.OrderRefund, amount_fen=quoted.amount_fen)
    else:
        scenario.do(c.AnswerRefund)
    assert sum(event.amount_fen for event in scenario.history if isinstance(event, e.RefundAgreed)) == quoted.amount_fen
    assert {p.number: p.refunded_fen for p in contract.packages} == solved
    assert contract.prepaid_fen == sum(p.prepaid_fen for p in contract.packages) == 0
    assert all(p.drawn_fen >= 0 for p in contract.packages)
    buckets = scenario.account.buckets
    assert buckets.earned == paid_fen - quoted.amount_fen
