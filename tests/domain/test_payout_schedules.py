"""Payouts by the policy's schedule, the month's limit, and large withdrawals that are announced."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.policy import Period
from tests.domain.scenario import ACCOUNT_ID, MONDAY, Scenario, package, switch, under

SUNDAY = date(2025, 3, 9)
MONTH_END = date(2025, 3, 31)


def close(scenario: Scenario, **said: date) -> list[e.Event]:
    """The close's events; a second close of the same date adds none."""
    events = scenario.do(c.CloseDay, **said)
    assert scenario.do(c.CloseDay, **said) == []
    return events


def names(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def teaching(**terms: Any) -> Scenario:
    """1000 fen paid for 10 lessons; none taught yet."""
    scenario = under(**terms)
    scenario.sign("c1", package(1, 1000, 10))
    scenario.pay("c1", 1000)
    return scenario


def payout(events: list[e.Event]) -> e.PayoutInstructed:
    """The one payout among the events."""
    [found] = [event for event in events if isinstance(event, e.PayoutInstructed)]
    return found


def test_on_request_the_clock_pays_nothing() -> None:
    scenario = teaching()
    scenario.teach_many("c1", 3)
    assert close(scenario) == []
    scenario.do(c.RequestPayout, amount_fen=300)


def test_per_lesson_each_close_pays_what_is_free() -> None:
    scenario = teaching(payout_schedule="per_lesson")
    assert close(scenario) == []
    scenario.teach("lesson-1", "c1")
    scenario.refuses("payout_scheduled", c.RequestPayout, amount_fen=100)
    instructed = payout(close(scenario))
    assert (instructed.amount_fen, instructed.schedule, instructed.rules) == (100, "per_lesson", ("payout.schedule",))
    assert instructed.instruction_id == f"{ACCOUNT_ID}.payout.2025-03-03"
    scenario.teach("lesson-2", "c1")
    assert close(scenario) == []
    assert payout(close(scenario.later(1))).amount_fen == 100


def test_weekly_what_is_released_by_sunday_falls_due_and_is_paid() -> None:
    scenario = teaching(payout_schedule="weekly", payout_within=Period(7, "days"))
    scenario.teach_many("c1", 3)
    for _ in range(5):
        scenario.later(1)
        assert close(scenario) == []
    scenario.today = SUNDAY
    due, instructed = close(scenario)
    assert isinstance(due, e.PayoutFellDue)
    assert (due.amount_fen, due.period_ends_on, due.due_on) == (300, SUNDAY, SUNDAY + timedelta(days=7))
    assert isinstance(instructed, e.PayoutInstructed)
    assert (instructed.amount_fen, instructed.schedule) == (300, "weekly")
    scenario.teach("lesson-4", "c1")
    assert close(scenario.later(1)) == []


@pytest.mark.parametrize(("on", "is_due"), [(MONTH_END - timedelta(days=1), False), (MONTH_END, True)])
def test_monthly_on_the_last_day_of_the_month(on: date, is_due: bool) -> None:
    scenario = teaching(payout_schedule="monthly")
    scenario.teach_many("c1", 3)
    scenario.today = on
    assert names(close(scenario)) == (["PayoutFellDue", "PayoutInstructed"] if is_due else [])


def test_a_month_without_lessons_is_quiet() -> None:
    scenario = teaching(payout_schedule="monthly")
    scenario.today = MONTH_END
    assert close(scenario) == []
    scenario.later(1).teach("lesson-1", "c1")
    assert close(scenario) == []


@pytest.mark.parametrize("stop", ["freeze", "suspend", "minimum"])
def test_what_stops_the_clock_leaves_it_due_until_it_is_over(stop: str) -> None:
    scenario = teaching(payout_schedule="weekly")
    scenario.teach_many("c1", 3)
    stops: dict[str, tuple[type[c.Command], dict[str, Any]]] = {
        "freeze": (c.FreezeAccount, {"scope": "payouts"}),
        "suspend": (c.SuspendAccount, {}),
        "minimum": (c.SetMinimumBalance, {"amount_fen": 1_001}),
    }
    starts: dict[str, tuple[type[c.Command], dict[str, Any]]] = {
        "freeze": (c.UnfreezeAccount, {"scope": "payouts"}),
        "suspend": (c.ResumeAccount, {}),
        "minimum": (c.SetMinimumBalance, {"amount_fen": 0}),
    }
    scenario.today = SUNDAY
    scenario.do(stops[stop][0], **stops[stop][1])
    assert "PayoutFellDue" in names(close(scenario))
    assert "PayoutInstructed" not in names(close(scenario.later(1)))
    scenario.do(starts[stop][0], **starts[stop][1])
    scenario.teach("lesson-4", "c1")
    assert payout(close(scenario.later(1))).amount_fen == 300


def test_a_payout_that_the_bank_refuses_is_made_again_at_the_next_close() -> None:
    scenario = teaching(payout_schedule="weekly")
    scenario.teach_many("c1", 3)
    scenario.today = SUNDAY
    first = payout(close(scenario)).instruction_id
    scenario.settle(first, "rejected")
    assert close(scenario) == []
    again = payout(close(scenario.later(1)))
    assert again.amount_fen == 300
    assert again.instruction_id != first


def test_fresh_and_held_lessons_are_not_due() -> None:
    scenario = teaching(payout_schedule="weekly", holding_days=5)
    scenario.teach_many("c1", 3)
    scenario.today = SUNDAY - timedelta(days=2)
    scenario.teach("lesson-4", "c1")
    scenario.do(c.HoldFunds, amount_fen=50)
    scenario.today = SUNDAY
    assert close(scenario) == []
    assert payout(close(scenario.later(7))).amount_fen == 350


def test_after_the_whole_order_and_so_many_working_days() -> None:
    scenario = teaching(payout_schedule="after_order", payout_within=Period(15))
    scenario.teach_many("c1", 9)
    assert close(scenario.later(30)) == []
    scenario.teach("lesson-10", "c1")
    [finished] = close(scenario)
    assert isinstance(finished, e.OrderFinished)
    assert (finished.contract_id, finished.amount_fen, finished.releasable_on) == ("c1", 1000, date(2025, 4, 23))
    scenario.today = date(2025, 4, 22)
    assert close(scenario) == []
    assert payout(close(scenario.later(1))).amount_fen == 1000


def test_an_order_is_whole_too_when_its_rest_was_refunded() -> None:
    scenario = teaching(payout_schedule="after_order", payout_within=Period(0, "days"))
    scenario.teach_many("c1", 4)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    assert close(scenario) == []
    scenario.settle(scenario.pending()[0])
    assert names(close(scenario.later(1))) == ["OrderFinished", "PayoutInstructed"]
    assert payout(scenario.history).amount_fen == 400


def test_an_order_is_whole_when_its_time_is_over_and_nothing_is_prepaid() -> None:
    scenario = under(payout_schedule="after_order", payout_within=Period(0, "days"))
    scenario.sign("c1", package(1, 1000, 10), ends_on=MONDAY)
    scenario.pay("c1", 300)
    scenario.teach_many("c1", 3)
    assert close(scenario) == []
    assert names(close(scenario.later(1))) == ["OrderFinished", "PayoutInstructed"]


def test_a_lesson_of_a_finished_order_can_be_corrected() -> None:
    scenario = teaching(payout_schedule="after_order", payout_within=Period(15))
    scenario.teach_many("c1", 10)
    close(scenario)
    scenario.do(c.CorrectLesson, lesson_id="lesson-10", contracts=("c1",))
    assert scenario.account.unreleased_fen(scenario.today) == 900 == scenario.account.buckets.earned
    scenario.teach("again", "c1")
    [finished] = close(scenario)
    assert isinstance(finished, e.OrderFinished)
    assert finished.amount_fen == 100


def test_orders_drawn_under_an_earlier_policy_still_wait_for_their_end() -> None:
    scenario = teaching(payout_schedule="after_order")
    scenario.teach_many("c1", 9)
    switch(scenario)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.teach("lesson-10", "c1")
    assert names(close(scenario)) == ["OrderFinished"]


# payout.multiple_of_minimum


@pytest.mark.parametrize(("amount_fen", "is_refused"), [(199, False), (200, False), (201, True)])
def test_a_months_payouts_are_at_most_a_multiple_of_the_minimum(amount_fen: int, is_refused: bool) -> None:
    scenario = teaching(payout_minimum_multiple=2)
    scenario.teach_many("c1", 9)
    scenario.do(c.SetMinimumBalance, amount_fen=100)
    if is_refused:
        refusal = scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=amount_fen)
        assert refusal.figures == {"amount_fen": 201, "limit_fen": 200, "left_fen": 200}
        return
    instructed = scenario.one(e.PayoutInstructed, c.RequestPayout, amount_fen=amount_fen)
    assert instructed.rules == ("payout.multiple_of_minimum",)


def test_the_months_payouts_add_up_and_begin_anew_with_the_month() -> None:
    scenario = teaching(payout_minimum_multiple=2, advance_share_bp=5_000)
    scenario.teach_many("c1", 5)
    scenario.do(c.SetMinimumBalance, amount_fen=100)
    scenario.do(c.RequestPayout, amount_fen=120)
    scenario.later(28)
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=81, instruction_id="payout-2")
    scenario.refuses("payout_above_month", c.RequestAdvance, amount_fen=81)
    scenario.settle("payout-1", "rejected")
    scenario.do(c.RequestPayout, amount_fen=200, instruction_id="payout-2")
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=1, instruction_id="payout-3")
    scenario.later(1)
    scenario.do(c.RequestPayout, amount_fen=200, instruction_id="payout-3")


def test_a_failure_of_last_months_payout_makes_no_room_in_this_one() -> None:
    scenario = teaching(payout_minimum_multiple=2)
    scenario.teach_many("c1", 9)
    scenario.do(c.SetMinimumBalance, amount_fen=100)
    scenario.do(c.RequestPayout, amount_fen=200)
    scenario.later(30)
    scenario.do(c.RequestPayout, amount_fen=150, instruction_id="payout-2")
    scenario.settle("payout-1", "rejected")
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=51, instruction_id="payout-3")


def test_without_a_minimum_balance_nothing_is_a_multiple_of_it() -> None:
    scenario = teaching(payout_minimum_multiple=2)
    scenario.teach_many("c1", 9)
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=1)


def test_the_clock_pays_what_the_month_leaves_and_the_rest_next_month() -> None:
    scenario = teaching(payout_minimum_multiple=2, payout_schedule="monthly")
    scenario.teach_many("c1", 5)
    scenario.do(c.SetMinimumBalance, amount_fen=100)
    scenario.today = MONTH_END
    assert payout(close(scenario)).amount_fen == 200
    assert payout(close(scenario.later(1))).amount_fen == 200
    assert close(scenario.later(1)) == []


# movement.notice

NOTICE: dict[str, Any] = {"movement_notice_days": 5, "large_movement_bp": 1_000}


def test_a_large_withdrawal_is_announced_working_days_ahead() -> None:
    scenario = teaching(**NOTICE)
    scenario.teach_many("c1", 5)
    scenario.do(c.RequestPayout, amount_fen=100)
    scenario.settle("payout-1")
    refusal = scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=91, instruction_id="payout-2")
    assert refusal.figures == {"amount_fen": 91, "large_fen": 90, "days": 5}
    announced = scenario.one(e.PayoutAnnounced, c.AnnouncePayout, amount_fen=300)
    assert (announced.payable_on, announced.rules) == (date(2025, 3, 10), ("movement.notice",))
    scenario.later(6)
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=91, instruction_id="payout-2")
    scenario.later(1)
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=301, instruction_id="payout-2")
    instructed = scenario.one(e.PayoutInstructed, c.RequestPayout, amount_fen=300, instruction_id="payout-2")
    assert (instructed.announced, instructed.rules) == (True, ("movement.notice",))
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=91, instruction_id="payout-3")


def test_a_small_withdrawal_leaves_the_announcement_open() -> None:
    scenario = teaching(**NOTICE)
    scenario.teach_many("c1", 5)
    scenario.do(c.AnnouncePayout, amount_fen=300)
    scenario.later(7).do(c.RequestPayout, amount_fen=100)
    scenario.do(c.RequestPayout, amount_fen=300, instruction_id="payout-2")


def test_a_new_announcement_replaces_the_open_one() -> None:
    scenario = teaching(**NOTICE)
    scenario.teach_many("c1", 5)
    scenario.do(c.AnnouncePayout, amount_fen=300)
    scenario.later(7).do(c.AnnouncePayout, amount_fen=400)
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=101)
    scenario.later(7).do(c.RequestPayout, amount_fen=400)


def test_an_announcement_that_no_rule_asks_for_is_refused() -> None:
    teaching().refuses("payout_notice_not_needed", c.AnnouncePayout, amount_fen=300)
    teaching(**NOTICE).refuses("amount_not_positive", c.AnnouncePayout, amount_fen=0)


def test_a_large_advance_is_announced_too() -> None:
    scenario = teaching(**NOTICE, advance_share_bp=2_000)
    scenario.refuses("payout_not_announced", c.RequestAdvance, amount_fen=101)
    scenario.do(c.AnnouncePayout, amount_fen=200)
    scenario.later(7).do(c.RequestAdvance, amount_fen=200)
    assert scenario.account.payouts.announcement is None


def test_the_clock_announces_its_large_payout_and_makes_it_when_the_time_has_passed() -> None:
    scenario = teaching(**NOTICE, payout_schedule="per_lesson")
    scenario.teach_many("c1", 3)
    [announced] = close(scenario)
    assert isinstance(announced, e.PayoutAnnounced)
    assert (announced.amount_fen, announced.payable_on) == (300, date(2025, 3, 10))
    assert close(scenario.later(6)) == []
    scenario.teach("lesson-4", "c1")
    instructed = payout(close(scenario.later(1)))
    assert (instructed.amount_fen, instructed.announced) == (300, True)
    assert free_for_payout(scenario.account, scenario.today).free_fen == 100
