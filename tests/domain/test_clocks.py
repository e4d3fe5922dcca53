"""Clocks: terms of days and working days, provisional years, suspension, and what moves deadlines."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.calendar import WEEKENDS_ONLY, WorkingCalendar
from ledger.domain.clocks import counted, is_suspended, open_clocks, paused, recounted
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract

YEAR_2025 = WorkingCalendar(years=frozenset({2025}))
NEW_YEAR = frozenset({date(2026, 1, 1), date(2026, 1, 2)})
BOTH_YEARS = WorkingCalendar(
    closed=NEW_YEAR, opened=frozenset({date(2026, 1, 4)}), years=frozenset({2025, 2026}), version="2026"
)


def close(scenario: Scenario) -> list[e.Event]:
    """The close's events; a second close of the same date adds none."""
    events = scenario.do(c.CloseDay)
    assert scenario.do(c.CloseDay) == []
    return events


def clocks(scenario: Scenario) -> list[tuple[str, str, date]]:
    return [(clock.name, clock.subject_id, clock.due_on) for clock in open_clocks(scenario.account)]


# terms


@pytest.mark.parametrize(
    ("unit", "count", "expected"),
    [
        ("days", 0, date(2025, 3, 3)),
        ("days", 7, date(2025, 3, 10)),
        ("working_days", 0, date(2025, 3, 3)),
        ("working_days", 4, date(2025, 3, 7)),
        ("working_days", 5, date(2025, 3, 10)),
    ],
)
def test_a_term_ends_on_its_last_day(unit: e.TermUnit, count: int, expected: date) -> None:
    due_on, term = counted(MONDAY, count, unit, YEAR_2025)
    assert (due_on, term) == (expected, e.Term(starts_on=MONDAY, count=count, unit=unit))


@pytest.mark.parametrize(("starts_on", "provisional"), [(date(2025, 12, 24), False), (date(2025, 12, 25), True)])
def test_a_term_of_working_days_into_an_unpublished_year_is_provisional(starts_on: date, provisional: bool) -> None:
    _, term = counted(starts_on, 5, "working_days", YEAR_2025)
    assert term.provisional is provisional
    assert counted(starts_on, 60, "days", YEAR_2025)[1].provisional is False
    assert counted(starts_on, 5, "working_days", BOTH_YEARS)[1].provisional is False


def test_a_year_that_a_term_only_crosses_counts_too() -> None:
    calendar = WorkingCalendar(years=frozenset({2024, 2026}))
    assert counted(date(2024, 12, 30), 270, "working_days", calendar)[1].provisional is True


@given(
    start=st.integers(0, 400),
    count=st.integers(0, 30),
    unit=st.sampled_from(["days", "working_days"]),
    since=st.integers(-10, 60),
    length=st.integers(0, 40),
)
def test_a_pause_leaves_as_many_days_as_there_were(
    start: int, count: int, unit: e.TermUnit, since: int, length: int
) -> None:
    starts_on = MONDAY + timedelta(days=start)
    due_on, term = counted(starts_on, count, unit, BOTH_YEARS)
    pause = e.Pause(from_on=starts_on + timedelta(days=since), until_on=starts_on + timedelta(days=since + length))
    moved_on, moved = paused(due_on, term, pause, BOTH_YEARS)
    assert moved is not None
    assert recounted(moved, BOTH_YEARS)[0] == moved_on >= due_on

    def counts(day: date) -> bool:
        return unit == "days" or BOTH_YEARS.is_working_day(day)

    if due_on < pause.from_on:
        assert moved_on == due_on
        return
    days = [starts_on + timedelta(days=n) for n in range(1, (moved_on - starts_on).days + 1)]
    assert sum(counts(day) and not pause.from_on <= day < pause.until_on for day in days) >= count
    assert not pause.from_on <= moved_on < pause.until_on
    if unit == "days" and pause.from_on > starts_on and length:
        assert moved_on == due_on + timedelta(days=length)


def test_a_deadline_without_its_term_moves_by_the_days_of_the_pause() -> None:
    pause = e.Pause(from_on=MONDAY, until_on=MONDAY + timedelta(days=10))
    assert paused(MONDAY, None, pause, YEAR_2025) == (date(2025, 3, 13), None)
    before = MONDAY - timedelta(days=1)
    assert paused(before, None, pause, YEAR_2025) == (before, None)


# years that are published later


def asked_in_december() -> Scenario:
    """A refund asked for on 29 December 2025: five working days to answer it, by a calendar that ends with the year."""
    scenario = Scenario(calendar=YEAR_2025)
    scenario.later((date(2025, 12, 29) - MONDAY).days)
    scenario.sign("c1", starts_on=scenario.today, ends_on=scenario.today + timedelta(days=90))
    scenario.pay("c1", 1000)
    scenario.do(c.RequestRefund, contract_id="c1")
    return scenario


def test_a_provisional_deadline_is_moved_by_event_when_its_year_is_known() -> None:
    scenario = asked_in_december()
    assert scenario.account.refunds["refund-1"].answer_due_on == date(2026, 1, 5)
    assert close(scenario.later(1)) == []
    scenario.calendar = BOTH_YEARS
    [moved] = close(scenario)
    assert isinstance(moved, e.DeadlinesMoved)
    assert moved.reason == "calendar"
    [line] = moved.lines
    assert (line.clock, line.subject_id) == ("refund.answer", "refund-1")
    assert (line.old_on, line.new_on) == (date(2026, 1, 5), date(2026, 1, 6))
    refund = scenario.account.refunds["refund-1"]
    assert (refund.answer_due_on, refund.answer_term) == (date(2026, 1, 6), line.term)
    assert line.term is not None
    assert line.term.provisional is False
    scenario.today = date(2026, 1, 6)
    assert close(scenario) == []
    assert [type(event).__name__ for event in close(scenario.later(1))] == ["RefundAgreed", "RefundInstructed"]


def test_a_provisional_deadline_that_turns_out_right_is_confirmed_once() -> None:
    scenario = asked_in_december()
    scenario.calendar = WorkingCalendar(years=frozenset({2025, 2026}))
    [moved] = close(scenario)
    assert isinstance(moved, e.DeadlinesMoved)
    assert moved.lines[0].old_on == moved.lines[0].new_on


def test_a_deadline_within_known_years_never_moves() -> None:
    scenario = Scenario(calendar=YEAR_2025)
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.calendar = WorkingCalendar(closed=frozenset({date(2025, 3, 4)}), years=frozenset({2025, 2026}))
    assert close(scenario) == []


def test_a_pending_lesson_and_a_top_up_are_counted_anew_too() -> None:
    scenario = Scenario(calendar=YEAR_2025)
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.later((date(2025, 12, 29) - MONDAY).days)
    scenario.sign("c1", starts_on=scenario.today, ends_on=scenario.today + timedelta(days=90))
    scenario.pay("c1", 1000)
    scenario.teach("lesson-1", "c1")
    old_on = date.fromisoformat(next(iter(scenario.account.lessons_due)))
    scenario.calendar = BOTH_YEARS
    [moved] = close(scenario)
    assert isinstance(moved, e.DeadlinesMoved)
    [line] = moved.lines
    assert (line.clock, line.subject_id, line.old_on) == ("lesson.deemed", "lesson-1", old_on)
    assert line.new_on == old_on + timedelta(days=1)
    pending = scenario.account.contracts["c1"].pending["lesson-1"]
    assert (pending.deemed_on, pending.term) == (line.new_on, line.term)
    assert clocks(scenario) == [("lesson.deemed", "lesson-1", line.new_on)]


# suspension


def test_every_open_clock_is_listed() -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack="decided")
    scenario.sign("c2", package(1, 1000, 10))
    scenario.pay("c2", 1000)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.RequestRefund, contract_id="c2", refund_id="refund-2")
    scenario.do(c.AnswerRefund, refund_id="refund-2", agree=False, offered_fen=10)
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.sign("c3")
    scenario.pay("c3", 1000)
    scenario.teach("lesson-1", "c3")
    scenario.do(c.SetMinimumBalance, amount_fen=10_000)
    assert clocks(scenario) == [
        ("refund.answer", "refund-1", date(2025, 3, 10)),
        ("refund.decision", "refund-2", date(2025, 3, 12)),
        ("refund.payment", "refund-2", date(2025, 3, 17)),
        ("lesson.deemed", "lesson-1", date(2025, 3, 24)),
        ("top_up", "", MONDAY),
    ]
    scenario.do(c.SuspendAccount)
    scenario.later(7).do(c.ResumeAccount)
    # As many working days are left as before, the day on which teaching resumes among them.
    assert clocks(scenario) == [
        ("refund.answer", "refund-1", date(2025, 3, 14)),
        ("refund.decision", "refund-2", date(2025, 3, 18)),
        ("refund.payment", "refund-2", date(2025, 3, 21)),
        ("lesson.deemed", "lesson-1", date(2025, 3, 28)),
        ("top_up", "", date(2025, 3, 10)),
    ]


def test_nothing_lapses_while_clocks_stand_still_and_what_is_left_runs_afterwards() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.later(2)
    suspended = scenario.one(e.TeachingSuspended, c.SuspendAccount)
    assert suspended.rules == ("clock.suspension",)
    assert close(scenario.later(40)) == []
    resumed, moved = scenario.do(c.ResumeAccount)
    assert isinstance(resumed, e.TeachingResumed)
    assert isinstance(moved, e.DeadlinesMoved)
    assert (resumed.since_on, moved.reason, moved.rules) == (date(2025, 3, 5), "suspension", ("clock.suspension",))
    [line] = moved.lines
    # One working day (4 March) had passed; from Monday 14 April on four are left.
    assert scenario.today == date(2025, 4, 14)
    assert (line.old_on, line.new_on) == (date(2025, 3, 10), date(2025, 4, 17))
    scenario.today = line.new_on
    assert close(scenario) == []
    assert isinstance(close(scenario.later(1))[0], e.RefundAgreed)


def test_an_unpaid_refund_is_not_late_while_clocks_stand_still_but_is_still_sent() -> None:
    scenario = paid_contract()
    scenario.do(c.RecordUnexplainedDebit, amount_fen=1)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.do(c.SuspendAccount)
    assert close(scenario.later(30)) == []
    scenario.do(c.RestoreUnexplainedDebit, amount_fen=1)
    assert [type(event).__name__ for event in close(scenario)] == ["RefundInstructed"]


def test_a_deadline_that_had_passed_before_the_suspension_stays() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.later(15)
    scenario.do(c.SuspendAccount)
    [resumed] = scenario.later(10).do(c.ResumeAccount)
    assert isinstance(resumed, e.TeachingResumed)
    assert isinstance(close(scenario)[0], e.RefundOverdue)


def test_a_step_that_gets_more_time_is_late_again_only_by_its_new_day() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.later(15)
    assert isinstance(close(scenario)[0], e.RefundOverdue)
    scenario.do(c.SuspendAccount, effective_on=MONDAY + timedelta(days=1))
    scenario.do(c.ResumeAccount)
    refund = scenario.account.refunds["refund-1"]
    assert refund.overdue == []
    assert refund.pay_due_on == date(2025, 3, 31)
    scenario.today = date(2025, 3, 31)
    assert close(scenario) == []
    assert isinstance(close(scenario.later(1))[0], e.RefundOverdue)


def test_payouts_wait_for_the_end_of_a_suspension() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.SuspendAccount)
    scenario.refuses("account_suspended", c.RequestPayout, amount_fen=100)
    scenario.do(c.ResumeAccount)
    scenario.do(c.RequestPayout, amount_fen=100)


def test_silence_draws_no_lesson_while_clocks_stand_still() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.sign("c1")
    scenario.pay("c1", 1000)
    scenario.teach("lesson-1", "c1")
    scenario.later(1).do(c.SuspendAccount)
    assert close(scenario.later(60)) == []
    scenario.do(c.ResumeAccount)
    [(_, _, due_on)] = clocks(scenario)
    scenario.today = due_on
    assert close(scenario) == []
    assert isinstance(close(scenario.later(1))[0], e.LessonDrawn)


def test_a_suspension_begins_once_and_ends_after_it_began() -> None:
    scenario = paid_contract()
    scenario.refuses("account_not_suspended", c.ResumeAccount)
    scenario.later(1).do(c.SuspendAccount)
    assert is_suspended(scenario.account, scenario.today)
    assert not is_suspended(scenario.account, MONDAY)
    scenario.refuses("account_suspended", c.SuspendAccount)
    scenario.refuses("resumed_before_suspended", c.ResumeAccount, effective_on=MONDAY)
    scenario.do(c.ResumeAccount)
    scenario.refuses("account_not_suspended", c.ResumeAccount)


def test_two_suspensions_add_up() -> None:
    scenario = paid_contract()
    scenario.do(c.RequestRefund, contract_id="c1")
    for _ in range(2):
        scenario.later(1).do(c.SuspendAccount)
        scenario.later(7).do(c.ResumeAccount)
    refund = scenario.account.refunds["refund-1"]
    assert refund.answer_term is not None
    assert len(refund.answer_term.pauses) == 2
    assert refund.answer_due_on == date(2025, 3, 24)


def test_weekends_alone_are_a_calendar_of_no_published_year() -> None:
    assert counted(MONDAY, 5, "working_days", WEEKENDS_ONLY)[1].provisional is True
