"""Decisions about lessons: each family draws its own lesson, all of a class or none, and errors are reversed."""

from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract


def drawn(events: list[e.Event]) -> list[tuple[str, int, int, int]]:
    """(contract, package, lesson, fen) of the events' draws."""
    return [
        (line.contract_id, line.package, line.lesson, line.amount_fen)
        for event in events
        if isinstance(event, e.LessonDrawn)
        for line in event.lines
    ]


def test_a_class_is_one_event_with_a_line_for_each_family() -> None:
    scenario = paid_contract()
    scenario.sign("c2", package(1, 100, 3))
    scenario.pay("c2", 100)
    events = scenario.teach("lesson-1", "c1", "c2")
    assert [type(event) for event in events] == [e.LessonDelivered, e.LessonDrawn]
    assert drawn(events) == [("c1", 1, 1, 100), ("c2", 1, 1, 33)]
    assert scenario.account.buckets.earned == 133


def test_draws_follow_the_cumulative_floor_and_then_the_next_package() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 10000, 3), package(2, 5, 2))
    scenario.pay("c1", 10005)
    amounts = [drawn(scenario.teach(f"lesson-{n}", "c1"))[0][1:] for n in range(1, 6)]
    assert amounts == [(1, 1, 3333), (1, 2, 3333), (1, 3, 3334), (2, 1, 2), (2, 2, 3)]
    scenario.refuses("lesson_none_left", c.DeliverLesson, lesson_id="lesson-6", contracts=("c1",))
    assert scenario.account.buckets.prepaid == 0


@pytest.mark.parametrize(
    ("pack", "amounts"), [("default", [200, 200, 200, 200, 200]), ("gifts-last", [333, 333, 334, 0, 0])]
)
def test_gifts_are_worth_their_share_or_nothing(pack: str, amounts: list[int]) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack=pack)
    scenario.sign("c1", package(1, 1000, 3, gifts=2))
    scenario.pay("c1", 1000)
    assert [drawn(scenario.teach(f"lesson-{n}", "c1"))[0][3] for n in range(1, 6)] == amounts
    scenario.refuses("lesson_none_left", c.DeliverLesson, lesson_id="lesson-6", contracts=("c1",))


@pytest.mark.parametrize(("paid_fen", "lessons"), [(32, 0), (33, 1), (65, 1), (66, 2), (99, 2), (100, 3)])
def test_draws_never_go_beyond_what_is_paid(paid_fen: int, lessons: int) -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 100, 3))
    scenario.pay("c1", paid_fen)
    scenario.teach_many("c1", lessons)
    if lessons < 3:
        scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="one more", contracts=("c1",))


def refunded_in_part(*packages: e.Package, paid_fen: int, refunded_fen: int) -> Scenario:
    """Contract `c1`, paid, of which part was refunded before the request was withdrawn."""
    scenario = Scenario()
    scenario.sign("c1", *packages)
    scenario.pay("c1", paid_fen)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund, agree=False, offered_fen=refunded_fen)
    scenario.do(c.WithdrawRefund)
    scenario.settle(scenario.pending()[0])
    return scenario


def test_a_package_that_was_refunded_in_part_gives_way_to_the_next() -> None:
    scenario = refunded_in_part(package(1, 100, 2), package(2, 100, 1), paid_fen=200, refunded_fen=30)
    assert drawn(scenario.teach("lesson-1", "c1")) == [("c1", 1, 1, 50)]
    assert drawn(scenario.teach("lesson-2", "c1")) == [("c1", 2, 1, 100)]
    refusal = scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="lesson-3", contracts=("c1",))
    assert refusal.figures == {"contract_id": "c1", "amount_fen": 50, "balance_fen": 20}


def test_when_no_package_can_pay_the_first_short_one_is_named() -> None:
    packages = (package(1, 100, 1), package(2, 90, 1), package(3, 80, 1))
    scenario = refunded_in_part(*packages, paid_fen=189, refunded_fen=1)
    refusal = scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    assert refusal.figures == {"contract_id": "c1", "amount_fen": 100, "balance_fen": 99}


def test_a_package_that_is_not_paid_yet_does_not_give_way() -> None:
    scenario = Scenario()
    scenario.sign("c1", package(1, 100, 1), package(2, 100, 1, gifts=101))
    scenario.pay("c1", 99)
    refusal = scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    assert refusal.figures["balance_fen"] == 99


def test_one_packages_money_does_not_pay_for_another_packages_lesson() -> None:
    scenario = refunded_in_part(package(1, 100, 1), paid_fen=100, refunded_fen=1)
    refusal = scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    assert refusal.figures["balance_fen"] == 99


def test_a_class_is_drawn_whole_or_not_at_all() -> None:
    scenario = paid_contract()
    scenario.sign("unpaid")
    for contracts in [("c1", "unpaid"), ("unpaid", "c1")]:
        scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="lesson-1", contracts=contracts)
    scenario.refuses("contract_not_found", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1", "c9"))


def test_a_class_has_some_students_once_each_and_not_too_many() -> None:
    scenario = paid_contract()
    for contract_id in ("c2", "c3"):
        scenario.sign(contract_id)
        scenario.pay(contract_id, 1000)
    scenario.do(c.AssignPolicy, pack="tight")
    for kind in (c.DeliverLesson, c.CorrectLesson):
        scenario.refuses("lesson_without_students", kind, lesson_id="lesson-1", contracts=())
        scenario.refuses("lesson_contract_twice", kind, lesson_id="lesson-1", contracts=("c1", "c1"))
        scenario.refuses("lesson_students_many", kind, lesson_id="lesson-1", contracts=("c1", "c2", "c3"))
    scenario.teach("lesson-1", "c1")
    scenario.teach("lesson-2", "c1", "c2")


def test_a_lesson_lies_within_its_contract() -> None:
    scenario = Scenario()
    starts_on, ends_on = MONDAY - timedelta(days=7), MONDAY - timedelta(days=1)
    scenario.sign("c1", starts_on=starts_on, ends_on=ends_on)
    scenario.pay("c1", 1000)
    for taught_on in (starts_on - timedelta(days=1), ends_on + timedelta(days=1)):
        scenario.refuses(
            "lesson_outside_contract", c.DeliverLesson, lesson_id="early", contracts=("c1",), effective_on=taught_on
        )
    for day, taught_on in enumerate((starts_on, ends_on)):
        scenario.teach(f"lesson-{day}", "c1", effective_on=taught_on)


def test_a_lesson_is_drawn_once_for_a_family() -> None:
    scenario = paid_contract()
    scenario.sign("c2")
    scenario.pay("c2", 1000)
    scenario.teach("lesson-1", "c1")
    scenario.refuses("lesson_already_drawn", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.refuses("lesson_already_drawn", c.DeliverLesson, lesson_id="lesson-1", contracts=("c2", "c1"))
    scenario.teach("lesson-1", "c2")


def test_lessons_wait_while_a_refund_is_open() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.refuses("contract_refund_open", c.DeliverLesson, lesson_id="lesson-2", contracts=("c1",))
    scenario.refuses("contract_refund_open", c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.do(c.WithdrawRefund)
    scenario.teach("lesson-2", "c1")


def test_a_reversed_lesson_gives_back_its_exact_amount_and_is_drawn_next() -> None:
    scenario = paid_contract(price_fen=10000, lessons=3)
    scenario.teach_many("c1", 3)
    event = scenario.one(e.DrawReversed, c.CorrectLesson, lesson_id="lesson-3", contracts=("c1",))
    assert [(line.lesson, line.amount_fen) for line in event.lines] == [(3, 3334)]
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert scenario.account.buckets.prepaid == 6667
    assert [drawn(scenario.teach(f"again-{n}", "c1"))[0][2:] for n in (1, 2)] == [(1, 3333), (3, 3334)]
    scenario.refuses("lesson_none_left", c.DeliverLesson, lesson_id="lesson-5", contracts=("c1",))


def test_only_a_drawn_lesson_is_reversed_and_only_once() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.refuses("lesson_not_drawn", c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
    scenario.refuses("contract_not_found", c.CorrectLesson, lesson_id="lesson-1", contracts=("c9",))
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.refuses("lesson_not_drawn", c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.teach("lesson-1", "c1")


def test_what_was_paid_out_for_a_wrong_lesson_becomes_an_advance_that_lessons_recoup_first() -> None:
    scenario = paid_contract()
    scenario.teach_many("c1", 2)
    scenario.do(c.RequestPayout, amount_fen=150)
    scenario.settle("payout-1")
    event = scenario.one(e.DrawReversed, c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert (event.from_earned_fen, event.from_advance_fen) == (50, 50)
    scenario.do(c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
    assert (scenario.account.buckets.earned, scenario.account.buckets.advance) == (0, 150)
    recouped = [event.amount_fen for event in scenario.teach("lesson-3", "c1") if isinstance(event, e.AdvanceRecouped)]
    assert recouped == [100]
    scenario.teach("lesson-4", "c1")
    assert (scenario.account.buckets.earned, scenario.account.buckets.advance) == (50, 0)


def test_draws_are_payable_after_the_holding_days() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="held")
    events = scenario.teach("lesson-1", "c1")
    assert [event.releasable_on for event in events if isinstance(event, e.LessonDrawn)] == [date(2025, 3, 10)]
    scenario.later(6).refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.later(1).do(c.RequestPayout, amount_fen=100)


def test_a_lesson_told_late_is_held_as_long_as_one_told_at_once() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="held")
    scenario.later(4).teach("lesson-1", "c1", effective_on=MONDAY)
    assert scenario.account.contracts["c1"].draws["lesson-1"].releasable_on == date(2025, 3, 14)
    scenario.do(c.AssignPolicy, pack="default")
    scenario.teach("lesson-2", "c1", effective_on=MONDAY)
    assert scenario.account.contracts["c1"].draws["lesson-2"].releasable_on is None
    scenario.do(c.RequestPayout, amount_fen=100)


def test_a_reversed_draw_no_longer_holds_anything_back() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="held")
    scenario.teach("lesson-1", "c1")
    scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert scenario.account.unreleased_fen(scenario.today) == 0
    scenario.do(c.AssignPolicy, pack="default")
    scenario.teach("lesson-2", "c1")
    scenario.do(c.RequestPayout, amount_fen=100)


def test_reversing_a_draw_that_was_payable_at_once_releases_no_other() -> None:
    scenario = paid_contract(price_fen=1000, lessons=10)
    scenario.do(c.AssignPolicy, pack="held")
    scenario.teach("held", "c1")
    scenario.do(c.AssignPolicy, pack="default")
    scenario.later(7).teach("at-once", "c1")
    scenario.do(c.CorrectLesson, lesson_id="at-once", contracts=("c1",))
    before = scenario.today - timedelta(days=1)
    assert scenario.account.unreleased_fen(before) == 100
    scenario.today = before
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)


def test_forgotten_release_days_are_those_that_passed() -> None:
    scenario = paid_contract(price_fen=6000, lessons=60)
    scenario.do(c.AssignPolicy, pack="held")
    for number in range(60):
        scenario.later(1).teach(f"lesson-{number}", "c1")
    waiting = sum(
        draw.amount_fen
        for draw in scenario.account.contracts["c1"].draws.values()
        if draw.releasable_on and draw.releasable_on > scenario.today
    )
    assert scenario.account.unreleased_fen(scenario.today) == waiting > 0
    assert len(scenario.account.unreleased) <= 45
