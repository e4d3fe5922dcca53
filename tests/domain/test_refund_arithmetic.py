"""What a family is owed, to the fen: judgments and properties."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import Scenario, package


def quote(scenario: Scenario, contract_id: str = "c1") -> e.RefundQuoted:
    _, quoted = scenario.do(c.RequestRefund, contract_id=contract_id)
    assert isinstance(quoted, e.RefundQuoted)
    return quoted


def test_wuhan_2025_each_package_by_itself() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 600800, 40), package(2, 1118000, 80))
    scenario.pay("c1", 600800)
    scenario.pay("c1", 1118000)
    scenario.teach_many("c1", 17)
    quoted = quote(scenario)
    assert quoted.amount_fen == 23 * 15020 + 1118000 == 1463460
    pooled = (600800 + 1118000) * 103 // 120
    assert pooled == 1475303 != quoted.amount_fen
    assert [(line.package, line.drawn_lessons, line.refund_fen) for line in quoted.lines] == [
        (1, 17, 345460),
        (2, 0, 1118000),
    ]


def test_gift_lessons_share_the_price_or_are_worth_nothing() -> None:
    for pack, expected in [("default", 700), ("gifts-last", 625)]:
        scenario = Scenario()
        scenario.do(c.AssignPolicy, pack=pack)
        scenario.sign("c1", package(1, 1000, 8, gifts=2))
        scenario.pay("c1", 1000)
        scenario.teach_many("c1", 3)
        assert quote(scenario).amount_fen == expected


def test_a_policy_assigned_later_does_not_revalue_a_signed_contract() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 1000, 8, gifts=2))
    scenario.pay("c1", 1000)
    scenario.do(c.AssignPolicy, pack="gifts-last")
    scenario.teach_many("c1", 3)
    assert quote(scenario).amount_fen == 700


def test_a_partly_paid_package_gives_back_what_was_paid_and_not_used() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 1000, 10), package(2, 1000, 10))
    scenario.pay("c1", 1250)
    scenario.teach_many("c1", 4)
    assert [line.refund_fen for line in quote(scenario).lines] == [600, 250]


def test_a_reversed_lesson_is_refunded() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 10000, 3))
    scenario.pay("c1", 10000)
    scenario.teach_many("c1", 3)
    scenario.do(c.CorrectLesson, lesson_id="lesson-3", contracts=("c1",))
    assert quote(scenario).amount_fen == 3334


@given(
    prices=st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 12)), min_size=1, max_size=4),
    paid_percent=st.integers(1, 100),
    lessons=st.integers(0, 40),
    offered_percent=st.integers(0, 99),
)
def test_paid_is_drawn_plus_refunded_plus_left_in_every_package(
    prices: list[tuple[int, int]], paid_percent: int, lessons: int, offered_percent: int
) -> None:
    scenario = Scenario()
    scenario.sign("c1", *(package(n, price, count) for n, (price, count) in enumerate(prices, 1)))
    paid_fen = max(1, sum(price for price, _ in prices) * paid_percent // 100)
    scenario.pay("c1", paid_fen)
    contract = scenario.account.contracts["c1"]
    for number in range(lessons):
        upcoming = [p.upcoming_lesson() for p in contract.packages]
        open_package = next((p for p, lesson in zip(contract.packages, upcoming, strict=True) if lesson), None)
        lesson = open_package and open_package.upcoming_lesson()
        if not open_package or not lesson or open_package.lesson_value_fen(lesson, "ratio") > open_package.prepaid_fen:
            break
        scenario.teach(f"lesson-{number}", "c1")
    if contract.prepaid_fen == 0:
        return
    quoted = quote(scenario)
    assert quoted.amount_fen == paid_fen - scenario.account.buckets.earned == contract.prepaid_fen
    offered_fen = quoted.amount_fen * offered_percent // 100
    scenario.do(c.AnswerRefund, agree=False, offered_fen=offered_fen)
    assert contract.prepaid_fen == sum(p.prepaid_fen for p in contract.packages) == quoted.amount_fen - offered_fen
    assert all(p.prepaid_fen >= 0 for p in contract.packages)
    scenario.do(c.OrderRefund, amount_fen=quoted.amount_fen)
    assert [p.prepaid_fen for p in contract.packages] == [0] * len(prices)
