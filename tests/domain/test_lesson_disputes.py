"""A dispute holds one lesson; it ends by the family's confirmation, by concession, or by order."""

from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import MONDAY, Scenario, package
from tests.domain.test_lesson_confirmation import LAST_DAY, asked, draws


def deemed(**terms: int) -> Scenario:
    """Contract `c1` with `lesson-1` drawn by silence on the day after the last; releasable on 1 April."""
    scenario = asked(**terms)
    scenario.teach("lesson-1", "c1")
    scenario.today = LAST_DAY + timedelta(days=1)
    assert len(draws(scenario.do(c.CloseDay))) == 1
    return scenario


def test_silence_never_draws_a_disputed_lesson() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    disputed = scenario.one(e.LessonDisputed, c.DisputeLesson, lesson_id="lesson-1")
    assert (disputed.line.amount_fen, disputed.reversed, disputed.reason) == (100, False, "no teacher came")
    scenario.refuses("lesson_already_disputed", c.DisputeLesson, lesson_id="lesson-1")
    scenario.today = MONDAY + timedelta(days=60)
    assert scenario.do(c.CloseDay) == []
    # The rest goes on.
    scenario.teach("lesson-2", "c1")
    assert draws(scenario.do(c.ConfirmLesson, lesson_id="lesson-2"))[0].lines[0].lesson == 2


def test_a_dispute_after_the_last_day_counts_until_the_close_has_run() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.today = LAST_DAY + timedelta(days=1)
    scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    assert scenario.do(c.CloseDay) == []


def test_a_family_takes_its_dispute_back_by_confirming() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    [drawn] = scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    assert isinstance(drawn, e.LessonDrawn)
    assert drawn.basis == "confirmed"
    scenario.refuses("lesson_not_pending", c.ResolveDispute, lesson_id="lesson-1", outcome="dropped")


@pytest.mark.parametrize("by", ["institution", "order"])
def test_a_dispute_decided_for_the_family_frees_its_money_for_good(by: str) -> None:
    scenario = asked(price_fen=10000, lessons=3)
    scenario.teach_many("c1", 2)
    scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    resolved = scenario.one(e.DisputeResolved, c.ResolveDispute, lesson_id="lesson-1", outcome="dropped", by=by)
    assert (resolved.outcome, resolved.by, resolved.line.amount_fen) == ("dropped", by, 3333)
    assert scenario.account.contracts["c1"].unreserved_fen == 6667
    for pack in ("asked", "default"):
        scenario.do(c.AssignPolicy, pack=pack)
        scenario.refuses("lesson_missed", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    assert draws(scenario.teach("lesson-3", "c1"))[0].lines[0].lesson == 1


def test_a_dispute_decided_for_the_institution_draws_by_order() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    scenario.refuses("dispute_needs_order", c.ResolveDispute, lesson_id="lesson-1", outcome="drawn", by="institution")
    resolved, drawn = scenario.do(c.ResolveDispute, lesson_id="lesson-1", outcome="drawn", case_id="case-9")
    assert isinstance(resolved, e.DisputeResolved)
    assert isinstance(drawn, e.LessonDrawn)
    assert (resolved.case_id, drawn.basis, drawn.releasable_on) == ("case-9", "ordered", MONDAY)
    scenario.refuses("lesson_dispute_late", c.DisputeLesson, lesson_id="lesson-1")
    scenario.do(c.RequestPayout, amount_fen=100)


def test_only_a_disputed_lesson_is_resolved() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.refuses("lesson_not_disputed", c.ResolveDispute, lesson_id="lesson-1", outcome="dropped")
    scenario.refuses("lesson_not_pending", c.ResolveDispute, lesson_id="lesson-2", outcome="dropped")
    scenario.refuses("lesson_not_pending", c.DisputeLesson, lesson_id="lesson-2")


@pytest.mark.parametrize("day", [date(2025, 3, 25), date(2025, 3, 31)])
def test_a_draw_by_silence_is_taken_back_while_its_holding_days_run(day: date) -> None:
    scenario = deemed()
    scenario.today = day
    back, disputed = scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    assert isinstance(back, e.DrawReversed)
    assert isinstance(disputed, e.LessonDisputed)
    assert (back.from_earned_fen, disputed.reversed, disputed.rules) == (100, True, ("lesson.deemed_holding",))
    account = scenario.account
    assert (account.buckets.prepaid, account.buckets.earned, account.unreleased) == (1000, 0, {})
    assert account.contracts["c1"].unreserved_fen == 900
    scenario.today = date(2025, 4, 30)
    assert scenario.do(c.CloseDay) == []
    assert draws(scenario.do(c.ResolveDispute, lesson_id="lesson-1", outcome="drawn"))[0].lines[0].lesson == 1


def test_a_draw_by_silence_is_final_here_once_it_may_be_paid_out() -> None:
    scenario = deemed()
    scenario.today = date(2025, 4, 1)
    scenario.refuses("lesson_dispute_late", c.DisputeLesson, lesson_id="lesson-1")


def test_what_the_family_confirmed_is_not_disputed_afterwards() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    scenario.refuses("lesson_dispute_late", c.DisputeLesson, lesson_id="lesson-1")


def test_a_draw_at_once_is_corrected_by_the_institution_and_not_disputed() -> None:
    scenario = asked()
    scenario.do(c.AssignPolicy, pack="held")
    scenario.teach("lesson-1", "c1")
    scenario.refuses("lesson_dispute_late", c.DisputeLesson, lesson_id="lesson-1")


def test_a_draw_by_silence_that_recouped_an_advance_becomes_an_advance_again() -> None:
    scenario = asked()
    scenario.do(c.AssignPolicy, pack="default")
    scenario.teach("lesson-0", "c1")
    scenario.do(c.RequestPayout, amount_fen=100)
    scenario.settle("payout-1")
    scenario.do(c.CorrectLesson, lesson_id="lesson-0", contracts=("c1",))
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.teach("lesson-1", "c1")
    scenario.today = LAST_DAY + timedelta(days=1)
    scenario.do(c.CloseDay)
    assert scenario.account.buckets.advance == 0
    back = scenario.do(c.DisputeLesson, lesson_id="lesson-1")[0]
    assert isinstance(back, e.DrawReversed)
    assert (back.from_earned_fen, back.from_advance_fen) == (0, 100)


def test_a_dispute_goes_on_in_a_freeze() -> None:
    scenario = asked()
    scenario.sign("c2", package(1, 100, 1))
    scenario.teach("lesson-1", "c1")
    scenario.do(c.FreezeAccount, scope="all")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1")
    scenario.do(c.ResolveDispute, lesson_id="lesson-1", outcome="dropped", by="institution")
