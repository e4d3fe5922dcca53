"""A day that is closed late pays what was earned by its end, and leaves later days to their own closes."""

from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.scenario import MONDAY, package, switch, under
from tests.domain.test_payout_schedules import MONTH_END, SUNDAY, close, payout, teaching

SCHEDULES = [("weekly", SUNDAY), ("monthly", MONTH_END), ("per_lesson", SUNDAY)]


def test_a_late_close_of_the_day_pays_the_same() -> None:
    scenario = teaching(payout_schedule="weekly")
    scenario.teach_many("c1", 3)
    scenario.today = SUNDAY + timedelta(days=2)
    assert close(scenario) == []
    assert payout(close(scenario, effective_on=SUNDAY)).amount_fen == 300
    assert close(scenario, effective_on=SUNDAY - timedelta(days=7)) == []


@pytest.mark.parametrize(("schedule", "last"), SCHEDULES)
@pytest.mark.parametrize("late", [False, True])
def test_a_late_close_pays_what_one_in_time_would_have(schedule: str, last: date, late: bool) -> None:
    """Lessons of the days since are another span's, and paid by its own close."""
    scenario = teaching(payout_schedule=schedule)
    scenario.teach_many("c1", 3)
    scenario.today = last
    closed = [] if late else [close(scenario)]
    for day in (1, 2):
        scenario.today = last + timedelta(days=day)
        scenario.teach(f"after-{day}", "c1")
    if late:
        closed = [close(scenario, effective_on=last)]
    assert [event.amount_fen for event in closed[0] if isinstance(event, e.PayoutFellDue)] == (
        [] if schedule == "per_lesson" else [300]
    )
    assert (payout(closed[0]).amount_fen, payout(closed[0]).effective_on) == (300, last)
    if schedule == "per_lesson":
        for day in (1, 2):
            assert payout(close(scenario, effective_on=last + timedelta(days=day))).amount_fen == 100
    elif schedule == "weekly":
        scenario.today = last + timedelta(days=7)
        assert payout(close(scenario)).amount_fen == 200


def test_a_late_close_leaves_out_what_was_earned_otherwise_since() -> None:
    scenario = teaching(payout_schedule="weekly", discount_kept=False)
    scenario.sign("c2", package(1, 900, 10, list_price_fen=1_000), contract_no="no-2")
    scenario.pay("c2", 900)
    scenario.teach_many("c1", 3)
    scenario.teach("used", "c2")
    scenario.pay("", 70, purpose="reserve")
    scenario.today = SUNDAY + timedelta(days=1)
    scenario.do(c.RequestRefund, contract_id="c2")
    [agreed] = [one for one in scenario.do(c.AnswerRefund) if isinstance(one, e.RefundAgreed)]
    assert sum(line.amount_fen for line in agreed.charged) == 10
    scenario.do(c.ReleaseReserve, amount_fen=70)
    assert scenario.account.buckets.earned == 300 + 90 + 10 + 70
    assert payout(close(scenario, effective_on=SUNDAY)).amount_fen == 390


def test_a_late_close_leaves_bills_out_that_were_paid_since() -> None:
    scenario = under(payout_schedule="weekly")
    scenario.sign("c1", package(1, 900, 3), billing="after_lesson")
    for day, on in enumerate((SUNDAY, SUNDAY + timedelta(days=1))):
        scenario.today = on
        scenario.teach(f"lesson-{day}", "c1")
        scenario.pay("c1", 300)
    scenario.today = SUNDAY + timedelta(days=2)
    assert payout(close(scenario, effective_on=SUNDAY)).amount_fen == 300


@pytest.mark.parametrize(
    ("taken_back", "paid_fen"), [(("after",), 300), (("lesson-1",), 300), (("lesson-1", "after"), 200)]
)
@pytest.mark.parametrize("holding_days", [0, 5])
def test_a_late_close_pays_no_more_than_is_left_of_what_was_taken_back_since(
    taken_back: tuple[str, ...], paid_fen: int, holding_days: int
) -> None:
    scenario = teaching(payout_schedule="weekly", holding_days=holding_days)
    scenario.teach_many("c1", 3)
    scenario.today = SUNDAY + timedelta(days=1)
    scenario.teach("after", "c1")
    for lesson_id in taken_back:
        scenario.do(c.CorrectLesson, lesson_id=lesson_id, contracts=("c1",))
    free = free_for_payout(scenario.account, SUNDAY)
    assert free.free_fen <= scenario.account.buckets.earned
    if not holding_days:
        assert payout(close(scenario, effective_on=SUNDAY)).amount_fen == paid_fen


@pytest.mark.parametrize("taught_first", [True, False])
def test_what_was_taken_back_and_what_was_earned_since_count_in_any_order(taught_first: bool) -> None:
    """By Sunday three lessons were earned, and as much is earned now."""
    scenario = teaching(payout_schedule="weekly")
    scenario.teach_many("c1", 3)
    for day in (1, 2):
        scenario.today = SUNDAY + timedelta(days=day)
        if taught_first == (day == 1):
            scenario.teach("after", "c1")
        else:
            scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert payout(close(scenario, effective_on=SUNDAY)).amount_fen == 300


@pytest.mark.parametrize("taught_first", [True, False])
def test_lessons_taught_and_taken_back_on_a_day_leave_the_same_state_in_any_order(taught_first: bool) -> None:
    scenario = teaching(payout_schedule="weekly")
    scenario.teach_many("c1", 3)
    scenario.today = SUNDAY + timedelta(days=1)
    for teaching_now in (taught_first, not taught_first):
        if teaching_now:
            scenario.teach("after", "c1")
        else:
            scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1",))
    assert scenario.account.payouts.earned_on == {MONDAY.isoformat(): 300}


@pytest.mark.parametrize("waiting_first", [True, False])
def test_draws_that_wait_and_draws_that_were_paid_out_are_taken_back_in_any_order(waiting_first: bool) -> None:
    scenario = teaching(holding_days=5)
    scenario.sign("c2", package(1, 1_000, 2), contract_no="no-2")
    scenario.pay("c2", 1_000)
    scenario.teach_many("c1", 2)
    switch(scenario)
    scenario.teach("at once", "c2")
    scenario.do(c.RequestPayout, amount_fen=500)
    for lesson_id, contract_id in (("lesson-1", "c1"), ("at once", "c2"))[:: 1 if waiting_first else -1]:
        scenario.do(c.CorrectLesson, lesson_id=lesson_id, contracts=(contract_id,))
    b = scenario.account.buckets
    assert (b.earned, b.advance, sum(scenario.account.unreleased.values())) == (0, 400, 100)
    assert scenario.account.payouts.earned_on == {MONDAY.isoformat(): 400}


def test_lessons_that_are_worth_nothing_wait_for_nothing() -> None:
    scenario = under(holding_days=5)
    scenario.sign("c1", package(1, 1, 2))
    scenario.pay("c1", 1)
    scenario.teach("lesson-1", "c1")
    assert (scenario.account.unreleased, scenario.account.payouts.earned_on) == ({}, {})


def test_what_an_advance_took_on_a_later_day_is_no_part_of_an_earlier_one() -> None:
    scenario = teaching(payout_schedule="weekly", advance_share_bp=10_000)
    scenario.teach_many("c1", 3)
    scenario.later(1).teach("lesson-4", "c1")
    scenario.do(c.RequestAdvance, amount_fen=50)
    assert scenario.account.buckets.earned == 350
    assert free_for_payout(scenario.account, scenario.today).releasable_fen == 350
    assert free_for_payout(scenario.account, MONDAY).releasable_fen == 300


def test_days_of_lessons_are_kept_for_a_month() -> None:
    scenario = under(payout_schedule="per_lesson")
    scenario.sign("c1", package(1, 6_000, 60))
    scenario.pay("c1", 6_000)
    for day in range(60):
        scenario.later(1).teach(f"lesson-{day}", "c1")
    assert len(scenario.account.payouts.earned_on) == 31
    late = scenario.today - timedelta(days=30)
    assert payout(close(scenario, effective_on=late)).amount_fen == 3_000
